"""The two servers a worker talks to, on loopback: the PHP site and a WebDAV share.

The demo, the tests and the benchmarks use the same two classes.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crowdsky.base.python_path import python_path
from demo.loopback_server import BackgroundServer, ServiceError

REPOSITORY = Path(__file__).resolve().parents[1]
PHP_API = REPOSITORY / "php_api"
COMMAND_TIMEOUT_SECONDS = 120.0

# What a real host sets in php.ini. Uploads must fit; nothing may print into an answer.
PHP_SETTINGS = (
    "upload_max_filesize=130M",
    "post_max_size=600M",
    "max_execution_time=300",
    "display_errors=0",
    "log_errors=1",
    "error_log=",
)


@dataclass(frozen=True, slots=True)
class Database:
    """How the site reaches its database: a PDO data source name and its account."""

    dsn: str
    user: str = ""
    password: str = ""


class Site(BackgroundServer):
    """The CrowdSky site under PHP's built-in server.

    Args:
        data_dir: folder for everything the site writes (database, raws, secret, log). A relative
            one is taken from the folder of this process; PHP runs scripts in folders of its own.
        database: where the tables are; by default an SQLite file inside ``data_dir``.
        env: further ``CROWDSKY_*`` settings, see docs/configuration.md.
        workers: number of requests PHP serves at the same time.
        port: loopback port, by default a free one.
    """

    name = "CrowdSky site"

    def __init__(
        self,
        data_dir: Path,
        database: Database | None = None,
        env: Mapping[str, str] | None = None,
        workers: int = 4,
        port: int = 0,
    ) -> None:
        self.data_dir = data_dir.resolve()
        super().__init__(log_path=self.data_dir / "php-server.log", port=port)
        self.database = database
        self._settings = dict(env or {})
        self._workers = workers

    @property
    def base_url(self) -> str:
        """Address of the pages, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_url(self) -> str:
        """What a worker's API_BASE_URL is set to."""
        return f"{self.base_url}/api"

    def command(self, port: int) -> Sequence[str]:
        """Return PHP's built-in server on the public folder."""
        # Where a distribution keeps sessions, only its web server may write.
        sessions = f"session.save_path={self.data_dir / 'sessions'}"
        address = f"127.0.0.1:{port}"
        router = str(PHP_API / "host" / "router.php")
        return [*php_command(sessions), "-S", address, "-t", str(PHP_API / "public"), router]

    def environment(self) -> Mapping[str, str]:
        """Return the site's settings as environment variables."""
        settings = {
            "CROWDSKY_DATA_DIR": str(self.data_dir),
            "PHP_CLI_SERVER_WORKERS": str(self._workers),
        }
        if self.database is not None:
            settings["CROWDSKY_DB_DSN"] = self.database.dsn
            settings["CROWDSKY_DB_USER"] = self.database.user
            settings["CROWDSKY_DB_PASSWORD"] = self.database.password
        return {**settings, **self._settings}

    def start(self) -> None:
        """Start the site; a database server is migrated first, as an operator would do."""
        self.data_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
        (self.data_dir / "sessions").mkdir(mode=0o700, exist_ok=True)
        if self.database is not None:
            self.run_php("migrate.php")
        super().start()

    def create_user(self, name: str, password: str, admin: bool = False) -> None:
        """Make an account with ``php_api/bin/create-user.php``."""
        role = ["--admin"] if admin else []
        self.run_php(
            "create-user.php", "--username", name, "--password-stdin", *role, stdin=password
        )

    def create_worker_key(self, name: str, trusted: bool = False) -> str:
        """Make a worker key with ``php_api/bin/worker-key.php`` and return it in clear.

        Only a trusted worker sees where frames were taken, unless their owner shares it.
        """
        trust = ["--trusted"] if trusted else []
        return self.run_php("worker-key.php", "create", "--name", name, *trust).strip()

    def cleanup(self, *arguments: str) -> str:
        """Run ``php_api/bin/cleanup.php`` as cron would and return what it printed."""
        return self.run_php("cleanup.php", *arguments)

    def run_php(self, script: str, *arguments: str, stdin: str = "") -> str:
        """Run a script of ``php_api/bin`` with the site's settings and return its output.

        Raises:
            ServiceError: the script ended with an error; the message carries what it said.
        """
        finished = subprocess.run(
            [*php_command(), str(PHP_API / "bin" / script), *arguments],
            env={**os.environ, **self.environment()},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_SECONDS,
            check=False,
        )
        if finished.returncode != 0:
            said = (finished.stderr or finished.stdout).strip() or "nothing"
            raise ServiceError(
                f"php_api/bin/{script} ended with code {finished.returncode} and said: {said}"
            )
        return finished.stdout


class WebDavServer(BackgroundServer):
    """A WebDAV share behind a share token, as a Nextcloud public share offers it.

    The token is the user name and the password is empty. The share lives under a path prefix,
    which real shares have too.
    """

    name = "WebDAV share"

    def __init__(self, root: Path, token: str | None = None) -> None:
        super().__init__(log_path=root.parent / f"{root.name}-webdav.log")
        self.root = root
        self.token = token or secrets.token_urlsafe(12)

    @property
    def url(self) -> str:
        """Address of the share's top folder, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}/public.php/webdav"

    def command(self, port: int) -> Sequence[str]:
        """Return the share as a Python process of its own."""
        return [sys.executable, "-m", "demo.webdav_share", str(self.root), str(port)]

    def environment(self) -> Mapping[str, str]:
        """Hand the token over where no process list shows it."""
        return {"CROWDSKY_SHARE_TOKEN": self.token, **python_path()}

    def start(self) -> None:
        """Make the folder and start serving it."""
        self.root.mkdir(parents=True, exist_ok=True)
        super().start()


def php_command(*more: str) -> list[str]:
    """Return the PHP program with the settings a real host would have in its php.ini."""
    return ["php", *(part for setting in (*PHP_SETTINGS, *more) for part in ("-d", setting))]
