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
def log_in(chromium: Chromium) -> Callable[..., Chromium]:
    """Get the Chromium as if new, with a login at an address of a site that knows NAME."""

    def start(address: str, *, width: int = 1200) -> Chromium:
        chromium.renew(width=width)
        chromium.open(f"{address}/login.php?next=upload.php")
        enter_password(chromium)
        chromium.wait_for("Upload subs", "h1")
        return chromium

    return start


@pytest.fixture
def open_browser(
    sqlite_site: SiteUnderTest, log_in: Callable[..., Chromium]
) -> Callable[..., Chromium]:
    """Get the Chromium as if new, with a login; arguments as of `Chromium.renew`."""
    sqlite_site.create_user(NAME, PASSWORD, admin=True)
    return lambda **wishes: log_in(sqlite_site.base_url, **wishes)


def enter_password(chromium: Chromium) -> None:
    """Fill in the login form and send it."""
    chromium.type("#login-name", NAME)
    chromium.type("#login-password", PASSWORD)
    chromium.click("form button")
