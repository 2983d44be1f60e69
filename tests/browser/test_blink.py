"""Two stacks of one field: stars of one lie on those of the other, in turns and side by side."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from crowdsky.solving.solution import Solution
from crowdsky.solving.tan import TanWcs
from tests.browser.conftest import NAME
from tests.browser.webdriver import Chromium
from tests.support.archive_rows import CREATED, SkyRow, insert
from tests.support.sites import SiteUnderTest

pytestmark = pytest.mark.slow

WCS = ("crpix", "crval", "cd", "corners", "width", "height")
CORNER = 12
SIZE = (540, 700)
STAR = (10.78, 41.33)
PANE = """
const box = document.querySelector(`[data-number='${arguments[0]}'] .pane`).getBoundingClientRect();
return [box.left, box.top, box.width, box.height];
"""


def plate(turn: float, scale: float, ra: float, dec: float) -> TanWcs:
    """A picture's projection, turned by degrees, with so many arcseconds a pixel."""
    step = scale / 3600.0
    c, s = math.cos(math.radians(turn)) * step, math.sin(math.radians(turn)) * step
    middle = ((SIZE[0] - 1) / 2, (SIZE[1] - 1) / 2)
    return TanWcs(ra0=ra, dec0=dec, x0=middle[0], y0=middle[1], cd=(-c, s, s, c))


PLATES = (plate(0.0, 2.4, 10.7, 41.3), plate(64.0, 3.1, 10.75, 41.28))


def picture(wcs: TanWcs) -> bytes:
    """A picture with one star."""
    x, y = (float(value) for value in wcs.pixel(*STAR))
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    light = 255.0 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 30.0)
    buffer = io.BytesIO()
    Image.fromarray(light.astype(np.uint8)).convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()


def star_in(browser: Chromium, pane: int) -> tuple[float, float]:
    """Where the star is in a pane, in pixels of the screen from its corner."""
    browser.run("document.querySelector('.blink-panes').scrollIntoView()")
    left, top, width, height = browser.run(PANE, pane)
    shown = Image.open(io.BytesIO(browser.picture(1200, 900))).convert("L")
    light = np.asarray(shown.crop((left, top, left + width, top + height)), dtype=float)
    light[light < 80.0] = 0.0
    # Its corners are round.
    for side in (light, light[::-1], light.T, light.T[::-1]):
        side[:CORNER] = 0.0
    rows, columns = np.mgrid[: light.shape[0], : light.shape[1]]
    return float((columns * light).sum() / light.sum()), float((rows * light).sum() / light.sum())


@pytest.fixture
def blinking(sqlite_site: SiteUnderTest, open_browser: Callable[..., Chromium]) -> Chromium:
    """The page of two solved stacks of one field."""
    browser = open_browser()
    rows = sqlite_site.rows
    owner = rows.one("SELECT id FROM users WHERE username = ?", NAME)["id"]
    begin = "2025-06-01T00:00:00"
    stacks = [
        SkyRow(n, owner, wcs.ra0, wcs.dec0, begin, 60.0, None, None)
        for n, wcs in enumerate(PLATES, 1)
    ]
    insert(rows, iter(stacks))
    folder = sqlite_site.data_dir / "stacks" / "crowdsky"
    folder.mkdir(parents=True, exist_ok=True)
    for number, wcs in enumerate(PLATES, 1):
        (folder / f"{number}.png").write_bytes(picture(wcs))
        rows.execute(
            "UPDATE stacked_frames SET thumbnail_path = ? WHERE id = ?",
            f"/crowdsky/{number}.png", number,
        )  # fmt: skip
        found = Solution(wcs, *SIZE, "triangles", 0.03, 38, 44, 0.6, 0.0, "Tycho-2", "good")
        rows.insert("stack_solutions", **columns(found, number))
    browser.open(f"{sqlite_site.base_url}/blink.php?a=1&b=2")
    return browser


def columns(found: Solution, number: int) -> dict[str, object]:
    """The row of a solution."""
    told = found.to_json()
    width, height = told["field_deg"]
    return {
        "stack_id": number,
        "job_id": number,
        "solved": 1,
        "solver": told["solver"],
        "verdict": told["verdict"],
        "ra_center_deg": told["ra_deg"],
        "dec_center_deg": told["dec_deg"],
        "scale_arcsec": told["scale_arcsec"],
        "rotation_deg": told["rotation_deg"],
        "parity": told["parity"],
        "field_width_deg": width,
        "field_height_deg": height,
        "wcs": json.dumps({name: told[name] for name in WCS}),
        "notes": "[]",
        "created_at": CREATED,
    }


def test_a_star_stays_where_it_is(blinking: Chromium) -> None:
    browser = blinking
    browser.click("[data-swap]")
    shown = "return document.querySelector('.is-shown').dataset.number"
    if browser.run(shown) == "1":
        browser.click("[data-swap]")
    first = star_in(browser, 0)
    browser.click("[data-swap]")
    browser.wait_until(f"{shown} === arguments[0]", "1")
    second = star_in(browser, 1)

    browser.click("[data-mode=pair]")
    beside = [star_in(browser, pane) for pane in (0, 1)]

    assert second == pytest.approx(first, abs=1.0)
    assert beside[1] == pytest.approx(beside[0], abs=1.0)
    assert browser.run("return document.querySelector('[data-play]').textContent") == "Play"
    assert browser.complaints() == []
