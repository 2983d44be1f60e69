"""The ``.env`` file: what cannot be read is named by its line, without what it says."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from crowdsky.base.errors import ConfigurationError
from crowdsky.base.exit_codes import EXIT_CONFIGURATION
from crowdsky.base.python_path import python_path
from worker.commands import doctor
from worker.config import load_settings

GOOD = "API_BASE_URL=https://example.org/api\nWORKER_API_KEY=csk_key\n"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (GOOD.encode() + b"# caf\xe9\n", 3),
        (GOOD.encode("utf-16"), 1),
    ],
)
def test_a_file_in_another_encoding_is_the_only_problem(
    tmp_path: Path, content: bytes, line: int
) -> None:
    file = tmp_path / ".env"
    file.write_bytes(content)

    with pytest.raises(ConfigurationError) as caught:
        load_settings({}, file)

    assert caught.value.problems == (
        f"{file}, line {line}: not UTF-8; save the file in that encoding",
    )


def test_the_mark_that_windows_puts_first_is_no_part_of_a_name(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())

    assert load_settings({}, file).worker_api_key == "csk_key"


@pytest.mark.parametrize("bad", ["WORKER_ID: secret", "secret", "'secret", "WORKER_ID = 'secret"])
def test_a_line_of_another_form_is_named_and_not_shown(tmp_path: Path, bad: str) -> None:
    file = tmp_path / ".env"
    file.write_text(f"# mine\n\n{GOOD}\n\n{bad}\nLOG_LEVEL=debug\n")

    with pytest.raises(ConfigurationError) as caught:
        load_settings({}, file)

    assert caught.value.problems == (f"{file}, line 7: not of the form NAME=VALUE",)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("nothing", ["", "  "])
def test_an_empty_variable_does_not_hide_the_file(tmp_path: Path, nothing: str) -> None:
    file = tmp_path / ".env"
    file.write_text(GOOD)

    assert load_settings({"WORKER_API_KEY": nothing}, file).worker_api_key == "csk_key"
    assert load_settings({"WORKER_API_KEY": "other"}, file).worker_api_key == "other"


def test_the_worker_ends_with_the_code_for_wrong_settings(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"WORKER_API_KEY=k\xe9y\n")

    finished = subprocess.run(
        [sys.executable, "-m", "worker", "--once"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", **python_path()},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert finished.returncode == EXIT_CONFIGURATION
    assert "line 1: not UTF-8" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_the_doctor_reports_it_to_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_bytes(b"WORKER_API_KEY=k\xe9y\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(doctor, "_OF_MACHINE", ())
    channel = io.BytesIO()

    settings, problem = doctor.read_as_far_as_possible()

    assert doctor.examine(settings, channel, problem) == EXIT_CONFIGURATION
    (finding,) = json.loads(channel.getvalue())["checks"]
    assert "line 1: not UTF-8" in finding["detail"]
