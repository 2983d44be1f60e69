"""The demo's own small decisions; the whole of it runs in tests/end_to_end."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.__main__ import main
from demo.loopback_server import ServiceError
from demo.run import DemoError, fresh_folder, list_subs
from demo.worker_process import work_until_idle


@pytest.mark.parametrize("prepare", ["missing", "file", "empty", "other files"])
def test_bad_frames_are_refused_with_a_sentence(
    prepare: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "subs"
    if prepare == "file":
        folder.touch()
    elif prepare != "missing":
        folder.mkdir()
    if prepare == "other files":
        (folder / "notes.txt").touch()
        (folder / "deeper").mkdir()
        (folder / "deeper" / "a.fit").touch()
    assert main(["demo", "--frames", str(folder), "--json"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert str(folder) in said.err
    assert said.err.count("\n") == 1


def test_subs_are_found_whatever_the_case_of_their_ending(tmp_path: Path) -> None:
    for name in ("b.FIT", "a.fits", "c.jpg"):
        (tmp_path / name).touch()
    assert [path.name for path in list_subs(tmp_path)] == ["a.fits", "b.FIT"]


def test_folder_of_an_ended_run_makes_room(tmp_path: Path) -> None:
    with fresh_folder(tmp_path) as ended:
        (ended / "stack.fits").touch()
    assert (ended / "stack.fits").exists()
    with fresh_folder(tmp_path):
        assert not ended.exists()


def test_folder_of_a_running_demo_is_left_alone(tmp_path: Path) -> None:
    with fresh_folder(tmp_path) as running, fresh_folder(tmp_path) as second:
        assert running.exists()
        assert second != running


def test_worker_that_cannot_start_ends_the_demo(tmp_path: Path) -> None:
    settings = {"API_BASE_URL": "no address", "WORKER_API_KEY": "", "WORK_DIR": str(tmp_path)}
    lines: list[str] = []
    with pytest.raises(ServiceError, match="code 78"):
        work_until_idle(tmp_path, settings, lines.append)
    assert "API_BASE_URL" in "".join(lines)
    assert "API_BASE_URL" in (tmp_path / "worker.log").read_text()


def test_demo_error_is_no_bad_input_unless_it_says_so() -> None:
    assert not DemoError("a job gave no stack").bad_input
