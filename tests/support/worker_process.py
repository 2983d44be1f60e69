"""A real ``python -m worker`` for tests, and subs small enough to stack in seconds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import numpy as np
from astropy.io import fits

from crowdsky.base.python_path import python_path
from crowdsky.synthetic.sky import SEESTAR_S50, demo_nights, write_night
from tests.support.crashing_worker import CRASH
from tests.support.held_worker import HOLD
from tests.support.set_clock import VARIABLES as CLOCK

WAIT_SECONDS = 240.0
"""Patience for a busy machine; nothing is slow on purpose."""

ODD_WORKERS = {HOLD: "tests.support.held_worker", CRASH: "tests.support.crashing_worker"}
"""What is started instead of the worker, by the setting that asks for it."""

TIMEOUT = 500.0
"""Seconds for one command to its end."""


def bare_environment() -> dict[str, str]:
    """No settings of a worker, but where everything is found, and this clock."""
    names = ("PATH", *CLOCK)
    found = {name: os.environ[name] for name in names if name in os.environ}
    return {**found, **python_path()}


class WorkerProcess:
    """A worker in its own session; a context manager that leaves nothing running.

    Args:
        folder: where it runs, with its scratch folder ``scratch`` inside.
        settings: its environment variables; with the one of `held_worker`, its children wait,
            with that of `crashing_worker`, their measuring fails.
        arguments: of the command line.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str], *arguments: str) -> None:
        self.scratch = folder / "scratch"
        folder.mkdir(parents=True, exist_ok=True)
        inherited = {"HOME": os.environ["HOME"]} if "HOME" in os.environ else {}
        odd = [module for setting, module in ODD_WORKERS.items() if setting in settings]
        self.process = subprocess.Popen(
            [sys.executable, "-m", *(odd or ["worker"]), *arguments],
            cwd=folder,
            env={
                **inherited,
                **bare_environment(),
                "WORK_DIR": str(self.scratch),
                **settings,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for_line(self, part: str) -> None:
        """Wait until a log line contains ``part``."""
        self.wait_for(lambda: any(part in line for line in self.lines), f"no line {part!r}")

    def wait_for(self, condition: Callable[[], object], complaint: str) -> None:
        """Wait until ``condition()`` holds; looked at with each log line and often besides."""
        end = time.monotonic() + WAIT_SECONDS
        while not condition():
            ended = self.process.poll() is not None and not self._reader.is_alive()
            assert time.monotonic() < end and not ended, f"{complaint} in:\n{self.log}"
            with self._news:
                self._news.wait(0.05)

    @property
    def log(self) -> str:
        """What it logged so far."""
        return "\n".join(self.lines)

    def kill(self) -> None:
        """Kill the worker alone with SIGKILL, as an out-of-memory kill does."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Send SIGTERM and return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(WAIT_SECONDS)

    def exit_code(self) -> int:
        """Wait for the end and return the exit code."""
        self.wait_for(lambda: self.process.poll() is not None, "no end")
        return self.process.wait()

    def __enter__(self) -> WorkerProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait()
        self._reader.join()

    def _read(self) -> None:
        assert self.process.stderr is not None
        with self.process.stderr as lines:
            for line in lines:
                self.lines.append(line.rstrip())
                with self._news:
                    self._news.notify_all()


def run_worker(
    folder: Path, settings: Mapping[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run one command of the worker to its end, with these settings and no others."""
    return subprocess.run(
        [sys.executable, "-m", "worker", *arguments],
        cwd=folder,
        env={**bare_environment(), **settings},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def small_subs(folder: Path, count: int = 3) -> list[Path]:
    """Render subs of 480 x 640 pixels without mishaps."""
    rng = np.random.default_rng(94)
    night, _ = demo_nights(rng, count, SEESTAR_S50.resized(480, 640))
    night = replace(night, satellites=(), trailed=(), cloudy=(), jump_at=None)
    return list(write_night(folder, night, rng).paths)


def starry_subs(folder: Path, count: int = 3) -> list[Path]:
    """Render subs of M 81 among its real stars that are just large enough to be solved at once."""
    rng = np.random.default_rng(81)
    night, _ = demo_nights(rng, count, SEESTAR_S50.resized(720, 1280))
    night = replace(night, satellites=(), trailed=(), cloudy=(), jump_at=None)
    return list(write_night(folder, night, rng).paths)


def starless_subs(folder: Path, subs: list[Path]) -> list[Path]:
    """The same subs with nothing but sky noise in them."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(7)
    for sub in subs:
        with fits.open(sub) as opened:
            shape, header = opened[0].data.shape, opened[0].header
            noise = rng.normal(560.0, 12.0, shape).astype(np.uint16)
            fits.PrimaryHDU(noise, header).writeto(folder / sub.name)
    return [folder / sub.name for sub in subs]
