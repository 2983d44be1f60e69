"""The pictures of README.md and docs/, made anew: ``./dev bench doc_pictures``.

Everything in them is synthetic: the pipeline of the demo fills a site, and a planted field of stars
has the light curve. Look at what has changed before it is committed.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from bench.screenshots import choose, log_in
from crowdsky.synthetic.sky import demo_nights, write_night
from demo.reporter import Reporter
from demo.run import render_night, start_servers, upload, work
from demo.services import REPOSITORY, Site
from tests.browser.webdriver import Chromium, missing_programs
from tests.support import planted_stars
from tests.support.rows import Rows

IMAGES = REPOSITORY / "docs" / "images"
LARGEST = 150_000
"""Bytes of a file at most."""
QUALITIES = (88, 82, 76, 70, 62)
PHONE, DESKTOP = 390, 1180
OTHER_NIGHT = 7
PERIOD = 0.5534


@dataclass(frozen=True, slots=True)
class Shot:
    """A page in the docs: the part below ``top`` pixels, ``height`` pixels of it."""

    name: str
    address: str
    height: int
    theme: str = "light"
    width: int = DESKTOP


def main(argv: Sequence[str]) -> int:
    """Make the pictures; 1 where one cannot be made small enough."""
    parser = argparse.ArgumentParser(prog="bench doc_pictures", description=__doc__)
    parser.add_argument("--folder", type=Path, default=IMAGES, help="where they go")
    options = parser.parse_args(argv)
    if missing := missing_programs():
        parser.error(f"this needs {' and '.join(missing)}")
    options.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as running:
        scratch = Path(running.enter_context(tempfile.TemporaryDirectory(prefix="pictures-")))
        browser = running.enter_context(Chromium(scratch / "profile"))
        made = [
            *_of_the_demo(scratch, browser, options.folder, running),
            _light_curve(scratch, browser, options.folder, running),
        ]
    for path in made:
        print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB")
    return int(any(path.stat().st_size > LARGEST for path in made))


def _of_the_demo(scratch: Path, browser: Chromium, folder: Path, running: ExitStack) -> list[Path]:
    reporter = Reporter()
    servers = start_servers(scratch, running)
    upload(render_night(scratch / "subs", reporter), servers, reporter)
    work(scratch, servers, reporter)
    with Rows(servers.site) as rows:
        rows.execute("UPDATE users SET stacks_public = 1, role = 'user'")
        stacks = [int(row["id"]) for row in rows.all("SELECT id FROM stacked_frames ORDER BY id")]
        stored = rows.all("SELECT full_path, overlay_path FROM stacked_frames ORDER BY id")
    full, overlay = (
        [_on_share(scratch, row[kind]) for row in stored] for kind in ("full_path", "overlay_path")
    )
    made = [
        save(
            _side_by_side([_middle(Image.open(path), 620, 620) for path in full]),
            folder,
            "demo-stacks",
        ),
        save(Image.open(overlay[0]).convert("RGB"), folder, "demo-overlay"),
    ]
    shots = (
        Shot("page-stack", f"stack.php?id={stacks[0]}", 900),
        Shot("page-gallery", "stacks.php", 850, "dark"),
    )
    phones = (
        Shot("", "index.php", 800, "light", PHONE),
        Shot("", "stacks.php", 800, "dark", PHONE),
        Shot("", f"stack.php?id={stacks[-1]}", 800, "night", PHONE),
    )
    for shot in shots:
        _enter(servers.site, browser, shot, servers.username, servers.password)
        made.append(save(take(servers.site, browser, shot), folder, shot.name))
    screens = []
    for shot in phones:
        _enter(servers.site, browser, shot, servers.username, servers.password)
        screens.append(take(servers.site, browser, shot))
    made.append(save(_side_by_side(screens, gap=24), folder, "page-phone"))
    _enter(servers.site, browser, Shot("", "", 0), servers.username, servers.password)
    made.append(save(_before_sending(servers.site, browser, scratch), folder, "page-upload"))
    return made


def _before_sending(site: Site, browser: Chromium, scratch: Path) -> Image.Image:
    """Drop another night onto the page of uploads."""
    night = scratch / "another_night"
    for planned in demo_nights(np.random.default_rng(OTHER_NIGHT)):
        write_night(night, planned, np.random.default_rng(OTHER_NIGHT))
    browser.open(f"{site.base_url}/upload.php")
    browser.wait_until("return document.documentElement.classList.contains('js')")
    browser.drop(".drop", night)
    browser.wait_until("return !document.querySelector('#found').hidden")
    browser.wait_until("return document.querySelectorAll('#chunk-rows tr').length > 1")
    return _cut(browser.picture(DESKTOP, 4000), 980)


def _light_curve(scratch: Path, browser: Chromium, folder: Path, running: ExitStack) -> Path:
    """Plant a star that varies into an archive, and show its page."""
    site = running.enter_context(Site(scratch / "archive"))
    site.create_user("demo", "a password for pictures", admin=False)
    with Rows(site) as rows:
        owner = rows.one("SELECT id FROM users")["id"]
        field = planted_stars.stars(30, planted_stars.sine(PERIOD, 0.9))
        visits = planted_stars.epochs(200, 30)
        planted_stars.plant(rows, owner, field, visits)
        planted_stars.write_pixels(rows, site.data_dir, field, visits[-1:])
    shot = Shot("page-star", f"star.php?id=1&period={PERIOD}", 1440)
    _enter(site, browser, shot, "demo", "a password for pictures")
    return save(take(site, browser, shot), folder, shot.name)


def _enter(site: Site, browser: Chromium, shot: Shot, name: str, password: str) -> None:
    browser.renew(width=shot.width)
    choose(site, browser, shot.theme, "en")
    log_in(site, browser, name, password)


def take(site: Site, browser: Chromium, shot: Shot) -> Image.Image:
    """Take the upper part of a page."""
    browser.open(f"{site.base_url}/{shot.address}")
    return _cut(browser.picture(shot.width, 6000), shot.height)


def _cut(png: bytes, height: int) -> Image.Image:
    page = Image.open(io.BytesIO(png)).convert("RGB")
    return page.crop((0, 0, page.width, min(height, page.height)))


def _on_share(scratch: Path, stored: str) -> Path:
    return scratch / "share" / stored.lstrip("/")


def _middle(picture: Image.Image, width: int, height: int) -> Image.Image:
    left, top = (picture.width - width) // 2, (picture.height - height) // 2
    return picture.convert("RGB").crop((left, top, left + width, top + height))


def _side_by_side(pictures: Sequence[Image.Image], gap: int = 8) -> Image.Image:
    """Put pictures next to each other on white, as the pages of GitHub have it."""
    width = sum(picture.width for picture in pictures) + gap * (len(pictures) - 1)
    joined = Image.new("RGB", (width, max(picture.height for picture in pictures)), "white")
    left = 0
    for picture in pictures:
        joined.paste(picture, (left, 0))
        left += picture.width + gap
    return joined


def save(picture: Image.Image, folder: Path, name: str) -> Path:
    """Write a WebP, of the best quality that keeps it below LARGEST."""
    path = folder / f"{name}.webp"
    for quality in QUALITIES:
        picture.save(path, quality=quality, method=6)
        if path.stat().st_size <= LARGEST:
            break
    return path
