"""A line that fails at random, reproducible by its seed as far as the order of requests is."""

from __future__ import annotations

import random
import socket
from collections import Counter

from tests.support.fault_proxy import Fault, FaultProxy, html_answer, plain_answer

ANSWERS = (
    html_answer(),
    html_answer("502 Bad Gateway"),
    plain_answer("500 Internal Server Error"),
    plain_answer("503 Service Unavailable", "Retry-After: 1\r\n"),
    plain_answer("429 Too Many Requests", "Retry-After: 1\r\n"),
    plain_answer("302 Found", "Location: /login\r\n"),
)
KINDS = (
    "answer",
    "answer",
    "lose_reply",
    "lose_reply",
    "cut_request",
    "cut_reply",
    "corrupt_request",
    "corrupt_reply",
    "corrupt_reply",
    "delay",
)


class ChaosProxy(FaultProxy):
    """Lets a part of all requests go wrong while ``chance`` is above 0.

    Args:
        upstream: address of the real server.
        rng: decides which requests are hit and how.
        longest_delay: seconds; longer than a lease, so that answers come to workers without one.
    """

    def __init__(self, upstream: str, rng: random.Random, longest_delay: float) -> None:
        super().__init__(upstream)
        self._rng = rng
        self._longest_delay = longest_delay
        self.chance = 0.0
        self.injected: Counter[str] = Counter()

    def _note(self, method: str, target: str) -> Fault | None:
        with self._lock:
            self.requests.append((method, target))
            if self._rng.random() >= self.chance:
                return None
            kind = self._rng.choice(KINDS)
            self.injected[kind] += 1
            return Fault(
                kind,
                answer=self._rng.choice(ANSWERS),
                after_bytes=int(self._rng.random() ** 3 * 30_000),
                seconds=self._rng.random() ** 3 * self._longest_delay,
            )

    def _pass_on(
        self, client: socket.socket, head: bytes, body: bytes, fault: Fault | None
    ) -> None:
        if fault is None or fault.kind != "corrupt_request":
            super()._pass_on(client, head, body, fault)
        elif body:
            super()._pass_on(client, head, _flipped(body), None)
        else:
            super()._pass_on(_FlippingSocket(client), head, body, None)  # type: ignore[arg-type]


class _FlippingSocket:
    """A client whose first block of a body arrives with one wrong bit."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        self._flipped = False
        self.sendall = client.sendall

    def recv(self, size: int) -> bytes:
        """Receive the next block."""
        block = self._client.recv(size)
        if self._flipped or not block:
            return block
        self._flipped = True
        return _flipped(block)


def _flipped(block: bytes) -> bytes:
    middle = len(block) // 2
    return block[:middle] + bytes([block[middle] ^ 1]) + block[middle + 1 :]
