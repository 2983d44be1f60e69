"""Starts quick workers as forks of one process that has loaded everything they need.

A worker's imports take longer than a job of the fault matrix. As a module,
``python -m tests.faults.forked_workers``, it is that process: it reads one request as JSON from
each line of standard input and answers with one line. It has a single thread, so that a fork takes
no lock along.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

LOOK_SECONDS = 0.02


class ForkedWorker:
    """A worker process, used as a `subprocess.Popen` is."""

    def __init__(self, workers: ForkedWorkers, pid: int) -> None:
        self._workers = workers
        self._code: int | None = None
        self.pid = pid

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        if self._code is None:
            self._code = self._workers.ask({"poll": self.pid})
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end and return the exit code; raises TimeoutExpired."""
        end = time.monotonic() + (timeout or float("inf"))
        while (code := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired("quick_worker", timeout or 0.0)
            time.sleep(LOOK_SECONDS)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        # Nobody else gets the process id before `poll` has reported the end.
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)


class ForkedWorkers:
    """The process that forks; a context manager.

    Args:
        environment: what all workers have in common.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.forked_workers"],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path
    ) -> ForkedWorker:
        """Start a worker in a folder; its standard error goes to a file, which is empty before."""
        log.write_bytes(b"")
        request = {
            "arguments": list(arguments),
            "folder": str(folder),
            "environment": dict(environment),
            "log": str(log),
        }
        return ForkedWorker(self, self.ask(request))

    def ask(self, request: Mapping[str, Any]) -> Any:
        """Send a request and return the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(request)}\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def __enter__(self) -> ForkedWorkers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()


def serve() -> dict[str, Any] | None:
    """Answer requests; returns None at their end, and in a forked worker what it was asked for."""
    for line in sys.stdin:
        request: dict[str, Any] = json.loads(line)
        if "poll" in request:
            print(json.dumps(_exit_code(request["poll"])), flush=True)
            continue
        pid = os.fork()
        if pid == 0:
            return request
        print(pid, flush=True)
    return None


def _exit_code(pid: int) -> int | None:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def become_worker(request: Mapping[str, Any]) -> None:
    """Take the place, the environment and the output that the worker was asked to have."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    log = os.open(request["log"], os.O_WRONLY | os.O_APPEND)
    for source, target in ((nowhere, 0), (nowhere, 1), (log, 2)):
        os.dup2(source, target)
    os.close(nowhere)
    os.close(log)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 # what was read ahead stays with the parent
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv[1:] = request["arguments"]


def main() -> int:
    """Load everything and fork workers; in each of them, work."""
    from tests.faults import quick_worker

    quick_worker.hurry()
    quick_worker.load_all()
    gc.freeze()
    request = serve()
    if request is None:
        return 0
    become_worker(request)
    return quick_worker.main()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
