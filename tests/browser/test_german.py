"""What scripts write into pages is German as well, see tests/contract/site/test_german.py."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.conftest import NAME, PASSWORD
from tests.browser.webdriver import Chromium
from tests.contract.site.subs import header, sub
from tests.support import planted_stars
from tests.support.marked_texts import DATA, MarkedSite, not_german

pytestmark = [pytest.mark.slow, pytest.mark.every]

OWN_DATA = re.compile(DATA.pattern + r"|M 31|\d txt\b|IMAGETYP|⟧Dark⟦|⟧GRBG⟦")


@pytest.fixture
def marked(tmp_path: Path, sqlite_template: Path) -> Iterator[MarkedSite]:
    """A site in marked German, with somebody who has stacks and stars."""
    with MarkedSite(tmp_path, sqlite_template) as site:
        site.create_user(NAME, PASSWORD)
        owner = site.rows.one("SELECT id FROM users")["id"]
        field = planted_stars.stars(12, planted_stars.sine(0.55, 0.4))
        visits = planted_stars.epochs(3, 2)
        planted_stars.plant(site.rows, owner, field, visits)
        planted_stars.write_pixels(site.rows, site.data_dir, field, visits)
        planted_stars.draw(site.rows, site.data_dir, visits[0])
        site.rows.execute("UPDATE stacked_frames SET object_name = 'M 94', object_key = 'm94'")
        yield site


@pytest.fixture
def browser(chromium: Chromium, marked: MarkedSite) -> Chromium:
    """A browser with a login that has chosen German."""
    chromium.renew()
    chromium.open(f"{marked.base_url}/login.php")
    chromium.click(".preferences button[value=de]")
    chromium.wait_until("return document.documentElement.lang === 'de'")
    chromium.type("#login-name", NAME)
    chromium.type("#login-password", PASSWORD)
    chromium.click("form button")
    chromium.wait_for("⟦Subs hochladen⟧", "h1")
    return chromium


def english(browser: Chromium) -> list[str]:
    """What is not German on the page as it is now."""
    return not_german(browser.run("return document.documentElement.outerHTML"), OWN_DATA)


def test_the_upload_is_german(browser: Chromium, marked: MarkedSite, tmp_path: Path) -> None:
    bodies = {
        "good.fit": sub(),
        "other.fit": sub({"OBJECT": "'M 31'", "TELESCOP": "'DWARF 3 '"}),
        "page.fit": b"<!DOCTYPE html><html></html>",
        "dark.fit": sub({"IMAGETYP": "'Dark'"}),
        "short.fit": sub()[:4000],
        "mute.fit": sub({"DATE-OBS": None}),
        "empty.fit": b"",
        "cube.fit": header({"SIMPLE": f"{'T':>20}", "BITPIX": f"{16:>20}", "NAXIS": f"{3:>20}"}),
        "notes.txt": b"no picture",
    }
    paths = [tmp_path / name for name in bodies]
    for path in paths:
        path.write_bytes(bodies[path.name])
    browser.type("#files", "\n".join(map(str, paths)))
    browser.wait_for("2", "#send")
    assert english(browser) == []
    browser.click("#send")
    browser.wait_until("return !document.getElementById('finalize').hidden")
    browser.wait_until("return !document.getElementById('finalize').disabled")
    assert english(browser) == []
    browser.click("#finalize")
    browser.wait_until("return !document.getElementById('done').hidden")
    assert english(browser) == []


def test_pictures_map_and_blinking_are_german(browser: Chromium, marked: MarkedSite) -> None:
    stack = marked.rows.one("SELECT MIN(id) AS id FROM stacked_frames")["id"]
    steps: tuple[tuple[str, Callable[[], object]], ...] = (
        ("stacks.php?view=map", lambda: browser.wait_until(
            "return document.getElementById('found').textContent !== ''")),
        ("stacks.php", lambda: browser.click(".pick input")),
        (f"stack.php?id={stack}", lambda: browser.click("[data-marks=stars]")),
    )  # fmt: skip
    found = {}
    for address, act in steps:
        browser.open(f"{marked.base_url}/{address}")
        act()
        found[address] = english(browser)
    assert found == {address: [] for address, _ in steps}
