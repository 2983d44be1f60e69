"""A stack's page: its picture zooms, is marked and stretched, and its stars are a table."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from demo.services import Site
from tests.browser.conftest import NAME
from tests.browser.webdriver import Chromium
from tests.contract.jobs.measured import complete
from tests.contract.jobs.support import Queue, Worker
from tests.support import planted_stars
from tests.support.sites import SiteUnderTest

SHOWN = """
const frame = document.querySelector('[data-frame]').getBoundingClientRect();
const picture = document.querySelector('[data-stage] img').getBoundingClientRect();
return {
    frame: frame.width, right: frame.right, bottom: frame.bottom, picture: picture.width,
    facts: document.querySelector('.facts-list').getBoundingClientRect(),
    page: document.documentElement.scrollWidth, window: innerWidth,
    source: document.querySelector('[data-stage] img').getAttribute('src'),
};
"""
CHOOSE = """
const choice = document.querySelector(arguments[0]);
choice.checked = true;
choice.dispatchEvent(new Event(arguments[1], {bubbles: true}));
"""
CLICK_STAR = """
const mark = document.querySelector('.stars circle');
const box = mark.getBoundingClientRect();
const frame = document.querySelector('[data-frame]').getBoundingClientRect();
mark.dispatchEvent(new MouseEvent('click', {bubbles: true}));
return [box.x + box.width / 2 - frame.x, box.y + box.height / 2 - frame.y];
"""
CANVAS = """
const canvas = document.querySelector('.viewer canvas');
const shown = getComputedStyle(canvas).display;
const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
const brightest = data.reduce((one, other, at) => (at % 4 < 3 ? Math.max(one, other) : one), 0);
return [shown, canvas.width, canvas.height, brightest];
"""
NAMES = (
    "return [...document.querySelectorAll('[data-star-table] tbody a')].map((a) => a.textContent)"
)


BEYOND = """
const edge = document.querySelector('.stack').getBoundingClientRect().right + 1;
return [...document.querySelectorAll('.stack *')]
    .filter((one) => !one.closest('.scroll > table') && one.getBoundingClientRect().right > edge)
    .map((one) => one.outerHTML);
"""


def add_stack(site: Site) -> int:
    """Put a measured stack of the browser's user into the archive; return its id."""
    rows = site.rows
    queue = Queue(site, rows)
    queue.user_id = rows.one("SELECT id FROM users WHERE username = ?", NAME)["id"]
    worker = Worker(site, site.create_worker_key("dome"))
    queue.add_job()
    complete(worker, worker.claim())
    return int(rows.one("SELECT id FROM stacked_frames")["id"])


@pytest.fixture
def planted(sqlite_site: SiteUnderTest, open_browser: Callable[..., Chromium]) -> Chromium:
    """The page of a stack of six known stars, whose pictures were drawn from its pixels."""
    browser = open_browser()
    rows = sqlite_site.rows
    user = rows.one("SELECT id FROM users WHERE username = ?", NAME)["id"]
    field = planted_stars.stars(6, planted_stars.sine(0.5534, 0.9))
    visits = planted_stars.epochs(3, 3)
    planted_stars.plant(rows, user, field, visits)
    planted_stars.write_pixels(rows, sqlite_site.data_dir, field, visits[:1])
    planted_stars.draw(rows, sqlite_site.data_dir, visits[0])
    browser.open(f"{sqlite_site.base_url}/stack.php?id={visits[0].id}")
    return browser


def test_the_picture_zooms_to_every_pixel(planted: Chromium) -> None:
    before = planted.run(SHOWN)
    assert before["picture"] == pytest.approx(before["frame"])
    assert before["facts"]["left"] > before["right"], "facts stand beside the picture"
    assert "size=full" not in before["source"]

    planted.click('[data-step="+"]')
    after = planted.run(SHOWN)
    assert after["frame"] == before["frame"]
    assert after["picture"] == pytest.approx(1.6 * before["picture"])
    assert "size=full" in after["source"], "the smaller picture would be blurred"

    planted.click('[data-step="0"]')
    assert planted.run(SHOWN)["picture"] == pytest.approx(before["frame"])
    assert planted.complaints() == []


def test_a_star_is_marked_where_it_is_and_tells_its_magnitude(planted: Chromium) -> None:
    planted.wait_for("Star ", "[data-star-table] tbody")
    planted.run(CHOOSE, '[data-marks="stars"]', "change")
    place = planted.run(CLICK_STAR)
    told = planted.wait_for("Light curve of star", "[data-star]")

    star = int(told.rsplit(" ", 1)[1])
    brightest = planted_stars.stars(6, planted_stars.sine(0.5534, 0.9))[star - 1]
    zoom = planted.run(SHOWN)["frame"] / planted_stars.SIDE
    assert place == pytest.approx([(brightest.x + 0.5) * zoom, (brightest.y + 0.5) * zoom], abs=2)
    shown = float(told.split("Green ")[1].split(" mag")[0])
    assert shown == pytest.approx(brightest.mag, abs=1.0), "it is the one that varies, or near it"
    assert planted.complaints() == []


def test_the_table_of_stars_sorts(planted: Chromium) -> None:
    planted.wait_for("Star ", "[data-star-table] tbody")
    brightest_first = planted.run(NAMES)
    assert len(brightest_first) == 6
    planted.click('[data-column="mag_g"] button')
    assert planted.run(NAMES) == brightest_first[::-1]
    planted.click('[data-column="id"] button')
    assert planted.run(NAMES) == [f"Star {number}" for number in range(1, 7)]


def test_the_reader_stretches_the_picture(planted: Chromium) -> None:
    planted.run(CHOOSE, 'input[name="stretch"][value="own"]', "input")
    planted.wait_for("Black point", ".own")
    for _ in range(50):
        shown, width, height, brightest = planted.run(CANVAS)
        if brightest > 0:
            break
        time.sleep(0.1)
    assert (shown, width, height, brightest) == (
        "block",
        planted_stars.SIDE,
        planted_stars.SIDE,
        255,
    )
    assert planted.complaints() == []


@pytest.mark.parametrize(
    "width", [320, 1200, *(pytest.param(width, marks=pytest.mark.every) for width in (390, 900))]
)
def test_nothing_reaches_beyond_the_page(
    sqlite_site: Site, open_browser: Callable[..., Chromium], width: int
) -> None:
    browser = open_browser(width=width)

    browser.open(f"{sqlite_site.base_url}/stack.php?id={add_stack(sqlite_site)}")

    assert browser.run(BEYOND) == []
    assert browser.run("return document.documentElement.scrollWidth") == width
