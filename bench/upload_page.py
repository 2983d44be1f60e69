"""How long the upload page holds up its reader, and how many small files a second it sends.

`./dev bench upload-page` measures in Chromium: the longest task while 2,000 files are chosen,
looked at and sent, and 300 files of 8 kB, side by side with the page of an earlier commit.
"""

from __future__ import annotations

import argparse
import io
import os
import secrets
import statistics
import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from demo.services import PHP_API, REPOSITORY, Site, php_command
from tests.browser.webdriver import Chromium, missing_programs
from tests.contract.site.subs import sub

BEFORE = "33c2a52"
"""The last commit with a page that sends each file by a request of its own and lists them all."""

MOST_FILES, SMALL_FILES = 2_000, 300
LONGEST_TASK_MS = 2_124 / 10
"""A tenth of what the earlier page took for 2,000 files when this was written."""
FASTER = 3.0

WATCH_TASKS = """
window.longest = 0;
new PerformanceObserver((list) => {
    for (const task of list.getEntries()) window.longest = Math.max(window.longest, task.duration);
}).observe({ type: 'longtask' });
"""
WATCH_END = """
const [selector, words] = arguments;
window.began = performance.now();
window.ended = null;
const timer = setInterval(() => {
    const found = document.querySelector(selector);
    if (!found?.checkVisibility() || !found.textContent.includes(words)) return;
    window.ended = performance.now();
    clearInterval(timer);
}, 10);
"""
SCROLL = """
const box = document.getElementById('list');
box.scrollTop += box.scrollHeight / 20;
"""
ALONE = """
const field = document.createElement('input');
Object.assign(field, { id: 'alone', type: 'file', multiple: true });
field.addEventListener('change', () => { window.chosen = field.files.length; });
document.body.append(field);
"""


PICKER = """
const place = document.createElement('div');
place.id = 'picker';
place.style.height = '5rem';
place.addEventListener('dragover', (event) => event.preventDefault());
place.addEventListener('drop', async (event) => {
    event.preventDefault();
    const files = [];
    const folder = await event.dataTransfer.items[0].getAsFileSystemHandle();
    for await (const file of folder.values()) files.push(file);
    window.showOpenFilePicker = async () => files;
    window.picked = files.length;
});
document.body.prepend(place);
"""
"""A stand-in for the browser's dialog, with the real handles of the files of a dropped folder."""


class SiteOf(Site):
    """The site of a checkout: its `php_api` is in a folder of its own."""

    def __init__(self, data_dir: Path, php_api: Path) -> None:
        super().__init__(data_dir, env={"CROWDSKY_MIN_FREE_BYTES": "0"})
        self._php_api = php_api

    def command(self, port: int) -> Sequence[str]:
        """Return PHP's built-in server on the public folder of the checkout."""
        moved = [part.replace(str(PHP_API), str(self._php_api)) for part in super().command(port)]
        # An earlier checkout may lack a script that the server is given today.
        here = str(self._php_api)
        return [part for part in moved if not part.startswith(here) or Path(part).exists()]

    def add_user(self, name: str, password: str) -> None:
        """Make an account, with the code of the checkout."""
        script = self._php_api / "bin" / "create-user.php"
        subprocess.run(
            [*php_command(), str(script), "--username", name, "--password-stdin"],
            env={**os.environ, **self.environment()},
            input=password,
            text=True,
            capture_output=True,
            check=True,
        )


@dataclass(frozen=True, slots=True)
class Page:
    """An upload page: its site, and what it says when it has received a number of files."""

    name: str
    site: SiteOf
    received: str
    asks_first: bool
    user: str = ""
    password: str = ""


def main(argv: Sequence[str]) -> int:
    """Print the figures; 1 when a task is too long or the page is not fast enough."""
    parser = argparse.ArgumentParser(prog="bench upload-page", description=__doc__)
    parser.add_argument("--before", default=BEFORE, metavar="COMMIT")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(argv)
    if missing := missing_programs():
        parser.error(f"this needs {' and '.join(missing)}")
    with tempfile.TemporaryDirectory(prefix="upload-page-") as name:
        folder = Path(name)
        old_code = unpacked(options.before, folder / "before")
        with (
            SiteOf(folder / "old", old_code) as old_site,
            SiteOf(folder / "new", PHP_API) as new_site,
            Chromium(folder / "profile") as browser,
        ):
            before = Page(f"before ({options.before})", old_site, "{n} of {n} received", False)
            now = Page("now", new_site, "{n:,} of {n:,} subs received", True)
            return compare(browser, with_user(before), with_user(now), options.rounds, folder)


