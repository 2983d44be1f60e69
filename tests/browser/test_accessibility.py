"""Every page for readers with a screen reader, a keyboard, weak eyes or large fingers.

axe-core, which `./dev check` installs with what else tests/js/vendor pins, looks for faults that it
calls serious or critical, or an empty table header; targets on a phone are measured by ourselves.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PIL import Image

from demo.services import REPOSITORY
from tests.browser.conftest import NAME, PASSWORD
from tests.browser.webdriver import Chromium
from tests.contract.site.subs import sub
from tests.contract.site.support import Browser
from tests.support import planted_stars
from tests.support.site_pages import NOBODY, Page, filled
from tests.support.sites import SiteUnderTest

pytestmark = pytest.mark.slow

AXE = REPOSITORY / ".crowdsky" / "node" / "node_modules" / "axe-core" / "axe.min.js"
THEMES = ("light", "dark", "night")
FEW = ("landing", "login", "error", "upload", "stacks", "stack", "admin-summary", "admin-workers")
"""Pages that the first tier looks at."""

SERIOUS = """
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
return axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]})
    .then(({violations}) => violations
        .filter(({impact, id}) =>
            ["serious", "critical"].includes(impact) || id === "empty-table-header")
        .flatMap(({id, nodes}) => nodes.slice(0, 5).map(({html, failureSummary}) =>
            `${id}: ${html.slice(0, 160)} (${(failureSummary ?? "").split("\\n")[1]?.trim()})`)))
"""

SMALL = """
const targets = "button, .button, summary, select, nav a, .tabs a, .pager a, .account a,"
    + " input:not([type=hidden], [type=checkbox], [type=radio])";
return [...document.querySelectorAll(targets)]
    .map((target) => [target, target.getBoundingClientRect()])
    .filter(([target, box]) => box.width > 0 && target.checkVisibility() && box.height < 43.5)
    .map(([target, box]) => `${box.height.toFixed(0)} px: ${target.outerHTML.slice(0, 120)}`)
"""


@pytest.fixture
def readers(
    sqlite_site: SiteUnderTest, open_browser: Callable[..., Chromium]
) -> Callable[..., Chromium]:
    """Get the browser of nobody or of an admin, on a site with something on each page."""
    with_login = open_browser
    rows = sqlite_site.rows
    owner = rows.one("SELECT id FROM users")["id"]
    field = planted_stars.stars(12, planted_stars.sine(0.55, 0.4))
    visits = planted_stars.epochs(12, 4)
    planted_stars.plant(rows, owner, field, visits)
    rows.execute(
        "UPDATE stacked_frames SET thumbnail_path = '/x.png', visibility = 'public',"
        " object_name = 'M 94', object_key = 'm94'"
    )
    client = Browser(sqlite_site)
    client.log_in(NAME, PASSWORD)
    client.upload(sub())
    sqlite_site.create_worker_key("stacker")

    def start(reader: str, theme: str, width: int = 1200) -> Chromium:
        browser = with_login(width=width)
        if reader == NOBODY:
            browser.renew(width=width)
            browser.open(f"{sqlite_site.base_url}/index.php")
        browser.click(f".preferences button[value={theme}]")
        browser.wait_until("return document.documentElement.dataset.theme === arguments[0]", theme)
        return browser

    return start


def looked_at(
    site: SiteUnderTest, readers: Callable[..., Chromium], pages: list[Page], theme: str, width: int
) -> Iterator[tuple[Page, Chromium]]:
    """Open one page after the other."""
    for is_guest in (True, False):
        some = [page for page in pages if (page.reader == NOBODY) == is_guest]
        browser = readers(some[0].reader, theme, width) if some else None
        for page in some:
            assert browser is not None
            browser.open(f"{site.base_url}/{page.address}")
            yield page, browser


def faults(script: str, looking: Iterator[tuple[Page, Chromium]], before: str = "") -> str:
    """Run a script on every page, and return what it finds, a line for each, with the page."""
    return "\n".join(
        f"{page.name}: {fault}"
        for page, browser in looking
        for fault in browser.run(before + script)
    )


def few(site: SiteUnderTest) -> list[Page]:
    return [page for page in filled(site.rows) if page.name in FEW]


def axe() -> str:
    if not AXE.exists():
        pytest.skip("axe-core is not installed; ./dev check installs it where there is npm")
    return AXE.read_text(encoding="utf-8")


def test_some_pages_have_no_serious_fault(
    sqlite_site: SiteUnderTest, readers: Callable[..., Chromium]
) -> None:
    looking = looked_at(sqlite_site, readers, few(sqlite_site), "light", 1200)
    assert faults(SERIOUS, looking, axe()) == ""


@pytest.mark.every
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", [390, 1200])
def test_no_page_has_a_serious_fault_in_any_theme(
    sqlite_site: SiteUnderTest, readers: Callable[..., Chromium], theme: str, width: int
) -> None:
    looking = looked_at(sqlite_site, readers, list(filled(sqlite_site.rows)), theme, width)
    assert faults(SERIOUS, looking, axe()) == ""


@pytest.mark.every
def test_fingers_find_what_they_touch_on_a_phone(
    sqlite_site: SiteUnderTest, readers: Callable[..., Chromium]
) -> None:
    looking = looked_at(sqlite_site, readers, list(filled(sqlite_site.rows)), "dark", 390)
    assert faults(SMALL, looking) == ""


def test_night_mode_shows_nothing_but_red(
    sqlite_site: SiteUnderTest, readers: Callable[..., Chromium]
) -> None:
    """No pixel has green or blue in it: not of pictures, nor of what the browser draws itself."""
    shining = []
    for page, browser in looked_at(sqlite_site, readers, few(sqlite_site), "night", 390):
        picture = Image.open(io.BytesIO(browser.picture(390, 4000))).convert("RGB")
        colours = np.asarray(picture)
        assert colours[..., 0].max() > 200, page.name
        if colours[..., 1:].any():
            shining.append((page.name, int(colours[..., 1:].any(axis=-1).sum())))
    assert shining == []
