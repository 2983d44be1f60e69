"""The `dev` script: what it says, and that the lock file names no address."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from bench.peers import SEIZA_VERSION
from demo.services import REPOSITORY

COMMANDS = ("demo", "serve", "test", "check", "bench", "lock", "install")

ADDRESSED_LOCK = """\
version = 1
requires-python = ">=3.11"

[[package]]
name = "sep"
version = "1.4.1"
source = { registry = "https://index.example/simple" }
dependencies = [
    { name = "numpy", version = "2.4.6", source = { registry = "https://index.example/simple" } },
]
sdist = { url = "https://files.example/sep-1.4.1.tar.gz", hash = "sha256:00" }
wheels = [
    { url = "https://files.example/sep-1.4.1-cp311.whl", hash = "sha256:01" },
]

[[package]]
name = "rich"
version = "15.0.0"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with nothing but the script."""
    shutil.copy2(REPOSITORY / "dev", tmp_path)
    return tmp_path


def dev(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(folder / "dev"), *arguments], capture_output=True, text=True, check=False
    )


def function(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    """Run one function of the script by itself."""
    code = f"source ./dev help >/dev/null; mkdir -p .crowdsky; {name}"
    return subprocess.run(
        ["bash", "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )


def test_help_names_every_command() -> None:
    answer = dev(REPOSITORY, "help")
    assert answer.returncode == 0
    for command in COMMANDS:
        assert f"\n  {command} " in answer.stdout


def test_unknown_command_points_to_the_help(checkout: Path) -> None:
    answer = dev(checkout, "dmeo")
    assert answer.returncode == 1
    assert "there is no command 'dmeo'" in answer.stderr
    assert "./dev help" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1
    assert answer.stdout == ""


def test_bench_without_a_name_lists_what_there_is(checkout: Path) -> None:
    (checkout / "bench").mkdir()
    for name in ("__main__", "stacking", "queue"):
        (checkout / "bench" / f"{name}.py").write_text("def main() -> None: ...\n")
    (checkout / "bench" / "helper.py").touch()
    answer = dev(checkout, "bench")
    assert answer.returncode == 0
    assert "queue, stacking" in answer.stderr
    assert "__main__" not in answer.stderr
    assert "helper" not in answer.stderr
    assert dev(checkout, "bench", "helper").returncode == 1


def test_bench_refuses_a_name_it_does_not_know(checkout: Path) -> None:
    answer = dev(checkout, "bench", "nothing")
    assert answer.returncode == 1
    assert "no benchmark called 'nothing'" in answer.stderr


def test_every_extra_is_installed(checkout: Path) -> None:
    """A machine that has them once keeps them, whatever it goes on to run."""
    copy_inputs(checkout)
    assert function(checkout, SYNC).returncode == 0
    asked = (checkout / "asked").read_text().split()
    assert asked[0] == "sync"
    assert "--all-extras" in asked


@pytest.mark.parametrize("change", ["nothing", "source", "packages", "library"])
def test_what_has_changed_is_built_again(checkout: Path, change: str) -> None:
    copy_inputs(checkout)
    assert function(checkout, SYNC).returncode == 0
    (checkout / "asked").unlink()
    if change == "source":
        (checkout / "crowdsky/sum.c").write_text("/* another one */")
    elif change == "packages":
        (checkout / "uv.lock").write_text("version = 1")
    elif change == "library":
        shutil.rmtree(checkout / "crowdsky/_compiled")
    assert function(checkout, SYNC).returncode == 0
    assert (checkout / "asked").exists() == (change != "nothing")


def copy_inputs(checkout: Path) -> None:
    """Add what ``dev`` builds an environment from."""
    for name in ("pyproject.toml", "uv.lock", "CMakeLists.txt", "build/CMakeLists.txt"):
        (checkout / name).parent.mkdir(exist_ok=True)
        shutil.copy(REPOSITORY / name, checkout / name)
    (checkout / "crowdsky").mkdir()
    (checkout / "crowdsky/sum.c").touch()


SYNC = """
    ensure_uv() { :; }
    uv_program() { echo record; }
    record() {
        printf '%s ' "$@" >asked
        mkdir -p .venv/bin crowdsky/_compiled
        touch crowdsky/_compiled/libcrowdsky-generic.so
        cp "$(type -P true)" .venv/bin/python
    }
    ensure_python
