"""Keeps Python's search for garbage out of the way of programs that end soon, and memory free.

Libraries leave half a million objects behind that stay as long as the program. Looking through
them again and again while they load, and once more at the end, takes a third of the processor time
of a short command.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress

NEW_OBJECTS = 100_000
"""So many new ones make a search worth its time (Python's own figure is 700)."""


@contextmanager
def rare_collection() -> Iterator[None]:
    """Search seldom, and not at the end, when the system takes back everything at once."""
    gc.set_threshold(NEW_OBJECTS)
    try:
        yield
    finally:
        gc.freeze()


def settle() -> None:
    """Before processes are forked from this one: leave no page that they would copy in vain.

    What is loaded counts as never garbage, since a search writes to every object that it looks at.
    A page of free memory that a child takes is a new one after this, not a copy, and may be a
    large one.
    """
    gc.collect()
    gc.freeze()
    give_back_memory()


def give_back_memory() -> None:
    """Return to the system what is free but scattered, where the C library can do that."""
    with suppress(AttributeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)
