"""Fixtures of the browser tests: one Chromium for all, which each finds as if new and logged in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.browser.webdriver import Chromium, missing_programs
from tests.support.sites import SiteUnderTest

NAME = "ann"
PASSWORD = "correct horse"


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A Chromium, which takes seconds to start."""
    if missing := missing_programs():
        pytest.skip(f"no browser to test with: {' and '.join(missing)} not installed")
    with Chromium(tmp_path_factory.mktemp("chromium") / "profile") as running:
        yield running


@pytest.fixture
def open_browser(sqlite_site: SiteUnderTest, chromium: Chromium) -> Callable[..., Chromium]:
    """Get the Chromium as if new, with a login; arguments as of `Chromium.renew`."""
    sqlite_site.create_user(NAME, PASSWORD, admin=True)

    def start(*, width: int = 1200) -> Chromium:
        chromium.renew(width=width)
        chromium.open(f"{sqlite_site.base_url}/login.php")
        chromium.type("#login-name", NAME)
        chromium.type("#login-password", PASSWORD)
        chromium.click("form button")
        chromium.wait_for("Upload subs", "h1")
        return chromium

    return start
