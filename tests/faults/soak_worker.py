"""A worker of the soak: a process that can be killed, frozen and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from crowdsky.base.python_path import python_path

STOP_SECONDS = 120.0


class SoakWorker:
    """A worker process that can be killed, frozen and started again."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        folder.mkdir()
        self.folder = folder
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._is_asked = False

    def start(self) -> None:
        """Start it, unless it runs."""
        if self._process is not None and self._process.poll() is None:
            return
        with (self.folder / "worker.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.quick_worker"],
                cwd=self.folder,
                env={**os.environ, **python_path(), **self._settings},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
            )

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def ask_to_end(self) -> None:
        """Ask it to stop, once: a second signal would make it hurry."""
        if not self._is_asked:
            self._is_asked = True
            self.signal(signal.SIGCONT)
            self.signal(signal.SIGTERM)

    def end(self) -> int | None:
        """Ask it to stop; returns the exit code, None if it had to be killed."""
        if self._process is None:
            return 0
        self.ask_to_end()
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return None
