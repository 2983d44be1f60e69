"""The systemd unit that setup-service.sh writes."""

from __future__ import annotations

import getpass
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from demo.services import REPOSITORY

SCRIPT = REPOSITORY / "setup-service.sh"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the script and a Python where the service expects it."""
    folder = tmp_path / "crowd sky 100%"
    (folder / ".venv/bin").mkdir(parents=True)
    python = folder / ".venv/bin/python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{REPOSITORY}" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    shutil.copy2(SCRIPT, folder)
    return folder


def print_unit(folder: Path, *options: str) -> str:
    script = str(folder / SCRIPT.name)
    return subprocess.run(
        [script, "--print", *options], capture_output=True, text=True, check=True
    ).stdout


def values(unit: str, key: str) -> list[str]:
    """Return what the unit sets ``key`` to, in order."""
    return [line.partition("=")[2] for line in unit.splitlines() if line.startswith(f"{key}=")]


def verify(unit: str, folder: Path) -> str:
    """Return what systemd's own checker complains about."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed; ./dev test installs it")
    path = folder / "crowdsky-worker.service"
    path.write_text(unit)
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = checked.stdout + checked.stderr
    return complaints or ("" if checked.returncode == 0 else f"code {checked.returncode}")


def test_systemd_finds_no_error(checkout: Path, tmp_path: Path) -> None:
    assert verify(print_unit(checkout), tmp_path) == ""


def test_systemd_would_find_an_error(checkout: Path, tmp_path: Path) -> None:
    broken = print_unit(checkout).replace("KillMode=mixed", "KillMode=gently")
    assert "gently" in verify(broken, tmp_path)


def test_only_the_work_folder_is_writable(checkout: Path) -> None:
    (checkout / ".env").write_text('WORK_DIR = "/srv/crowd sky/work"  # fast disk\n')
    unit = print_unit(checkout)
    assert values(unit, "ProtectSystem") == ["strict"]
    assert values(unit, "ReadWritePaths") == ['"/srv/crowd sky/work"']
    assert '"WORK_DIR=/srv/crowd sky/work"' in values(unit, "Environment")
    caches = [value for value in values(unit, "Environment") if "CACHE" in value]
    assert len(caches) == 1
    assert all("=/srv/crowd sky/work/" in value for value in caches)


@pytest.mark.parametrize(
    ("configured", "expected"),
    [
        ("", "/var/lib/crowdsky-worker"),
        ("WORK_DIR=./tmp\n", "/var/lib/crowdsky-worker"),
        ("WORK_DIR=/first\nexport WORK_DIR='/last'\n", "/last"),
        ("WORK_DIR='/a # b'\n", "/a # b"),
        ('DISK=/disk\nWORK_DIR="${DISK}/work"\n', "/disk/work"),
        ("WORK_DIR=/first\n# WORK_DIR=/other\nWORK_DIR: /none\n", "/first"),
    ],
)
def test_work_folder_comes_from_the_settings(
    checkout: Path, configured: str, expected: str
) -> None:
    (checkout / ".env").write_text(configured)
    assert values(print_unit(checkout), "ReadWritePaths") == [f'"{expected}"']


def test_a_path_may_hold_what_systemd_treats_specially(checkout: Path, tmp_path: Path) -> None:
    work = "/srv/100%n $HOME \\x \"q\" 'a;b'"
    (checkout / ".env").write_text(f"WORK_DIR={work}\n")

    unit = print_unit(checkout)

    escaped = work.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    assert values(unit, "ReadWritePaths") == [f'"{escaped}"']
    assert verify(unit, tmp_path) == ""


@pytest.mark.parametrize("work", ['"/srv/a\\nUser=root"', "~/work"])
def test_a_path_that_systemd_cannot_take_is_refused(checkout: Path, work: str) -> None:
    (checkout / ".env").write_text(f"WORK_DIR={work}\n")

    with pytest.raises(subprocess.CalledProcessError):
        print_unit(checkout)


@pytest.mark.parametrize("variable", ["INDEX_DIR", "CATALOGUE_FILE", "CACHE_DIR", "WORK_DIR"])
def test_what_the_worker_reads_in_a_home_folder_stays_visible(
    checkout: Path, variable: str
) -> None:
    assert values(print_unit(checkout), "ProtectHome") == ["yes"]
    (checkout / ".env").write_text(f"{variable}=/home/me/data\n")
    assert values(print_unit(checkout), "ProtectHome") == ["read-only"]


def test_before_the_packages_are_installed_the_defaults_are_printed(checkout: Path) -> None:
    (checkout / ".venv/bin/python").unlink()
    (checkout / ".env").write_text("WORK_DIR=/srv/work\n")
    unit = print_unit(checkout)
    assert values(unit, "ReadWritePaths") == ['"/var/lib/crowdsky-worker"']