def unpacked(commit: str, folder: Path) -> Path:
    """Unpack the site of a commit and return its `php_api`."""
    command = ["git", "-C", str(REPOSITORY), "archive", commit, "php_api"]
    packed = subprocess.run(command, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder / "php_api"


def with_user(page: Page) -> Page:
    """Return the page with somebody who can log in to it."""
    user, password = f"bench-{secrets.token_hex(3)}", secrets.token_urlsafe(12)
    page.site.add_user(user, password)
    return Page(page.name, page.site, page.received, page.asks_first, user, password)


def compare(browser: Chromium, before: Page, now: Page, rounds: int, folder: Path) -> int:
    """Measure both pages in turn and print what came out."""
    rates: dict[str, list[float]] = {before.name: [], now.name: []}
    looks = []
    for number in range(rounds):
        for page in (before, now):
            paths = written(folder / f"{page.name}-{number}", SMALL_FILES)
            seconds, look = sent(browser, page, paths)
            rates[page.name].append(SMALL_FILES / seconds)
            looks.append(look)
            speed = f"{SMALL_FILES / seconds:.0f} files/s"
            print(f"round {number + 1}, {page.name}: {speed}", flush=True)
    medians = {name: statistics.median(values) for name, values in rates.items()}
    ratio = medians[now.name] / medians[before.name]
    size = len(sub(SMALL, data_bytes=64 * 64))
    print(f"{SMALL_FILES} files of {size / 1000:.1f} kB, median of {rounds} rounds:")
    for name, rate in medians.items():
        print(f"  {name}: {rate:.0f} files/s")
    print(f"  {ratio:.1f} times as many; looked at before within {max(looks):.2f} s")
    return int(not is_smooth(browser, before, now, folder / "many") or ratio < FASTER)


def is_smooth(browser: Chromium, before: Page, now: Page, folder: Path) -> bool:
    """Print the longest tasks with many files; false when that of the page today is too long."""
    paths = written(folder, MOST_FILES)
    print(f"{MOST_FILES} files in the page, longest task:")
    for page in (before, now):
        opened(browser, page)
        browser.run(WATCH_END, "#list", "received" if page is before else "Light_")
        browser.choose("#files", paths)
        seconds_until_end(browser)
        print(f"  {page.name}, chosen in the field: {longest_task(browser)}")
    opened(browser, now)
    browser.run(ALONE)
    browser.choose("#alone", paths)
    browser.wait_until("return window.chosen === arguments[0]", MOST_FILES)
    print(f"  a field of which nothing but the number of files is asked: {longest_task(browser)}")
    pick_many(browser, now, folder)
    print(f"  {now.name}, chosen in the browser's dialog and looked at: {longest_task(browser)}")
    picked = float(browser.run("return window.longest"))
    send_many(browser, now, folder)
    print(f"  {now.name}, folder dropped, looked at, sent and scrolled: {longest_task(browser)}")
    return max(picked, float(browser.run("return window.longest"))) <= LONGEST_TASK_MS


def longest_task(browser: Chromium) -> str:
    """Return the longest task so far; the browser reports those above 50 ms."""
    milliseconds = float(browser.run("return window.longest"))
    return f"{milliseconds:.0f} ms" if milliseconds else "below 50 ms"


def pick_many(browser: Chromium, page: Page, folder: Path) -> None:
    """Choose many files as people do, by the button, in a dialog that gives their handles."""
    opened(browser, page)
    browser.run(PICKER)
    browser.drop("#picker", folder)
    browser.wait_until("return window.picked === arguments[0]", MOST_FILES)
    browser.run("window.longest = 0")
    browser.run(WATCH_END, "#send", f"Upload {MOST_FILES:,} subs")
    browser.click("label[for=files]")
    seconds_until_end(browser)


def send_many(browser: Chromium, page: Page, folder: Path) -> None:
    """Drop a folder with many files, send them and look through the list."""
    opened(browser, page)
    browser.run(WATCH_END, "#send", f"Upload {MOST_FILES:,} subs")
    browser.drop("#upload", folder)
    seconds_until_end(browser)
    browser.run(WATCH_END, "#summary", page.received.format(n=MOST_FILES))
    browser.click("#send")
    seconds_until_end(browser)
    for _ in range(20):
        browser.run(SCROLL)


SMALL: dict[str, str | None] = {"BITPIX": f"{8:>20}"}


def written(folder: Path, count: int) -> list[Path]:
    """Write subs of 8 kB, no two alike."""
    folder.mkdir()
    paths = [folder / f"Light_{number:04}.fit" for number in range(count)]
    for number, path in enumerate(paths):
        moment = f"2025-03-27T{number // 360:02}:{number // 6 % 60:02}:{number % 6 * 10:02}.5"
        path.write_bytes(sub({**SMALL, "DATE-OBS": f"'{moment}'"}, data_bytes=64 * 64))
    return paths


def opened(browser: Chromium, page: Page) -> None:
    """Open the page as if for the first time."""
    browser.renew(width=1280)
    browser.open(f"{page.site.base_url}/login.php")
    browser.type("#login-name", page.user)
    browser.type("#login-password", page.password)
    browser.click("form button")
    browser.wait_for("Upload subs", "h1")
    browser.run(WATCH_TASKS)


def sent(browser: Chromium, page: Page, paths: list[Path]) -> tuple[float, float]:
    """Send files; return the seconds of sending, and those of what the page did before."""
    opened(browser, page)
    done = ("#summary", page.received.format(n=len(paths)))
    look = 0.0
    if page.asks_first:
        browser.run(WATCH_END, "#send", f"Upload {len(paths):,} subs")
        browser.choose("#files", paths)
        look = seconds_until_end(browser)
        browser.run(WATCH_END, *done)
        browser.click("#send")
    else:
        browser.run(WATCH_END, *done)
        browser.choose("#files", paths)
    return seconds_until_end(browser), look


def seconds_until_end(browser: Chromium) -> float:
    """Wait until what was to appear has appeared, and return the seconds since."""
    browser.wait_until("return window.ended !== null")
    return float(browser.run("return (window.ended - window.began) / 1000"))
