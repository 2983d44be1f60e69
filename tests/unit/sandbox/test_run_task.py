"""Any registered task in a child process, cold and warm; nothing else is ever called."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from crowdsky.base.errors import BadDataError, ComputeError
from crowdsky.base.python_path import python_path
from crowdsky.sandbox.child import PROGRAM, child_environment
from crowdsky.sandbox.report import Report
from crowdsky.sandbox.run_task import Done, Failed, Progress
from crowdsky.sandbox.task import NotRegisteredError, Task, TaskFunction, find_task
from tests.support import word_tasks
from tests.support.word_tasks import Words, WrongWords
from tests.unit.sandbox.conftest import Start


def test_a_task_takes_a_record_and_gives_one(start: Start, tmp_path: Path) -> None:
    seen: list[Progress] = []
    ended = start(Task(word_tasks.shout, Words("so be it")), tmp_path, on_progress=seen.append)
    assert ended == Done(Words("SO BE IT"))
    assert ended.get().text == "SO BE IT"
    assert seen == [Progress("shout", 1, 1)]


def test_one_fork_server_serves_every_task(start: Start, tmp_path: Path) -> None:
    for task in (word_tasks.shout, word_tasks.look_around, word_tasks.shout):
        assert isinstance(start(Task(task, Words("so be it")), tmp_path), Done)


def test_a_task_can_be_called_without_a_child() -> None:
    assert word_tasks.shout(Words("so be it"), Report(io.BytesIO())) == Words("SO BE IT")


def test_arguments_are_checked_in_the_child(start: Start, tmp_path: Path) -> None:
    ended = start(Task(word_tasks.shout, WrongWords("so be it")), tmp_path)
    assert isinstance(ended, Failed)
    with pytest.raises(ComputeError, match=r"could not read the words \(text\): expected a text"):
        ended.get()


def test_what_is_not_registered_is_not_called(start: Start, tmp_path: Path) -> None:
    stranger = TaskFunction(word_tasks.not_registered, "helping", Words, Words)
    ended = start(Task(stranger, Words("so be it")), tmp_path)
    assert isinstance(ended, Failed)
    assert "not registered" in str(ended.error)
    assert "tests.support.word_tasks:not_registered" in str(ended.error)


@pytest.mark.parametrize("reference", ["os:abort", "os:nothing", "os", "crowdsky.base.errors:"])
def test_only_registered_functions_are_found(reference: str) -> None:
    with pytest.raises(NotRegisteredError, match="not registered"):
        find_task(reference)
    assert find_task("tests.support.word_tasks:shout") is not None


def test_an_order_names_no_code(tmp_path: Path) -> None:
    """What a stranger's request carries ends in the order; what to call is on the command line."""
    order = {
        "allowance": {"memory_mb": 1000, "cpu_seconds": 60},
        "arguments": {"text": "so be it", "function": "os:abort"},
        "function": "os:abort",
        "task": "os:abort",
    }
    with subprocess.Popen(
        [sys.executable, *PROGRAM, word_tasks.shout.reference],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=tmp_path,
        env=python_path(),
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(json.dumps(order).encode() + b"\n")
        child.stdin.flush()
        messages = [json.loads(line) for line in child.stdout]
    assert messages[-1] == {"result": {"text": "SO BE IT"}}


def test_a_file_in_the_folder_is_not_imported(start: Start, tmp_path: Path) -> None:
    (tmp_path / "colorsys.py").write_text("raise SystemExit('a stranger runs code')", "utf-8")
    ended = start(Task(word_tasks.look_around, Words("colorsys")), tmp_path)
    assert str(tmp_path) not in ended.get().text


@pytest.mark.parametrize("name", ["MY_API_KEY", "S3_SECRET", "Db_Password", "GITHUB_TOKEN"])
def test_variables_that_sound_secret_stay_here(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "s3cret")
    monkeypatch.setenv("KEYBOARD", "is none")
    environment = child_environment(threads=2)
    assert name not in environment
    assert environment["KEYBOARD"] == "is none"


def test_an_endless_loop_ends_by_time(start: Start, tmp_path: Path) -> None:
    ended = start(Task(word_tasks.loop, Words("half of it")), tmp_path, seconds=3.0)
    assert isinstance(ended, Failed)
    assert isinstance(ended.error, ComputeError)
    words = r"computing was stopped: it took longer than the time limit \(3 s\)"
    with pytest.raises(ComputeError, match=words):
        ended.get()


def test_a_crash_is_one_error_and_leaves_what_was_there(start: Start, tmp_path: Path) -> None:
    ended = start(Task(word_tasks.abort, Words("half of it")), tmp_path)
    assert isinstance(ended, Failed)
    assert not isinstance(ended.error, BadDataError)
    assert str(ended.error).startswith("jumping crashed: SIGABRT")
    assert ended.so_far == Words("half of it")
