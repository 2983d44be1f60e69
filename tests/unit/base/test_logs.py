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
