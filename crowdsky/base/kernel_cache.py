"""Chooses the folder of the compiled kernels, and tells whether they are there.

Numba recompiles a kernel when its own file has changed, but not when the file of another kernel has
changed that is compiled into it. So the name of the folder is a hash of everything that decides
what is compiled, and nothing from another version is ever found. The folder is inspected without
numba, which the worker's own process does not load.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

COMPILING = "compiling for this machine (about half a minute, once)"
VARIABLE = "NUMBA_CACHE_DIR"
"""Environment variable for numba's cache folder."""

KERNELS = ("**/kernels/*.py", "**/*_kernels.py")
"""Patterns of the modules that numba compiles; of this package, they import only each other."""
KEPT = 3
"""Number of versions that are kept, including the present one: an old daemon may still be running,
two checkouts may share a folder, and an update may be reverted."""

_PACKAGE = Path(__file__).resolve().parents[1]
_COMPILERS = ("llvmlite", "numba")
_FIRST = ("frame", "warp")
"""Kernel modules that every stack of subs uses, in this order."""
_NAME = re.compile(r"crowdsky-[0-9a-f]{12}")


def choose_folder(default: Path | None = None) -> None:
    """Make numba find only kernels of this version, here and in processes started from here.

    Our folder is created in the one that the user has set, else in ``default``, else in a place of
    our own. If it cannot be written, the next one is taken; numba would go elsewhere, too, but to a
    folder that all versions share.
    """
    own = _own_bases()
    first = cache_folder(default or own[0])
    folders = (first, *(base / first.name for base in own))
    folder = next(filter(_can_write, folders), first)
    os.environ[VARIABLE] = str(folder)
    if "numba" in sys.modules:  # it has already read the variable
        sys.modules["numba"].config.CACHE_DIR = str(folder)
    if not os.access(folder, os.F_OK):
        _remove_old(folder.parent)


def ensure_chosen() -> None:
    """Choose a folder unless an entry point has done so, for callers who use us as a library."""
    if not _NAME.fullmatch(Path(os.environ.get(VARIABLE, "")).name):
        choose_folder()


def cache_folder(default: Path) -> Path:
    """Return the folder of the kernels: in the one that the user has set, else in ``default``."""
    given = Path(os.environ.get(VARIABLE) or default).absolute()
    base = given.parent if _NAME.fullmatch(given.name) else given
    return (default if base in _own_bases() else base) / _present_name()


def has_kernels(folder: Path) -> bool:
    """Whether the compiled kernels are in a folder, at any depth."""
    version = f"py{sys.version_info.major}{sys.version_info.minor}"
    try:
        return all(any(folder.rglob(f"{module}.*.{version}.nbi")) for module in _FIRST)
    except OSError:  # another process is removing it
        return False


def _present_name() -> str:
    digest = hashlib.sha256(sys.version.encode())
    for path in _sources():
        content = path.read_bytes()
        digest.update(f"{path.parent.name}/{path.name} {len(content)} ".encode() + content)
    return f"crowdsky-{digest.hexdigest()[:12]}"


def _sources() -> Iterator[Path]:
    for pattern in KERNELS:
        yield from sorted(_PACKAGE.glob(pattern))
    for name in _COMPILERS:
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            # Has the same version as the package's metadata, which are slow to load.
            yield from Path(spec.origin).parent.glob("_version.py")


def _own_bases() -> tuple[Path, Path]:
    """Return the folder beside the sources, and one among the user's caches as a substitute."""
    caches = os.environ.get("XDG_CACHE_HOME") or f"{os.environ.get('HOME', '')}/.cache"
    return _PACKAGE / "__pycache__", Path(caches, "crowdsky", "kernels")


def _can_write(folder: Path) -> bool:
    places = (path for path in (folder, *folder.parents) if os.access(path, os.F_OK))
    return os.access(next(places, folder), os.W_OK | os.X_OK)


def _remove_old(base: Path) -> None:
    """Make room for one more folder; what cannot be removed is tried again next time."""
    try:
        folders = [path for path in base.iterdir() if _NAME.fullmatch(path.name)]
        folders.sort(key=_last_written)
    except OSError:  # there is none yet, or another process is removing them
        return
    for folder in folders[: 1 - KEPT]:
        shutil.rmtree(folder, ignore_errors=True)


def _last_written(folder: Path) -> float:
    return max(path.stat().st_mtime for path in (folder, *folder.glob("*")))
