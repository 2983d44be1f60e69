"""Pages whose scripts do not run, because a reader has switched them off."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.browser.conftest import NAME
from tests.browser.webdriver import Chromium
from tests.support import planted_stars
from tests.support.sites import SiteUnderTest

pytestmark = pytest.mark.slow


@pytest.fixture
def browser(
    sqlite_site: SiteUnderTest, open_browser: Callable[..., Chromium]
) -> Iterator[Chromium]:
    """A login that has a stack, in a browser without JavaScript; WebDriver's own still runs."""
    running = open_browser()
    owner = sqlite_site.rows.one("SELECT id FROM users WHERE username = ?", NAME)["id"]
    planted_stars.plant(
        sqlite_site.rows,
        owner,
        planted_stars.stars(2, planted_stars.sine(0.5, 0.1)),
        planted_stars.epochs(1, 1),
    )
    running.use_scripts(False)
    yield running
    running.use_scripts(True)


def test_the_map_gives_way_to_words_and_the_stacks(
    sqlite_site: SiteUnderTest, browser: Chromium
) -> None:
    browser.open(f"{sqlite_site.base_url}/stacks.php?view=map")

    assert "The map needs JavaScript" in browser.text("main")
    shown = "return document.querySelector(arguments[0]).getBoundingClientRect().height"
    assert browser.run(shown, "#sky") == 0
    assert browser.run(shown, ".gallery-cards .card") > 0


def test_one_field_chooses_files(sqlite_site: SiteUnderTest, browser: Chromium) -> None:
    browser.open(f"{sqlite_site.base_url}/upload.php")

    seen = (
        "return [...document.querySelectorAll('#upload input[type=file], #upload label,"
        " #upload button')].filter((one) => one.checkVisibility()).map((one) => one.id)"
    )
    assert browser.run(seen) == ["files", ""]
