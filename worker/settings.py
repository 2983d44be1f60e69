"""The worker's settings as one record: each field has its variable, unit, default and reason.

``worker.config`` reads them. Those of solving and measuring are in ``Recipe``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crowdsky.base.settings_reader import about, settings_of
from crowdsky.measuring.recipe import Recipe
from crowdsky.stacking.engines import DEFAULT_ENGINE, ENGINES
from crowdsky.stacking.weighing import POINT_SOURCES, WEIGHTS

ON_OFF = ("on", "off")
LOG_FORMATS = ("text", "json")
LOG_LEVELS = ("debug", "info", "warning", "error")


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
            reason="WebDAV address of the storage. Empty: results are uploaded through the site.",
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
            reason="Longest pause between two claims when idle: soon enough for a night's chunk.",
        ),
    )
    work_dir: Path = field(
        metadata=about(
            "WORK_DIR",
            unit="folder",
            default="./tmp",
            reason="Scratch folder for raws and results of running jobs; emptied after each job.",
        ),
    )
    min_free_mb: float = field(
        metadata=about(
            "MIN_FREE_MB",
            unit="MB",
            default="1336",
            reason="Free space in WORK_DIR that a claim requires: 3 times a full chunk.",
        ),
    )
    max_workers: int = field(
        metadata=about(
            "MAX_WORKERS",
            unit="jobs",
            default="",
            shown="one per 1.5 GB of memory (seestarpy: 16 GB), 1 at least, at most one per core",
            reason="Jobs computed at the same time. seestarpy holds about 0.2 GB per sub.",
        ),
    )
    job_memory_mb: int = field(
        metadata=about(
            "JOB_MEMORY_MB",
            unit="MB",
            default="",
            shown="80 % of the memory, divided by MAX_WORKERS",
            reason="Memory limit of one job, so that a huge one fails and the machine survives.",
        ),
    )
    job_timeout: float = field(
        metadata=about(
            "JOB_TIMEOUT",
            unit="seconds",
            default="3600",
            reason="Time limit for computing a job: ten times what 90 subs take on a small board.",
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
            unit=" or ".join(ENGINES),
            default=DEFAULT_ENGINE,
            reason="The stacking engine: our own, or seestarpy to compare with.",
        ),
    )
    stack_weights: str = field(
        metadata=about(
            "STACK_WEIGHTS",
            unit=" or ".join(WEIGHTS),
            default=POINT_SOURCES,
            reason="What subs are weighed for: stars, nebulae, or nothing; native only.",
        ),
    )
    warm_start: bool = field(
        metadata=about(
            "WARM_START",
            unit=" or ".join(ON_OFF),
            default="on",
            reason="Keeps a process of 0.3 GB that starts jobs faster; off where memory is short.",
        ),
    )
    metrics_port: int = field(
        metadata=about(
            "METRICS_PORT",
            unit="TCP port",
            default="0",
            reason="Port on which the daemon serves /metrics (Prometheus) and /healthz; 0: none.",
        ),
    )
    metrics_address: str = field(
        metadata=about(
            "METRICS_ADDRESS",
            unit="IPv4 address",
            default="127.0.0.1",
            reason="Address of METRICS_PORT; everybody who can reach it can read the metrics.",
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
            reason="Least important level that is logged.",
        ),
    )

    recipe: Recipe
    """Which solvers and catalogues to use for a stack; its own fields describe its settings."""

    @property
    def uses_webdav(self) -> bool:
        """Whether results go to the storage directly instead of through the site."""
        return bool(self.webdav_url)

    def by_variable(self) -> dict[str, Any]:
        """Every setting by the name of its variable, in the order of the documentation."""
        return {
            setting.variable: getattr(record, name)
            for record in (self, self.recipe)
            for name, setting in settings_of(type(record)).items()
        }

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that must never appear in a log or message."""
        secrets = (self.worker_api_key, self.share_token, self.recipe.nova_key)
        return tuple(value for value in secrets if value)