"""
"""A run of ``ensure_python`` in which uv leaves what it would build."""


@pytest.mark.parametrize("compiler", ["false", "no-such-compiler"])
def test_a_missing_compiler_is_installed(checkout: Path, compiler: str) -> None:
    copy_inputs(checkout)
    code = f"""
        CC={compiler}
        package_manager() {{ echo apt; }}
        install_packages() {{ printf '%s ' "$@" >asked; }}
        refresh_package_list() {{ :; }}
        need_compiler
        install_noted
    """
    answer = function(checkout, code)
    assert answer.returncode == 0
    assert "- a C compiler with the C library's headers" in answer.stderr
    assert (checkout / "asked").read_text() == "gcc libc6-dev "


def test_a_compiler_that_works_is_enough(checkout: Path) -> None:
    copy_inputs(checkout)
    answer = function(checkout, "need_compiler; install_noted")
    assert (answer.returncode, answer.stderr) == (0, "")


def test_seiza_gets_an_environment_of_its_own(checkout: Path) -> None:
    code = """
        mkdir -p $STATE
        ensure_uv() { :; }
        uv_program() { echo record; }
        record() { printf '%s ' "$@" >>asked; echo >>asked;  }
        want_seiza
    """
    assert function(checkout, code).returncode == 0
    venv, install = (checkout / "asked").read_text().splitlines()
    assert venv.split()[-1] == ".crowdsky/seiza"
    assert install.split()[-1] == f"seiza=={SEIZA_VERSION}"


def test_the_benchmark_goes_on_without_seiza(checkout: Path) -> None:
    code = """
        mkdir -p $STATE
        ensure_uv() { :; }
        uv_program() { echo record; }
        record() { mkdir -p $STATE/seiza; [[ $1 != pip ]]; }
        want_seiza
    """
    answer = function(checkout, code)
    assert answer.returncode == 0
    assert "continuing without it" in answer.stderr
    assert not (checkout / ".crowdsky" / "seiza").exists()


def test_strip_lock_takes_addresses_and_keeps_versions(checkout: Path) -> None:
    lock = checkout / "uv.lock"
    lock.write_text(ADDRESSED_LOCK)
    assert function(checkout, "strip_lock").returncode == 0
    stripped = lock.read_text()
    assert "example" not in stripped
    assert "sha256" not in stripped
    assert stripped.count('source = { registry = "." }') == 2
    assert stripped.count("version = ") == 4
    assert 'requires-python = ">=3.11, <4"' in stripped
    assert function(checkout, "strip_lock").returncode == 0
    assert lock.read_text() == stripped


def test_check_refuses_a_lock_with_addresses(checkout: Path) -> None:
    (checkout / "uv.lock").write_text(ADDRESSED_LOCK)
    refused = function(checkout, "lock_is_stripped")
    assert refused.returncode == 1
    assert "holds addresses" in refused.stderr


def test_committed_lock_has_no_address(checkout: Path) -> None:
    shutil.copy(REPOSITORY / "uv.lock", checkout)
    assert function(checkout, "lock_is_stripped").returncode == 0


def test_php_syntax_error_is_found(checkout: Path) -> None:
    (checkout / "php_api").mkdir()
    (checkout / "tests").mkdir()
    (checkout / "php_api" / "fine.php").write_text("<?php echo 1;\n")
    assert function(checkout, "php_syntax").returncode == 0
    (checkout / "php_api" / "broken.php").write_text("<?php echo (;\n")
    answer = function(checkout, "php_syntax")
    assert answer.returncode != 0
    assert "broken.php" in answer.stdout


def wanted_packages(folder: Path, manager: str) -> tuple[str, set[str]]:
    """Return what a machine that lacks everything is told, and the packages it would get."""
    code = f"""
        package_manager() {{ echo {manager}; }}
        has() {{ false; }}
        php_has() {{ false; }}
        has_star_index() {{ false; }}
        has_php_fpm() {{ false; }}
        as_root() {{ echo "$@" >>asked; }}
        need_site; want_star_index; need_checks; need_tests; install_noted
    """
    finished = function(folder, code)
    assert finished.returncode == 0, finished.stderr
    lines = (folder / "asked").read_text().splitlines()
    installs = [line.split(" install ", 1)[1] for line in lines if " install " in line]
    return finished.stderr, {word for line in installs for word in line.split() if word[0] != "-"}


def test_debian_gets_its_packages(checkout: Path) -> None:
    said, packages = wanted_packages(checkout, "apt")
    assert {"php-cli", "php-sqlite3", "php-mbstring", "phpunit"} <= packages
    assert {"mariadb-server-core", "astrometry-data-tycho2-07"} <= packages
    for package in packages:
        assert package in said


def test_fedora_gets_its_packages(checkout: Path) -> None:
    said, packages = wanted_packages(checkout, "dnf")
    assert {"php-cli", "php-pdo", "php-mbstring", "phpunit9"} <= packages
    assert "mariadb-server" in packages
    assert "fitsverify is missing, and this script knows no package for it here" in said


def test_nothing_is_installed_where_nothing_is_missing(checkout: Path) -> None:
    answer = function(checkout, 'as_root() { echo "$@" >asked; }; install_noted')
    assert answer.returncode == 0
    assert answer.stderr == ""
    assert not (checkout / "asked").exists()


def test_failed_installation_says_the_command(checkout: Path) -> None:
    code = """
        package_manager() { echo apt; }
        php_has() { false; }
        as_root() { return 1; }
        need_site; install_noted
    """
    answer = function(checkout, code)
    assert answer.returncode == 1
    assert "apt install" in answer.stderr
    assert "php-curl" in answer.stderr
