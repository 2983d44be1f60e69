"""A real WebDAV share behind a proxy that answers some requests from before, as caches do."""

from __future__ import annotations

from types import TracebackType
from typing import Self
from urllib.parse import quote

import requests

from demo.services import WebDavServer
from tests.support.fault_proxy import Fault, FaultProxy, plain_answer

ALWAYS = 1_000_000
HOP_BY_HOP = ("connection", "content-length", "transfer-encoding", "keep-alive")


class WaywardShare:
    """The share at `url` passes everything on until it is told to go wrong; a context manager.

    Args:
        share: the server behind it.
    """

    def __init__(self, share: WebDavServer) -> None:
        self.share = share
        self._proxy = FaultProxy(share.url)
        self._faults: list[Fault] = []
        self._replies: dict[tuple[str, str], bytes] = {}

    @property
    def url(self) -> str:
        """Its address."""
        return self._proxy.url

    def settings(self) -> dict[str, str]:
        """Return the settings of a site that keeps its stacks here."""
        return {
            "CROWDSKY_STORAGE": "webdav",
            "CROWDSKY_WEBDAV_URL": self.url,
            "CROWDSKY_WEBDAV_TOKEN": self.share.token,
        }

    def remember(self, path: str) -> None:
        """Keep what a file holds and what its folder lists at the moment."""
        folder = path.rsplit("/", 1)[0]
        for method, target in (("GET", path), ("HEAD", path), ("PROPFIND", folder)):
            self._replies[method, target] = self._ask(method, target)

    def return_old(self, path: str, *methods: str) -> None:
        """Answer for the file as it was remembered, by GET and HEAD if nothing else is named."""
        for method in methods or ("GET", "HEAD"):
            self._inject(method, path, self._replies[method, path])

    def list_late(self, folder: str) -> None:
        """List the folder as it was remembered."""
        self._inject("PROPFIND", folder, self._replies["PROPFIND", folder])

    def list_nothing(self, folder: str) -> None:
        """Deny that there is anything in the folder."""
        self._inject("PROPFIND", folder, plain_answer("404 Not Found"))

    def forget(self, path: str) -> None:
        """Lose a file that was stored and confirmed; a cached HEAD may go on confirming it."""
        (self.share.root / path.lstrip("/")).unlink()

    def recover(self) -> None:
        """Tell the truth again."""
        for fault in self._faults:
            fault.times = 0
        self._faults.clear()

    def _inject(self, method: str, target: str, answer: bytes) -> None:
        fault = Fault("answer", method=method, target=quote(target), times=ALWAYS, answer=answer)
        self._faults.append(self._proxy.inject(fault))

    def _ask(self, method: str, path: str) -> bytes:
        answer = requests.request(
            method,
            f"{self.share.url}{quote(path)}",
            auth=(self.share.token, ""),
            headers={"Depth": "1"} if method == "PROPFIND" else {"Accept-Encoding": "identity"},
            timeout=60,
        )
        answer.raise_for_status()
        length = answer.headers["Content-Length"] if method == "HEAD" else len(answer.content)
        kept = {k: v for k, v in answer.headers.items() if k.lower() not in HOP_BY_HOP}
        kept |= {"Content-Length": str(length), "Connection": "close"}
        lines = [f"HTTP/1.1 {answer.status_code} {answer.reason}"]
        lines += [f"{name}: {value}" for name, value in kept.items()]
        return "\r\n".join([*lines, "", ""]).encode() + answer.content

    def __enter__(self) -> Self:
        self._proxy.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._proxy.__exit__(kind, error, trace)
