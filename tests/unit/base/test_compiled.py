"""The compiled library: how it is chosen, and what happens where it is missing or stale."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from crowdsky.base import compiled
from crowdsky.base.compiled import FLOAT32, FLOAT32_OUT, VARIABLE, level_in_use, levels_here
from crowdsky.base.errors import ConfigurationError
from demo.services import REPOSITORY

LOAD = "from crowdsky.base.compiled import level_in_use as used; print(used())"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with only what loads the library."""
    for name in ("CMakeLists.txt", "crowdsky/__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy2(REPOSITORY / name, tmp_path / name)
    for source in (*REPOSITORY.glob("crowdsky/**/*.[ch]"), *REPOSITORY.glob("crowdsky/base/*.py")):
        copy = tmp_path / source.relative_to(REPOSITORY)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, copy)
    shutil.copytree(compiled.LIBRARIES, tmp_path / "crowdsky/_compiled")
    return tmp_path


def load(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LOAD], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_best_level_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    levels = levels_here()
    assert level_in_use() == (levels[-1] if levels else "generic")


def test_a_level_can_be_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    for level in levels_here():
        monkeypatch.setenv(VARIABLE, level)
        assert level_in_use() == level


def test_an_unknown_level_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    if not levels_here():
        pytest.skip("this processor has no levels")
    monkeypatch.setenv(VARIABLE, "x86-64-v9")
    with pytest.raises(ConfigurationError, match=r"CROWDSKY_PROCESSOR.*this processor has: x86"):
        level_in_use()


def test_a_checkout_loads_its_own_library(checkout: Path) -> None:
    assert load(checkout).stdout.strip() == level_in_use()


@pytest.mark.parametrize("missing", ["libraries", "folder"])
def test_a_missing_library_names_the_command(checkout: Path, missing: str) -> None:
    shutil.rmtree(checkout / "crowdsky/_compiled")
    if missing == "libraries":
        (checkout / "crowdsky/_compiled").mkdir()
    last = load(checkout).stderr.splitlines()[-1]
    assert "does not exist" in last
    assert "./dev install" in last
    assert "cmake -S . -B .crowdsky/build && cmake --build .crowdsky/build" in last


@pytest.mark.parametrize("change", ["edit", "remove"])
def test_a_stale_library_names_the_source(checkout: Path, change: str) -> None:
    source = checkout / "crowdsky/base/processor.c"
    if change == "edit":
        source.write_text(source.read_text() + "\n")
    else:
        source.unlink()
    last = load(checkout).stderr.splitlines()[-1]
    assert "crowdsky/base/processor.c has changed since libcrowdsky-" in last
    assert "cmake --build .crowdsky/build" in last


def test_a_damaged_installation_is_to_be_installed_again(checkout: Path) -> None:
    for source in checkout.rglob("*.[ch]"):  # a wheel has none
        source.unlink()
    assert load(checkout).returncode == 0
    for library in (checkout / "crowdsky/_compiled").iterdir():
        library.write_bytes(b"")
    last = load(checkout).stderr.splitlines()[-1]
    assert "cannot be loaded" in last
    assert "pip install --force-reinstall" in last


def test_a_function_that_the_library_lacks_is_reported() -> None:
    with pytest.raises(ConfigurationError, match="lacks crowdsky_no_such_function"):
        compiled.compiled("no_such_function")


@pytest.mark.parametrize(
    ("array", "why"),
    [
        (np.zeros(4), "an array of float32 is needed, not of float64"),
        (np.zeros(4, ">f4"), "not of >f4"),
        (np.zeros((4, 4), np.float32)[:, ::2], "C order"),
        ([0.0], "not list"),
        (None, "not NoneType"),
    ],
)
def test_another_array_never_reaches_c(array: object, why: str) -> None:
    for kind in (FLOAT32, FLOAT32_OUT):
        with pytest.raises(TypeError, match=why):
            kind.from_param(array)


def test_a_read_only_array_is_not_written() -> None:
    frozen = np.zeros(4, np.float32)
    frozen.flags.writeable = False
    with pytest.raises(TypeError, match="read-only"):
        FLOAT32_OUT.from_param(frozen)
    assert FLOAT32.from_param(frozen).value == frozen.ctypes.data


def test_a_wrong_argument_is_an_error_of_ctypes() -> None:
    function = compiled.compiled("highest_within", FLOAT32)
    with pytest.raises(ctypes.ArgumentError, match=r"argument 1.*float64"):
        function(np.zeros(4))
