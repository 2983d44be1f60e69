"""The connection of a client to the site's API, and what its answers mean.

It knows no endpoint; `upload_calls` and `data_calls` have those.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests.auth import AuthBase

from crowdsky import __version__
from crowdsky.base.errors import (
    ConfigurationError,
    CorruptTransferError,
    RequestRefusedError,
    UnexpectedAnswerError,
)
from crowdsky.base.json_fields import JsonObject
from crowdsky.base.readable import readable
from crowdsky.client.errors import NoRoomError
from crowdsky.net.answers import (
    MAX_TEXT_BYTES,
    read_text_body,
    refuse_busy_or_denied,
    refuse_redirect,
)
from crowdsky.net.connection import Answer, Api, refuse_other_bytes
from crowdsky.net.cut_off import CutOff


class SiteRefusedError(RequestRefusedError):
    """The site refused a call for good; ``code`` is its word for why."""

    def __init__(self, what: str, *, why: str = "", hint: str = "", status: int, code: str) -> None:
        super().__init__(what, why=why, hint=hint, status=status)
        self.code = code


class NamePassword(AuthBase):
    """Name and password of an account, in UTF-8; a .netrc entry cannot replace them."""

    def __init__(self, name: str, password: str) -> None:
        self._encoded = base64.b64encode(f"{name}:{password}".encode()).decode("ascii")

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add them to a request."""
        request.headers["Authorization"] = f"Basic {self._encoded}"
        return request


class BearerKey(AuthBase):
    """A personal key; a .netrc entry cannot replace it. Nothing is sent without one."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add it to a request."""
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request


@dataclass(frozen=True, slots=True)
class Site:
    """A site as one account or key sees it; threads may share it.

    Attributes:
        url: address of the site, without ``/api``.
        credentials: what to check where the site refuses them, for people.
    """

    url: str
    api: Api
    credentials: str

    @classmethod
    def connect(cls, url: str, auth: AuthBase, credentials: str) -> Site:
        """Prepare a connection; nothing is sent yet."""
        session, cut_off = requests.Session(), CutOff()
        cut_off.watch(session)
        session.auth = auth
        session.headers["User-Agent"] = f"crowdsky-client/{__version__}"
        session.headers["Accept"] = "application/json"
        address = url.rstrip("/")
        return cls(address, Api(f"{address}/api", session, cut_off), credentials)

    def call(
        self,
        method: str,
        endpoint: str,
        what: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        longest: int = MAX_TEXT_BYTES,
    ) -> Answer:
        """Send one request and read its answer, of at most ``longest`` bytes.

        Raises:
            TransientError: it may work a little later.
            AccessDeniedError: name and password, or the key, are not accepted.
            NoRoomError: 507.
            SiteRefusedError: any other refusal.
            ConfigurationError: there is no such API at this address.
        """
        with self.api.request(
            method, endpoint, what, query=query, headers=headers, body=body
        ) as response:
            answer = Answer(response.status_code, read_text_body(response, what, longest))
            refuse_other_bytes(response, answer.body, what)
            self.refuse(response, answer.body, what)
        return answer

    def refuse(self, response: requests.Response, body: bytes, what: str) -> None:
        """Raise the error that an answer other than success means; see ``call``."""
        refuse_redirect(response, what, "CROWDSKY_API_URL", f"{self.url}/api")
        status = response.status_code
        if status in (200, 206):
            return
        said = _object_of(body)
        why = readable(str(said.get("error", "")))
        if status == 507:
            raise NoRoomError(what, why=why or "the site is full")
        if status not in (413, 415):
            refuse_busy_or_denied(response, what, why, f"check {self.credentials}")
        if not said and status == 404:
            raise ConfigurationError(
                what,
                where=f"{self.url}/api",
                why="there is no CrowdSky archive at this address, or it is too old for this call",
                hint="check CROWDSKY_API_URL",
            )
        if not said:
            raise UnexpectedAnswerError(what, why=f"the server answered {status} without our JSON")
        code = str(said.get("code", ""))
        if code == "hash_mismatch":
            raise CorruptTransferError(what, why=why)
        raise SiteRefusedError(what, why=why, status=status, code=code)


def _object_of(body: bytes) -> JsonObject:
    """Return the JSON object in ``body``, an empty one if it is anything else."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
