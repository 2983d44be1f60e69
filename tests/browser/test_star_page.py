"""A star's page: its plots fit every window, and its forms work without any script."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import NAME
from tests.browser.webdriver import Chromium
from tests.support import planted_stars
from tests.support.sites import SiteUnderTest

BEYOND = """
const beyond = (box) => box.width > 0 && (box.right > innerWidth + 1 || box.left < -1);
return [...document.querySelectorAll('main *')]
    .filter((one) => !one.closest('.scroll > table, .plot-points, .finder'))
    .filter((one) => beyond(one.getBoundingClientRect()))
    .map((one) => one.outerHTML.slice(0, 200));
"""
OVERLAPPING = """
const boxes = [...document.querySelectorAll('.plot text')]
    .map((one) => [one.textContent, one.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0);
const meet = (a, b) => a.left < b.right && b.left < a.right
    && a.top < b.bottom - 2 && b.top < a.bottom - 2;
return boxes.flatMap(([text, box], at) =>
    boxes.slice(at + 1).filter(([, other]) => meet(box, other)).map(([other]) => [text, other]));
"""
UNLABELLED = """
return [...document.querySelectorAll('main input:not([type=hidden]), main select')]
    .filter((one) => !one.labels.length && !one.getAttribute('aria-label'))
    .map((one) => one.outerHTML);
"""
COLOURS = """
return [...document.querySelectorAll('.plot-key use')].map((one) => getComputedStyle(one).fill);
"""
FINDER = "return document.querySelector('.finder image').getBoundingClientRect().width"


@pytest.fixture
def plant(sqlite_site: SiteUnderTest) -> Callable[[], None]:
    """Fill the archive of the browser's user: a star that varies, and what was found in it."""

    def fill() -> None:
        rows = sqlite_site.rows
        user = rows.one("SELECT id FROM users WHERE username = ?", NAME)["id"]
        field = planted_stars.stars(6, planted_stars.sine(0.5534, 0.9))
        visits = planted_stars.epochs(60, 20, 3)
        planted_stars.plant(rows, user, field, visits)
        planted_stars.write_pixels(rows, sqlite_site.data_dir, field, visits[-1:])

    return fill


@pytest.mark.parametrize(
    "width", [320, 1200, *(pytest.param(width, marks=pytest.mark.every) for width in (390, 900))]
)
def test_everything_fits(
    sqlite_site: SiteUnderTest,
    open_browser: Callable[..., Chromium],
    plant: Callable[[], None],
    width: int,
) -> None:
    browser = open_browser(width=width)
    plant()

    browser.open(f"{sqlite_site.base_url}/star.php?id=1&period=0.5534&page=1")

    assert browser.run("return document.documentElement.scrollWidth") == width
    assert browser.run(BEYOND) == []
    assert browser.run(OVERLAPPING) == []
    assert browser.run(UNLABELLED) == []
    assert browser.run("return document.querySelectorAll('.plot.framed').length") == 2
    assert browser.run(FINDER) > 100
    colours = browser.run(COLOURS)
    assert len(set(colours[:3])) == 3, "each telescope has a colour of its own"
    assert browser.complaints() == []


def test_forms_work_without_script(
    sqlite_site: SiteUnderTest, open_browser: Callable[..., Chromium], plant: Callable[[], None]
) -> None:
    browser = open_browser()
    plant()
    browser.open(f"{sqlite_site.base_url}/star.php?id=2")
    assert browser.run("return document.scripts.length") == 0

    browser.click("form[method=post][action='star.php'] button")
    browser.wait_for("A search for its period was asked for", "main")

    browser.type("#period", "0.5534")
    browser.click("form[action='star.php#search'] button")
    browser.wait_for("the archive does not claim it", "main")
    assert browser.run("return document.querySelectorAll('.plot.framed').length") == 2
    assert browser.run("return document.querySelector('#period').value") == "0.5534"

    browser.run("document.querySelector('#band').value = 'TR'")
    browser.click("form[action='star.php'] button")
    browser.wait_for("in TR", "main")
    assert browser.complaints() == []
