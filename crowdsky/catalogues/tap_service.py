"""Asks a TAP service, one request at a time, and believes an answer only when it is whole.

A table that is cut off is never taken for a complete one: not when the connection ends early, not
when the service says so (QUERY_STATUS OVERFLOW, wherever it stands), and not when it does not:
whoever asks knows from a count how many rows there must be.
"""

from __future__ import annotations

import gzip
import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import requests
from astropy.io import votable
from astropy.table import Table

from crowdsky import __version__
from crowdsky.base.errors import (
    CrowdSkyError,
    RequestRefusedError,
    ServiceBusyError,
    ServiceUnreachableError,
    UnexpectedAnswerError,
)
from crowdsky.base.extras import require_extra
from crowdsky.catalogues.star_files import READ_EXTRA, says_overflow
from crowdsky.net.answers import (
    BUSY_STATUSES,
    CONNECT_TIMEOUT_SECONDS,
    network_reason,
    retry_after,
)
from crowdsky.net.retry import RETRY_AFTER_CAP_SECONDS, Waits

log = logging.getLogger(__name__)

AGENT = f"crowdsky/{__version__} (IVOA-science)"

WAITING = ("PENDING", "QUEUED", "EXECUTING", "HELD", "SUSPENDED", "UNKNOWN")
"""Phases of a job that will end later. The `wait` of pyvo takes PENDING for the end, and has no
limit for the whole job."""

JOB_SECONDS = 1800.0
"""Longest time in seconds that a job may take; one of the largest tiles takes a minute or two."""

ANSWER_SECONDS = 180.0
"""Longest silence in seconds: some services count for a minute or two."""

LONGEST_POLL_SECONDS = 30.0
MESSAGE_LENGTH = 300


class RowsMissingError(CrowdSkyError):
    """A service gave fewer rows than there are, and says so: ask for a smaller part."""


class ServiceWantsPauseError(CrowdSkyError):
    """A service asks to be left alone for longer than a program should wait."""


class _Body(io.BytesIO):
    """The body of an answer, for pyvo, which reads it as one that still arrives."""

    def read(self, size: int | None = -1, decode_content: bool = True) -> bytes:
        return super().read(size)


class _PoliteSession(requests.Session):
    """Leaves a pause between requests, limits their time, and raises our errors for bad answers."""

    def __init__(self, what: str, pause: float, waits: Waits) -> None:
        super().__init__()
        self.headers["User-Agent"] = AGENT
        self._what, self._pause, self._waits = what, pause, waits
        self._last: float | None = None

    def request(self, *arguments: Any, **options: Any) -> requests.Response:
        self._leave_pause()
        options["timeout"] = (CONNECT_TIMEOUT_SECONDS, ANSWER_SECONDS)
        options["stream"] = False  # so that a connection that is cut is seen here
        try:
            response = super().request(*arguments, **options)
        except requests.RequestException as error:
            raise ServiceUnreachableError(self._what, why=network_reason(error)) from error
        finally:
            self._last = self._waits.monotonic()
        self._refuse(response)
        response.raw = _Body(response.content)
        return response

    def _leave_pause(self) -> None:
        if self._last is not None:
            left = self._pause - (self._waits.monotonic() - self._last)
            if left > 0:
                self._waits.sleep(left)

    def _refuse(self, response: requests.Response) -> None:
        status = response.status_code
        if status in BUSY_STATUSES:
            wanted = retry_after(response)
            why = f"the service answered {status}"
            if wanted is not None and wanted > RETRY_AFTER_CAP_SECONDS:
                raise ServiceWantsPauseError(
                    self._what,
                    why=f"{why} and wants a pause of {wanted / 60:.0f} minutes",
                    hint="run the same command later: it goes on where it stopped",
                )
            raise ServiceBusyError(self._what, why=why, retry_after=wanted, status=status)
        if status >= 400:
            why = f"the service answered {status}: {_message(response.content)}"
            raise RequestRefusedError(self._what, why=why, status=status)