def test_stopping_leaves_time_to_hand_jobs_back(checkout: Path) -> None:
    assert values(print_unit(checkout), "TimeoutStopSec") == ["90"]
    (checkout / ".env").write_text("SHUTDOWN_GRACE=120\n")
    unit = print_unit(checkout)
    assert values(unit, "TimeoutStopSec") == ["180"]
    assert values(unit, "KillMode") == ["mixed"]
    assert values(unit, "KillSignal") == ["SIGTERM"]


def test_unit_is_hardened_and_never_root(checkout: Path) -> None:
    unit = print_unit(checkout, "--user", "stacker")
    assert values(unit, "User") == ["stacker"]
    for key, expected in {
        "NoNewPrivileges": "yes",
        "PrivateTmp": "yes",
        "CapabilityBoundingSet": "",
        "RestrictSUIDSGID": "yes",
        "MemoryMax": "90%",
    }.items():
        assert values(unit, key) == [expected], key


def test_secrets_stay_out_of_the_unit(checkout: Path) -> None:
    (checkout / ".env").write_text("WORKER_API_KEY=very-secret\nUCLOUD_SHARE_TOKEN=token\n")
    unit = print_unit(checkout)
    assert "very-secret" not in unit
    assert "UCLOUD_SHARE_TOKEN" not in unit


@pytest.mark.parametrize("options", [["--user", "bad name"], ["--name", "../x"], ["--what"]])
def test_wrong_options_are_refused(checkout: Path, options: list[str]) -> None:
    script = str(checkout / SCRIPT.name)
    answer = subprocess.run(
        [script, "--print", *options], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 1
    assert "setup-service:" in answer.stderr
    assert answer.stdout == ""


def test_printing_changes_nothing(checkout: Path) -> None:
    before = sorted(str(path) for path in checkout.rglob("*"))
    print_unit(checkout)
    assert sorted(str(path) for path in checkout.rglob("*")) == before


ME = getpass.getuser()


def ensure_work_dir(folder: Path, work: Path, account: str) -> subprocess.CompletedProcess[str]:
    """Do what an installation for this account does with WORK_DIR."""
    (folder / ".env").write_text(f"WORK_DIR={work}\n")
    functions, _, _ = SCRIPT.read_text().partition('parse_arguments "$@"')
    script = folder / "functions.sh"
    script.write_text(f"{functions}\nSERVICE_USER={account}\nread_settings\nensure_work_dir\n")
    return subprocess.run(["bash", str(script)], capture_output=True, text=True, check=False)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_missing_work_folder_is_made_for_the_service_alone(
    checkout: Path, tmp_path: Path
) -> None:
    work = tmp_path / "disk" / "crowd sky"
    made = ensure_work_dir(checkout, work, ME)
    assert made.returncode == 0, made.stderr
    assert (mode(work.parent), mode(work), work.owner()) == (0o755, 0o750, ME)


def test_a_work_folder_of_ours_stays_as_it_is(checkout: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    work.chmod(0o2775)
    kept = ensure_work_dir(checkout, work, ME)
    assert kept.returncode == 0, kept.stderr
    assert (mode(work), work.owner()) == (0o2775, ME)


@pytest.mark.parametrize("is_link", [False, True])
def test_a_work_folder_of_others_is_refused_and_stays_as_it_is(
    checkout: Path, tmp_path: Path, is_link: bool
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    work = tmp_path / "link" if is_link else shared
    if is_link:
        work.symlink_to(shared)
    refused = ensure_work_dir(checkout, work, "daemon")
    assert refused.returncode == 1
    assert f"WORK_DIR={work} belongs to {ME}, not to daemon" in refused.stderr
    assert f"{work}/crowdsky-worker" in refused.stderr
    assert (mode(shared), shared.owner()) == (0o1777, ME)


def test_a_work_folder_that_is_none_is_refused(checkout: Path, tmp_path: Path) -> None:
    for work in (tmp_path / "file", tmp_path / "dangling"):
        if work.name == "file":
            work.touch()
        else:
            work.symlink_to(tmp_path / "nowhere")
        refused = ensure_work_dir(checkout, work, ME)
        assert refused.returncode == 1
        assert "is not a folder" in refused.stderr
    assert not (tmp_path / "nowhere").exists()


def test_a_foreign_work_folder_is_refused_before_anything_is_installed() -> None:
    _, _, steps = SCRIPT.read_text().partition("    install)")
    assert steps.index("refuse_foreign_work_dir") < steps.index("install_packages")
