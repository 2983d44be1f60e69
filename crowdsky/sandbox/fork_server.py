"""The warm start's own process: has everything loaded, and forks one child per job.

Started by ``warm_start.py`` as ``python -m crowdsky.sandbox.fork_server``. Standard input is a
socket whose packets are JSON, first what to rehearse with, then one packet per job::

    {"recipe": {...}, "folder": "/scratch"}
    {"folder": "/path/of/the/job"}          and with it four files: the child's standard input,
                                            output and error, and the job's line

The line is a socket, too. It says ``{"pid": n}`` when the child is there and ``{"code": n}`` when
it has ended. The parent closes its end to end the job; so does its death. Whatever happens first,
nothing that the job started is left afterwards.

A forked process has only the thread that forked it. That is safe here because no other one is at
work at that moment: the rehearsal has joined its pools, numba's kernels run in those only, and
OpenBLAS ends its threads before a fork and starts them again when they are needed. Frames of
owners are never opened in this process.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import signal
import socket
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crowdsky.base.memory import settle
from crowdsky.measuring.recipe import Recipe
from crowdsky.sandbox import task as compute

REHEARSAL_SECONDS = 300
"""The first one on a machine compiles the kernels: 20 s, some minutes on a small board."""

LARGEST_PACKET_BYTES = 65536
N_FILES = 4


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    pid: int
    life: int
    """A file descriptor that becomes readable when the child ends."""
    line: socket.socket


class ForkServer:
    """Forks children on demand and watches them."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._jobs: set[_Job] = set()
        self._selector = selectors.DefaultSelector()
        self._selector.register(control, selectors.EVENT_READ)

    def serve(self) -> bool:
        """Serve until the parent is gone: False. In every forked child: True, at once."""
        while True:
            for key, _ in self._selector.select():
                if key.data in self._jobs:
                    self._end(key.data)
                elif key.fileobj is self._control:
                    packet, files, _, _ = socket.recv_fds(
                        self._control, LARGEST_PACKET_BYTES, N_FILES
                    )
                    if not packet:
                        for job in tuple(self._jobs):
                            self._end(job)
                        return False
                    if self._fork(json.loads(packet), files):
                        return True

    def _fork(self, order: dict[str, Any], files: list[int]) -> bool:
        """Start the child of a job; True in the child."""
        pid = os.fork()
        if pid == 0:
            self._become_child(Path(order["folder"]), files)
            return True
        *standard, line = files
        for file in standard:
            os.close(file)
        job = _Job(pid, os.pidfd_open(pid), socket.socket(fileno=line))
        self._jobs.add(job)
        for sign in (job.life, job.line):
            self._selector.register(sign, selectors.EVENT_READ, job)
        _tell(job, {"pid": pid})
        return False

    def _become_child(self, folder: Path, files: list[int]) -> None:
        """Leave everything of the server behind and be as a child that has just been started."""
        os.setsid()
        *standard, line = files
        for number, file in enumerate(standard):
            os.dup2(file, number)
            os.close(file)
        os.close(line)
        for job in self._jobs:
            os.close(job.life)
            job.line.close()
        self._selector.close()
        self._control.close()
        os.chdir(folder)
        os.environ["TMPDIR"] = str(folder)
        tempfile.tempdir = None  # it remembers the one of the rehearsal

    def _end(self, job: _Job) -> None:
        """The child has ended, or has to: leave nothing of it, and say how it went."""
        # As long as it has not been waited for, its numbers are given to no other process.
        try:
            os.killpg(job.pid, signal.SIGKILL)
        except ProcessLookupError:
            os.kill(job.pid, signal.SIGKILL)  # it has not come to make its own group
        _, status = os.waitpid(job.pid, 0)
        _tell(job, {"code": os.waitstatus_to_exitcode(status)})
        self._jobs.remove(job)
        for sign in (job.life, job.line):
            self._selector.unregister(sign)
        os.close(job.life)
        job.line.close()


def _tell(job: _Job, message: dict[str, int]) -> None:
    try:
        job.line.send(json.dumps(message).encode())
    except BrokenPipeError:
        return  # the parent does not want to know any more


def main() -> int:
    """Rehearse and serve; in each child, do the task on its standard input."""
    compute.offer_to_system()
    control = socket.socket(fileno=os.dup(0))
    if not prepare(control.recv(LARGEST_PACKET_BYTES)):
        return 0
    if ForkServer(control).serve():
        return compute.main()
    return 0


def prepare(packet: bytes) -> bool:
    """Load all that jobs will need; False if the parent has gone before it asked for it."""
    if not packet:
        return False
    order = json.loads(packet)
    folder = Path(order["folder"])
    signal.alarm(REHEARSAL_SECONDS)  # ends this process, even if native code hangs
    try:
        # Here because of what it imports, which is the point, under the time limit.
        from crowdsky.sandbox.rehearsal import rehearse

        rehearse(Recipe.from_json(order["recipe"]), folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    signal.alarm(0)
    settle()
    return True


if __name__ == "__main__":
    sys.exit(main())
