"""Fixtures of the browser tests: a Chromium on a fresh site, logged in through the login page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from demo.services import Site
from tests.browser.webdriver import Chromium, missing_programs

NAME = "ann"
PASSWORD = "correct horse"


@pytest.fixture
def open_browser(sqlite_site: Site, tmp_path: Path) -> Iterator[Callable[..., Chromium]]:
    """Start a Chromium that has logged in; arguments as of Chromium."""
    if missing := missing_programs():
        pytest.skip(f"no browser to test with: {' and '.join(missing)} not installed")
    sqlite_site.create_user(NAME, PASSWORD, admin=True)
    with ExitStack() as running:

        def start(*, width: int = 1200) -> Chromium:
            profile = tmp_path / "profile"
            browser = running.enter_context(Chromium(profile, width=width))
            browser.open(f"{sqlite_site.base_url}/login.php")
            browser.type("#login-name", NAME)
            browser.type("#login-password", PASSWORD)
            browser.click("form button")
            browser.wait_for("Upload subs", "h1")
            return browser

        yield start
