"""Pictures of every page: on a phone and a desktop, in all themes, for a person to look at.

Without --data, the pipeline of the demo fills a site first: a synthetic night, stacked and measured
by a real worker. The account's stacks are public, so that the front page has something to show.
"""

from __future__ import annotations

import argparse
import secrets
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from demo.reporter import Reporter
from demo.run import render_night, start_servers, upload, work
from demo.services import Site
from tests.browser.webdriver import Chromium, missing_programs
from tests.support.rows import Rows
from tests.support.site_pages import NOBODY, Page, filled

WIDTHS = {"phone": 390, "desktop": 1280}
THEMES = ("light", "dark", "night")
TALLEST = 6000
"""Height of a picture at most, in pixels."""

OVERFLOW = """
const width = document.documentElement.clientWidth;
return document.documentElement.scrollWidth > width
    ? document.documentElement.scrollWidth - width : 0"""

PRESSED = "return document.querySelector(arguments[0])?.ariaPressed === 'true'"


def main(argv: Sequence[str]) -> int:
    """Take the pictures; 1 when a page is wider than its window or its console complains."""
    parser = argparse.ArgumentParser(prog="bench screenshots", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--data", type=Path, help="data folder of a site that is filled already")
    parser.add_argument("--only", nargs="+", metavar="PAGE", help="pages by name")
    parser.add_argument("--themes", nargs="+", choices=THEMES, default=THEMES)
    parser.add_argument("--widths", nargs="+", choices=WIDTHS, default=list(WIDTHS))
    parser.add_argument("--language", choices=("en", "de"), default="en")
    options = parser.parse_args(argv)
    if missing := missing_programs():
        parser.error(f"this needs {' and '.join(missing)}")
    options.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as running:
        scratch = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="screenshots-")))
        site = filled_site(options.data, scratch, running)
        browser = running.enter_context(Chromium(scratch / "profile"))
        return take_all(site, browser, options)


def filled_site(data: Path | None, scratch: Path, running: ExitStack) -> Site:
    """Start a site that has something on every page."""
    if data is not None:
        site = running.enter_context(Site(data))
        site.run_php("migrate.php")
        return site
    reporter = Reporter()
    servers = start_servers(scratch, running)
    upload(render_night(scratch / "subs", reporter), servers, reporter)
    work(scratch, servers, reporter)
    return servers.site


def take_all(site: Site, browser: Chromium, options: argparse.Namespace) -> int:
    """Take a picture of each page in each width and theme; return the exit code."""
    password = secrets.token_urlsafe(12)
    with Rows(site) as rows:
        # The owner of the stacks gets the password of a new account, and sees what an admin sees.
        new = rows.add_user(f"pictures-{secrets.token_hex(3)}", password, admin=True)
        owner = rows.one("SELECT MIN(user_id) AS id FROM stacked_frames")["id"]
        given = rows.one("SELECT password_hash, role FROM users WHERE id = ?", new)
        rows.execute(
            "UPDATE users SET password_hash = ?, role = ? WHERE id = ?", *given.values(), owner
        )
        rows.execute("DELETE FROM users WHERE id = ?", new)
        name = rows.one("SELECT username FROM users WHERE id = ?", owner)["username"]
        rows.execute("UPDATE users SET stacks_public = 1")
        pages = [page for page in filled(rows) if not options.only or page.name in options.only]
    problems = 0
    for size in options.widths:
        for theme in options.themes:
            for reader_pages in (
                [page for page in pages if page.reader == NOBODY],
                [page for page in pages if page.reader != NOBODY],
            ):
                browser.renew(width=WIDTHS[size])
                choose(site, browser, theme, options.language)
                if reader_pages and reader_pages[0].reader != NOBODY:
                    log_in(site, browser, name, password)
                for page in reader_pages:
                    path = options.folder / f"{page.name}-{size}-{theme}.png"
                    problems += take(site, browser, page, path, WIDTHS[size])
    return int(problems > 0)


def choose(site: Site, browser: Chromium, theme: str, language: str) -> None:
    """Set the switches at the foot of the page by their buttons."""
    browser.open(f"{site.base_url}/index.php")
    for value in (theme, language):
        button = f".preferences button[value={value}]"
        if browser.run(PRESSED, button):
            continue  # the page would load again, and nothing shows when it has
        browser.click(button)
        browser.wait_until(PRESSED, button)


def log_in(site: Site, browser: Chromium, name: str, password: str) -> None:
    """Log in by the form."""
    browser.open(f"{site.base_url}/login.php")
    browser.type("#login-name", name)
    browser.type("#login-password", password)
    browser.click("main form button")
    browser.wait_until("return document.querySelector('.who') !== null")


def take(site: Site, browser: Chromium, page: Page, path: Path, width: int) -> int:
    """Take one picture as high as the page; return the number of problems."""
    browser.open(f"{site.base_url}/{page.address}")
    over = browser.run(OVERFLOW)
    path.write_bytes(browser.picture(width, TALLEST))
    expected = ("favicon", "404") if page.name in ("error", "not-found") else ("favicon",)
    complaints = [
        said for said in browser.complaints() if not any(word in said for word in expected)
    ]
    if over:
        print(f"{path.name}: {over} px wider than the window")
    for said in complaints:
        print(f"{path.name}: {said}")
    return int(over > 0) + len(complaints)
