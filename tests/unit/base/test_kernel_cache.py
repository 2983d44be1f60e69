"""Kernels of another version are never found, and a wait for compiling is announced."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from crowdsky.base import kernel_cache
from crowdsky.base.kernel_cache import COMPILING, KEPT, KERNELS, cache_folder, has_kernels
from crowdsky.sandbox.child import child_environment
from demo.services import REPOSITORY
from tests.support.kernels import CACHE
from tests.support.worker_process import bare_environment, small_subs

PACKAGE = REPOSITORY / "crowdsky"
CALLEE = """
from numba import njit

@njit(cache=True)
def weight(value):
    return {factor} * value
"""
CALLER = """
from numba import njit
from crowdsky.stacking.kernels.frame import weight

@njit(cache=True)
def total(value):
    return weight(value) + 1
"""
CHOOSE = "from crowdsky.base.kernel_cache import choose_folder; choose_folder()"
ASK = f"""
{CHOOSE}
from crowdsky.stacking.kernels.warp import total as f
print(f(1), sum(f.stats.cache_hits.values()))
"""


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A copy of the kernels that numba has cached for the engine."""
    folder = tmp_path / "cache"
    shutil.copytree(cache_folder(tmp_path), folder, copy_function=shutil.copyfile)
    return folder


class Checkout:
    """A package of two kernels, one calling the other, with the real choice of a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.kernels = root / "crowdsky" / "stacking" / "kernels"
        self.kernels.mkdir(parents=True)
        (root / "crowdsky" / "base").mkdir()
        shutil.copy(PACKAGE / "base" / "kernel_cache.py", root / "crowdsky" / "base")
        # Without them another installed version would be found first.
        for folder in ("", "base", "stacking", "stacking/kernels"):
            (root / "crowdsky" / folder / "__init__.py").touch()
        (self.kernels / "warp.py").write_text(CALLER)
        self.update(10)

    def update(self, factor: int) -> None:
        """Change the kernel that is called, and nothing else."""
        (self.kernels / "frame.py").write_text(CALLEE.format(factor=factor))

    def run(self, code: str, **environment: str) -> str:
        """Return what a new process prints."""
        done = subprocess.run(
            [sys.executable, "-B", "-c", code],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(self.root), **environment},
            cwd=self.root,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def chosen(self, **environment: str) -> Path:
        """Return the folder in which a new process keeps its kernels."""
        return Path(self.run(f"{CHOOSE}; import os; print(os.environ[{CACHE!r}])", **environment))


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "checkout")


@pytest.mark.parametrize("variable", [{}, {CACHE: "kernels"}], ids=["beside the source", "set"])
def test_a_kernel_never_runs_with_what_it_called_before(
    checkout: Checkout, variable: dict[str, str]
) -> None:
    assert checkout.run(ASK, **variable) == "11 0"
    checkout.update(20)
    assert checkout.run(ASK, **variable) == "21 0"
    checkout.update(10)
    assert checkout.run(ASK, **variable) == "11 1", "an update taken back has its kernels still"


def test_a_folder_that_disappears_is_made_again(checkout: Checkout, tmp_path: Path) -> None:
    remove = f"import os, shutil; shutil.rmtree(os.environ[{CACHE!r}]); print(f(1.5))"
    assert checkout.run(f"{ASK}\n{remove}", **{CACHE: str(tmp_path / "base")}) == "11 0\n16.0"
    assert list((tmp_path / "base").rglob("warp.total-*.nbi"))


def old_folders(base: Path, number: int) -> list[Path]:
    """Make folders of earlier versions, the least recently used first."""
    folders = [base / f"crowdsky-{n:012x}" for n in range(number)]
    for n, folder in enumerate(reversed(folders)):
        (folder / "stacking").mkdir(parents=True)
        os.utime(folder, (1, 1))
        os.utime(folder / "stacking", (1000 - n, 1000 - n))
    return folders


def test_only_the_latest_folders_stay_when_one_is_added(checkout: Checkout, tmp_path: Path) -> None:
    old = old_folders(tmp_path, 5)
    others = [tmp_path / "stacking_0123456789ab", tmp_path / "crowdsky-0123456789abc"]
    for folder in others:
        folder.mkdir()
    chosen = checkout.chosen(**{CACHE: str(tmp_path)})
    assert chosen.parent == tmp_path
    assert [folder for folder in old if folder.exists()] == old[1 - KEPT :]
    assert all(folder.exists() for folder in others)


def test_nothing_is_removed_where_the_folder_is_there(checkout: Checkout, tmp_path: Path) -> None:
    checkout.chosen(**{CACHE: str(tmp_path)}).mkdir()
    old = old_folders(tmp_path, 5)
    checkout.chosen(**{CACHE: str(tmp_path)})
    assert all(folder.exists() for folder in old)


def test_what_cannot_be_removed_stays(checkout: Checkout, tmp_path: Path) -> None:
    old = old_folders(tmp_path / "base", 5)
    old[0].rename(tmp_path / "elsewhere")
    old[0].symlink_to(tmp_path / "elsewhere")  # even root removes no tree through a link
    assert checkout.chosen(**{CACHE: str(tmp_path / "base")}).parent == tmp_path / "base"
    assert [folder for folder in old if folder.exists()] == [old[0], *old[1 - KEPT :]]


def test_a_place_that_cannot_be_written_is_passed_over(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    beside = checkout.chosen(**{CACHE: str(tmp_path / "file" / "base")})
    assert beside.parent == checkout.root / "crowdsky" / "__pycache__"

    beside.parent.parent.joinpath("__pycache__").touch()
    of_user = checkout.chosen(HOME=str(tmp_path))
    assert of_user.parent == tmp_path / ".cache" / "crowdsky" / "kernels"


def test_a_process_keeps_to_the_place_of_its_parent_but_not_to_the_version(
    checkout: Checkout, tmp_path: Path
) -> None:
    first = checkout.chosen(**{CACHE: str(tmp_path)})
    checkout.update(20)
    second = checkout.chosen(**{CACHE: str(first)})
    assert second.parent == tmp_path
    assert second != first


@pytest.mark.parametrize("value", ["{}", "{}/crowdsky-0123456789ab"])
def test_children_use_the_place_that_the_user_has_set(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CACHE, value.format(tmp_path / "set"))
    environment = child_environment(tmp_path / "default", threads=1)
    assert Path(environment[CACHE]).parent == tmp_path / "set"


def test_children_use_the_default_where_the_user_has_set_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(CACHE)
    without = child_environment(tmp_path / "default", threads=1)[CACHE]
    assert Path(without).parent == tmp_path / "default"

    monkeypatch.setenv(CACHE, str(PACKAGE / "__pycache__" / "crowdsky-0123456789ab"))
    assert child_environment(tmp_path / "default", threads=1)[CACHE] == without


def test_all_that_numba_compiles_decides_the_folder() -> None:
    known = {path for pattern in KERNELS for path in PACKAGE.glob(pattern)}
    compiled = {path for path in PACKAGE.rglob("*.py") if "njit" in path.read_text("utf-8")}
    assert compiled
    assert compiled <= known
    modules = {".".join(path.relative_to(REPOSITORY).with_suffix("").parts) for path in known}
    for path in known:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or "."] if isinstance(node, ast.ImportFrom) else []
            ours = {name for name in names if name.split(".")[0] in ("crowdsky", "")}
            assert ours <= modules, f"{path.name} takes in what does not decide the folder"


@pytest.mark.parametrize("pattern", ["numba/_version.py", "llvmlite/_version.py"])
def test_another_compiler_has_another_folder(
    pattern: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = cache_folder(tmp_path).name
    read: Callable[[Path], bytes] = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) + b"!" * path.match(pattern))
    assert cache_folder(tmp_path).name != before


def test_compiled_kernels_are_found(cache: Path, tmp_path: Path) -> None:
    assert has_kernels(cache)
    assert not has_kernels(tmp_path / "nowhere")


def test_half_of_the_kernels_are_none(cache: Path) -> None:
    for index in cache.rglob("warp.*.nbi"):
        index.unlink()
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
