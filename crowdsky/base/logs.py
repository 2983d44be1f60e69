"""Logs one line per event, for people or for machines, without secrets."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType

from crowdsky.base.readable import readable

HIDDEN = "***"
LONGEST_MESSAGE = 8000
"""Characters of a logged message; more are cut, whatever a library or a server wanted to log."""

ErrorInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)
"""An error as ``sys.exc_info`` gives it."""

OUR_PACKAGES = ("crowdsky", "demo", "worker")
_job: ContextVar[int | None] = ContextVar("job", default=None)


@contextmanager
def about_job(job_id: int) -> Iterator[None]:
    """Mark every line that this thread logs inside the block as being about a job."""
    token = _job.set(job_id)
    try:
        yield
    finally:
        _job.reset(token)


def set_up_logging(log_format: str, level: str, secrets: Iterable[str]) -> None:
    """Send all log lines to standard error.

    Args:
        log_format: ``text``, ``json``, or ``plain`` for the bare message, which suits a person who
            has just typed a command.
        level: the lowest level that our own packages log, in any case; libraries log warnings.
        secrets: texts that are replaced in every line.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(log_format, secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Libraries log a line per request or solved plate; only their warnings are useful.
    root.setLevel(logging.WARNING)
    for package in OUR_PACKAGES:
        logging.getLogger(package).setLevel(level.upper())


class LineFormatter(logging.Formatter):
    """Formats a line with its UTC time and replaces secrets in it, wherever they came from.

    ``2025-03-26T21:20:46.123Z INFO job 12: download done (3.2 s)``, or the same as a JSON object.
    """

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self, log_format: str, secrets: Iterable[str]) -> None:
        super().__init__()
        self.converter = time.gmtime
        self._format = log_format
        self._secrets = tuple(secret for secret in secrets if secret)

    def format(self, record: logging.LogRecord) -> str:
        """Return the finished line."""
        line = self._json(record) if self._format == "json" else self._text(record)
        return self._hide_secrets(line)

    def _text(self, record: logging.LogRecord) -> str:
        context = _context(record)
        job = f"job {context['job']}: " if "job" in context else ""
        seconds = f" ({context['seconds']:.1f} s)" if "seconds" in context else ""
        line = f"{job}{self._message(record)}{seconds}"
        if self._format != "plain":
            line = f"{self.formatTime(record)} {record.levelname} {line}"
        return f"{line}\n{_indented(self._traceback(record.exc_info))}" if record.exc_info else line

    def _message(self, record: logging.LogRecord) -> str:
        """The message on one line, without secrets; for a person at a command, it may have more."""
        message = self._hide_secrets(record.getMessage())
        if self._format != "plain":
            return readable(message, LONGEST_MESSAGE)
        return _readable_lines(message)

    def _traceback(self, error: ErrorInfo) -> str:
        """The traceback of an error that is logged, without secrets."""
        return _readable_lines(self._hide_secrets(self.formatException(error)))

    def _hide_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text

    def _json(self, record: logging.LogRecord) -> str:
        fields = {
            "time": self.formatTime(record),
            "level": record.levelname.lower(),
            "message": self._message(record),
            **_context(record),
        }
        if record.exc_info:
            fields["traceback"] = self._traceback(record.exc_info)
        return json.dumps(fields)


def _readable_lines(text: str) -> str:
    return "\n".join(readable(line, LONGEST_MESSAGE) for line in text.split("\n"))


def _indented(text: str) -> str:
    """Set off every line, so that none of a traceback looks like one of the log."""
    return "\n".join(f"  {line}" for line in text.split("\n"))


def _context(record: logging.LogRecord) -> dict[str, int | str | float]:
    """Return what a line has besides its text: its job, and ``extra`` stage and seconds."""
    context = {
        name: getattr(record, name) for name in ("stage", "seconds") if hasattr(record, name)
    }
    job = _job.get()
    return context if job is None else {"job": job, **context}
