"""A server beside us on loopback: started in its own session, stopped with all its children."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import weakref
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from crowdsky.base.errors import CrowdSkyError

START_TIMEOUT_SECONDS = 120.0
STOP_TIMEOUT_SECONDS = 10.0


class ServiceError(CrowdSkyError):
    """A server or command of the demo did not do what it was started for."""


@contextmanager
def kept_port() -> Iterator[int]:
    """A free TCP port on loopback that the system gives to nobody else meanwhile.

    A server that says SO_REUSEADDR, as servers do, may listen on it.
    """
    with _keep() as kept:
        yield kept.getsockname()[1]


def _keep() -> socket.socket:
    """Take a port without listening on it."""
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.bind(("127.0.0.1", 0))
    return kept


def accepts_connections(port: int) -> bool:
    """Tell whether something on loopback answers at ``port``."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1.0):
            return True
    except OSError:
        return False


class BackgroundServer(ABC):
    """One server process on a free loopback port; subclasses say how to start it.

    Used as a context manager. Unless given, the port is chosen at the first start and kept from
    others, so that clients which hold the address find the server again after a `restart`.
    """

    name = "server"

    def __init__(self, log_path: Path, port: int = 0) -> None:
        self.log_path = log_path
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self, port: int) -> Sequence[str]:
        """Return the program and arguments that listen on ``port``."""

    def environment(self) -> Mapping[str, str]:
        """Return the variables the process gets in addition to ours."""
        return {}

    @property
    def port(self) -> int:
        """The loopback port; known once the server has been started."""
        if not self._port:
            raise ServiceError(f"the {self.name} has no address yet: it was never started")
        return self._port

    def start(self) -> None:
        """Start the process and return once it accepts connections.

        Raises:
            ServiceError: it did not come up; the message carries the end of its log.
        """
        if self._port:
            self._launch(self._port)
            return
        kept = _keep()
        port: int = kept.getsockname()[1]
        weakref.finalize(self, os.close, kept.detach())
        self._launch(port)
        self._port = port

    @property
    def session(self) -> int:
        """The session that the process leads, with all of its children.

        Raises:
            ServiceError: it is not running.
        """
        if self._process is None:
            raise ServiceError(f"the {self.name} is not running")
        return self._process.pid

    def is_running(self) -> bool:
        """Tell whether the process was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Ask the process and its children to end, and make them end if they do not."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the process and its children at once, as a crash would."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop and start again on the same port."""
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _launch(self, port: int) -> None:
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("ab") as log:
            process = subprocess.Popen(
                self.command(port),
                env={**os.environ, **self.environment()},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._process = process
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            if accepts_connections(port):
                return
            time.sleep(0.02)
        self.kill()
        raise ServiceError(
            f"the {self.name} did not start on 127.0.0.1:{port}; {self.log_path} ends with: "
            f"{log_tail(self.log_path)}"
        )

    def _end(self, first_signal: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        signal_group(process.pid, first_signal)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_TIMEOUT_SECONDS)
        # The leader may be gone while a child of it still runs.
        signal_group(process.pid, signal.SIGKILL)
        process.wait()
        deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
        while group_runs(process.pid) and time.monotonic() < deadline:
            time.sleep(0.01)


def signal_group(group: int, number: signal.Signals) -> None:
    """Send a signal to every process of a group; a group that is gone is fine."""
    with suppress(ProcessLookupError):
        os.killpg(group, number)


def group_runs(group: int) -> bool:
    """Tell whether a process of the group still runs; ended ones nobody has reaped do not count."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
        if its_group == str(group) and state not in "ZX":
            return True
    return False


def log_tail(path: Path, lines: int = 5) -> str:
    """Return the last lines of a log, joined for use inside one sentence."""
    if not path.exists():
        return "(no log)"
    return " | ".join(path.read_text(errors="replace").splitlines()[-lines:]) or "(empty log)"
