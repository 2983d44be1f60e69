"""The connections of `nova`: the only module of this package that opens any."""

from __future__ import annotations

import json
from typing import Any, NoReturn
from urllib.parse import urlsplit

import requests

from crowdsky.base.errors import (
    ConfigurationError,
    RequestRefusedError,
    ServiceBusyError,
    ServiceUnreachableError,
    UnexpectedAnswerError,
)
from crowdsky.base.readable import readable

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
MAX_ANSWER_BYTES = 4 * 1024 * 1024


class NovaHttp:
    """Calls one nova server over HTTP.

    Every call raises ServiceUnreachableError, ServiceBusyError and UnexpectedAnswerError, which are
    transient, and RequestRefusedError, which is not.

    Args:
        base_url: e.g. https://nova.astrometry.net or http://127.0.0.1:8080/api; with or without
            the final `/api`, http or https.

    Raises ConfigurationError when this is not an address.
    """

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ConfigurationError(
                "cannot use the address of the nova server",
                where=base_url,
                why="it has to start with http:// or https://",
            )
        self._root = base_url.rstrip("/").removesuffix("/api").rstrip("/")
        self._session = requests.Session()
        # The public server serves files only to clients that seem to come from its own pages.
        self._session.headers["Referer"] = f"{self._root}/api/login"

    def post(
        self, call: str, arguments: dict[str, Any], file: bytes | None = None
    ) -> dict[str, Any]:
        """POST `arguments` as the form field `request-json`, with a FITS file if given."""
        form = {"request-json": json.dumps(arguments)}
        files = None if file is None else {"file": ("stack.fits", file, "application/octet-stream")}
        return _json(*self._call("POST", f"api/{call}", data=form, files=files))

    def get(self, call: str) -> dict[str, Any]:
        """GET an API path and return its JSON object."""
        return _json(*self._call("GET", f"api/{call}"))

    def download(self, path: str) -> bytes:
        """GET a file outside the API."""
        return self._call("GET", path)[1]

    def _call(self, method: str, path: str, **body: Any) -> tuple[str, bytes]:
        """Make one request; return its address and the content, or raise unless it succeeds."""
        url = f"{self._root}/{path}"
        timeout = (CONNECT_SECONDS, READ_SECONDS)
        options: dict[str, Any] = {"timeout": timeout, "stream": True, "allow_redirects": False}
        try:
            with self._session.request(method, url, **options, **body) as answer:
                status = answer.status_code
                target = readable(answer.headers.get("Location", "nowhere").split("?")[0])
                content = b""
                for piece in answer.iter_content(65536):
                    content += piece
                    if len(content) > MAX_ANSWER_BYTES:
                        break
        except requests.RequestException as error:
            raise ServiceUnreachableError(
                "could not reach the nova server", where=url, why=str(error)
            ) from error
        if 300 <= status < 400:
            _refuse_redirect(url, status, target)
        if status == 429 or status >= 500:
            raise ServiceBusyError("the nova server is busy", where=url, why=f"status {status}")
        if status >= 400:
            raise RequestRefusedError(
                "the nova server refused", where=url, why=f"status {status}", status=status
            )
        if len(content) > MAX_ANSWER_BYTES:
            raise UnexpectedAnswerError("the nova server answered far too much", where=url)
        return url, content


def _refuse_redirect(url: str, status: int, target: str) -> NoReturn:
    """Raise instead of following: 307 and 308 would carry the key and the stars to another host."""
    why = f"it redirects to {target} (status {status})"
    if status in (301, 308):
        raise RequestRefusedError(
            "the nova server has moved",
            where=url,
            why=why,
            hint="check NOVA_URL; redirects are not followed, since they would pass on the key",
            status=status,
        )
    raise UnexpectedAnswerError("the nova server did not answer itself", where=url, why=why)


def _json(url: str, content: bytes) -> dict[str, Any]:
    """Parse the JSON object of an answer; its Content-Type is text/plain and is ignored."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnexpectedAnswerError(
            "the nova server did not answer in JSON", where=url, why=str(error)
        ) from error
    if not isinstance(answer, dict):
        raise UnexpectedAnswerError("the nova server did not answer an object", where=url)
    return answer
