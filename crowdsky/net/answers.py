"""What an HTTP answer means: decided in one place, for the job API and for the storage.

Shared hosts answer with HTML error pages, sometimes with status 200; captive portals redirect. None
of that is ever success. The errors raised here decide whether a call is repeated (``retry.py``).
"""

from __future__ import annotations

import email.utils
import hashlib
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import urljoin

import requests
import urllib3

from crowdsky.base.errors import (
    AccessDeniedError,
    ConfigurationError,
    CorruptTransferError,
    ServiceBusyError,
    ServiceUnreachableError,
    StorageRefusedError,
    UnexpectedAnswerError,
)
from crowdsky.base.metrics import BYTES
from crowdsky.base.readable import readable

CONNECT_TIMEOUT_SECONDS = 10.0
READ_TIMEOUT_SECONDS = 60.0
TIMEOUT = (CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS)

SLOWEST_BYTES_PER_SECOND = 10_000.0
"""Rate below which a transfer is given up: a trickle of bytes never trips the read time-out."""

PATIENCE_SECONDS = 60.0
"""Seconds that every transfer gets on top of its size divided by the slowest rate."""

BLOCK_BYTES = 256 * 1024
MAX_TEXT_BYTES = 4 * 2**20
"""Bytes of the largest JSON or XML answer that is read."""

BUSY_STATUSES = frozenset({408, 423, 425, 429, 500, 502, 503, 504})
REFUSED_STATUSES = frozenset({413, 415, 507})
MOVED_FOR_GOOD = frozenset({301, 308})

LOCKED = 423

NOT_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE")
"""Parts of OpenSSL's messages about an answer that is not encrypted at all."""

CERTIFICATE_OF_ANOTHER_DAY = frozenset({9, 10})
"""OpenSSL's codes for a certificate that is not yet valid or has expired."""

Tick = Callable[[int], None]
"""Called with the number of bytes just transferred; may raise to stop the transfer."""


class Sink(Protocol):
    """Receives the bytes of a body: an open file, or a hash."""

    def write(self, block: bytes, /) -> int:
        """Take one block."""


