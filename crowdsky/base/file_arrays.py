"""Arrays that are too large for memory: they are in a file that has no name any more.

The kernel keeps what is worked on in memory and the rest on disk. ``give_back_file_arrays``
takes their pages out of this process; what was written comes back when it is read.
"""

from __future__ import annotations

import mmap
import os
import tempfile
import weakref
from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

_ALIGNMENT = 64
_open: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()
"""Those of arrays that somebody still has."""


class FileArrays:
    """Named arrays of zeros in a file, which goes when they do."""

    def __init__(self, shapes: Mapping[str, tuple[tuple[int, ...], Any]]) -> None:
        """Take room for arrays of these shapes and types; raises OSError when the disk is full."""
        places, size = {}, 0
        for name, (shape, kind) in shapes.items():
            places[name] = size
            size += -(-prod(shape) * np.dtype(kind).itemsize // _ALIGNMENT) * _ALIGNMENT
        with tempfile.TemporaryFile(prefix="crowdsky-") as file:
            # Reserved now: a disk that is full later would end the process without a word.
            os.posix_fallocate(file.fileno(), 0, size)
            pages = mmap.mmap(file.fileno(), size)
        self.arrays: dict[str, np.ndarray] = {
            name: np.frombuffer(pages, kind, prod(shape), places[name]).reshape(shape)
            for name, (shape, kind) in shapes.items()
        }
        _open.add(pages)


def give_back_file_arrays() -> None:
    """Take the pages of all such arrays out of this process."""
    for pages in list(_open):
        pages.madvise(mmap.MADV_DONTNEED)
