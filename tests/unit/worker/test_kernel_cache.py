"""A wait for compiling is announced where it comes, and only there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.kernels import CACHE
from tests.support.worker_process import bare_environment, small_subs
from worker import kernel_cache
from worker.kernel_cache import COMPILING, cache_folder, has_kernels


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A copy of what numba has kept of the engine, newer than all sources."""
    folder = tmp_path / "cache"
    shutil.copytree(cache_folder(tmp_path), folder, copy_function=shutil.copyfile)
    return folder


def test_compiled_kernels_are_found(cache: Path, tmp_path: Path) -> None:
    assert has_kernels(cache)
    assert not has_kernels(tmp_path / "nowhere")


def test_kernels_older_than_their_source_are_none(cache: Path) -> None:
    for index in cache.rglob("kernels_warp.*.nbi"):
        os.utime(index, (1, 1))
    assert not has_kernels(cache)


def test_kernels_of_another_python_are_none(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Version:
        major, minor = 3, 99

    monkeypatch.setattr(kernel_cache.sys, "version_info", Version)
    assert not has_kernels(cache)


@pytest.mark.parametrize("is_cold", [True, False])
def test_stacking_says_when_it_begins_with_compiling(
    tmp_path: Path, cache: Path, is_cold: bool
) -> None:
    command = [sys.executable, "-m", "worker", "stack", *small_subs(tmp_path), "--no-solve"]
    with subprocess.Popen(
        [*command, "-o", "stack.fits"],
        cwd=tmp_path,
        env={**bare_environment(), **({CACHE: str(tmp_path / "cold")} if is_cold else {})},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        process.kill()
    assert (COMPILING in first) is is_cold
