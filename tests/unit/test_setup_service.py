"""The systemd unit that setup-service.sh writes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from demo.services import REPOSITORY

SCRIPT = REPOSITORY / "setup-service.sh"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the script and a Python where the service expects it."""
    folder = tmp_path / "crowd sky 100%"
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/python").symlink_to("/bin/true")
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
    assert len(caches) == 2
    assert all("=/srv/crowd sky/work/" in value for value in caches)


@pytest.mark.parametrize(
    ("configured", "expected"),
    [
        ("", "/var/lib/crowdsky-worker"),
        ("WORK_DIR=./tmp\n", "/var/lib/crowdsky-worker"),
        ("WORK_DIR=/first\nexport WORK_DIR='/last'\n", "/last"),
    ],
)
def test_work_folder_comes_from_the_settings(
    checkout: Path, configured: str, expected: str
) -> None:
    (checkout / ".env").write_text(configured)
    assert values(print_unit(checkout), "ReadWritePaths") == [f'"{expected}"']


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
