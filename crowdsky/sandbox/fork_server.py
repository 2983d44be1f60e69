"""The warm start's own process: has everything loaded, and forks one child per task.

Started by ``warm_start.py`` as ``python -m crowdsky.sandbox.fork_server``. Standard input is a
socket whose packets are JSON: first the rehearsal, a task that loads what later ones will need,
then one packet per child::

    {"function": "worker.job.rehearsal:rehearse", "arguments": {...}, "folder": "/scratch"}
    {"function": "worker.job.compute:compute_job", "folder": "/path/of/the/job"}
        and with it four files: the child's standard input, output and error, and its control socket

The control socket carries ``{"pid": n}`` when the child is there and ``{"code": n}`` when it has
ended. The parent closes its end to end the child; so does its death. Whatever happens first,
nothing that the child started is left afterwards.

A forked process has only the thread that forked it. That is safe here because no other one is at
work at that moment: the rehearsal has joined its pools, and OpenBLAS ends its threads before a fork
and starts them again when they are needed. Strangers' files are never opened in this process.
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

from crowdsky.base.json_fields import Fields
from crowdsky.base.memory import settle
from crowdsky.sandbox import child_main
from crowdsky.sandbox.limits import offer_to_system
from crowdsky.sandbox.report import Report
from crowdsky.sandbox.task import find_task

REHEARSAL_SECONDS = 300
"""Seconds that a rehearsal may take: it takes three, longer on a small board or a busy machine."""

LARGEST_PACKET_BYTES = 65536
N_FILES = 4


@dataclass(frozen=True, slots=True, eq=False)
class _Forked:
    """A child.

    Attributes:
        life: a file descriptor that becomes readable when the child ends.
        control: the socket to whoever wanted it.
    """

    pid: int
    life: int
    control: socket.socket


class ForkServer:
    """Forks children on demand and watches them."""

    def __init__(self, parent: socket.socket) -> None:
        self._parent = parent
        self._children: set[_Forked] = set()
        self._selector = selectors.DefaultSelector()
        self._selector.register(parent, selectors.EVENT_READ)

    def serve(self) -> str | None:
        """Serve until the parent is gone: None. In every forked child: what it has to call."""
        while True:
            for key, _ in self._selector.select():
                if key.data in self._children:
                    self._end(key.data)
                elif key.fileobj is self._parent:
                    packet, files, _, _ = socket.recv_fds(
                        self._parent, LARGEST_PACKET_BYTES, N_FILES
                    )
                    if not packet:
                        for child in tuple(self._children):
                            self._end(child)
                        return None
                    request = Fields("request for a child", json.loads(packet))
                    if self._fork(Path(request.text("folder")), files):
                        return request.text("function")

    def _fork(self, folder: Path, files: list[int]) -> bool:
        """Start a child; True in the child."""
        pid = os.fork()
        if pid == 0:
            self._become_child(folder, files)
            return True
        *standard, control = files
        for file in standard:
            os.close(file)
        child = _Forked(pid, os.pidfd_open(pid), socket.socket(fileno=control))
        self._children.add(child)
        for sign in (child.life, child.control):
            self._selector.register(sign, selectors.EVENT_READ, child)
        _send(child, {"pid": pid})
        return False

    def _become_child(self, folder: Path, files: list[int]) -> None:
        """Leave everything of the server behind and be like a child that has just been started."""
        os.setsid()
        *standard, control = files
        for number, file in enumerate(standard):
            os.dup2(file, number)
            os.close(file)
        os.close(control)
        for child in self._children:
            os.close(child.life)
            child.control.close()
        self._selector.close()
        self._parent.close()
        os.chdir(folder)
        os.environ["TMPDIR"] = str(folder)
        tempfile.tempdir = None  # it remembers the one of the rehearsal

    def _end(self, child: _Forked) -> None:
        """Remove what is left of a child that has ended, or has to, and report its exit code."""
        # As long as it has not been waited for, its numbers are given to no other process.
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            os.kill(child.pid, signal.SIGKILL)  # it has not come to make its own group
        _, status = os.waitpid(child.pid, 0)
        _send(child, {"code": os.waitstatus_to_exitcode(status)})
        self._children.remove(child)
        for sign in (child.life, child.control):
            self._selector.unregister(sign)
        os.close(child.life)
        child.control.close()


def _send(child: _Forked, message: dict[str, int]) -> None:
    try:
        child.control.send(json.dumps(message).encode())
    except BrokenPipeError:
        return  # the parent is not interested any more


def main() -> int:
    """Rehearse and serve; in each child, run the task with the order on its standard input."""
    offer_to_system()
    parent = socket.socket(fileno=os.dup(0))
    packet = parent.recv(LARGEST_PACKET_BYTES)
    if not packet:
        return 0  # the parent has gone before it asked for anything
    _rehearse(packet)
    reference = ForkServer(parent).serve()
    return 0 if reference is None else child_main.main(reference)


def _rehearse(packet: bytes) -> None:
    """Run the task that loads all that later ones will need, in a scratch folder of its own."""
    order = Fields("rehearsal", json.loads(packet))
    folder = Path(order.text("folder"))
    signal.alarm(REHEARSAL_SECONDS)  # ends this process, even if native code hangs
    os.chdir(folder)
    try:
        # What this imports is the point, under the time limit.
        function = find_task(order.text("function"))
        with Path(os.devnull).open("wb") as nobody:
            function(function.takes.from_json(order.optional_object("arguments")), Report(nobody))
    finally:
        os.chdir("/")
        shutil.rmtree(folder, ignore_errors=True)
    signal.alarm(0)
    settle()


if __name__ == "__main__":
    sys.exit(main())
