"""Starts the child of a task from a process that has loaded everything already (``fork_server``).

A new program spends two seconds of processor time on imports and compiled kernels before it looks
at a frame; a forked child begins at once. The warm start is a help, not a need: whatever is wrong
with it costs one task those two seconds.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO

from crowdsky.base.errors import CrowdSkyError
from crowdsky.base.json_fields import JsonObject
from crowdsky.sandbox.child import child_environment, close_pipes
from crowdsky.sandbox.endings import last_line
from crowdsky.sandbox.fork_server import LARGEST_PACKET_BYTES, REHEARSAL_SECONDS
from crowdsky.sandbox.task import Arguments, Result, Task

log = logging.getLogger(__name__)

SERVER = ("-P", "-m", "crowdsky.sandbox.fork_server")

ANSWER_SECONDS = 10.0
"""Seconds to wait for a child. A fork takes milliseconds; a server that has not answered by then
never will."""

ENDING_SECONDS = 10.0
LOOK_SECONDS = 0.25
LARGEST_LOG_BYTES = 2**20


class WarmStartError(CrowdSkyError):
    """The fork server gave no child."""


class WarmChild:
    """A forked child; the server reports its end over its control socket."""

    def __init__(
        self, pid: int, pipes: tuple[IO[bytes], IO[bytes]], control: socket.socket
    ) -> None:
        self._pid = pid
        self._control = control
        self._ended = False
        self.stdin, self.stdout = pipes

    def wait(self, seconds: float) -> int | None:
        """See crowdsky.sandbox.child.Child."""
        self._control.settimeout(seconds)
        packet = _receive(self._control)
        if not packet:
            return None
        self._ended = True
        code: int = json.loads(packet)["code"]
        return code

    def close(self) -> None:
        """See crowdsky.sandbox.child.Child."""
        close_pipes(self)
        with suppress(OSError):  # the server may be gone
            self._control.shutdown(socket.SHUT_WR)
        try:
            if not self._ended:
                self.wait(ENDING_SECONDS)
        except TimeoutError:
            log.warning("the warm start does not answer; its child is killed without it")
        if not self._ended:
            with suppress(ProcessLookupError):
                os.killpg(self._pid, signal.SIGKILL)
        self._control.close()


class WarmStart:
    """A fork server, started again when it ended; usable from several threads."""

    def __init__(self, rehearsal: Task[Arguments, Result], threads: int) -> None:
        """Start it; it gets ready in the background.

        Args:
            rehearsal: a task that loads what later ones will need. It must bring no secrets, no
                strangers' files and no threads that go on after it; its result is of no interest.
            threads: number that each library may start in a child.
        """
        self._rehearsal: JsonObject = {
            "function": rehearsal.function.reference,
            "arguments": rehearsal.arguments.to_json(),
        }
        self._environment = child_environment(threads)
        self._log = tempfile.TemporaryFile("a+b")  # noqa: SIM115 - closed by close()
        self._lock = threading.Lock()
        self._server: _Server | None = _Server(self._rehearsal, self._environment, self._log)
        self._hopeless = False

    def start(
        self, reference: str, folder: Path, stderr: IO[bytes], check: Callable[[], None]
    ) -> WarmChild | None:
        """Start a child in ``folder`` for the registered function with this reference.

        ``check`` is called while the server gets ready; it may raise. Returns None, and logs the
        reason, when this child has to start cold.
        """
        server = self._present()
        if server is None:
            return None
        try:
            return server.fork(reference, folder, stderr, check)
        except WarmStartError as error:
            self._drop(server, error)
            return None

    def close(self) -> None:
        """End the server, after the last task."""
        with self._lock:
            if self._server is not None:
                self._server.close()
        self._log.close()

    def _present(self) -> _Server | None:
        with self._lock:
            if self._server is None and not self._hopeless:
                try:
                    self._server = _Server(self._rehearsal, self._environment, self._log)
                except OSError as error:
                    log.warning("the warm start cannot begin: %s; this job starts cold", error)
            return self._server

    def _drop(self, server: _Server, reason: WarmStartError) -> None:
        """Give up a server; its children live on. One that never worked was the last."""
        with self._lock:
            if self._server is not server:
                return  # another thread was faster
            server.close()
            self._server = None
            self._hopeless = self._hopeless or not server.has_answered
            future = "as all jobs will" if self._hopeless else "and the next one warm again"
            log.warning("%s; this job starts cold, %s", reason, future)


def open_warm_start(rehearsal: Task[Arguments, Result], threads: int) -> WarmStart | None:
    """Open a warm start; None where system libraries do not survive a fork, as on macOS."""
    if sys.platform != "linux":
        return None
    try:
        return WarmStart(rehearsal, threads)
    except OSError as error:  # no room for scratch, too many open files
        log.warning("there is no warm start: %s; all jobs start cold", error)
        return None


class _Server:
    """One process of the fork server."""

    def __init__(
        self, rehearsal: JsonObject, environment: dict[str, str], log_file: IO[bytes]
    ) -> None:
        self.has_answered = False
        self._started = time.monotonic()
        self._scratch = tempfile.TemporaryDirectory(prefix="crowdsky-", ignore_cleanup_errors=True)
        self._log = log_file
        self._log.truncate(0)
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, *SERVER],
                stdin=theirs.fileno(),
                stdout=log_file,
                stderr=log_file,
                env=environment,
                start_new_session=True,
            )
        with suppress(BrokenPipeError):  # it is noticed when the first child is wanted
            self._control.send(json.dumps(rehearsal | {"folder": self._scratch.name}).encode())

    def fork(
        self, reference: str, folder: Path, stderr: IO[bytes], check: Callable[[], None]
    ) -> WarmChild:
        """Ask for a child and wait for it; raises WarmStartError and what ``check`` raises."""
        with ExitStack() as ours:
            control, their_control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            ours.enter_context(control)
            their_stdin, stdin = _pipe()
            stdout, their_stdout = _pipe()
            pipes = (ours.enter_context(stdin), ours.enter_context(stdout))
            with their_control, their_stdin, their_stdout:
                theirs = (their_stdin, their_stdout, stderr, their_control)
                request = {"function": reference, "folder": str(folder)}
                self._send(request, [file.fileno() for file in theirs])
            child = WarmChild(self._answer(control, check), pipes, control)
            ours.pop_all()
            return child

    def _send(self, request: dict[str, str], files: Sequence[int]) -> None:
        try:
            socket.send_fds(self._control, [json.dumps(request).encode()], files)
        except OSError as error:
            raise WarmStartError("the warm start has ended", why=self._last_words()) from error

    def _answer(self, control: socket.socket, check: Callable[[], None]) -> int:
        """The child's process id."""
        asked = time.monotonic()
        control.settimeout(LOOK_SECONDS)
        while True:
            check()
            try:
                packet = _receive(control)
            except TimeoutError:
                if time.monotonic() > self._deadline(asked):
                    raise WarmStartError("the warm start does not answer") from None
                continue
            if not packet:
                raise WarmStartError("the warm start has ended", why=self._last_words())
            self.has_answered = True
            pid: int = json.loads(packet)["pid"]
            return pid

    def _deadline(self, asked: float) -> float:
        ready = asked if self.has_answered else max(asked, self._started + REHEARSAL_SECONDS)
        return ready + ANSWER_SECONDS

    def _last_words(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(LOOK_SECONDS)  # its end of the socket closes a moment before
        stderr = os.pread(self._log.fileno(), LARGEST_LOG_BYTES, 0)
        words = last_line(stderr.decode("utf-8", "replace"))
        code = self._process.poll()
        return words or ("" if code is None else f"it ended with code {code}")

    def close(self) -> None:
        """End the process; the children that it forked go on."""
        self._control.close()
        self._process.kill()
        self._process.wait()
        self._scratch.cleanup()


def _pipe() -> tuple[IO[bytes], IO[bytes]]:
    """The end to read from, and the one to write to."""
    reading, writing = os.pipe()
    return os.fdopen(reading, "rb"), os.fdopen(writing, "wb")


def _receive(control: socket.socket) -> bytes:
    """A packet, nothing if the other side is gone; raises TimeoutError."""
    try:
        return control.recv(LARGEST_PACKET_BYTES)
    except ConnectionResetError:
        return b""
