"""The workers of a fleet as clients: thousands of kept connections in one cheap process.

The load is open: questions fall due by the clock, whether the server keeps up or not, and a latency
counts from that moment. What queues anywhere, also here, is therefore in the figures.
"""

from __future__ import annotations

import heapq
import json
import select
import socket
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain

PATIENCE_SECONDS = 30.0
LONGEST_WAIT_SECONDS = 1.0
NO_CONTENT = "204"
RECEIVE_BYTES = 65536


@dataclass
class Latencies:
    """What the clients saw."""

    milliseconds: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    generator_seconds: float = 0.0
    """Processor time that this side took for it."""

    def percentile(self, part: float) -> float:
        """The latency that ``part`` (0..1) of the answers stayed below."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0

    def line(self, seconds: float) -> str:
        """Rate, percentiles and statuses in words."""
        statuses = ", ".join(f"{count} x {name}" for name, count in self.statuses.items())
        p50, p99, slowest = (self.percentile(part) for part in (0.5, 0.99, 1.0))
        return (
            f"{len(self.milliseconds) / seconds:.0f} answers/s;"
            f" p50 {p50:.1f} ms, p99 {p99:.1f} ms, slowest {slowest:.0f} ms; {statuses};"
            f" the clients took {self.generator_seconds / seconds:.0%} of a core"
        )


@dataclass
class Client:
    """One worker: its key, its connection, and the question on the line."""

    number: int
    key: str
    socket: socket.socket | None = None
    question: bytes = b""
    answer: bytes = b""
    due: float = 0.0
    asked_on_kept: bool = False
    """The connection had been used before: the server may have closed it meanwhile."""

    @property
    def is_waiting(self) -> bool:
        """Whether a question is on the line."""
        return bool(self.question)

    def next_question(self) -> bytes:
        """Return a question for work as the daemon asks it, with a claim id of its own."""
        return (
            f"GET /api/next_job.php?worker_id={self.key[4:20]}&claim_id={uuid.uuid4().hex}"
            "&version=0.1.0&kinds=stack,rescan HTTP/1.1\r\n"
            f"Host: crowdsky.example.org\r\nAuthorization: Bearer {self.key}\r\n\r\n"
        ).encode()


Answered = Callable[[Client, str, bytes], float | None]
"""Told of each answer; returns the seconds from the question's due time to the next, or None."""


class Fleet:
    """Clients on one server, driven by one loop."""

    def __init__(self, port: int, keys: Iterable[str]) -> None:
        self._port = port
        self._clients = [Client(number, key) for number, key in enumerate(keys)]
        self._by_descriptor: dict[int, Client] = {}
        self._poll = select.epoll()
        self._due: list[tuple[float, int]] = []
        self._waiting: dict[int, Client] = {}
        self._seen = Latencies()

    @property
    def size(self) -> int:
        """How many workers it has."""
        return len(self._clients)

    def run(self, first: Callable[[], float], answered: Answered, seconds: float) -> Latencies:
        """Let every client ask after ``first()`` seconds, and on as ``answered`` says.

        No question falls due after ``seconds``; those on the line are waited for. Connections stay
        open for the next run.
        """
        self._seen = Latencies()
        began, used = time.monotonic(), time.process_time()
        end = began + seconds
        self._due = [(began + first(), client.number) for client in self._clients]
        self._due = [entry for entry in self._due if entry[0] < end]
        heapq.heapify(self._due)
        while self._due or self._waiting:
            for client, status in chain(self._events(), self._impatient()):
                pause = answered(client, status, self._end(client, status))
                if pause is not None and client.due + pause < end:
                    heapq.heappush(self._due, (client.due + pause, client.number))
            self._ask_what_is_due()
        self._seen.generator_seconds = time.process_time() - used
        return self._seen

    def close(self) -> None:
        """Hang up."""
        for client in self._clients:
            self._hang_up(client)
        self._poll.close()

    def _ask_what_is_due(self) -> None:
        now = time.monotonic()
        while self._due and self._due[0][0] <= now:
            due, number = heapq.heappop(self._due)
            client = self._clients[number]
            client.due, client.question, client.answer = due, client.next_question(), b""
            self._waiting[number] = client
            self._send(client)

    def _send(self, client: Client) -> None:
        client.asked_on_kept = client.socket is not None
        if client.socket is None:
            self._connect(client)
        else:
            self._write(client)

    def _connect(self, client: Client) -> None:
        client.socket = socket.socket()
        client.socket.setblocking(False)
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(BlockingIOError):
            client.socket.connect(("127.0.0.1", self._port))
        self._by_descriptor[client.socket.fileno()] = client
        self._poll.register(client.socket, select.EPOLLOUT)

    def _write(self, client: Client) -> None:
        """Send the question, which is shorter than any socket's buffer."""
        assert client.socket is not None
        try:
            client.socket.send(client.question)
        except OSError:
            self._hang_up(client)
            self._connect(client)

    def _hang_up(self, client: Client) -> None:
        if client.socket is not None:
            del self._by_descriptor[client.socket.fileno()]
            client.socket.close()
            client.socket = None

    def _events(self) -> Iterator[tuple[Client, str]]:
        """Wait for the next thing to happen; yields the clients whose question ended, and how."""
        pause = max(0.0, self._due[0][0] - time.monotonic()) if self._due else LONGEST_WAIT_SECONDS
        for descriptor, event in self._poll.poll(min(pause, LONGEST_WAIT_SECONDS)):
            client = self._by_descriptor[descriptor]
            if event == select.EPOLLOUT:
                assert client.socket is not None
                self._poll.modify(client.socket, select.EPOLLIN)
                self._write(client)
            elif (status := self._receive(client)) is not None:
                yield client, status

    def _impatient(self) -> Iterator[tuple[Client, str]]:
        """Yields the clients that have waited too long; the first that asked is the first here."""
        late = time.monotonic() - PATIENCE_SECONDS
        while (oldest := next(iter(self._waiting.values()), None)) and oldest.due < late:
            self._hang_up(oldest)
            yield oldest, "no answer in time"

    def _receive(self, client: Client) -> str | None:
        """Take what has arrived; return the status when the answer is complete or never will be."""
        assert client.socket is not None
        try:
            piece = client.socket.recv(RECEIVE_BYTES)
        except OSError:
            piece = b""
        if not piece:
            self._hang_up(client)
            if client.is_waiting and client.asked_on_kept and not client.answer:
                # The server had closed the kept connection; every client asks again on a new one.
                self._send(client)
                return None
            return "cut off" if client.is_waiting else None
        client.answer += piece
        return status_of(client.answer)

    def _end(self, client: Client, status: str) -> bytes:
        """Write the outcome down and return the body of the answer."""
        self._seen.milliseconds.append(1000 * (time.monotonic() - client.due))
        self._seen.statuses[status] += 1
        del self._waiting[client.number]
        client.question = b""
        return client.answer.partition(b"\r\n\r\n")[2]


def status_of(answer: bytes) -> str | None:
    """Return the status of a complete answer, None while bytes of it are missing."""
    head, blank, body = answer.partition(b"\r\n\r\n")
    if not blank:
        return None
    status = head[9:12].decode()
    if status == NO_CONTENT:
        return status
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return status if len(body) >= int(line.partition(b":")[2]) else None
    return status if body.endswith(b"0\r\n\r\n") else None


def job_of(body: bytes) -> int:
    """Return the id of the job in an answer of next_job, whose body may come in pieces."""
    start, end = body.index(b"{"), body.rindex(b"}")
    job_id: int = json.loads(body[start : end + 1])["job_id"]
    return job_id
