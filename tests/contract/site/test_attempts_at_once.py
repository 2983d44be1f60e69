"""Guesses and registrations at the same moment: no more of them than one after the other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext

import pytest
import requests

from demo.services import Site
from tests.contract.jobs.support import Worker
from tests.contract.jobs.test_busy import holding, locked_sqlite
from tests.contract.site.support import PASSWORD, Browser
from tests.support.sites import SiteUnderTest

AT_ONCE = 60
SERVED_AT_ONCE = "16"
LIMIT = 10
HELD_SECONDS = 1.5
"""Long enough for all that are served at once to have looked, shorter than the wait for a lock."""


@pytest.fixture
def busy_site(make_site: Callable[..., SiteUnderTest]) -> SiteUnderTest:
    """A site that serves many requests at the same time, with the same limit on all guesses."""
    return make_site(
        PHP_CLI_SERVER_WORKERS=SERVED_AT_ONCE,
        CROWDSKY_MAX_LOGIN_FAILURES=str(LIMIT),
        CROWDSKY_MAX_KEY_FAILURES=str(LIMIT),
        CROWDSKY_MAX_REGISTRATIONS_PER_DAY=str(LIMIT),
    )


def unwritable(
    site: SiteUnderTest, table: str, request: pytest.FixtureRequest
) -> AbstractContextManager[None]:
    """Let everybody read a table and nobody write to it for a moment."""
    if site.database is None:
        return locked_sqlite(site, seconds=HELD_SECONDS)
    server = request.getfixturevalue("mariadb")
    client = ["mariadb", "--no-defaults", "--unbuffered", f"--socket={server.socket}", "-N"]
    sql = f"LOCK TABLES {table} READ; SELECT 'locked'; SELECT SLEEP({HELD_SECONDS});"
    return contextmanager(holding)([*client, "--user=root", "-e", sql, site.database.user])


def statuses(
    attempt: Callable[[int], int], held: AbstractContextManager[None] | None = None
) -> list[int]:
    """Return the answers to attempts at the same moment, then to some one after the other."""
    with held or nullcontext(), ThreadPoolExecutor(AT_ONCE) as pool:
        at_once = list(pool.map(attempt, range(AT_ONCE)))
    return at_once + [attempt(AT_ONCE + number) for number in range(LIMIT + 1)]


def test_passwords_guessed_at_once_are_limited(busy_site: SiteUnderTest) -> None:
    # The real command, whose hashes take as long to check as on a real site.
    Site.create_user(busy_site, "owner", PASSWORD)
    browser = Browser(busy_site)
    form = {"form_action": "login", "csrf_token": browser.token("login.php"), "username": "owner"}
    cookies = browser.http.cookies.get_dict()

    def guess(number: int) -> int:
        # Those one after the other are right, and too late: no further password is looked at.
        password = f"guess {number}" if number < AT_ONCE else PASSWORD
        return requests.post(
            f"{busy_site.base_url}/login.php",
            data={**form, "password": password},
            cookies=cookies,
            allow_redirects=False,
            timeout=60,
        ).status_code

    answers = statuses(guess)

    # Those refused are not counted, or a flood would keep the owner out.
    assert (answers.count(401), answers.count(429)) == (LIMIT, len(answers) - LIMIT)
    assert len(busy_site.rows.all("SELECT id FROM login_failures")) == LIMIT


def test_keys_guessed_at_once_are_limited(
    busy_site: SiteUnderTest, request: pytest.FixtureRequest
) -> None:
    def guess(number: int) -> int:
        code: int = Worker(busy_site, f"csw_{number:064}").get("next_job").status_code
        return code

    answers = statuses(guess, unwritable(busy_site, "key_failures", request))

    assert (answers.count(401), answers.count(429)) == (LIMIT, len(answers) - LIMIT)
    assert len(busy_site.rows.all("SELECT id FROM key_failures")) == LIMIT


def test_accounts_registered_at_once_are_limited(busy_site: SiteUnderTest) -> None:
    browser = Browser(busy_site)
    form = {"form_action": "register", "csrf_token": browser.token("login.php")}
    cookies = browser.http.cookies.get_dict()

    def register(number: int) -> int:
        return requests.post(
            f"{busy_site.base_url}/login.php",
            data={**form, "username": f"user-{number}", "password": PASSWORD},
            cookies=cookies,
            allow_redirects=False,
            timeout=60,
        ).status_code

    answers = statuses(register)

    assert (answers.count(302), answers.count(429)) == (LIMIT, len(answers) - LIMIT)
    assert len(busy_site.rows.all("SELECT id FROM users")) == LIMIT
