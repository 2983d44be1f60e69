"""Cuts connections that hang, so that whoever waits on one hears that the work is over.

A thread that reads from a silent server hears nothing else until its time-out. ``watch`` lets a
session note which connection each thread uses; ``cut_when`` shuts the one of the calling thread
as soon as a condition holds. The thread then sees a cut line, and its next look at the reason
ends it. Nothing can end a look-up of a name, so connections are made in threads of their own,
and a cut leaves such a thread to itself.
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

LOOK_SECONDS = 0.25


class _Line(Protocol):
    """What a thread may be waiting for."""

    def shutdown(self, how: int, /) -> None:
        """End the wait."""


_in_use: dict[int, weakref.ref[_Line]] = {}
"""The connection that each thread used last, or is making, by the thread's ident."""


def watch(session: requests.Session) -> None:
    """Let ``cut_when`` reach the connections of this session."""
    for scheme in ("http://", "https://"):
        session.mount(scheme, _WatchedAdapter())


@contextmanager
def cut_when(over: Callable[[], bool]) -> Iterator[None]:
    """While inside, cut the connections of this thread whenever ``over()`` holds.

    ``over`` is asked several times a second by another thread.
    """
    owner = threading.get_ident()
    done = threading.Event()

    def look() -> None:
        while not done.wait(LOOK_SECONDS):
            if over():
                _cut(owner)

    watcher = threading.Thread(target=look, name=f"watch-{owner}", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _note(line: _Line) -> None:
    _in_use[threading.get_ident()] = weakref.ref(line)


def _cut(owner: int) -> None:
    noted = _in_use.get(owner)
    line = None if noted is None else noted()
    with contextlib.suppress(OSError):
        if isinstance(line, socket.socket):
            # The plain socket's method: that of TLS would say goodbye first, and wait for it.
            socket.socket.shutdown(line, socket.SHUT_RDWR)
        elif line is not None:
            line.shutdown(socket.SHUT_RDWR)


class _Dial:
    """A connection that another thread is making; whoever waits for it can be sent away."""

    def __init__(self, make: Callable[[], socket.socket]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._made: socket.socket | None = None
        self._error: Exception | None = None
        threading.Thread(target=self._run, name="dial", daemon=True).start()

    def wait(self) -> socket.socket:
        """The connection; raises what making it raised, or an OSError after `shutdown`."""
        self._over.wait()
        if self._error is not None:
            raise self._error
        if self._made is None:
            raise ConnectionAbortedError("the connection was given up while it was made")
        return self._made

    def shutdown(self, _: int, /) -> None:
        """Send the waiting thread away; a connection that comes later is closed."""
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


class _Noted:
    """Notes the socket of a connection whenever a thread begins to use it."""

    sock: socket.socket | None
    _twin: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        dial = _Dial(super()._new_conn)  # type: ignore[misc]
        _note(dial)
        made = dial.wait()
        # TLS takes the socket itself out of our hands before it says hello.
        self._twin = made.dup()
        _note(self._twin)
        return made

    def connect(self) -> None:
        try:
            super().connect()  # type: ignore[misc]
        finally:
            if self._twin is not None:
                self._twin.close()
        if self.sock is not None:
            _note(self.sock)

    def request(self, *arguments: Any, **options: Any) -> None:
        if self.sock is not None:
            _note(self.sock)
        super().request(*arguments, **options)  # type: ignore[misc]


class _Http(_Noted, HTTPConnection):
    pass


class _Https(_Noted, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class _WatchedAdapter(HTTPAdapter):
    """requests' way to the network, with noted connections; also through a proxy."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        _use_noted(self.poolmanager)

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **options)
        _use_noted(manager)
        return manager


def _use_noted(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
