"""What the worker's commands load: a start must not be longer than the work."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from demo.services import REPOSITORY
from tests.support.worker_process import starry_subs

SLOW = ("astropy", "astroalign", "cv2", "dotenv", "PIL", "requests", "scipy")
"""Packages that take from 20 ms to a second to load."""
REPORT = """
import sys
from worker.main import main
code = main(sys.argv[1:])
print(code, *sorted(name for name in sys.modules if "." not in name), file=sys.stderr)
"""


def loaded_by(folder: Path, *arguments: str) -> set[str]:
    """The packages that are loaded when a command is done."""
    done = subprocess.run(
        [sys.executable, "-c", REPORT, *arguments],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    code, *names = done.stderr.splitlines()[-1].split()
    assert code == "0", done.stderr
    return set(names)


def test_the_version_needs_no_package(tmp_path: Path) -> None:
    loaded = loaded_by(tmp_path, "version")
    assert not loaded & {"numpy", "sep", *SLOW}


@pytest.mark.slow
def test_a_stack_needs_only_numpy_and_sep(tmp_path: Path) -> None:
    subs = [str(path) for path in starry_subs(tmp_path / "subs")]
    loaded = loaded_by(tmp_path, "stack", *subs, "-o", "stack.fits", "--no-solve", "--no-picture")
    assert {"numpy", "sep"} <= loaded
    assert not loaded & set(SLOW)
