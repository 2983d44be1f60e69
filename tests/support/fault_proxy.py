"""A proxy between a client and a real server that fails on request, as real networks do.

It passes HTTP through unchanged, one request per connection, and keeps a list of the requests it
saw. ``inject`` makes the next matching requests go wrong in one of the ways below.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

BLOCK = 65536
IDLE_SECONDS = 300.0
LOOK_SECONDS = 0.02
REFUSAL_SECONDS = 2.0
"""How long an outage waits for somebody to notice it."""


@dataclass
class Fault:
    """What goes wrong with requests of ``method`` whose target contains ``target``.

    Attributes:
        kind: one of

            - ``cut_request``: only ``after_bytes`` of the body reach the server, then silence for
              ``seconds``, then the line is cut;
            - ``lose_reply``: the server does its work, its reply never arrives;
            - ``replace_reply``: likewise, and ``answer`` comes instead, as if the request had been
              repeated on the way;
            - ``cut_reply``: ``after_bytes`` of the reply's body arrive;
            - ``corrupt_reply``: the byte at ``after_bytes`` of the reply's body is changed;
            - ``answer``: the server never hears of it, ``answer`` comes instead;
            - ``delay``: the request reaches the server ``seconds`` later, or when `let_go` is
              called.
        times: how many requests it hits.
    """

    kind: str
    method: str = ""
    target: str = ""
    times: int = 1
    after_bytes: int = 0
    answer: bytes = b""
    seconds: float = 0.0

    def matches(self, method: str, target: str) -> bool:
        """Whether this request is hit."""
        return self.times > 0 and self.method in ("", method) and self.target in target


def html_answer(status: str = "200 OK", headers: str = "") -> bytes:
    """An answer as a captive portal or an overloaded host gives it."""
    page = b"<!DOCTYPE html><html><body>Please log in to the Wi-Fi</body></html>"
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\n"
    return f"{head}{headers}Connection: close\r\n\r\n".encode() + page


def plain_answer(status: str, headers: str = "") -> bytes:
    """An answer without a body."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n"
    return f"{head}{headers}\r\n".encode()


