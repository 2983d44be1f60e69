"""Child processes of the worker with their work replaced, and whether a process still runs."""

from __future__ import annotations

import time
from pathlib import Path

from crowdsky.measuring.recipe import Recipe

PATIENCE_SECONDS = 200.0
NOWHERE = Path("/nonexistent")
NO_SOLVERS = Recipe(
    solvers=(),
    index_dir=NOWHERE,
    solve_timeout=10.0,
    catalogue_file=None,
    cache_dir=NOWHERE,
    nova_url="http://127.0.0.1:1",
    nova_key="s3cret-nova-key",
)

MISBEHAVE = """
import ctypes, errno, os, resource, subprocess, sys, time
from pathlib import Path
import numpy as np
from crowdsky.sandbox import task as compute
from crowdsky.sandbox import fork_server
from crowdsky.base.errors import BadDataError

def run_task(task, send):
{body}

compute.run_task = run_task
fork_server.prepare = lambda packet: True  # nothing to load for this
sys.exit({module}.main())
"""


def program(body: str, module: str) -> tuple[str, str]:
    """Arguments for Python to run a module of the child with its work replaced."""
    indented = "\n".join(f"    {line}" for line in body.splitlines())
    return ("-c", MISBEHAVE.format(body=indented, module=module))


def is_running(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_for_end(pid: int) -> None:
    """Wait until a process has ended; some minutes are an AssertionError."""
    end = time.monotonic() + PATIENCE_SECONDS
    while is_running(pid):
        assert time.monotonic() < end, f"process {pid} is still running"
        time.sleep(0.02)
