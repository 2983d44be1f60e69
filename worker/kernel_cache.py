"""Whether the kernels of the native engine are compiled already, so that a wait can be announced.

Numba keeps an index beside each compiled kernel, and compiles anew when the source has changed. No
index, or one that is older than its source, means half a minute of silence ahead. Looked at as
files, because the worker's own process does without numba.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

COMPILING = "compiling for this machine (about half a minute, once)"
VARIABLE = "NUMBA_CACHE_DIR"
"""By which whoever starts a worker tells numba where to keep what it compiles."""

_STACKING = Path(__file__).parent / "stacking"
_SOURCES = (_STACKING / "kernels_frame.py", _STACKING / "kernels_warp.py")
"""Every stack of subs runs kernels of these, the first one first."""


def cache_folder(default: Path) -> Path:
    """Where numba keeps what it compiles, in a process for which it would be ``default``."""
    return Path(os.environ.get(VARIABLE) or default)


def has_kernels(folder: Path) -> bool:
    """Whether the kernels are in a cache folder, or below it, for this Python."""
    return all(_newest_index(folder, source) >= source.stat().st_mtime for source in _SOURCES)


def _newest_index(folder: Path, source: Path) -> float:
    version = f"py{sys.version_info.major}{sys.version_info.minor}"
    indices = folder.rglob(f"{source.stem}.*.{version}.nbi")
    return max((index.stat().st_mtime for index in indices), default=0.0)
