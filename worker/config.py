"""The worker's settings, read from the environment and from a ``.env`` file.

Every field below carries the name of its environment variable, its unit, its default and the
reason for that default; a test compares them with ``.env.example`` and the documentation.
``load_settings`` reports every problem at once, before the first job is claimed.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from worker.errors import ConfigurationError

STACK_ENGINES = ("seestarpy",)
LOG_FORMATS = ("text", "json")
LOG_LEVELS = ("debug", "info", "warning", "error")

MEMORY_PER_JOB_MB = 16_384
"""seestarpy holds about 0.2 GB a sub, and 15 minutes are up to 90 subs of 10 s."""

MEMORY_SHARE = 0.8
"""Part of the machine's memory that jobs may use together; the rest is the system's."""


def _about(variable: str, *, unit: str, default: str, reason: str) -> dict[str, str]:
    """What there is to know about one setting."""
    return {"variable": variable, "unit": unit, "default": default, "reason": reason}


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of a worker, checked. Secrets do not show in its ``repr``."""

    api_base_url: str = field(
        metadata=_about(
            "API_BASE_URL",
            unit="URL",
            default="",
            reason="Address of the site's job API; ends in /api. Required.",
        ),
    )
    worker_api_key: str = field(
        repr=False,
        metadata=_about(
            "WORKER_API_KEY",
            unit="text",
            default="",
            reason="Key of this worker, made on the site by an admin and shown once. Required.",
        ),
    )
    webdav_url: str = field(
        metadata=_about(
            "UCLOUD_WEBDAV_URL",
            unit="URL",
            default="",
            reason="WebDAV address of the storage. Empty: results go up through the site.",
        ),
    )
    share_token: str = field(
        repr=False,
        metadata=_about(
            "UCLOUD_SHARE_TOKEN",
            unit="text",
            default="",
            reason="Token of the storage share, sent as user name with an empty password.",
        ),
    )
    base_path: str = field(
        metadata=_about(
            "UCLOUD_BASE_PATH",
            unit="remote path",
            default="/crowdsky",
            reason="Folder in the share under which everything is kept; the same as on the site.",
        ),
    )
    worker_id: str = field(
        metadata=_about(
            "WORKER_ID",
            unit="text",
            default="worker-01",
            reason="Name of this worker on the site's pages, at most 64 characters.",
        ),
    )
    poll_interval: float = field(
        metadata=_about(
            "POLL_INTERVAL",
            unit="seconds",
            default="30",
            reason="Longest pause between two questions for work: soon enough for a night's chunk.",
        ),
    )
    work_dir: Path = field(
        metadata=_about(
            "WORK_DIR",
            unit="folder",
            default="./tmp",
            reason="Scratch space for raws and results of running jobs; emptied after each job.",
        ),
    )
    max_workers: int = field(
        metadata=_about(
            "MAX_WORKERS",
            unit="jobs",
            default="one per 16 GB of memory, at least 1, at most one per core",
            reason="Jobs computed at the same time. seestarpy holds about 0.2 GB per sub.",
        ),
    )
    job_memory_mb: int = field(
        metadata=_about(
            "JOB_MEMORY_MB",
            unit="MB",
            default="80 % of the memory, divided by MAX_WORKERS",
            reason="Most memory one job may take, so that a huge one fails and the machine lives.",
        ),
    )
    job_timeout: float = field(
        metadata=_about(
            "JOB_TIMEOUT",
            unit="seconds",
            default="3600",
            reason="Most time one job may compute: ten times what 90 subs take on a small board.",
        ),
    )
    shutdown_grace: float = field(
        metadata=_about(
            "SHUTDOWN_GRACE",
            unit="seconds",
            default="30",
            reason="After a stop signal, time for an upload to finish; other jobs are handed back.",
        ),
    )
    stack_engine: str = field(
        metadata=_about(
            "STACK_ENGINE",
            unit=" or ".join(STACK_ENGINES),
            default="seestarpy",
            reason="The program that stacks.",
        ),
    )
    log_format: str = field(
        metadata=_about(
            "LOG_FORMAT",
            unit=" or ".join(LOG_FORMATS),
            default="text",
            reason="Text for people, JSON for log collectors; one line per event either way.",
        ),
    )
    log_level: str = field(
        metadata=_about(
            "LOG_LEVEL",
            unit=", ".join(LOG_LEVELS),
            default="info",
            reason="The least important kind of line that is written.",
        ),
    )

    @property
    def uses_webdav(self) -> bool:
        """Whether results go to the storage directly instead of through the site."""
        return bool(self.webdav_url)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that must never appear in a log or message."""
        return tuple(value for value in (self.worker_api_key, self.share_token) if value)


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
    from_file = dotenv_values(env_file) if env_file is not None and env_file.is_file() else {}
    given = {name: value for name, value in from_file.items() if value is not None}
    given.update(os.environ if environment is None else environment)
    reader = _Reader(given)
    settings = reader.settings(machine or Machine.here())
    if reader.problems:
        raise ConfigurationError(
            "the worker's settings are not complete or not valid",
            problems=tuple(reader.problems),
            hint="correct them in the environment or in .env (see docs/configuration.md)",
        )
    return settings


class _Reader:
    """Collects values and problems; a wrong value is replaced so that reading can go on."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self._defaults = {
            entry.metadata["variable"]: entry.metadata["default"] for entry in fields(Settings)
        }
        self.problems: list[str] = []

    def settings(self, machine: Machine) -> Settings:
        """Read every field once."""
        workers = max(1, min(machine.cores, machine.memory_mb // MEMORY_PER_JOB_MB))
        workers = int(self._number("MAX_WORKERS", workers, at_least=1, whole=True))
        memory = max(256, int(machine.memory_mb * MEMORY_SHARE / max(workers, 1)))
        settings = Settings(
            api_base_url=self._url("API_BASE_URL", required=True),
            worker_api_key=self._secret("WORKER_API_KEY", required=True),
            webdav_url=self._url("UCLOUD_WEBDAV_URL"),
            share_token=self._secret("UCLOUD_SHARE_TOKEN"),
            base_path=self._remote_path("UCLOUD_BASE_PATH"),
            worker_id=self._matching("WORKER_ID", r"[^\x00-\x1f]{1,64}", "1 to 64 characters"),
            poll_interval=self._number("POLL_INTERVAL", at_least=1),
            work_dir=Path(self._value("WORK_DIR")).expanduser(),
            max_workers=workers,
            job_memory_mb=int(self._number("JOB_MEMORY_MB", memory, at_least=256, whole=True)),
            job_timeout=self._number("JOB_TIMEOUT", at_least=1),
            shutdown_grace=self._number("SHUTDOWN_GRACE", at_least=0),
            stack_engine=self._choice("STACK_ENGINE", STACK_ENGINES),
            log_format=self._choice("LOG_FORMAT", LOG_FORMATS),
            log_level=self._choice("LOG_LEVEL", LOG_LEVELS),
        )
        if bool(settings.webdav_url) != bool(settings.share_token):
            self.problems.append(
                "UCLOUD_WEBDAV_URL and UCLOUD_SHARE_TOKEN belong together: set both or neither"
            )
        return settings

    def _value(self, variable: str) -> str:
        return self._given.get(variable, "").strip() or self._defaults[variable]

    def _url(self, variable: str, *, required: bool = False) -> str:
        value = self._value(variable).rstrip("/")
        if not value and not required:
            return ""
        parts = urlsplit(value)
        if not value:
            self.problems.append(f"{variable} is not set")
        elif parts.scheme not in ("http", "https") or not parts.hostname:
            self.problems.append(f"{variable} must start with https:// or http:// and name a host")
        elif parts.query or parts.fragment or parts.username:
            self.problems.append(f"{variable} must not contain a user name, ? or #")
        return value

    def _secret(self, variable: str, *, required: bool = False) -> str:
        value = self._value(variable)
        if required and not value:
            self.problems.append(f"{variable} is not set")
        if not re.fullmatch(r"[\x21-\x7e]*", value):
            self.problems.append(f"{variable} contains blanks or characters outside ASCII")
        return value

    def _remote_path(self, variable: str) -> str:
        value = "/" + self._value(variable).strip("/")
        if any(part in (".", "..", "") for part in value[1:].split("/")) and value != "/":
            self.problems.append(f"{variable} must not contain //, /./ or /../")
        return "" if value == "/" else value

    def _matching(self, variable: str, pattern: str, form: str) -> str:
        value = self._value(variable)
        if not re.fullmatch(pattern, value):
            self.problems.append(f"{variable} must be {form}")
        return value

    def _choice(self, variable: str, choices: tuple[str, ...]) -> str:
        value = self._value(variable).lower()
        if value not in choices:
            self.problems.append(f"{variable} must be {' or '.join(choices)}, not {value!r}")
        return value

    def _number(
        self,
        variable: str,
        computed: float | None = None,
        *,
        at_least: float,
        whole: bool = False,
    ) -> float:
        """A number; ``computed`` is the default where it depends on the machine."""
        text = self._given.get(variable, "").strip()
        if not text and computed is not None:
            return computed
        convert: Callable[[str], float] = int if whole else float
        try:
            number = convert(text or self._defaults[variable])
        except ValueError:
            number = math.nan
        if not at_least <= number < math.inf:
            kind = "a whole number" if whole else "a number"
            self.problems.append(f"{variable} must be {kind} of at least {at_least:g}, not {text}")
            return at_least
        return number
