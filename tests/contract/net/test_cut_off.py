"""A thread that waits for a silent server is freed when its work is over, and no other one."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import requests
import urllib3

from crowdsky.net.cut_off import CutOff
from demo.loopback_server import kept_port

ENOUGH = 200.0


@pytest.fixture
def silent_server() -> Iterator[str]:
    """Accepts every connection and never answers."""
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
        for connection in taken:
            connection.close()


@pytest.fixture
def half_server() -> Iterator[str]:
    """Sends the head of an answer and the first bytes of its body, then nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        taken: list[socket.socket] = []

        def accept() -> None:
            connection, _ = listener.accept()
            taken.append(connection)
            connection.recv(65536)
            connection.sendall(
                b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nConnection: close\r\n\r\nabc"
            )

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        for connection in taken:
            connection.close()


@pytest.fixture
def full_server(full_port: int) -> str:
    """Takes no further connection."""
    return f"http://127.0.0.1:{full_port}/"


@pytest.fixture
def slow_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A resolver that does not answer until the event is set."""
    answer, real = threading.Event(), socket.getaddrinfo

    def look_up(*arguments: object, **options: object) -> object:
        answer.wait(ENOUGH)
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield answer
    answer.set()
    wait_until(lambda: not dialling())


def dialling() -> list[threading.Thread]:
    """The threads that make connections."""
    return [thread for thread in threading.enumerate() if thread.name == "dial"]


def wait_until(condition: Callable[[], object]) -> None:
    """Wait for something that is about to happen."""
    end = time.monotonic() + ENOUGH
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def cut_off() -> CutOff:
    """What the sessions of one test share."""
    return CutOff()


def session(cut_off: CutOff) -> requests.Session:
    made = requests.Session()
    cut_off.watch(made)
    return made


def test_a_call_without_an_answer_ends(cut_off: CutOff, silent_server: str) -> None:
    began = time.monotonic()
    with (
        session(cut_off) as client,
        pytest.raises(requests.ConnectionError),
        cut_off.when(lambda: time.monotonic() > began + 0.5),
    ):
        client.get(silent_server, timeout=ENOUGH)
    assert 0.4 < time.monotonic() - began < ENOUGH / 4


def test_a_body_that_stops_half_way_ends(cut_off: CutOff, half_server: str) -> None:
    began, over = time.monotonic(), threading.Event()
    with (
        session(cut_off) as client,
        client.get(half_server, timeout=ENOUGH, stream=True) as response,
        cut_off.when(over.is_set),
    ):
        assert response.raw.read(3) == b"abc"
        over.set()
        with pytest.raises(urllib3.exceptions.ProtocolError):
            response.raw.read(96)
    assert time.monotonic() - began < ENOUGH / 4


def test_a_connection_that_is_not_taken_ends(cut_off: CutOff, full_server: str) -> None:
    began = time.monotonic()
    with (
        session(cut_off) as client,
        pytest.raises(requests.ConnectionError),
        cut_off.when(lambda: time.monotonic() > began + 0.5),
    ):
        client.get(full_server, timeout=ENOUGH)
    assert 0.4 < time.monotonic() - began < ENOUGH / 4


def test_a_name_that_is_not_found_out_ends(
    cut_off: CutOff, silent_server: str, slow_names: threading.Event
) -> None:
    began = time.monotonic()
    with (
        session(cut_off) as client,
        pytest.raises(requests.ConnectionError),
        cut_off.when(lambda: time.monotonic() > began + 0.5),
    ):
        client.get(silent_server.replace("127.0.0.1", "localhost"), timeout=ENOUGH)
    assert time.monotonic() - began < ENOUGH / 4


def test_a_greeting_that_is_not_returned_ends(cut_off: CutOff, silent_server: str) -> None:
    began = time.monotonic()
    with (
        session(cut_off) as client,
        pytest.raises(requests.ConnectionError),
        cut_off.when(lambda: time.monotonic() > began + 0.5),
    ):
        client.get(silent_server.replace("http:", "https:"), timeout=ENOUGH)
    assert 0.4 < time.monotonic() - began < ENOUGH / 4


def test_a_connection_that_comes_too_late_is_closed(
    cut_off: CutOff, slow_names: threading.Event
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, session(cut_off) as client:
        with pytest.raises(requests.ConnectionError), cut_off.when(lambda: True):
            client.get(f"http://127.0.0.1:{listener.getsockname()[1]}/", timeout=ENOUGH)
        slow_names.set()
        late, _ = listener.accept()
        with late:
            late.settimeout(ENOUGH / 4)
            assert late.recv(1) == b"", "nobody uses it"


def test_what_keeps_a_connection_from_being_made_is_raised(cut_off: CutOff) -> None:
    with session(cut_off) as client, kept_port() as port:
        with pytest.raises(requests.ConnectionError, match="refused"):
            client.get(f"http://127.0.0.1:{port}/", timeout=ENOUGH)
        with pytest.raises(urllib3.exceptions.LocationParseError):
            client.get(f"http://{'a' * 70}.example/", timeout=ENOUGH)


def test_a_connection_may_take_no_longer_than_it_was_given(
    cut_off: CutOff, full_server: str
) -> None:
    with session(cut_off) as client, pytest.raises(requests.ConnectTimeout):
        client.get(full_server, timeout=(0.3, ENOUGH))


def test_other_threads_keep_their_connections(cut_off: CutOff, silent_server: str) -> None:
    client = session(cut_off)
    over, ended = threading.Event(), threading.Event()

    def wait() -> None:
        with pytest.raises(requests.ConnectionError), cut_off.when(over.is_set):
            client.get(silent_server, timeout=ENOUGH)
        ended.set()

    other = threading.Thread(target=wait)
    other.start()
    time.sleep(0.3)
    with pytest.raises(requests.ConnectionError), cut_off.when(lambda: True):
        client.get(silent_server, timeout=ENOUGH)
    assert not ended.is_set()
    over.set()
    other.join()
    assert ended.is_set()
    client.close()


def test_one_cut_off_reaches_all_sessions_that_it_watches(
    cut_off: CutOff, silent_server: str
) -> None:
    began = time.monotonic()
    with session(cut_off) as first, session(cut_off) as second:
        for client in (first, second, first):
            with (
                pytest.raises(requests.ConnectionError),
                cut_off.when(lambda: time.monotonic() > began + 0.5),
            ):
                client.get(silent_server, timeout=ENOUGH)
    assert time.monotonic() - began < ENOUGH / 4


def test_sessions_of_another_one_are_left_alone(cut_off: CutOff, silent_server: str) -> None:
    with (
        session(CutOff()) as client,
        pytest.raises(requests.ReadTimeout),
        cut_off.when(lambda: True),
    ):
        client.get(silent_server, timeout=1.0)


def test_the_watcher_goes_with_the_block(cut_off: CutOff) -> None:
    name = f"watch-{threading.get_ident()}"
    with cut_off.when(lambda: True):
        assert name in {thread.name for thread in threading.enumerate()}
    assert name not in {thread.name for thread in threading.enumerate()}