@dataclass(slots=True)
class TapService:
    """A TAP service.

    Attributes:
        url: its base address.
        pause: seconds to leave between two requests.
        waits: clock and sleep.
    """

    url: str
    pause: float
    waits: Waits = field(default_factory=Waits)
    _session: _PoliteSession = field(init=False, repr=False)

    def __post_init__(self) -> None:
        require_extra(READ_EXTRA, "fetching catalogues", "pyvo")
        self._session = _PoliteSession(f"could not ask {self.url}", self.pause, self.waits)

    def number(self, query: str) -> int:
        """Return the one number that a query gives.

        Raises:
            TransientError: the same query may work later.
            RequestRefusedError: the service does not accept it.
            ServiceWantsPauseError: the service wants a pause of many minutes.
        """
        from pyvo.dal import TAPQuery

        asked = TAPQuery(self.url, query, mode="sync", session=self._session)
        with self._errors():
            table = _table(asked.submit(post=True).content)
        if len(table) != 1 or len(table.colnames) != 1 or np.ma.is_masked(table[0][0]):
            raise UnexpectedAnswerError("could not count stars", why="the answer is not one number")
        return int(table[0][0])

    def rows(self, query: str, expected: int) -> Table:
        """Run a query as a job and return its table, which has the expected number of rows.

        Raises:
            RowsMissingError: the service has a lower limit than that, and says so.
            TransientError: the same query may work later; also for a wrong number of rows.
            RequestRefusedError: the service does not accept it, or it failed there.
            ServiceWantsPauseError: the service wants a pause of many minutes.
        """
        from pyvo.dal import TAPService as PyvoService

        with self._errors():
            # One more than expected, or some services call a table of MAXREC rows cut off.
            job = PyvoService(self.url, session=self._session).submit_job(
                query, maxrec=expected + 1
            )
            try:
                job.run()
                self._wait_for(job)
                if job.result_uri is None:
                    why = "the job has no result"
                    raise UnexpectedAnswerError("could not fetch stars", why=why)
                table = _table(self._session.get(job.result_uri).content)
            finally:
                _delete(job)
        if len(table) != expected:
            raise UnexpectedAnswerError(
                "could not fetch stars",
                why=f"{len(table)} rows arrived of the {expected} that were counted, and nothing"
                " says that some are missing",
                hint="if this stays, ask for fewer at once with --max-rows",
            )
        return table

    def _wait_for(self, job: Any) -> None:
        """Wait until a job has ended well."""
        pause, end = self.pause, self.waits.monotonic() + JOB_SECONDS
        while (phase := job.phase) in WAITING:
            if self.waits.monotonic() > end:
                raise ServiceBusyError("could not fetch stars", why=f"the job is still {phase}")
            self.waits.sleep(pause)
            pause = min(LONGEST_POLL_SECONDS, 1.5 * max(pause, 0.1))
        if phase != "COMPLETED":
            summary = job.job.errorsummary
            text = summary.message.content if summary is not None and summary.message else ""
            why = f"the job ended as {phase}" + (f": {text}" if text else "")
            raise UnexpectedAnswerError("could not fetch stars", why=why)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn what pyvo and the parser raise into our errors, keeping their cause."""
        from pyvo.dal import DALAccessError

        try:
            yield
        except (CrowdSkyError, requests.RequestException):
            raise
        except DALAccessError as error:
            cause = getattr(error, "cause", None)
            if isinstance(cause, CrowdSkyError):
                raise cause from error
            raise UnexpectedAnswerError(f"could not ask {self.url}", why=str(error)) from error
        except (ValueError, OSError, LookupError, TypeError, AttributeError) as error:
            raise UnexpectedAnswerError(
                f"could not ask {self.url}", why=f"the answer cannot be read: {error}"
            ) from error


def _delete(job: Any) -> None:
    """Delete a job on the service, which otherwise keeps it for days; failing to is no error."""
    from pyvo.dal import DALAccessError

    try:
        job.delete()
    except (CrowdSkyError, DALAccessError) as error:
        log.debug("a job stays on the service: %s", error)


def _table(body: bytes) -> Table:
    """Read a VOTable; raises what its parser does, and RowsMissingError if rows are missing."""
    tree = _parse(body)
    status, text = _status(tree)
    if status == "ERROR":
        raise UnexpectedAnswerError("the query failed", why=text[:MESSAGE_LENGTH])
    if says_overflow(tree):
        raise RowsMissingError("the service cut off the table")
    return tree.get_first_table().to_table(use_names_over_ids=True)


def _parse(body: bytes) -> votable.tree.VOTableFile:
    if body[:2] == b"\x1f\x8b":  # some services send a compressed file, not a compressed answer
        body = gzip.decompress(body)
    if b"<VOTABLE" not in body[:4096].upper():
        start = " ".join(body[:60].decode("utf-8", "replace").split())
        raise ValueError(f"it is no VOTable but begins with {start!r}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of details of the standard that many services get wrong
        return votable.parse(io.BytesIO(body))


def _status(tree: votable.tree.VOTableFile) -> tuple[str, str]:
    """Return the last status of a VOTable, as one after the rows replaces one before them."""
    infos = [*tree.infos, *(info for resource in tree.resources for info in resource.infos)]
    found = [info for info in infos if info.name.upper() in ("QUERY_STATUS", "ERROR")]
    if not found:
        return "OK", ""
    last = found[-1]
    is_error = last.name.upper() == "ERROR" or str(last.value).upper() == "ERROR"
    return ("ERROR" if is_error else str(last.value).upper()), str(last.content or last.value)


def _message(body: bytes) -> str:
    """Return what a service says about an error, from a VOTable or any text."""
    try:
        return _status(_parse(body))[1][:MESSAGE_LENGTH]
    except (ValueError, OSError, LookupError):
        return " ".join(body[:MESSAGE_LENGTH].decode("utf-8", "replace").split())