class FaultProxy:
    """The proxy in front of the server at ``upstream`` (an address); a context manager."""

    def __init__(self, upstream: str) -> None:
        self._upstream = urlsplit(upstream)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._go = threading.Event()
        self._open = threading.Event()
        self._open.set()
        self._shuts_on_refusal = False
        self._under_way: dict[socket.socket, str] = {}
        self.requests: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        """The upstream's address, through this proxy."""
        host, port = self._listener.getsockname()
        return urlunsplit(self._upstream._replace(netloc=f"{host}:{port}"))

    def inject(self, fault: Fault) -> Fault:
        """Let coming requests fail; the same record counts down its ``times``."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def let_go(self) -> None:
        """End the delays there are, of requests under way and of those to come."""
        with self._lock:
            for fault in self._faults:
                if fault.kind == "delay":
                    fault.times = 0
            self._go.set()
            self._go = threading.Event()

    def count(self, method: str, target: str = "") -> int:
        """How many such requests were seen."""
        return sum(seen == method and target in path for seen, path in self.requests)

    def outage(self, kill: Callable[[], None], start: Callable[[], None]) -> None:
        """Take the server away and bring it back: one request finds nobody there.

        Those after it wait here, so that a slow start costs the client no further tries.
        """
        self._shuts_on_refusal = True
        kill()
        end = time.monotonic() + REFUSAL_SECONDS
        while self._open.is_set() and time.monotonic() < end:
            time.sleep(LOOK_SECONDS)
        start()
        self._shuts_on_refusal = False
        self._open.set()

    def settle(self, target: str = "") -> None:
        """Wait until what was sent to ``target`` has been answered, also to a client that ended."""
        with socket.create_connection(self._listener.getsockname(), IDLE_SECONDS) as last:
            # Connections are taken in their order: once this one is served, no older one waits.
            last.shutdown(socket.SHUT_WR)
            last.recv(1)
        while any(target in asked or not asked for asked in list(self._under_way.values())):
            time.sleep(LOOK_SECONDS)

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # closed: the test is over
            self._under_way[client] = ""
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            with contextlib.suppress(OSError), client:
                self._answer(client)
        finally:
            del self._under_way[client]

    def _answer(self, client: socket.socket) -> None:
        client.settimeout(IDLE_SECONDS)
        head, body = _read_head(client)
        if not head:
            return
        method, target = head.split(b" ", 2)[:2]
        self._under_way[client] = target.decode()
        fault = self._note(method.decode(), target.decode())
        if fault is not None and fault.kind == "answer":
            _drain(client, head, body)
            client.sendall(fault.answer)
            return
        if fault is not None and fault.kind == "delay":
            self._go.wait(fault.seconds)
        self._open.wait(IDLE_SECONDS)
        try:
            self._pass_on(client, head, body, fault)
        except ConnectionRefusedError:
            if self._shuts_on_refusal:
                self._open.clear()

    def _note(self, method: str, target: str) -> Fault | None:
        with self._lock:
            self.requests.append((method, target))
            for fault in self._faults:
                if fault.matches(method, target):
                    fault.times -= 1
                    return fault
        return None

    def _pass_on(
        self, client: socket.socket, head: bytes, body: bytes, fault: Fault | None
    ) -> None:
        address = (self._upstream.hostname or "127.0.0.1", self._upstream.port or 80)
        with socket.create_connection(address, IDLE_SECONDS) as server:
            server.sendall(_closing(head))
            limit = fault.after_bytes if fault and fault.kind == "cut_request" else None
            if not _forward_body(client, server, head, body, limit):
                time.sleep(fault.seconds if fault else 0.0)
                return
            reply_head, reply = _read_head(server)
            if fault and fault.kind in ("lose_reply", "replace_reply"):
                _read_all(server)
                client.sendall(fault.answer)
                return
            client.sendall(reply_head)
            while block := reply or server.recv(BLOCK):
                reply = b""
                if fault and fault.kind == "cut_reply":
                    client.sendall(block[: fault.after_bytes])
                    return
                if fault and fault.kind == "corrupt_reply":
                    position = min(fault.after_bytes, len(block) - 1)
                    block = block[:position] + bytes([block[position] ^ 1]) + block[position + 1 :]
                    fault = None
                client.sendall(block)


def _read_head(source: socket.socket) -> tuple[bytes, bytes]:
    """The head of a message with its blank line, and what was read of the body."""
    data = b""
    while b"\r\n\r\n" not in data:
        block = source.recv(BLOCK)
        if not block:
            return b"", b""
        data += block
    head, body = data.split(b"\r\n\r\n", 1)
    return head + b"\r\n\r\n", body


def _closing(head: bytes) -> bytes:
    """The head with ``Connection: close``, so that the end of the reply is the end of the line."""
    lines = head[:-4].split(b"\r\n")
    kept = [line for line in lines if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*kept, b"Connection: close"]) + b"\r\n\r\n"


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


def _forward_body(
    client: socket.socket, server: socket.socket, head: bytes, body: bytes, limit: int | None
) -> bool:
    """Send the body on; False if it was cut at ``limit`` bytes or by the client."""
    left = _length(head)
    sent = 0
    while left > 0:
        block = body or client.recv(BLOCK)
        body = b""
        if not block:
            return False
        left -= len(block)
        if limit is not None and sent + len(block) >= limit:
            server.sendall(block[: limit - sent])
            return False
        sent += len(block)
        # A server that answers before it has read everything stops listening.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            server.sendall(block)
    return True


def _drain(client: socket.socket, head: bytes, body: bytes) -> None:
    """Read the whole request, so that the client sees the answer and not a reset."""
    left = _length(head) - len(body)
    while left > 0 and (block := client.recv(BLOCK)):
        left -= len(block)


def _read_all(source: socket.socket) -> None:
    while source.recv(BLOCK):
        pass
