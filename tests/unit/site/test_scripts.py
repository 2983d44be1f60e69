"""The scripts of the pages, tested by Node.js, and the libraries they load."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess

import pytest

from demo.services import PHP_API, REPOSITORY

SCRIPTS = REPOSITORY / "tests" / "js"
VENDOR = PHP_API / "public" / "assets" / "vendor"


def test_scripts_of_pages() -> None:
    """Everything in tests/js; what fails is in the output."""
    if shutil.which("node") is None:
        pytest.skip("Node.js is not installed: scripts of pages are not tested")
    files = sorted(str(path) for path in SCRIPTS.glob("*.test.js"))
    finished = subprocess.run(
        ["node", "--test", *files], capture_output=True, text=True, timeout=300, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    passed = re.search(r"^# pass (\d+)$", finished.stdout, re.MULTILINE)
    assert passed and int(passed[1]) > 0, finished.stdout


def test_libraries_are_those_whose_hashes_are_beside_them() -> None:
    lines = (VENDOR / "SHA256SUMS").read_text().splitlines()
    hashes = {name: sha256 for sha256, name in (line.split("  ") for line in lines)}
    files = {path.name: path for path in VENDOR.iterdir() if path.name != "SHA256SUMS"}
    assert set(files) == set(hashes)
    for name, path in files.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == hashes[name], name


def test_the_lock_of_the_libraries_names_no_address() -> None:
    lock = (SCRIPTS / "vendor" / "package-lock.json").read_text()
    assert "integrity" in lock
    assert "resolved" not in lock
    assert "://" not in lock
