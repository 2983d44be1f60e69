"""A step that fails becomes a note, whatever it raised."""

from __future__ import annotations

import pytest

from crowdsky.base.attempts import MAX_REASON, Attempts
from crowdsky.base.errors import BadDataError


def fail(error: BaseException) -> str:
    raise error


def test_a_result_is_handed_on_without_a_note() -> None:
    attempt = Attempts()
    assert attempt("picture", lambda: "there") == "there"
    assert attempt.notes == []


@pytest.mark.parametrize(
    ("error", "note"),
    [
        (BadDataError("too few stars", why="clouds"), "no plate: too few stars: clouds"),
        (ValueError("a long\n  story\n"), "no plate: ValueError: a long story"),
        (ZeroDivisionError(), "no plate: ZeroDivisionError"),
        (MemoryError(), "no plate: MemoryError"),
        (
            Exception("internal pixel buffer full"),
            "no plate: Exception: internal pixel buffer full",
        ),
        (TypeError("x" * 999), f"no plate: TypeError: {'x' * MAX_REASON}"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_becomes_a_note(error: Exception, note: str) -> None:
    attempt = Attempts()
    assert attempt("plate", lambda: fail(error)) is None
    assert attempt.notes == [note]


def test_only_what_nobody_expected_is_logged_with_its_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    attempt = Attempts()
    attempt("plate", lambda: fail(BadDataError("too few stars")))
    assert caplog.text == ""
    attempt("plate", lambda: fail(KeyError("bug")))
    assert "Traceback" in caplog.text


def test_what_is_private_is_neither_noted_nor_logged(caplog: pytest.LogCaptureFixture) -> None:
    attempt = Attempts()
    attempt("barycentric time", lambda: fail(ValueError("at 48.2")), is_private=True)
    assert attempt.notes == ["no barycentric time: ValueError"]
    assert "48.2" not in caplog.text


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3)], ids=repr)
def test_a_stop_is_no_failed_step(error: BaseException) -> None:
    with pytest.raises(type(error)):
        Attempts()("plate", lambda: fail(error))
