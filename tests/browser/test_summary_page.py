"""An admin's first page: charts drawn from its tables, on a phone too, and a bar read off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.browser.webdriver import Chromium
from tests.contract.site.test_figures import insert_runs, scattered_runs
from tests.support.sites import SiteUnderTest

pytestmark = pytest.mark.slow

DRAWN = "return document.querySelectorAll('.chart-place[data-drawn] canvas').length === 4"
INK = """
const canvas = document.querySelector('.chart canvas');
const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
let inked = 0;
for (let at = 3; at < data.length; at += 4) inked += data[at] > 0;
return inked > 500
"""
POINT = """
const over = document.querySelector('.chart .u-over');
over.scrollIntoView({block: 'center'});
const box = over.getBoundingClientRect();
const at = {clientX: box.left + box.width / 2, clientY: box.top + box.height / 2, bubbles: true};
over.dispatchEvent(new MouseEvent('mouseenter', at));
over.dispatchEvent(new MouseEvent('mousemove', at));
"""
READ = "return /^[0-9]+$/.test(document.querySelector('.chart-key b').textContent)"


def test_charts_are_drawn_and_read_off(
    sqlite_site: SiteUnderTest, open_browser: Callable[..., Chromium]
) -> None:
    browser = open_browser(width=390)
    insert_runs(sqlite_site.rows, scattered_runs(datetime.now(UTC), 2000, 7))

    browser.open(f"{sqlite_site.base_url}/admin_summary.php?of=week")

    browser.wait_until(DRAWN)
    browser.wait_until(INK)
    browser.run(POINT)
    browser.wait_until(READ)
    assert browser.run("return document.documentElement.scrollWidth") == 390
    assert [said for said in browser.complaints() if "favicon" not in said] == []
