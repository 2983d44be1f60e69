"""The worker's settings, read from the environment and from a ``.env`` file.

Every field below and in ``recipe.py`` carries the name of its environment variable, its unit, its
default and the reason for that default; a test compares them with ``.env.example`` and the
documentation.
``load_settings`` reports every problem at once, before the first job is claimed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from crowdsky.base.errors import ConfigurationError
from crowdsky.base.settings_reader import About, SettingsReader, about
from crowdsky.measuring.recipe import Recipe
from crowdsky.stacking.engines.seestarpy_import import require_seestarpy

STACK_ENGINES = ("native", "seestarpy")
ON_OFF = ("on", "off")
LOG_FORMATS = ("text", "json")
LOG_LEVELS = ("debug", "info", "warning", "error")

MEMORY_PER_JOB_MB = {"native": 1_536, "seestarpy": 16_384}
"""The engine of ours takes up to 0.9 GB for a large sensor, however many subs, and solving some
more; seestarpy holds about 0.2 GB a sub, and 15 minutes are up to 90 subs of 10 s."""

LAST_PORT = 65_535

MEMORY_SHARE = 0.8
"""Part of the machine's memory that jobs may use together; the rest is the system's."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a worker, checked. Secrets do not show in its ``repr``."""

    api_base_url: str = field(
        metadata=about(
            "API_BASE_URL",
            unit="URL",
            default="",
            reason="Address of the site's job API; ends in /api. Required.",
        ),
    )
    worker_api_key: str = field(
        repr=False,
        metadata=about(
            "WORKER_API_KEY",
            unit="text",
            default="",
            reason="Key of this worker, made on the site by an admin and shown once. Required.",
        ),
    )
    webdav_url: str = field(
        metadata=about(
            "UCLOUD_WEBDAV_URL",
            unit="URL",
            default="",
            reason="WebDAV address of the storage. Empty: results go up through the site.",
        ),
    )
    share_token: str = field(
        repr=False,
        metadata=about(
            "UCLOUD_SHARE_TOKEN",
            unit="text",
            default="",
            reason="Token of the storage share, sent as user name with an empty password.",
        ),
    )
    base_path: str = field(
        metadata=about(
            "UCLOUD_BASE_PATH",
            unit="remote path",
            default="/crowdsky",
            reason="Folder in the share under which everything is kept; the same as on the site.",
        ),
    )
    worker_id: str = field(
        metadata=about(
            "WORKER_ID",
            unit="text",
            default="worker-01",
            reason="Name of this worker on the site's pages, at most 64 characters.",
        ),
    )
    poll_interval: float = field(
        metadata=about(
            "POLL_INTERVAL",
            unit="seconds",
            default="30",
            reason="Longest pause between two questions for work: soon enough for a night's chunk.",
        ),
    )
    work_dir: Path = field(
        metadata=about(
            "WORK_DIR",
            unit="folder",
            default="./tmp",
            reason="Scratch space for raws and results of running jobs; emptied after each job.",
        ),
    )
    min_free_mb: float = field(
        metadata=about(
            "MIN_FREE_MB",
            unit="MB",
            default="1336",
            reason="Free room in WORK_DIR without which no job is claimed: 3 times a full chunk.",
        ),
    )
    max_workers: int = field(
        metadata=about(
            "MAX_WORKERS",
            unit="jobs",
            default="one per 1.5 GB of memory (seestarpy: 16 GB), 1 at least, at most one per core",
            reason="Jobs computed at the same time. seestarpy holds about 0.2 GB per sub.",
        ),
    )
    job_memory_mb: int = field(
        metadata=about(
            "JOB_MEMORY_MB",
            unit="MB",
            default="80 % of the memory, divided by MAX_WORKERS",
            reason="Most memory one job may take, so that a huge one fails and the machine lives.",
        ),
    )
    job_timeout: float = field(
        metadata=about(
            "JOB_TIMEOUT",
            unit="seconds",
            default="3600",
            reason="Most time one job may compute: ten times what 90 subs take on a small board.",
        ),
    )
    shutdown_grace: float = field(
        metadata=about(
            "SHUTDOWN_GRACE",
            unit="seconds",
            default="30",
            reason="After a stop signal, time for an upload to finish; other jobs are handed back.",
        ),
    )
    stack_engine: str = field(
        metadata=about(
            "STACK_ENGINE",
            unit=" or ".join(STACK_ENGINES),
            default="native",
            reason="The program that stacks: our own, or seestarpy to compare with.",
        ),
    )
    warm_start: bool = field(
        metadata=about(
            "WARM_START",
            unit=" or ".join(ON_OFF),
            default="on",
            reason="A process of 0.3 GB that starts jobs faster; off where memory is short.",
        ),
    )
    metrics_port: int = field(
        metadata=about(
            "METRICS_PORT",
            unit="TCP port",
            default="0",
            reason="Where the daemon answers /metrics (Prometheus) and /healthz; 0: nowhere.",
        ),
    )
    metrics_address: str = field(
        metadata=about(
            "METRICS_ADDRESS",
            unit="IPv4 address",
            default="127.0.0.1",
            reason="Address of METRICS_PORT; the answers are open to everybody who reaches it.",
        ),
    )
    log_format: str = field(
        metadata=about(
            "LOG_FORMAT",
            unit=" or ".join(LOG_FORMATS),
            default="text",
            reason="Text for people, JSON for log collectors; one line per event either way.",
        ),
    )
    log_level: str = field(
        metadata=about(
            "LOG_LEVEL",
            unit=", ".join(LOG_LEVELS),
            default="info",
            reason="The least important kind of line that is written.",
        ),
    )

    recipe: Recipe
    """With what stacks are solved and measured; its settings are described in its fields."""

    @property
    def uses_webdav(self) -> bool:
        """Whether results go to the storage directly instead of through the site."""
        return bool(self.webdav_url)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that must never appear in a log or message."""
        secrets = (self.worker_api_key, self.share_token, self.recipe.nova_key)
        return tuple(value for value in secrets if value)


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
    described = (*fields(Settings), *fields(Recipe))
    return tuple(entry.metadata for entry in described if entry.metadata)


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
    """Read every setting once; the reader knows what is wrong with them."""
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


def _installed_engine(read: SettingsReader) -> str:
    """Read STACK_ENGINE; the default takes the place of an engine that is not installed."""
    engine = read.choice("STACK_ENGINE", STACK_ENGINES)
    if engine != "seestarpy":
        return engine
    try:
        require_seestarpy()
    except ConfigurationError as error:
        read.problems.append(f"STACK_ENGINE: {error}")
        return STACK_ENGINES[0]
    return engine
