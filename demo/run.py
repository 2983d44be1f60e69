"""A whole CrowdSky on this machine, from raw subs to stacks: ``./dev demo``.

The demo goes the way of a real night: a user logs in and uploads, the site makes jobs, a worker
process of its own fetches, stacks and archives them.
"""

from __future__ import annotations

import fcntl
import json
import secrets
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from crowdsky.base.errors import CrowdSkyError
from crowdsky.synthetic.sky import demo_nights, write_night
from demo.reporter import Reporter
from demo.results import DemoStack, find_stacks
from demo.services import REPOSITORY, Site, WebDavServer
from demo.uploader import Browser
from demo.worker_process import work_until_idle

DEMO_FOLDER = REPOSITORY / ".crowdsky" / "demo"
STORAGE_BASE = "/crowdsky"
SEED = 94
FITS_ENDINGS = (".fit", ".fits")


class DemoError(CrowdSkyError):
    """The demo could not do its work; ``bad_input`` when it was asked for something impossible."""

    def __init__(
        self, what: str, *, bad_input: bool = False, where: str = "", why: str = ""
    ) -> None:
        super().__init__(what, where=where, why=why)
        self.bad_input = bad_input


@dataclass(frozen=True, slots=True)
class Servers:
    """What runs beside the worker, and the login of the demo's user."""

    site: Site
    share: WebDavServer
    username: str
    password: str


def run_demo(frames: Path | None, keep: bool, as_json: bool) -> None:
    """Run the demo and say where its results are.

    Args:
        frames: folder with raw subs; by default a synthetic night is rendered.
        keep: leave the servers running until Ctrl+C.
        as_json: print one JSON object on stdout at the end.

    Raises:
        DemoError: no frames to work on, or a job ended without a stack.
    """
    started = time.monotonic()
    reporter = Reporter()
    subs = list_subs(frames) if frames else []
    with fresh_folder(DEMO_FOLDER) as folder, ExitStack() as running:
        if not subs:
            subs = render_night(folder / "subs", reporter)
        servers = start_servers(folder, running)
        reporter.say(f"site at {servers.site.base_url}/, WebDAV share at {servers.share.url}/")
        job_ids, browser = upload(subs, servers, reporter)
        work(folder, servers, reporter)
        stacks = find_stacks(servers.share.root, browser)
        missing = sorted(set(job_ids) - {stack.job_id for stack in stacks})
        seconds = round(time.monotonic() - started, 1)
        show(stacks, seconds, keep, reporter)
        if as_json:
            report = {"stacks": [asdict(stack) for stack in stacks], "seconds": seconds}
            print(json.dumps(report), flush=True)  # noqa: T201
        if keep:
            wait_for_interrupt(servers, reporter)
        if missing:
            raise DemoError(
                f"{len(missing)} of {len(job_ids)} jobs gave no stack",
                where=f"jobs {', '.join(map(str, missing))}",
                why=f"the worker's log says it: {folder / 'worker.log'}",
            )


def list_subs(folder: Path) -> list[Path]:
    """Return the FITS files in a folder, by name; `DemoError` when there are none."""
    if not folder.is_dir():
        raise DemoError(f"there is no folder {folder}", bad_input=True)
    subs = sorted(path for path in folder.iterdir() if path.suffix.lower() in FITS_ENDINGS)
    if not subs:
        raise DemoError(f"the folder {folder} holds no FITS file (.fit or .fits)", bad_input=True)
    return subs


@contextmanager
def fresh_folder(parent: Path) -> Iterator[Path]:
    """Make a folder for this run and remove those of earlier runs that have ended.

    The results of the last run stay until the next one; a run that still serves with ``--keep``
    holds a lock on its folder and is left alone.
    """
    parent.mkdir(parents=True, exist_ok=True)
    for old in parent.iterdir():
        remove_unless_locked(old)
    name = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    folder = parent / name
    folder.mkdir()
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def remove_unless_locked(folder: Path) -> None:
    """Delete an earlier run's folder, unless that run still goes on."""
    lock_path = folder / "lock"
    if lock_path.exists():
        with lock_path.open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
    shutil.rmtree(folder)


