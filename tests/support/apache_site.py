"""The whole of php_api below the web root of an Apache, as on a shared host."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from demo.loopback_server import BackgroundServer
from demo.services import PHP_API, Site
from tests.support.apache_dav import MODULE_FOLDERS, NOBODY, PROGRAMS, first_file

COMMON = (
    *("unixd", "dir", "mime", "alias", "setenvif", "authz_core", "authz_host", "env", "reqtimeout"),
)
HANDLERS: Mapping[str, tuple[Sequence[str], str]] = {
    "mod_php": (
        ("mpm_prefork", "php"),
        "<FilesMatch \\.php$>\nSetHandler application/x-httpd-php\n</FilesMatch>",
    ),
    "cgi": (
        ("mpm_prefork", "cgi", "actions"),
        "ScriptAlias /php-bin/ /usr/bin/\nAddHandler php-by-cgi .php\n"
        "Action php-by-cgi /php-bin/php-cgi\n"
        "<Directory /usr/bin>\nRequire all granted\n</Directory>",
    ),
    "fcgid": (
        ("mpm_prefork", "fcgid"),
        "FcgidIPCDir {folder}/state\nFcgidProcessTableFile {folder}/state/shm\n"
        "AddHandler fcgid-script .php\nFcgidWrapper /usr/bin/php-cgi .php\n"
        "<Directory {folder}/www>\nOptions +ExecCGI\n</Directory>\n",
    ),
    "fpm": (
        ("mpm_event", "proxy", "proxy_fcgi"),
        "<FilesMatch \\.php$>\nSetHandler proxy:fcgi://127.0.0.1:{fpm}\n</FilesMatch>",
    ),
}
"""Modules and configuration of each way in which Apache runs PHP."""


def missing_for(handler: str) -> list[str]:
    """Debian packages that this machine lacks for a handler."""
    modules = first_file(MODULE_FOLDERS)
    lacking = [] if first_file(PROGRAMS) and modules else ["apache2-bin"]
    if handler == "mod_php" and not list(Path(modules or "/nowhere").glob("libphp*.so")):
        lacking.append("libapache2-mod-php")
    if handler in ("cgi", "fcgid") and shutil.which("php-cgi") is None:
        lacking.append("php-cgi")
    if handler == "fcgid" and not (Path(modules or "/nowhere") / "mod_fcgid.so").exists():
        lacking.append("libapache2-mod-fcgid")
    if handler == "fpm" and not fpm_program():
        lacking.append("php-fpm")
    return lacking


def fpm_program() -> str:
    """PHP-FPM, whose name may end in a version, or nothing."""
    return next(map(str, sorted(Path("/usr/sbin").glob("php-fpm*"))), "")


class Fpm(BackgroundServer):
    """PHP-FPM with one small pool."""

    name = "PHP-FPM"

    def __init__(self, folder: Path) -> None:
        super().__init__(log_path=folder / "php-fpm.log")
        self._folder = folder

    def command(self, port: int) -> Sequence[str]:
        """Write the pool."""
        config = self._folder / "php-fpm.conf"
        user = f"user = {NOBODY}\ngroup = {NOBODY}\n" if os.geteuid() == 0 else ""
        config.write_text(
            f"[global]\nerror_log = /dev/stderr\n[site]\n{user}listen = 127.0.0.1:{port}\n"
            "pm = static\npm.max_children = 4\n"
        )
        return [fpm_program(), "--nodaemonize", "--fpm-config", str(config)]


class ApacheSite(Site):
    """A shared host: php_api as it is, with its data, below the web root.

    Args:
        handler: how PHP is run, one of HANDLERS.
        allow_override: what the host lets a ``.htaccess`` do.
        more: further lines of the host's configuration, after ours.
    """

    name = "Apache with CrowdSky"

    def __init__(self, handler: str, allow_override: str, more: str = "") -> None:
        # Not below pytest's folder, which nobody but its owner may enter.
        self._folder = Path(tempfile.mkdtemp(prefix="crowdsky-host-"))
        self._php_api = self._folder / "www" / "php_api"
        super().__init__(self._php_api / "data")
        self._handler = handler
        self._allow_override = allow_override
        self._more = more
        self._running = ExitStack()

    @property
    def base_url(self) -> str:
        """Address of the pages."""
        return f"http://127.0.0.1:{self.port}/php_api/public"

    def command(self, port: int) -> Sequence[str]:
        """Write Apache's configuration."""
        modules = first_file(MODULE_FOLDERS)
        names, lines = HANDLERS[self._handler]
        load = ""
        for name in (*names, *COMMON):
            file = sorted(Path(modules).glob("libphp*.so" if name == "php" else f"mod_{name}.so"))[
                -1:
            ]
            load += "".join(
                f"<IfModule !{name}_module>\nLoadModule {name}_module {path}\n</IfModule>\n"
                for path in file
            )
        fpm = self._running.enter_context(Fpm(self._folder)).port if self._handler == "fpm" else 0
        handler = lines.replace("{folder}", str(self._folder)).replace("{fpm}", str(fpm))
        user = f"User #{NOBODY}\nGroup #{NOBODY}\n" if os.geteuid() == 0 else ""
        config = self._folder / "apache.conf"
        config.write_text(
            f"ServerName 127.0.0.1\nListen 127.0.0.1:{port}\nPidFile {self._folder}/apache.pid\n"
            f"ErrorLog /dev/stderr\nDefaultRuntimeDir {self._folder}/state\n{load}{user}"
            f"TypesConfig /dev/null\nDirectoryIndex index.php\nDocumentRoot {self._folder}/www\n"
            f"<Directory {self._folder}/www>\nOptions FollowSymLinks\nRequire all granted\n"
            f"AllowOverride {self._allow_override}\n</Directory>\n{handler}\n"
            f"{self._with_own_paths(self._more, port)}\n"
        )
        return [
            first_file(PROGRAMS),
            "-D",
            "FOREGROUND",
            "-d",
            str(self._folder),
            "-f",
            str(config),
        ]

    def _with_own_paths(self, lines: str, port: int) -> str:
        """Lines of the guide with the paths and the port of this server."""
        lines = lines.replace("*:80>", f"127.0.0.1:{port}>")
        return lines.replace("/srv/crowdsky/php_api", str(self._php_api))

    def environment(self) -> Mapping[str, str]:
        """Return nothing: the data folder is the one inside php_api."""
        return {}

    def start(self) -> None:
        """Copy the site to the host and start it."""
        shutil.copytree(PHP_API, self._php_api, ignore=shutil.ignore_patterns("data", "config.php"))
        (self._folder / "state").mkdir()
        self.data_dir.mkdir(mode=0o750)
        sessions = self.data_dir / "sessions"
        sessions.mkdir(mode=0o700)
        if os.geteuid() == 0:
            self._folder.chmod(0o755)
            for folder in (self.data_dir, sessions, self._folder / "state"):
                os.chown(folder, NOBODY, NOBODY)
        super().start()

    def run_php(self, script: str, *arguments: str, stdin: str = "") -> str:
        """Run a script of the host's own copy, as the user of its web server."""
        finished = subprocess.run(
            ["php", str(self._php_api / "bin" / script), *arguments],
            user=NOBODY if os.geteuid() == 0 else None,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return finished.stdout

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, trace)
        self._running.close()
        shutil.rmtree(self._folder)
