"""The command ``stack`` frees the memory of stacking before it measures."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the memory in use like this")
def test_measuring_begins_without_the_memory_that_stacking_has_freed() -> None:
    body = """
from pathlib import Path
from types import SimpleNamespace
from crowdsky.base.errors import BadDataError
from crowdsky.base.terminal import show_progress
from crowdsky.measuring import instruments, measure_stack, recipe
from worker.commands import stack
def resident(): return int(open("/proc/self/statm").read().split()[1]) * 4096
def measure_file(*_):
    print(full - resident() > 100e6)
    raise BadDataError("nothing was measured")
recipe.load_recipe = lambda: SimpleNamespace(can_solve=True, solve_timeout=1.0)
instruments.open_instruments = lambda _: None
measure_stack.measure_file = measure_file
small = [bytes(3000) for _ in range(60_000)]
last = bytes(3000)
full = resident()
del small
with show_progress() as progress:
    measured = stack.measure(Path("stack.fits"), progress)
print(measured.unsolved_reason)
"""
    done = subprocess.run([sys.executable, "-c", body], capture_output=True, text=True, check=True)
    freed, reason = done.stdout.splitlines()
    assert freed == "True"
    assert "nothing was measured" in reason
