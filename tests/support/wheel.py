"""A wheel of this checkout, built by the uv that ``./dev`` uses."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from demo.services import REPOSITORY


def build_wheel(folder: Path) -> Path:
    """Build the wheel into ``folder``; skips the test where there is no uv."""
    command = [_uv(), "build", "--quiet", "--wheel", "--out-dir", str(folder), str(REPOSITORY)]
    subprocess.run(command, check=True, timeout=120)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _uv() -> str:
    """The uv on the PATH, or the one that ``./dev`` has put beside the environment."""
    beside = Path(sys.prefix).resolve().parent / ".crowdsky/uv/bin/uv"
    found = shutil.which("uv") or (str(beside) if beside.is_file() else None)
    if found is None:
        pytest.skip("uv is not installed; ./dev installs it")
    return found
