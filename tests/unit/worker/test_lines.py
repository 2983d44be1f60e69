"""A thread that waits for a silent server is freed when its work is over, and no other thread."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import requests
import urllib3

from worker import lines

ENOUGH = 20.0


@pytest.fixture
def silent_server() -> Iterator[str]:
    """Accepts every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    taken.append(listener.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        listener.shutdown(socket.SHUT_RDWR)
        for line in taken:
            line.close()


@pytest.fixture
def half_server() -> Iterator[str]:
    """Sends the head of an answer and the first bytes of its body, then nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken: list[socket.socket] = []

        def accept() -> None:
            line, _ = listener.accept()
            taken.append(line)
            line.recv(65536)
            line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nConnection: close\r\n\r\nabc")

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        for line in taken:
            line.close()


def session() -> requests.Session:
    made = requests.Session()
    lines.watch(made)
    return made


def test_a_call_without_an_answer_ends(silent_server: str) -> None:
    began = time.monotonic()
    with (
        session() as client,
        pytest.raises(requests.ConnectionError),
        lines.cut_when(lambda: time.monotonic() > began + 0.5),
    ):
        client.get(silent_server, timeout=ENOUGH)
    assert 0.4 < time.monotonic() - began < ENOUGH / 4


def test_a_body_that_stops_half_way_ends(half_server: str) -> None:
    began = time.monotonic()
    with (
        session() as client,
        client.get(half_server, timeout=ENOUGH, stream=True) as response,
        lines.cut_when(lambda: time.monotonic() > began + 0.5),
    ):
        assert response.raw.read(3) == b"abc"
        with pytest.raises(urllib3.exceptions.ProtocolError):
            response.raw.read(96)
    assert time.monotonic() - began < ENOUGH / 4


def test_other_threads_keep_their_lines(silent_server: str) -> None:
    client = session()
    ended = threading.Event()

    def wait() -> None:
        with pytest.raises(requests.ReadTimeout):
            client.get(silent_server, timeout=2.0)
        ended.set()

    other = threading.Thread(target=wait)
    other.start()
    time.sleep(0.3)
    with pytest.raises(requests.ConnectionError), lines.cut_when(lambda: True):
        client.get(silent_server, timeout=ENOUGH)
    assert not ended.is_set()
    other.join()
    assert ended.is_set()
    client.close()


def test_the_watcher_goes_with_the_block() -> None:
    name = f"watch-{threading.get_ident()}"
    with lines.cut_when(lambda: True):
        assert name in {thread.name for thread in threading.enumerate()}
    assert name not in {thread.name for thread in threading.enumerate()}
