"""Reads the worker's settings from the environment and from a ``.env`` file.

Each setting is a constant of this module under the name of its variable, for scripts::

    from worker.config import UCLOUD_BASE_PATH, WORK_DIR

Importing this module reads nothing. The first constant that is used reads all settings of this
process: from the environment, and from ``.env`` in the folder it runs in. If any are missing or
wrong, that raises one ConfigurationError with every problem. A test compares the settings with
``.env.example`` and the documentation.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crowdsky.base.errors import ConfigurationError
from crowdsky.base.settings_reader import About, SettingsReader, settings_of
from crowdsky.measuring.recipe import Recipe
from crowdsky.stacking.engines import DEFAULT_ENGINE, ENGINES
from crowdsky.stacking.weighing import POINT_SOURCES, WEIGHTS
from worker.settings import LOG_FORMATS, LOG_LEVELS, ON_OFF, Settings

API_BASE_URL: str
WORKER_API_KEY: str
UCLOUD_WEBDAV_URL: str
UCLOUD_SHARE_TOKEN: str
UCLOUD_BASE_PATH: str
WORKER_ID: str
POLL_INTERVAL: float
WORK_DIR: Path
MIN_FREE_MB: float
MAX_WORKERS: int
JOB_MEMORY_MB: int
JOB_TIMEOUT: float
SHUTDOWN_GRACE: float
STACK_ENGINE: str
STACK_WEIGHTS: str
WARM_START: bool
METRICS_PORT: int
METRICS_ADDRESS: str
LOG_FORMAT: str
LOG_LEVEL: str
SOLVERS: tuple[str, ...]
INDEX_DIR: Path
SOLVE_TIMEOUT: float
CATALOGUE_DIR: Path | None
CATALOGUE_FILE: Path | None
CACHE_DIR: Path
NOVA_URL: str
NOVA_API_KEY: str

MEMORY_PER_JOB_MB = {"native": 1_536, "seestarpy": 16_384}
"""Memory in MB that a job needs. Our own engine needs up to 0.9 GB for a large sensor, however many
subs there are, and solving some more; seestarpy holds about 0.2 GB per sub, and 15 minutes are up
to 90 subs of 10 s."""

LAST_PORT = 65_535

MEMORY_SHARE = 0.8
"""Fraction of the machine's memory that all jobs together may use; the rest is for the system."""

if not TYPE_CHECKING:  # type checkers know the constants above and should report any other name

    def __getattr__(name: str) -> Any:
        """The value of a setting by the name of its variable."""
        if name not in {setting.variable for setting in every_setting()}:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return current_settings().by_variable()[name]


@dataclass(frozen=True, slots=True)
class Machine:
    """What a default depends on: number of cores and memory in MB."""

    cores: int
    memory_mb: int

    @classmethod
    def here(cls) -> Machine:
        """The machine this process runs on, as far as it may use it."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return cls(cores=cores or 1, memory_mb=memory // 2**20)


def every_setting() -> tuple[About, ...]:
    """What there is to know about each setting, in the order of the documentation."""
    return (*settings_of(Settings).values(), *settings_of(Recipe).values())


@functools.cache
def current_settings() -> Settings:
    """The settings of this process, read from the environment and ``.env`` on first use.

    Raises:
        ConfigurationError: with every problem found; the next call reads them again.
    """
    return load_settings()


def load_settings(
    environment: Mapping[str, str] | None = None,
    env_file: Path | None = Path(".env"),
    machine: Machine | None = None,
) -> Settings:
    """Read the settings; the environment wins over the file.

    Args:
        environment: by default that of this process.
        env_file: the ``.env`` file; it need not exist.
        machine: what the defaults of MAX_WORKERS and JOB_MEMORY_MB are computed from.

    Raises:
        ConfigurationError: with every problem found, not only the first.
    """
    reader = SettingsReader(every_setting(), environment, env_file)
    settings = read_settings(reader, machine or Machine.here())
    reader.finish()
    return settings


def read_settings(read: SettingsReader, machine: Machine) -> Settings:
    """Read every setting once; problems are collected by the reader."""
    engine = _installed_engine(read)
    per_job = MEMORY_PER_JOB_MB.get(engine, max(MEMORY_PER_JOB_MB.values()))
    workers = max(1, min(machine.cores, machine.memory_mb // per_job))
    workers = int(read.number("MAX_WORKERS", workers, at_least=1, whole=True))
    memory = max(256, int(machine.memory_mb * MEMORY_SHARE / max(workers, 1)))
    settings = Settings(
        api_base_url=read.url("API_BASE_URL", required=True),
        worker_api_key=read.secret("WORKER_API_KEY", required=True),
        webdav_url=read.url("UCLOUD_WEBDAV_URL"),
        share_token=read.secret("UCLOUD_SHARE_TOKEN"),
        base_path=read.remote_path("UCLOUD_BASE_PATH"),
        worker_id=read.matching("WORKER_ID", r"[^\x00-\x1f]{1,64}", "1 to 64 characters"),
        poll_interval=read.number("POLL_INTERVAL", at_least=1),
        work_dir=Path(read.value("WORK_DIR")).expanduser(),
        min_free_mb=read.number("MIN_FREE_MB", at_least=0),
        max_workers=workers,
        job_memory_mb=int(read.number("JOB_MEMORY_MB", memory, at_least=256, whole=True)),
        job_timeout=read.number("JOB_TIMEOUT", at_least=1),
        shutdown_grace=read.number("SHUTDOWN_GRACE", at_least=0),
        stack_engine=engine,
        stack_weights=_weights(read, engine),
        warm_start=read.choice("WARM_START", ON_OFF) == "on",
        metrics_port=int(read.number("METRICS_PORT", at_least=0, whole=True)),
        metrics_address=read.matching("METRICS_ADDRESS", r"[0-9.]+", "an IPv4 address"),
        log_format=read.choice("LOG_FORMAT", LOG_FORMATS),
        log_level=read.choice("LOG_LEVEL", LOG_LEVELS),
        recipe=Recipe.read(read),
    )
    if settings.metrics_port > LAST_PORT:
        read.problems.append(f"METRICS_PORT must be at most {LAST_PORT}")
    if bool(settings.webdav_url) != bool(settings.share_token):
        read.problems.append(
            "UCLOUD_WEBDAV_URL and UCLOUD_SHARE_TOKEN belong together: set both or neither"
        )
    return settings


def _weights(read: SettingsReader, engine: str) -> str:
    """Read STACK_WEIGHTS, which only our own engine can apply."""
    weights = read.choice("STACK_WEIGHTS", WEIGHTS)
    if engine != DEFAULT_ENGINE and weights != POINT_SOURCES:
        read.problems.append(f"STACK_WEIGHTS: {engine} counts all subs the same, leave it out")
    return weights


def _installed_engine(read: SettingsReader) -> str:
    """Read STACK_ENGINE; the default takes the place of an engine that is not installed."""
    engine = read.choice("STACK_ENGINE", tuple(ENGINES))
    if engine != "seestarpy":
        return engine
    try:
        from crowdsky.stacking.engines.seestarpy_import import require_seestarpy

        require_seestarpy()
    except ConfigurationError as error:
        read.problems.append(f"STACK_ENGINE: {error}")
        return DEFAULT_ENGINE
    return engine
