"""My nights in a browser: a chunk that is being stacked is watched without reloading the page."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image

from tests.browser.conftest import NAME, PASSWORD
from tests.browser.webdriver import Chromium
from tests.contract.jobs.support import Worker
from tests.contract.site.subs import taken_at
from tests.contract.site.support import Browser
from tests.support.sites import SiteUnderTest

pytestmark = pytest.mark.slow


def test_progress_is_seen_while_the_page_is_open(
    open_browser: Callable[..., Chromium], sqlite_site: SiteUnderTest
) -> None:
    browser = open_browser(width=390)
    client = Browser(sqlite_site)
    client.log_in(NAME, PASSWORD)
    client.upload(taken_at("2025-03-27T22:20:00", OBJECT="'M 94'"))
    browser.open(f"{sqlite_site.base_url}/status.php")
    assert "waiting" in browser.text("#live")
    browser.run("window.isSamePage = true")

    worker = Worker(sqlite_site, sqlite_site.create_worker_key("stacker"))
    lease = worker.claim()
    worker.report("heartbeat", lease, stage="stack", progress=0.43, message="align 3 of 7")
    shown = browser.wait_for("Stacking 43 %, time left: not yet known", "#live")
    assert "working" in shown

    worker.report("complete_job", lease, **worker.archive(lease))
    browser.wait_for("See the stack", "#live")
    assert browser.run("return window.isSamePage")
    assert browser.run("return document.getElementById('live').dataset.live === undefined")
    assert browser.complaints() == []


def test_a_bar_shows_its_part_at_night(
    open_browser: Callable[..., Chromium], sqlite_site: SiteUnderTest
) -> None:
    """A filter that turns a whole bar red would make the part done look like the rest."""
    browser = open_browser()
    client = Browser(sqlite_site)
    client.log_in(NAME, PASSWORD)
    client.upload(taken_at("2025-03-27T22:20:00"))
    worker = Worker(sqlite_site, sqlite_site.create_worker_key("stacker"))
    worker.report("heartbeat", worker.claim(), stage="stack", progress=0.43)
    browser.open(f"{sqlite_site.base_url}/status.php")
    browser.click(".preferences button[value=night]")
    browser.wait_until("return document.documentElement.dataset.theme === 'night'")

    place = browser.run(
        "const box = document.querySelector('progress').getBoundingClientRect();"
        "return [box.left, box.width, box.top + box.height / 2].map(Math.round)"
    )
    picture = Image.open(io.BytesIO(browser.picture(1200, 4000))).convert("RGB")
    left, width, y = place
    red = [picture.getpixel((left + round(part * width), y))[0] for part in (0.2, 0.4, 0.5, 0.8)]
    assert min(red[:2]) > 2 * max(red[2:])
