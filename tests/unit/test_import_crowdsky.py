"""``import crowdsky`` changes nothing: anybody may do it, in any program."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from crowdsky.base.python_path import python_path

PROGRAM = """
import json, os, sys, threading, warnings

def state():
    return {{
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "path": list(sys.path),
        "filters": list(warnings.filters),
        "threads": threading.active_count(),
    }}

before, known = state(), set(sys.modules)
{statement}
changed = [name for name, value in state().items() if value != before[name]]
roots = {{name.split(".")[0] for name in set(sys.modules) - known}}
print(json.dumps([changed, sorted(roots - sys.stdlib_module_names)]))
"""


def import_in(home: Path, statement: str) -> tuple[list[str], list[str]]:
    """Run ``statement`` in a process of its own; what it changed, and packages it imported."""
    home.mkdir()
    done = subprocess.run(
        [sys.executable, "-B", "-c", PROGRAM.format(statement=statement)],
        cwd=home,
        env={"HOME": str(home), **python_path(inherited={})},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    changed, foreign = json.loads(done.stdout)
    return changed, foreign


@pytest.mark.parametrize("package", ["crowdsky", "worker"])
def test_importing_the_package_changes_nothing(tmp_path: Path, package: str) -> None:
    changed, foreign = import_in(tmp_path / "home", f"import {package}")
    assert changed == []
    assert foreign == [package], "no numpy, no requests"
    assert list((tmp_path / "home").iterdir()) == []


def test_what_is_listed_is_loaded_when_it_is_used(tmp_path: Path) -> None:
    """The same look sees what numpy brings."""
    statement = "import crowdsky; crowdsky.stack_files"
    changed, foreign = import_in(tmp_path / "home", statement)
    assert "numpy" in foreign
    assert "filters" in changed, "numpy's own"
