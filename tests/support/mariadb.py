"""A private MariaDB server for one test session."""

from __future__ import annotations

import getpass
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from demo.loopback_server import BackgroundServer, ServiceError
from demo.services import Database

PROGRAMS = ("mariadbd", "mariadb-install-db", "mariadb")
MEMORY = Path("/dev/shm")  # noqa: S108 # a folder of its own is made there
ENOUGH_BYTES = 6 * 2**30

HOSTILE = (
    "--autocommit=0",
    "--completion-type=RELEASE",
    "--transaction-isolation=SERIALIZABLE",
    "--sql-mode=ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT",
    "--innodb-default-row-format=compact",
    "--innodb-lock-wait-timeout=50",
    "--wait-timeout=20",
    "--init-connect=SET NAMES latin1, sql_auto_is_null=1, sql_safe_updates=1, sql_select_limit=1,"
    " sql_big_selects=0, max_join_size=1, foreign_key_checks=0, max_statement_time=0.2",
)
"""Defaults that some hosts have chosen, each of which breaks what does not expect it.

The variables of the last one apply to all but administrators.
"""


def _place() -> Path | None:
    """Memory where there is plenty, else the usual folder: a busy disk makes tables slowly."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES:
        return MEMORY
    return None


def missing_programs() -> list[str]:
    """Return the MariaDB programs this machine lacks."""
    return [program for program in PROGRAMS if shutil.which(program) is None]


class MariaDb(BackgroundServer):
    """A MariaDB server with an empty data folder, reached by its socket or on loopback.

    Its defaults are deliberately odd, as a host's may be: whatever the site does not set for its
    own sessions and tables goes wrong, and a test sees it. A time taken from an SQL function
    instead of the site's Clock, for example, is wrong by hours.
    """

    name = "MariaDB server"

    def __init__(self, buffer_pool: str = "96M") -> None:
        # A socket's path may have about 100 characters: pytest's folders can be longer.
        self._folder = Path(tempfile.mkdtemp(prefix="crowdsky-mariadb-", dir=_place()))
        super().__init__(log_path=self._folder / "server.log")
        self.socket = self._folder / "mariadb.sock"
        self._buffer_pool = buffer_pool
        self._shared: Database | None = None

    def command(self, port: int) -> Sequence[str]:
        """Return a server tuned for tests: nothing of it needs to survive a power cut."""
        return [
            "mariadbd",
            "--no-defaults",
            f"--datadir={self._folder / 'data'}",
            f"--user={getpass.getuser()}",
            f"--socket={self.socket}",
            f"--port={port}",
            "--bind-address=127.0.0.1",
            "--default-time-zone=+05:45",
            "--character-set-server=latin1",
            *HOSTILE,
            "--innodb-flush-log-at-trx-commit=0",
            f"--innodb-buffer-pool-size={self._buffer_pool}",
            "--innodb-log-file-size=32M",
            "--innodb-flush-method=nosync",
            "--skip-name-resolve",
            "--max-connections=200",
        ]

    def start(self) -> None:
        """Make the data folder on first use and start the server."""
        if not (self._folder / "data").exists():
            run(
                "mariadb-install-db",
                "--no-defaults",
                f"--datadir={self._folder / 'data'}",
                f"--user={getpass.getuser()}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                # A fresh machine may not be able to look its own name up.
                "--force",
            )
        super().start()

    def remove(self) -> None:
        """Stop the server and delete its files."""
        self.kill()
        shutil.rmtree(self._folder)

    def new_database(self) -> Database:
        """Make an empty database with an account that may use nothing else."""
        name = f"crowdsky_{secrets.token_hex(6)}"
        password = secrets.token_hex(12)
        self.execute(
            f"CREATE DATABASE {name} CHARACTER SET utf8mb4;"
            f"CREATE USER '{name}'@'%' IDENTIFIED BY '{password}';"
            f"GRANT ALL ON {name}.* TO '{name}'@'%';"
        )
        dsn = f"mysql:unix_socket={self.socket};dbname={name};charset=utf8mb4"
        return Database(dsn, name, password)

    @property
    def shared_database(self) -> Database:
        """The database that one test after the other uses, empty at first."""
        if self._shared is None:
            self._shared = self.new_database()
        return self._shared

    def execute(self, sql: str) -> str:
        """Run SQL as the server's administrator and return the rows as tab-separated text."""
        return run(
            "mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", "-N", "-e", sql
        )


def run(*command: str) -> str:
    """Run a MariaDB program and return its output, or raise `ServiceError` with what it said."""
    finished = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if finished.returncode != 0:
        raise ServiceError(f"{command[0]} failed: {(finished.stderr or finished.stdout).strip()}")
    return finished.stdout
