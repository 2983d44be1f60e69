"""Checks the machine before a job is claimed: a claimed job that cannot run costs time."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path

from crowdsky.base.metrics import FIT
from worker.config import MEMORY_PER_JOB_MB, Settings
from worker.disk.journal import LIMIT, Journal
from worker.disk.workspace import write_fault

log = logging.getLogger(__name__)

MEMORY_PART = 0.5
"""Fraction of a large job's memory that a claim requires; most jobs need less."""

MEMINFO = Path("/proc/meminfo")


@dataclass(frozen=True, slots=True)
class Preflight:
    """What a machine must have before a job is claimed.

    Attributes:
        work_dir: the scratch folder; the check writes a small file there and removes it.
        free_mb: space that must be free in it.
        memory_mb: memory that must be available.
        journal: a full one means that results cannot be reported.
        meminfo: where Linux reports the available memory; other systems are not checked.
    """

    work_dir: Path
    free_mb: float
    memory_mb: float
    journal: Journal
    meminfo: Path = MEMINFO

    @classmethod
    def of(cls, settings: Settings, journal: Journal) -> Preflight:
        """What one job needs according to the settings."""
        large = MEMORY_PER_JOB_MB.get(settings.stack_engine, max(MEMORY_PER_JOB_MB.values()))
        return cls(
            work_dir=settings.work_dir,
            free_mb=settings.min_free_mb,
            memory_mb=MEMORY_PART * min(settings.job_memory_mb, large),
            journal=journal,
        )

    def obstacle(self, *, idle: bool) -> str:
        """Why this machine cannot take a job now, and what to do; empty if it can.

        Args:
            idle: whether no job runs here. Otherwise jobs may be using the memory.
        """
        if obstacle := self._disk_obstacle():
            return obstacle
        available = self._available_mb()
        if idle and available is not None and available < self.memory_mb:
            return (
                f"{available:.0f} MB of memory are available and a job needs {self.memory_mb:.0f}; "
                "end other programs, or lower MAX_WORKERS or JOB_MEMORY_MB"
            )
        if self.journal.count() >= LIMIT:
            return (
                f"{LIMIT} results are stored, but the site has not accepted their completions; the "
                "log has the reasons"
            )
        return ""

    def _disk_obstacle(self) -> str:
        """Why the scratch folder cannot hold a job; empty if it can."""
        try:
            free = shutil.disk_usage(self.work_dir).free / 2**20
        except OSError as error:
            return self._unusable(error.strerror or str(error))
        if free < self.free_mb:
            return (
                f"{free:.0f} MB are free in {self.work_dir} and MIN_FREE_MB asks for "
                f"{self.free_mb:.0f}; make room or point WORK_DIR elsewhere"
            )
        fault = write_fault(self.work_dir)
        return self._unusable(fault) if fault else ""

    def _unusable(self, fault: str) -> str:
        return (
            f"nothing can be written to {self.work_dir}: {fault}; check the disk and the folder's "
            "permissions, or point WORK_DIR elsewhere"
        )

    def _available_mb(self) -> float | None:
        """Memory that is available without swapping; None where the system does not report it."""
        try:
            lines = self.meminfo.read_text("ascii").splitlines()
        except OSError:
            return None
        for line in lines:
            name, _, value = line.partition(":")
            if name == "MemAvailable":
                return int(value.split()[0]) / 1024.0
        return None


class Fitness:
    """Checks the machine before each claim, and logs when the result changes."""

    def __init__(self, preflight: Preflight) -> None:
        self._preflight = preflight
        self._unfit = False

    def allows_claim(self, *, idle: bool = True) -> bool:
        """Whether this machine can take a job."""
        obstacle = self._preflight.obstacle(idle=idle)
        if obstacle and not self._unfit:
            log.error("no job is claimed: %s", obstacle)
        elif self._unfit and not obstacle:
            log.info("jobs are claimed again")
        self._unfit = bool(obstacle)
        FIT.set(not obstacle)
        return not self._unfit
