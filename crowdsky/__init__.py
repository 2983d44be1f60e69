"""CrowdSky: stacks of small telescopes, solved and measured.

Importing this package changes nothing and loads no other: what is listed here is imported when it
is first used.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "errors": ("crowdsky.base.errors", None),
    "merge_files": ("crowdsky.stacking.stack_files", "merge_files"),
    "stack_files": ("crowdsky.stacking.stack_files", "stack_files"),
}
"""Module of each public name, and its name there; None stands for the module itself."""

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _PUBLIC[name]
    loaded = importlib.import_module(module)
    return loaded if attribute is None else getattr(loaded, attribute)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
