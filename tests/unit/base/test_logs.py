"""Log lines: readable, parsable, and without secrets."""

from __future__ import annotations

import json
import logging
import re
import sys

from crowdsky.base.logs import LineFormatter, about_job


def record(message: str, **extra: object) -> logging.LogRecord:
    line = logging.LogRecord("worker", logging.INFO, __file__, 1, message, (), None)
    line.__dict__.update(extra)
    return line


def test_a_text_line() -> None:
    with about_job(12):
        line = LineFormatter("text", ()).format(record("download done", seconds=3.21))
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO job 12: download done \(3\.2 s\)", line
    )


def test_a_json_line() -> None:
    with about_job(12):
        line = LineFormatter("json", ()).format(record("done", stage="stack", seconds=3.21))
    fields = json.loads(line)
    assert fields.pop("time").endswith("Z")
    assert fields == {
        "level": "info",
        "message": "done",
        "job": 12,
        "stage": "stack",
        "seconds": 3.21,
    }


def test_secrets_are_hidden_also_in_tracebacks() -> None:
    secrets = ("t0ken", "")
    try:
        raise ValueError("no answer from https://cloud.example/dav/files/t0ken/")
    except ValueError:
        line = record("bug with t0ken")
        line.exc_info = sys.exc_info()
    for log_format in ("json", "text", "plain"):
        written = LineFormatter(log_format, secrets).format(line)
        assert "t0ken" not in written
        assert "/dav/files/***/" in written


FORGED = "2026-01-01T00:00:00.000Z INFO job 7: done"


def test_a_message_never_begins_a_second_line() -> None:
    for ending in ("\n", "\r\n", "\x85", "\u2028", "\x0b"):
        line = LineFormatter("text", ()).format(record(f"refused: {ending}{FORGED}"))
        assert line.splitlines() == [line]
        assert FORGED in line


def test_neither_escapes_for_terminals_nor_turned_text_reach_a_log() -> None:
    message = "a\x1b[2Jb\x9b1mc\u202ed\u2066e"
    for log_format in ("text", "plain", "json"):
        line = LineFormatter(log_format, ()).format(record(message))
        assert all(character.isprintable() for character in line), log_format


def test_a_line_of_a_traceback_does_not_look_like_one_of_the_log() -> None:
    try:
        raise ValueError(f"refused\n{FORGED}")
    except ValueError:
        line = record("a bug")
        line.exc_info = sys.exc_info()
    first, *others = LineFormatter("text", ()).format(line).splitlines()
    assert first.endswith("INFO a bug")
    assert any(FORGED in other for other in others)
    assert all(other.startswith("  ") for other in others)


def test_a_line_has_an_end() -> None:
    for log_format in ("text", "plain", "json"):
        assert len(LineFormatter(log_format, ()).format(record("x" * 2_000_000))) < 10_000


def test_a_secret_is_not_cut_in_half() -> None:
    line = LineFormatter("text", ("sesame",)).format(record("x" * 7997 + "sesame"))
    assert "ses" not in line


def test_a_command_may_print_more_than_one_line() -> None:
    assert LineFormatter("plain", ()).format(record("one\ntwo")) == "one\ntwo"
