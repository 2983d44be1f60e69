"""Loads the loops that are compiled from C when the package is built.

There is one library per level of the x86-64 instruction set, of which the best is taken that this
processor has; on other processors there is one. All give the same results. ``compiled.h`` says
what the sources keep to, ``CMakeLists.txt`` how they are built.

ctypes releases Python's lock during a call, so loops run beside each other in threads. It checks
arguments by the types below: an array of another type, or one that is not contiguous, is a
``ctypes.ArgumentError``. Shapes are checked by the Python functions that call C.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from crowdsky.base.errors import ConfigurationError

VARIABLE = "CROWDSKY_PROCESSOR"
"""Environment variable that forces a level, for tests and benchmarks."""
LEVELS = {"x86-64-v2": 2, "x86-64-v3": 3, "x86-64-v4": 4}

_PACKAGE = Path(__file__).resolve().parents[1]
LIBRARIES = _PACKAGE / "_compiled"
_HEADER = _PACKAGE / "base" / "compiled.h"
"""Exists beside the libraries only in a checkout, where the sources may change."""


class ArrayType:
    """The type of an argument that points to the first element of a C-contiguous array.

    Args:
        dtype: what the elements must be.
        written: the function writes to the array, which must not be read-only.
    """

    def __init__(self, dtype: Any, *, written: bool = False) -> None:
        self._dtype = np.dtype(dtype)
        self._written = written

    def from_param(self, array: Any) -> Any:
        """Return what ctypes passes; called by ctypes."""
        if not isinstance(array, np.ndarray):
            raise TypeError(f"an array of {self._dtype} is needed, not {type(array).__name__}")
        if array.dtype != self._dtype:
            raise TypeError(f"an array of {self._dtype} is needed, not of {array.dtype}")
        flags = array.flags
        if not flags.c_contiguous:
            raise TypeError("the array's elements do not follow each other in memory (C order)")
        if self._written and not flags.writeable:
            raise TypeError("the array is read-only, but the function writes to it")
        # ``array.ctypes`` itself would be cast by Python code, which takes twice as long.
        return ctypes.c_void_p(array.ctypes.data)


UINT8, UINT8_OUT = ArrayType(np.uint8), ArrayType(np.uint8, written=True)
INT16, INT16_OUT = ArrayType(np.int16), ArrayType(np.int16, written=True)
UINT16, UINT16_OUT = ArrayType(np.uint16), ArrayType(np.uint16, written=True)
INT32, INT32_OUT = ArrayType(np.int32), ArrayType(np.int32, written=True)
INT64, INT64_OUT = ArrayType(np.int64), ArrayType(np.int64, written=True)
FLOAT32, FLOAT32_OUT = ArrayType(np.float32), ArrayType(np.float32, written=True)
FLOAT64, FLOAT64_OUT = ArrayType(np.float64), ArrayType(np.float64, written=True)

SIZE = ctypes.c_ssize_t
"""ptrdiff_t: numbers of elements, indices."""
INT = ctypes.c_int
FLOAT = ctypes.c_float
DOUBLE = ctypes.c_double


def compiled(name: str, *arguments: Any, returns: Any = None) -> Callable[..., Any]:
    """Return the compiled function ``crowdsky_`` + ``name``.

    Args:
        name: without the prefix.
        arguments: type of each argument, of those above.
        returns: type of the result, None for void.

    Raises:
        ConfigurationError: the library is missing or older than its sources.
    """
    library = _library(os.environ.get(VARIABLE, ""))
    try:
        function = library[f"crowdsky_{name}"]
    except AttributeError as error:
        raise _not_built(f"{library._name} lacks crowdsky_{name}") from error
    function.argtypes = arguments
    function.restype = returns
    return function


def check_shape(name: str, array: np.ndarray, shape: tuple[int, ...]) -> None:
    """Raise a ValueError if an argument has another shape than a compiled function will assume."""
    if array.shape != shape:
        raise ValueError(f"{name} has the shape {array.shape}, not {shape}")


def level_in_use() -> str:
    """Return x86-64-v2, x86-64-v3, x86-64-v4, or generic."""
    return _level_of(_library(os.environ.get(VARIABLE, "")))


def levels_here() -> list[str]:
    """Return the levels that this processor can be forced to, lowest first; [] where none can."""
    if _path("generic").exists():
        return []
    best = _load(_path("x86-64-v2")).crowdsky_processor_level()
    return [name for name, level in LEVELS.items() if level <= best]


@functools.cache
def _library(forced: str) -> ctypes.CDLL:
    generic = _path("generic")
    if generic.exists():
        return _load(generic)
    possible = levels_here()
    if not possible:
        raise ConfigurationError(
            "this processor is too old for CrowdSky",
            why="it lacks the instruction set SSE 4.2 (x86-64-v2)",
        )
    if forced and forced not in possible:
        raise ConfigurationError(
            f"cannot compute as {forced!r}",
            where=VARIABLE,
            why=f"this processor has: {', '.join(possible)}",
            hint="choose one of them, or leave the variable out",
        )
    return _load(_path(forced or possible[-1]))


def _path(level: str) -> Path:
    return LIBRARIES / f"libcrowdsky-{level}.so"


def _level_of(library: ctypes.CDLL) -> str:
    return Path(library._name).stem.removeprefix("libcrowdsky-")


def _load(path: Path) -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        why = f"cannot be loaded ({error})" if path.exists() else "does not exist"
        raise _not_built(f"{path} {why}") from error
    library.crowdsky_sources.restype = ctypes.c_char_p
    if changed := _changed_source(library.crowdsky_sources().decode()):
        raise _not_built(f"{changed} has changed since {path.name} was built")
    return library


def _changed_source(built_from: str) -> str | None:
    """Return the first source that is not what a library was built from.

    ``built_from`` has a line "SHA-256 NAME" for each, with names relative to the checkout.
    """
    if not _HEADER.exists():
        return None
    for line in built_from.splitlines():
        digest, name = line.split(" ", 1)
        source = _PACKAGE.parent / name
        if not source.exists() or hashlib.sha256(source.read_bytes()).hexdigest() != digest:
            return name
    return None


def _not_built(why: str) -> ConfigurationError:
    if _HEADER.exists():
        hint = (
            f"build it in {_PACKAGE.parent} with ./dev install, or with: "
            "cmake -S . -B .crowdsky/build && cmake --build .crowdsky/build"
        )
    else:
        hint = "install it again: pip install --force-reinstall --no-cache-dir crowdsky"
    return ConfigurationError("the compiled library is not usable", why=why, hint=hint)
