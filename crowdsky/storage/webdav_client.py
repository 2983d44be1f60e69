"""webdavclient3 with its errors reported.

The library's own request execution follows redirects, reports success for HTML pages, has no
time-out and leaves answers unread. ``ShareClient`` replaces that one method; the library still
builds the addresses and headers and parses the XML. ``webdav.py`` has the operations.
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import requests
from webdav3.client import Client
from webdav3.urn import Urn

from crowdsky.base.errors import (
    DestinationRefusedError,
    FileDropError,
    RemoteExistsError,
    RemoteParentMissingError,
    RequestRefusedError,
    ServiceBusyError,
    StorageRefusedError,
    UnexpectedAnswerError,
)
from crowdsky.net.answers import (
    MOVED_FOR_GOOD,
    TIMEOUT,
    PacedReader,
    connection_errors,
    read_text_body,
    refuse_busy_or_denied,
    refuse_redirect,
)

# Exactly these answers are success. A captive portal answers 200 to a PUT, and 207 to a MOVE or
# DELETE means that some of it failed.
_SUCCESS = {
    "upload": frozenset({201, 204}),
    "download": frozenset({200}),
    "mkdir": frozenset({201}),
    "move": frozenset({201, 204}),
    "clean": frozenset({204}),
    "info": frozenset({207}),
}
NO_SUCH_METHOD = frozenset({405, 501})
BAD_REQUEST = 400
FOREIGN_DESTINATION = frozenset({BAD_REQUEST, 502})
"""Answers to a MOVE to another server, which a target with another scheme seems to be."""

_VERBS = {"mkdir": "make folder", "clean": "delete", "info": "look up"}


class ShareClient(Client):
    """webdavclient3 with the execution of requests replaced."""

    def __init__(self, url: str, token: str) -> None:
        super().__init__({"webdav_hostname": url, "webdav_disable_check": True})
        self.timeout = TIMEOUT
        # With an empty password, the library itself would send no credentials at all.
        self.session.auth = (token, "")
        # Nextcloud refuses everything but GET on public shares without this header.
        self.session.headers["X-Requested-With"] = "XMLHttpRequest"
        self.session.headers["Accept-Encoding"] = "identity"
        self.http_header["info"] = ["Accept: */*", "Depth: 0"]
        # Nextcloud answers with the hash of what it received; others ignore the header.
        self.http_header["upload"] = ["X-Hash: sha256", "If-None-Match: *"]

    def execute_request(
        self,
        action: str,
        path: str,
        data: PacedReader | None = None,
        headers_ext: list[str] | None = None,
    ) -> requests.Response:
        """Send one request; return the answer only if it means success for this action.

        Args:
            action: the library's name of the operation, see ``_SUCCESS``.
            path: percent-encoded path below the share's address.

        The body of ``download`` and ``info`` answers is left for the caller to read.
        """
        what = f"could not {_VERBS.get(action, action)} {unquote(path)}"
        with connection_errors(what, ""):
            response: requests.Response = self.session.request(
                self.requests[action],
                self.get_url(path),
                headers=self.get_headers(action, headers_ext),
                data=data,
                timeout=self.timeout,
                allow_redirects=False,
                stream=True,
            )
            succeeded = response.status_code in _SUCCESS[action]
            if not (succeeded and action in ("download", "info")):
                with response:
                    read_text_body(response, what)
        if action == "info" and _only_wants_slash(response):
            return self.execute_request(action, f"{path}/", data, headers_ext)
        if not succeeded:
            _refuse(response, what, self.get_url("/"))
        return response

    def rename(self, source: Urn, target: Urn) -> None:
        """Give a file another name, by one MOVE; a taken name is never overwritten.

        Behind a proxy that ends TLS, a server sees ``https`` in the address of the target and
        ``http`` in its own, and refuses it with 400 or 502; most then take the path alone.

        Raises:
            DestinationRefusedError: neither form of the target's address is accepted.
        """
        address = self.get_url(target.quote())
        try:
            self._move_to(source, address)
        except (RequestRefusedError, ServiceBusyError) as refused:
            if refused.status not in FOREIGN_DESTINATION or not address.startswith("https:"):
                raise
            try:
                self._move_to(source, urlsplit(address).path)
            except RequestRefusedError as again:
                if again.status != BAD_REQUEST:
                    raise
                raise DestinationRefusedError(
                    again.what,
                    why=f"the storage takes no target address with https ({refused.status}), as "
                    "its own server is reached by http",
                    hint="the proxy in front of it has to rewrite the header Destination",
                    status=refused.status,
                ) from refused

    def _move_to(self, source: Urn, destination: str) -> None:
        headers = [f"Destination: {destination}", "Overwrite: F"]
        self.execute_request("move", source.quote(), headers_ext=headers)


def _only_wants_slash(response: requests.Response) -> bool:
    """Whether this is Apache's answer for a folder: a redirect to the same path with a slash."""
    target = urlsplit(response.headers.get("Location", "")).path
    asked = urlsplit(response.url).path
    return response.status_code in MOVED_FOR_GOOD and unquote(target) == unquote(asked) + "/"


def _refuse(response: requests.Response, what: str, base: str) -> None:
    """Raise the error that an answer other than success means; ``base`` is the share's address."""
    setting = "UCLOUD_WEBDAV_URL"
    status = response.status_code
    refuse_redirect(response, what, setting, base)
    refuse_busy_or_denied(response, what, "", "check UCLOUD_SHARE_TOKEN")
    if status == 207:
        # Apache answers this below a folder that is locked.
        raise UnexpectedAnswerError(what, why="status 207: a part of it was refused")
    if status < 300:
        raise UnexpectedAnswerError(
            what, why=f"status {status} is no WebDAV answer", hint=f"check {setting}"
        )
    if status in NO_SUCH_METHOD and response.request.method == "PUT":
        # rclone answers this when what lies behind it is full or refuses the file.
        raise StorageRefusedError(
            what,
            why=f"the storage takes no files at present ({status})",
            hint="it is full or read-only: an administrator of the storage has to fix this",
        )
    if status in (409, 404) and response.request.method in ("PUT", "MKCOL"):
        raise RemoteParentMissingError(what, why="its folder does not exist", status=status)
    if status == 412:
        raise RemoteExistsError(what, why="the name is taken", status=status)
    if status in NO_SUCH_METHOD and response.request.method in ("PROPFIND", "GET"):
        raise FileDropError(
            what,
            why=f"the share only takes new files, it shows nothing ({status})",
            hint=f"check {setting}, or make a share that may be edited",
            status=status,
        )
    raise RequestRefusedError(what, why=f"the storage answered {status}", status=status)
