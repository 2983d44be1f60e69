"""Saves short programs the time of garbage collection, and returns free memory to the system.

Importing our libraries creates half a million objects that live as long as the program. Collecting
again and again while they load, and once more at exit, takes a third of the processor time of a
short command.
"""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress

NEW_OBJECTS = 100_000
"""Number of new objects that triggers a collection (Python's own figure is 700)."""


@contextmanager
def rare_collection() -> Iterator[None]:
    """Collect rarely inside the block, and not at exit, when the system frees everything."""
    gc.set_threshold(NEW_OBJECTS)
    try:
        yield
    finally:
        gc.freeze()


def settle() -> None:
    """Prepare for forking: leave no page of memory that children would copy for nothing.

    Everything loaded so far is exempt from collection, which would write to every object it visits.
    Free memory is returned, so that a child which needs some gets new pages instead of copies, and
    may get large ones.
    """
    gc.collect()
    gc.freeze()
    give_back_memory()


def give_back_memory() -> None:
    """Return free but scattered memory to the system, if the C library can do that."""
    with suppress(AttributeError):  # only glibc has it
        ctypes.CDLL(None).malloc_trim(0)