def render_night(folder: Path, reporter: Reporter) -> list[Path]:
    """Draw the synthetic night and return its subs."""
    rng = np.random.default_rng(SEED)
    nights = demo_nights(rng)
    paths: list[Path] = []
    with reporter.counting("rendering the night, one target after the other", len(nights)) as done:
        for night in nights:
            paths += write_night(folder, night, rng).paths
            done()
    return paths


def start_servers(folder: Path, running: ExitStack) -> Servers:
    """Start the share and the site on it, and make the demo's account."""
    share = running.enter_context(WebDavServer(folder / "share"))
    settings = {
        "CROWDSKY_STORAGE": "webdav",
        "CROWDSKY_WEBDAV_URL": share.url,
        "CROWDSKY_WEBDAV_TOKEN": share.token,
        "CROWDSKY_STORAGE_BASE": STORAGE_BASE,
    }
    site = running.enter_context(Site(folder / "site", env=settings))
    password = secrets.token_urlsafe(9)
    site.create_user("demo", password, admin=True)
    return Servers(site, share, "demo", password)


def upload(
    subs: list[Path], servers: Servers, reporter: Reporter
) -> tuple[tuple[int, ...], Browser]:
    """Upload the subs as the demo's user and return the jobs that the site made of them."""
    browser = Browser(servers.site.base_url)
    browser.log_in(servers.username, servers.password)
    with reporter.counting("uploading", len(subs)) as done:
        uploaded = browser.upload(subs, done)
    for refused in uploaded.refused:
        reporter.say(f"  not taken: {refused.path.name}: {refused.reason}")
    reporter.say(f"the site made {len(uploaded.job_ids)} job(s)")
    return uploaded.job_ids, browser


def work(folder: Path, servers: Servers, reporter: Reporter) -> None:
    """Run the worker until the queue is empty."""
    settings = {
        "API_BASE_URL": servers.site.api_url,
        "WORKER_API_KEY": servers.site.create_worker_key("demo-worker", trusted=True),
        "UCLOUD_WEBDAV_URL": servers.share.url,
        "UCLOUD_SHARE_TOKEN": servers.share.token,
        "UCLOUD_BASE_PATH": STORAGE_BASE,
        "WORKER_ID": "demo-worker",
        "WORK_DIR": str(folder / "work"),
    }
    with reporter.following("the worker stacks, solves and measures") as show_line:
        work_until_idle(folder, settings, show_line)


def show(stacks: list[DemoStack], seconds: float, keep: bool, reporter: Reporter) -> None:
    """Say where to look."""
    for stack in stacks:
        reporter.say()
        frames = f"{stack.n_frames_aligned} of {stack.n_frames_input} frames"
        reporter.say(f"{stack.object_name}, chunk {stack.chunk_key}: {frames}", style="bold")
        solved = "none, its page says why" if stack.solution is None else stack.solution.sentence
        reporter.say(f"  solution   {solved}")
        reporter.say(f"  stack      {stack.stack}")
        reporter.say(f"  thumbnail  {stack.thumbnail}")
        if stack.overlay:
            reporter.say(f"  overlay    {stack.overlay}")
        if stack.stars:
            reporter.say(f"  star list  {stack.stars}")
        reporter.say(f"  address    {stack.url}")
    reporter.say()
    reporter.say(f"{len(stacks)} stack(s) in {seconds:.0f} s")
    if not keep:
        reporter.say("The files stay until the next demo; the site stops, with --keep it goes on.")


def wait_for_interrupt(servers: Servers, reporter: Reporter) -> None:
    """Keep everything running until Ctrl+C."""
    reporter.say(f"The site stays at {servers.site.base_url}/", style="bold")
    reporter.say(f"  log in as {servers.username} with password {servers.password}")
    reporter.say("Ctrl+C stops it; the files stay until the next demo.")
    signal.pause()
