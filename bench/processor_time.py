"""Processor time of servers, which a busy machine changes less than the time on the clock."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")
NS_PER_MS = 1e6


class ProcessorTime:
    """What the processes of servers, each a session of its own, have used so far."""

    def __init__(self, sessions: Iterable[int]) -> None:
        """Look for the processes of sessions, by the ids of their leaders, once."""
        wanted = set(sessions)
        self._pids = [pid for pid, session in _sessions() if session in wanted]

    def read(self) -> float:
        """Return milliseconds of all their threads that have not ended."""
        spent = 0
        for pid in self._pids:
            for path in (PROC / str(pid) / "task").glob("*/schedstat"):
                spent += int(path.read_text().split()[0])
        return spent / NS_PER_MS


def _sessions() -> Iterable[tuple[int, int]]:
    for path in PROC.glob("[0-9]*/stat"):
        try:
            # The name in brackets may have blanks.
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        yield int(path.parent.name), int(fields[3])
