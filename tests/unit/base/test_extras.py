"""What is missing of an extra is found without importing it, and named with its command."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from crowdsky.base.errors import ConfigurationError
from crowdsky.base.extras import require_extra


def test_a_missing_module_is_refused_with_the_command() -> None:
    with pytest.raises(ConfigurationError) as refused:
        require_extra("library", "the library of your own disks", "json", "no_such_module")
    assert str(refused.value) == (
        "the library of your own disks is not installed; "
        "install it with: pip install 'crowdsky[library]'"
    )


def test_nothing_is_imported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "explosive.py").write_text("raise AssertionError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    require_extra("library", "the library", "explosive")
    assert "explosive" not in sys.modules
