"""A stack's page: one place for the picture and the same with everything marked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from demo.services import Site
from tests.browser.conftest import NAME
from tests.browser.webdriver import Chromium
from tests.contract.jobs.measured import complete
from tests.contract.jobs.support import Queue, Worker

BOXES = """
const box = (selector) => document.querySelector(selector).getBoundingClientRect();
const picture = box('figure.plain').width > 0 ? box('figure.plain') : box('figure.marked');
return {
    plain: box('figure.plain').width, marked: box('figure.marked').width,
    right: picture.right, bottom: picture.bottom, objects: box('table:last-of-type').left,
    facts: box('.facts-list').top, page: document.documentElement.scrollWidth, window: innerWidth,
};
"""


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


@pytest.mark.parametrize("width", [1200, 500])
def test_picture_and_overlay_share_one_place(
    sqlite_site: Site, open_browser: Callable[..., Chromium], width: int
) -> None:
    browser = open_browser(width=width)
    stack = add_stack(sqlite_site)

    browser.open(f"{sqlite_site.base_url}/stack.php?id={stack}")

    for view, other in (("plain", "marked"), ("marked", "plain"), ("plain", "marked")):
        browser.click(f"label[for=view-{view}]")
        seen = browser.run(BOXES)
        assert (seen[view] > 300, seen[other]) == (True, 0), view
        assert seen["page"] <= seen["window"], "nothing has to be scrolled sideways"
        if width == 1200:
            assert seen["objects"] > seen["right"], "objects stand beside the picture"
        else:
            assert seen["facts"] > seen["bottom"], "one below the other"
    assert browser.complaints() == []


@pytest.mark.parametrize("width", [320, 390, 900, 1200])
def test_nothing_reaches_beyond_the_page(
    sqlite_site: Site, open_browser: Callable[..., Chromium], width: int
) -> None:
    browser = open_browser(width=width)

    browser.open(f"{sqlite_site.base_url}/stack.php?id={add_stack(sqlite_site)}")

    assert browser.run(BEYOND) == []
    assert browser.run("return document.documentElement.scrollWidth") == width
