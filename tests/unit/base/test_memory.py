"""Garbage collection, where it would cost more than it frees."""

from __future__ import annotations

import subprocess
import sys

import pytest

CYCLE = """
import gc, weakref
class Node: pass
def lose():
    node = Node(); node.itself = node
    return weakref.ref(node)
"""


def said(body: str) -> str:
    """What a program of its own prints: the collector belongs to the whole process."""
    done = subprocess.run(
        [sys.executable, "-c", CYCLE + body], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_short_program_is_not_searched_and_a_long_one_is() -> None:
    body = """
from crowdsky.base.memory import rare_collection
with rare_collection():
    lost = lose()
    few = [[] for _ in range(50_000)]
    early = lost() is not None
    many = [[] for _ in range(150_000)]
    print(early, lost() is None)
"""
    assert said(body) == "True True"


def test_nothing_is_searched_at_the_end() -> None:
    body = """
from crowdsky.base.memory import rare_collection
with rare_collection():
    lost = lose()
gc.collect()
print(lost() is not None)
"""
    assert said(body) == "True"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the memory in use like this")
def test_a_process_that_forks_keeps_no_free_memory() -> None:
    body = """
from crowdsky.base.memory import settle
def resident(): return int(open("/proc/self/statm").read().split()[1]) * 4096
small = [bytes(3000) for _ in range(60_000)]
last = bytes(3000)
full = resident()
del small
settle()
print(full - resident() > 100e6)
"""
    assert said(body) == "True"
