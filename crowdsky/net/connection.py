"""The connection to a site's API: sends one request and decides what the answer means.

It knows no endpoint; `worker.site.job_api` has those that workers call.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.auth import AuthBase

from crowdsky import __version__
from crowdsky.base.errors import (
    ConfigurationError,
    CorruptTransferError,
    CrowdSkyError,
    LeaseLostError,
    RequestRefusedError,
    ResultNotStoredError,
    UnexpectedAnswerError,
)
from crowdsky.base.json_fields import JsonObject
from crowdsky.base.readable import readable
from crowdsky.net.answers import (
    TIMEOUT,
    PacedReader,
    connection_errors,
    read_text_body,
    refuse_busy_or_denied,
    refuse_redirect,
)
from crowdsky.net.cut_off import CutOff


class _BearerKey(AuthBase):
    """Adds the worker key to each request; a .netrc entry cannot replace it."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key}"
        return request


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body of a successful answer."""

    status: int
    body: bytes

    def json_object(self, what: str) -> JsonObject:
        """The body as a JSON object; raises UnexpectedAnswerError for anything else."""
        data = _parse(self.body)
        if data is None:
            start = self.body[:40].decode("utf-8", "replace").strip()
            raise UnexpectedAnswerError(what, why=f"the answer is not JSON: {start!r}")
        return data


@dataclass(frozen=True, slots=True)
class Api:
    """A connection to the site's job API; threads may share it.

    Attributes:
        cut_off: ends calls of ``session`` that hang.
    """

    base_url: str
    session: requests.Session = field(repr=False)
    cut_off: CutOff = field(repr=False)

    @classmethod
    def connect(cls, base_url: str, worker_key: str) -> Api:
        """Prepare a connection; nothing is sent yet."""
        session, cut_off = requests.Session(), CutOff()
        cut_off.watch(session)
        session.auth = _BearerKey(worker_key)
        session.headers["User-Agent"] = f"crowdsky-worker/{__version__}"
        session.headers["Accept"] = "application/json"
        return cls(base_url.rstrip("/"), session, cut_off)

    @contextmanager
    def request(
        self,
        method: str,
        endpoint: str,
        what: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | PacedReader | None = None,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> Iterator[requests.Response]:
        """Send one request and yield the answer before its body is read.

        Redirects are not followed: they would drop the key or turn a POST into a GET.

        Raises:
            ServiceUnreachableError: no connection, also while the caller reads the body.
        """
        with (
            connection_errors(what, self.base_url),
            self.session.request(
                method,
                f"{self.base_url}/{endpoint}",
                params=query,
                headers=dict(headers or {}),
                data=body,
                timeout=timeout,
                allow_redirects=False,
                stream=True,
            ) as response,
        ):
            yield response

    def call(
        self,
        method: str,
        endpoint: str,
        what: str,
        *,
        missing: type[CrowdSkyError] | None = None,
        **details: Any,
    ) -> Answer:
        """Send one request and read its small answer; ``details`` are those of ``request``.

        Args:
            missing: see ``refuse_errors``.

        Returns:
            an answer with status 200 or 204.

        Raises:
            TransientError, ConfigurationError, JobGoneError, ReleaseJobError,
            RequestRefusedError: what any other answer means.
        """
        with self.request(method, endpoint, what, **details) as response:
            answer = Answer(response.status_code, read_text_body(response, what))
            refuse_other_bytes(response, answer.body, what)
            refuse_errors(response, answer.body, what, missing)
        return answer

    def post(
        self,
        endpoint: str,
        body: JsonObject,
        what: str,
        *,
        headers: Mapping[str, str] | None = None,
        **details: Any,
    ) -> Answer:
        """POST a JSON body with its hash; ``details`` are those of ``call``."""
        text = json.dumps(body, allow_nan=False).encode()
        return self.call(
            "POST",
            endpoint,
            what,
            headers={
                **(headers or {}),
                "Content-Type": "application/json",
                HASH_HEADER: _sha256(text),
            },
            body=text,
            **details,
        )


HASH_HEADER = "X-SHA256"
"""Header with the hash of a body: in JSON a changed digit is noticed by nothing else."""


def refuse_other_bytes(response: requests.Response, body: bytes, what: str) -> None:
    """Raise CorruptTransferError if the answer names a hash that its body does not have.

    Older sites name none.
    """
    named = response.headers.get(HASH_HEADER)
    if named is not None and named.strip().lower() != _sha256(body):
        raise CorruptTransferError(what, why="the answer arrived with other bytes than were sent")


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


_HINT_OF_SITE = "check WORKER_API_KEY"
_HINT_OF_OTHERS = (
    "this is no answer of the site: check API_BASE_URL, and whether the host protects it by a "
    "password or a filter of its own"
)


def refuse_errors(
    response: requests.Response,
    body: bytes,
    what: str,
    missing: type[CrowdSkyError] | None = None,
) -> None:
    """Raise the error that an answer other than success means.

    Args:
        missing: the error that means that the site does not have what the call is about; None if
            the call names nothing. Then 404 without our JSON means a wrong address.
    """
    base = (response.url or "").split("?")[0].rpartition("/")[0]
    refuse_redirect(response, what, "API_BASE_URL", base)
    answer = _parse(body)
    why = readable(str(answer.get("error", ""))) if answer else ""
    refuse_busy_or_denied(response, what, why, _HINT_OF_SITE if answer else _HINT_OF_OTHERS)
    status = response.status_code
    if status in (200, 204, 206):
        return
    if answer is None:
        # Not an answer of our application: a wrong address, a host in maintenance, a portal.
        if status == 404 and missing is None:
            raise _no_api_here(response, what)
        raise UnexpectedAnswerError(what, why=f"the server answered {status} without our JSON")
    code = answer.get("code")
    if code == "not_stored":
        raise ResultNotStoredError(what, why=why, status=status)
    if code == "hash_mismatch" or status == 412:
        raise CorruptTransferError(what, why=why or "the file on the site has changed")
    if status == 409:
        raise LeaseLostError(what, why=why)
    if status in (404, 410):
        raise (missing or LeaseLostError)(what, why=why)
    raise RequestRefusedError(what, why=why, status=status)


def _parse(body: bytes) -> JsonObject | None:
    """The JSON object in ``body``, or None if it is anything else."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _no_api_here(response: requests.Response, what: str) -> ConfigurationError:
    return ConfigurationError(
        what,
        where=(response.url or "").split("?")[0],
        why="there is no job API at this address",
        hint="check API_BASE_URL; it ends in /api",
    )
