"""A share that only takes new files, as a Nextcloud "file drop" link does.

It behaves as Nextcloud's FilesDropPlugin: nothing but PUT is allowed, a taken name gets another
one and the answer does not tell, and folders are flattened (older versions) or refused (newer
ones). MKCOL succeeds for clients with a nickname, and makes nothing.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import unquote

from tests.support.http_stand_in import HttpStandIn

PREFIX = "/public.php/webdav/"


class FileDrop(HttpStandIn):
    """The drop over a folder on loopback; a context manager.

    Args:
        root: where the files go; made if it is not there.
        flattens: a PUT to a folder's file is stored at the top (True) or refused (False).
    """

    def __init__(self, root: Path, *, flattens: bool) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root = root
        self.flattens = flattens
        self.token = secrets.token_urlsafe(12)
        self.requests: list[tuple[str, str]] = []
        self.writing = threading.Lock()
        drop = self

        class Handler(_Handler):
            """Knows its drop."""

            share = drop

        super().__init__(Handler)

    @property
    def url(self) -> str:
        """Address of the share, without a slash at its end."""
        return super().url + PREFIX.rstrip("/")

    def count(self, method: str) -> int:
        """How many such requests were seen."""
        return sum(seen == method for seen, _ in self.requests)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    share: FileDrop

    def do_PUT(self) -> None:
        """Store the body under a free name."""
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if not self._may_enter():
            return
        relative = unquote(self.path).removeprefix(PREFIX)
        if "/" in relative and not self.share.flattens:
            self._answer(405, b"A nickname header is required when uploading subfolders")
            return
        with self.share.writing:
            path = self._free_name(relative.rpartition("/")[2])
            path.write_bytes(body)
        extra = {}
        if self.headers.get("X-Hash") == "sha256":
            extra["X-Hash-SHA256"] = hashlib.sha256(body).hexdigest()
        self._answer(201, b"", extra)

    def do_MKCOL(self) -> None:
        """Pretend, but only to those who say who they are."""
        if self._may_enter():
            nickname = self.headers.get("X-NC-Nickname")
            self._answer(201 if nickname else 405, b"")

    def do_GET(self) -> None:
        """Refuse; and so with everything else."""
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self._may_enter():
            self._answer(405, b"Only PUT is allowed on files drop")

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Every other method is answered like GET."""
        if name.startswith("do_"):
            return self.do_GET
        raise AttributeError(name)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _may_enter(self) -> bool:
        self.share.requests.append((self.command, self.path))
        pair = base64.b64encode(f"{self.share.token}:".encode()).decode()
        allowed = self.headers.get("Authorization") == f"Basic {pair}"
        if not allowed or self.headers.get("X-Requested-With") != "XMLHttpRequest":
            self._answer(401, b"")
            return False
        return True

    def _free_name(self, name: str) -> Path:
        stem, dot, ending = name.rpartition(".")
        path, number = self.share.root / name, 2
        while path.exists():
            path = self.share.root / f"{stem} ({number}){dot}{ending}"
            number += 1
        return path

    def _answer(self, status: int, body: bytes, extra: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (extra or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
