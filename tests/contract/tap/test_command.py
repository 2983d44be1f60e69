"""`crowdsky tap` as an operator starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from crowdsky.commands.main import main
from tests.contract.tap.conftest import database_of
from tests.contract.vo.archive import Archive


def command(folder: Path) -> list[str]:
    """Return the command of a service with any free port."""
    return [
        sys.executable, "-m", "crowdsky", "tap", "--site", "https://sky.example.org",
        "--url", "https://sky.example.org/tap/", "--folder", str(folder), "--port", "0",
    ]  # fmt: skip


@pytest.mark.one_database
def test_the_command_serves_until_it_is_stopped(archive: Archive, tmp_path: Path) -> None:
    stack = archive.add(192.72, 41.12)
    environment = {**os.environ, "CROWDSKY_DB_DSN": database_of(archive.site).dsn}
    process = subprocess.Popen(
        command(tmp_path), env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        url = process.stderr.readline().removeprefix("TAP at ").strip()
        answer = requests.get(
            f"{url}/sync",
            {"QUERY": "SELECT obs_id, page_url FROM crowdsky.stacks", "RESPONSEFORMAT": "csv"},
            timeout=60,
        )
        page = f"https://sky.example.org/stack.php?id={stack}"
        assert answer.text.split() == ["obs_id,page_url", f"stack-{stack},{page}"]
        shown = requests.get(f"{url}/capabilities", timeout=30).text
        assert '<accessURL use="base">https://sky.example.org/tap</accessURL>' in shown
        too_long = requests.post(f"{url}/sync", {"QUERY": "x" * 100_000}, timeout=30)
        assert too_long.status_code in (400, 413)
    finally:
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=60)
    assert process.returncode == 0, rest
    assert "Traceback" not in rest


def test_a_wrong_database_is_said_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for dsn, reason in (
        ("", "CROWDSKY_DB_DSN must begin with sqlite: or mysql:"),
        (f"sqlite:{tmp_path / 'none'}", "there is no database"),
    ):
        monkeypatch.setenv("CROWDSKY_DB_DSN", dsn)
        assert main(command(tmp_path)[3:]) == 78
        assert reason in capsys.readouterr().err
