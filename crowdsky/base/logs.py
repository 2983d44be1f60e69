"""One line per event, for people or for machines, and never a secret in it."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HIDDEN = "***"
OUR_PACKAGES = ("crowdsky", "demo", "worker")
_job: ContextVar[int | None] = ContextVar("job", default=None)


@contextmanager
def about_job(job_id: int) -> Iterator[None]:
    """Mark every line that this thread writes inside as being about a job."""
    token = _job.set(job_id)
    try:
        yield
    finally:
        _job.reset(token)


def set_up_logging(log_format: str, level: str, secrets: Iterable[str]) -> None:
    """Send all log lines to standard error in the given format.

    ``text``, ``json``, or ``plain``: the bare message, for somebody who has just typed a command.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(log_format, secrets))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Libraries write a line per request or solved plate; only their warnings are wanted.
    root.setLevel(logging.WARNING)
    for package in OUR_PACKAGES:
        logging.getLogger(package).setLevel(level.upper())


class LineFormatter(logging.Formatter):
    """Formats a line with UTC time and replaces secrets in it, wherever they came from.

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
        """The finished line."""
        line = self._json(record) if self._format == "json" else self._text(record)
        for secret in self._secrets:
            line = line.replace(secret, HIDDEN)
        return line

    def _text(self, record: logging.LogRecord) -> str:
        context = _context(record)
        job = f"job {context['job']}: " if "job" in context else ""
        seconds = f" ({context['seconds']:.1f} s)" if "seconds" in context else ""
        message = record.getMessage()
        line = f"{job}{message}{seconds}"
        if self._format != "plain":
            line = f"{self.formatTime(record)} {record.levelname} {line}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line

    def _json(self, record: logging.LogRecord) -> str:
        fields = {
            "time": self.formatTime(record),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **_context(record),
        }
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return json.dumps(fields)


def _context(record: logging.LogRecord) -> dict[str, int | str | float]:
    """What a line carries besides its text: its job, and stage and seconds given as ``extra``."""
    context = {
        name: getattr(record, name) for name in ("stage", "seconds") if hasattr(record, name)
    }
    job = _job.get()
    return context if job is None else {"job": job, **context}
