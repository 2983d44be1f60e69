"""The site alone, on SQLite, with its data kept between runs: ``./dev serve``."""

from __future__ import annotations

import fcntl
import json
import secrets
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from crowdsky.base.errors import CrowdSkyError
from demo.loopback_server import accepts_connections
from demo.reporter import Reporter
from demo.services import REPOSITORY, Site

DEFAULT_PORT = 8080
SITE_FOLDER = REPOSITORY / ".crowdsky" / "site"


@dataclass(frozen=True, slots=True)
class Access:
    """How to use the kept site: an admin's login and the key of one worker."""

    username: str
    password: str
    worker_key: str


def serve(folder: Path, port: int | None) -> None:
    """Run the site until Ctrl+C; its database, files and login stay in ``folder``.

    Without a port it is DEFAULT_PORT, or a free one. Raises CrowdSkyError when the port that was
    asked for is taken, or another ``serve`` has the folder.
    """
    reporter = Reporter()
    folder = folder.resolve()
    with only_one(folder):
        _serve(folder, _free_port(port, reporter), reporter)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Keep a second server off the data; a lock, so that a crash gives it back."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "serve.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CrowdSkyError(
                "could not start the site",
                why=f"another ./dev serve runs on {folder}",
                hint="use that one, or name another folder with --data",
            ) from error
        yield


def _free_port(port: int | None, reporter: Reporter) -> int:
    wanted = DEFAULT_PORT if port is None else port
    if not accepts_connections(wanted):
        return wanted
    if port is not None:
        raise CrowdSkyError(
            "could not start the site",
            why=f"port {port} is taken",
            hint="name another with --port, or none to get a free one",
        )
    reporter.say(f"port {DEFAULT_PORT} is taken; using a free one")
    return 0


def _serve(folder: Path, port: int, reporter: Reporter) -> None:
    with Site(folder / "data", port=port) as site:
        access = ensure_access(site, folder / "access.json")
        reporter.say(f"CrowdSky runs at {site.base_url}/", style="bold")
        reporter.say(f"  log in as   {access.username}  with password  {access.password}")
        reporter.say(f"  its data    {folder}")
        reporter.say("  commands    of php_api/bin need")
        reporter.say(f"    CROWDSKY_DATA_DIR={site.data_dir}")
        reporter.say("  a worker    in another terminal:")
        reporter.say(
            f"    API_BASE_URL={site.api_url} WORKER_API_KEY={access.worker_key} "
            f"{Path(sys.executable)} -m worker"
        )
        reporter.say("Ctrl+C stops it.")
        signal.pause()


def ensure_access(site: Site, path: Path) -> Access:
    """Return the site's login; it is made at the first run and kept for its owner's eyes only."""
    if path.exists():
        return Access(**json.loads(path.read_text()))
    access = Access(
        "demo", secrets.token_urlsafe(9), site.create_worker_key("demo-worker", trusted=True)
    )
    site.create_user(access.username, access.password, admin=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(asdict(access)))
    return access
