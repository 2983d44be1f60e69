"""Cuts off calls that hang, so that a thread that waits for an answer learns that its work is over.

A thread that reads from a silent server notices nothing else until its time-out. A ``CutOff`` knows
which connection each thread uses in the sessions that it watches. As soon as a condition holds, it
shuts down the connection of the thread concerned; that thread gets a connection error, and its next
check tells it why. Looking up a name cannot be interrupted, so connections are made in threads of
their own, and a cut leaves such a thread behind.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

CHECK_SECONDS = 0.25
"""Seconds between two checks of the condition."""


class _Connection(Protocol):
    """What a thread may be waiting for: a socket, or one that is being made."""

    def shutdown(self, how: int, /) -> None:
        """End the wait."""


class CutOff:
    """The connections of some sessions, by the thread that uses them; threads may share it."""

    def __init__(self) -> None:
        self._in_use: dict[int, weakref.ref[_Connection]] = {}

    def watch(self, session: requests.Session) -> None:
        """Let ``when`` reach the connections of this session."""
        for scheme in ("http://", "https://"):
            session.mount(scheme, _WatchedAdapter(self))

    @contextmanager
    def when(self, is_over: Callable[[], bool]) -> Iterator[None]:
        """While inside, cut the connection of this thread whenever ``is_over()`` holds.

        ``is_over`` is called several times a second by another thread.
        """
        owner = threading.get_ident()
        done = threading.Event()

        def check() -> None:
            while not done.wait(CHECK_SECONDS):
                if is_over():
                    self._cut(owner)

        watcher = threading.Thread(target=check, name=f"watch-{owner}", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()

    def note(self, connection: _Connection) -> None:
        """Remember what the calling thread is using, or waiting for, from now on."""
        self._in_use[threading.get_ident()] = weakref.ref(connection)

    def _cut(self, owner: int) -> None:
        noted = self._in_use.get(owner)
        connection = None if noted is None else noted()
        with contextlib.suppress(OSError):
            if isinstance(connection, socket.socket):
                # The plain socket's method: that of TLS would say goodbye first, and wait for it.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
            elif connection is not None:
                connection.shutdown(socket.SHUT_RDWR)


class _Dial:
    """A connection that another thread is making; the thread that waits for it can be released."""

    def __init__(self, make: Callable[[], socket.socket]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._made: socket.socket | None = None
        self._error: Exception | None = None
        threading.Thread(target=self._run, name="dial", daemon=True).start()

    def wait(self) -> socket.socket:
        """The connection; raises what making it raised, or an OSError after ``shutdown``."""
        self._over.wait()
        if self._error is not None:
            raise self._error
        if self._made is None:
            raise ConnectionAbortedError("the connection was given up while it was being made")
        return self._made

    def shutdown(self, _: int, /) -> None:
        """Release the waiting thread; a connection that comes later is closed."""
        with self._lock:
            self._over.set()

    def _run(self) -> None:
        try:
            made, error = self._make(), None
        except Exception as raised:  # noqa: BLE001 - it is raised where somebody waits for it
            made, error = None, raised
        with self._lock:
            if not self._over.is_set():
                self._made, self._error = made, error
                self._over.set()
            elif made is not None:
                made.close()


class _Watched:
    """A connection of urllib3 that notes its socket whenever a thread begins to use it."""

    cut_off: CutOff
    sock: socket.socket | None
    _twin: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        dial = _Dial(super()._new_conn)  # type: ignore[misc]
        self.cut_off.note(dial)
        made = dial.wait()
        # TLS takes the socket itself out of our hands before it says hello.
        self._twin = made.dup()
        self.cut_off.note(self._twin)
        return made

    def connect(self) -> None:
        try:
            super().connect()  # type: ignore[misc]
        finally:
            if self._twin is not None:
                self._twin.close()
        if self.sock is not None:
            self.cut_off.note(self.sock)

    def request(self, *arguments: Any, **options: Any) -> None:
        if self.sock is not None:
            self.cut_off.note(self.sock)
        super().request(*arguments, **options)  # type: ignore[misc]


def _pool_classes(owner: CutOff) -> dict[str, type[HTTPConnectionPool]]:
    """urllib3's pools of connections, by scheme, with connections that ``owner`` watches."""

    class Http(_Watched, HTTPConnection):
        cut_off = owner

    class Https(_Watched, HTTPSConnection):
        cut_off = owner

    class HttpPool(HTTPConnectionPool):
        ConnectionCls = Http

    class HttpsPool(HTTPSConnectionPool):
        ConnectionCls = Https

    return {"http": HttpPool, "https": HttpsPool}


class _WatchedAdapter(HTTPAdapter):
    """The way from requests to the network, with watched connections; also through a proxy."""

    def __init__(self, cut_off: CutOff) -> None:
        self._pools = _pool_classes(cut_off)
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self._watch(self.poolmanager)

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **options)
        self._watch(manager)
        return manager

    def _watch(self, manager: PoolManager) -> None:
        manager.pool_classes_by_scheme = self._pools
