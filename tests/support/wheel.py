"""Distributions of this checkout, built by the uv that ``./dev`` uses."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from demo.services import REPOSITORY

UNREACHABLE = ("Request failed after", "error sending request", "dns error")
"""What uv prints when it cannot reach the package index."""


def build_wheel(folder: Path) -> Path:
    """Build the wheel into ``folder``; skips the test where there is no uv."""
    return _build("--wheel", "*.whl", folder)


def build_source_distribution(folder: Path) -> Path:
    """Build the source distribution into ``folder``; skips the test where there is no uv."""
    return _build("--sdist", "*.tar.gz", folder)


def _build(kind: str, pattern: str, folder: Path) -> Path:
    command = [_uv(), "build", "--quiet", kind, "--out-dir", str(folder), str(REPOSITORY)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if any(sign in done.stderr for sign in UNREACHABLE):
        pytest.skip("the package index cannot be reached, which has the build backend")
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob(pattern)
    return built


def _uv() -> str:
    """The uv on the PATH, or the one that ``./dev`` has put beside the environment."""
    beside = Path(sys.prefix).resolve().parent / ".crowdsky/uv/bin/uv"
    found = shutil.which("uv") or (str(beside) if beside.is_file() else None)
    if found is None:
        pytest.skip("uv is not installed; ./dev installs it")
    return found
