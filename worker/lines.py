"""Cuts connections that hang, so that whoever waits on one hears that the work is over.

A thread that reads from a silent server hears nothing else until its time-out. ``watch`` lets a
session note which connection each thread uses; ``cut_when`` shuts the one of the calling thread
as soon as a condition holds. The thread then sees a cut line, and its next look at the reason
ends it.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

LOOK_SECONDS = 0.25

_in_use: dict[int, weakref.ref[socket.socket]] = {}
"""The connection that each thread used last, by the thread's ident."""


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


def _note(line: socket.socket) -> None:
    _in_use[threading.get_ident()] = weakref.ref(line)


def _cut(owner: int) -> None:
    noted = _in_use.get(owner)
    line = None if noted is None else noted()
    if line is not None:
        # The plain socket's method: that of TLS would say goodbye first, and wait for it.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(line, socket.SHUT_RDWR)


class _Noted:
    """Notes the socket of a connection whenever a thread begins to use it."""

    sock: socket.socket | None

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
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
