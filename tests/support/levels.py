"""Modules of compiled loops at each level of the processor, to compare their results."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from crowdsky.base.compiled import VARIABLE, levels_here


def at_every_level(name: str) -> list[ModuleType]:
    """Load a copy of the module ``name`` for each level of x86-64 that this processor has.

    Skips the test where there are not two to compare.
    """
    levels = levels_here()
    if len(levels) < 2:
        pytest.skip("this processor has only one level of instruction set")
    return [_copy(name, level) for level in levels]


def _copy(name: str, level: str) -> ModuleType:
    found = importlib.util.find_spec(name)
    assert found is not None and found.origin is not None
    copy_name = f"{name}_{level.replace('-', '_')}"
    spec = importlib.util.spec_from_file_location(copy_name, Path(found.origin))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, level)
        spec.loader.exec_module(module)
    return module