class Deadline:
    """The latest end of a transfer of a given size."""

    def __init__(self, size_bytes: int, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._end = monotonic() + PATIENCE_SECONDS + size_bytes / SLOWEST_BYTES_PER_SECOND

    def check(self, what: str) -> None:
        """Raise ServiceUnreachableError if the transfer took too long."""
        if self._monotonic() > self._end:
            raise ServiceUnreachableError(
                what,
                why=f"the connection is slower than {SLOWEST_BYTES_PER_SECOND / 1000:.0f} kB/s",
            )


@contextmanager
def connection_errors(what: str, where: str) -> Iterator[None]:
    """Turn the network's exceptions into ServiceUnreachableError, keeping their cause."""
    try:
        yield
    except (requests.RequestException, urllib3.exceptions.HTTPError, ConnectionError) as error:
        raise ServiceUnreachableError(what, where=where, why=network_reason(error)) from error


def network_reason(error: Exception) -> str:
    """A short reason instead of the nested text that requests and urllib3 make."""
    if isinstance(error, requests.exceptions.SSLError):
        return _tls_reason(error)
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return f"no connection within {CONNECT_TIMEOUT_SECONDS:.0f} s"
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return "no answer in time"
    text = str(error)
    for part, meaning in (
        ("NameResolutionError", "the host's name is not known"),
        ("refused", "the connection was refused"),
        ("timed out", "no answer in time"),
    ):
        if part in text:
            return meaning
    return "the connection was cut"


def _tls_reason(error: BaseException) -> str:
    """What OpenSSL found; with a wrong clock here, every certificate looks out of date."""
    refused = "the server's certificate is not accepted"
    found = next((e for e in _causes(error) if isinstance(e, ssl.SSLCertVerificationError)), None)
    if found is None:
        if any(part in str(error).upper() for part in NOT_TLS):
            return "no https is spoken there; the address begins with http: or has another port"
        other = next((e for e in _causes(error) if isinstance(e, ssl.SSLError)), None)
        reason = other.reason if other is not None and other.reason else "no reason given"
        return f"no encrypted connection could be made: {reason.replace('_', ' ').lower()}"
    reason = f"{refused}: {found.verify_message}"
    if found.verify_code in CERTIFICATE_OF_ANOTHER_DAY:
        reason += f" (the date on this machine is {datetime.now(UTC):%Y-%m-%d})"
    return reason


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and its causes, also where requests and urllib3 wrap them as arguments."""
    yield error
    inner = [getattr(error, "reason", None), *error.args]
    for one in inner:
        if isinstance(one, BaseException):
            yield from _causes(one)


def refuse_redirect(response: requests.Response, what: str, setting: str, base: str) -> None:
    """Raise for any 3xx answer: following it could lose the body or leak the key.

    Args:
        setting: variable of the address that was called.
        base: its value; the hint is what it would have to be.
    """
    if not 300 <= response.status_code < 400:
        return
    asked = (response.url or "").split("?")[0]
    location = response.headers.get("Location", "")
    if not location:
        why = f"the server redirects ({response.status_code}) without saying where"
        raise UnexpectedAnswerError(what, why=why, hint=f"check {setting}")
    target = urljoin(asked, location).split("?")[0]
    why = f"the server redirects to {readable(target)} ({response.status_code})"
    ending = asked.removeprefix(base.rstrip("/"))
    if response.status_code not in MOVED_FOR_GOOD:
        raise UnexpectedAnswerError(what, why=why, hint=f"check {setting}")
    moved = target.removesuffix(ending).rstrip("/")
    leads = target.endswith(ending) and moved != base.rstrip("/")
    hint = f"set {setting} to {readable(moved)}" if leads else f"check {setting}"
    raise ConfigurationError(what, why=why, hint=hint)


def refuse_busy_or_denied(response: requests.Response, what: str, why: str, hint: str) -> None:
    """Raise for the statuses that mean the same for every call: busy, denied or storage full.

    Args:
        hint: what to check if the call is denied.
    """
    if response.status_code in BUSY_STATUSES:
        if response.status_code == LOCKED and not why:
            why = "it is locked by another program or person"
        why = f"the server answered {response.status_code}" + (f", {why}" if why else "")
        raise ServiceBusyError(
            what, why=why, retry_after=retry_after(response), status=response.status_code
        )
    if response.status_code in (401, 403):
        raise AccessDeniedError(
            what,
            why=why or f"the server answered {response.status_code}",
            hint=hint,
            status=response.status_code,
        )
    if response.status_code in REFUSED_STATUSES:
        reason = "the storage is full" if response.status_code == 507 else "the file is refused"
        raise StorageRefusedError(
            what,
            why=f"{reason} ({response.status_code}{', ' + why if why else ''})",
            hint="an administrator of the storage has to fix this",
        )


def retry_after(response: requests.Response) -> float | None:
    """Seconds that the server asks us to wait, from either form of its Retry-After header."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        wanted = email.utils.parsedate_to_datetime(value).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None
    return max(0.0, (wanted - datetime.now(UTC)).total_seconds())


def read_text_body(response: requests.Response, what: str, longest: int = MAX_TEXT_BYTES) -> bytes:
    """Read a body of at most ``longest`` bytes whole.

    Raises:
        UnexpectedAnswerError: the body is larger than any valid answer.
        ServiceUnreachableError: it came too slowly.
    """
    deadline = Deadline(0)
    body = bytearray()
    for block in response.iter_content(BLOCK_BYTES):
        body += block
        deadline.check(what)
        if len(body) > longest:
            raise UnexpectedAnswerError(what, why="the answer is far too long")
    return bytes(body)


def save_body(
    response: requests.Response, target: Sink, *, expected_bytes: int, what: str, tick: Tick
) -> None:
    """Append the body to an open file: exactly ``expected_bytes``, undecoded.

    Raises:
        CorruptTransferError: more bytes came than promised.
        ServiceUnreachableError: fewer came, or they came too slowly.
    """
    if response.headers.get("Content-Encoding", "identity") not in ("", "identity"):
        raise UnexpectedAnswerError(what, why="the server compressed the file on the way")
    deadline = Deadline(expected_bytes)
    received = 0
    while block := response.raw.read(BLOCK_BYTES, decode_content=False):
        received += len(block)
        if received > expected_bytes:
            raise CorruptTransferError(what, why=f"more than {expected_bytes} bytes arrived")
        target.write(block)
        BYTES.labels("down").inc(len(block))
        deadline.check(what)
        tick(len(block))
    if received < expected_bytes:
        raise ServiceUnreachableError(
            what, why=f"the connection ended after {received} of {expected_bytes} bytes"
        )


class PacedReader:
    """A file being sent: reports each block, and gives up when the connection is too slow.

    It has a length, so that requests sends a Content-Length: some servers receive bodies without
    one as empty.
    """

    def __init__(self, stream: IO[bytes], size_bytes: int, what: str, tick: Tick) -> None:
        self._stream = stream
        self._size = size_bytes
        self._what = what
        self._tick = tick
        self._deadline = Deadline(size_bytes)

    def __len__(self) -> int:
        return self._size

    def read(self, size: int = -1) -> bytes:
        """Return the next block."""
        self._deadline.check(self._what)
        block = self._stream.read(size)
        BYTES.labels("up").inc(len(block))
        self._tick(len(block))
        return block


def sha256_of_file(path: Path) -> str:
    """SHA-256 of a local file, lower-case hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def no_tick(_: int) -> None:
    """A Tick for callers that do not watch the transfer."""
