"""How a user comes to a volunteer's key, and what the page says of the work done with it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.contract.jobs.support import Queue, Worker
from tests.contract.site.support import PASSWORD, Browser
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

ADDRESS = "volunteer.php"


def send(browser: Browser, action: str, **fields: str) -> int:
    """Press a button of the page; return the status."""
    form = {"csrf_token": browser.token(), "action": action, **fields}
    return int(browser.post(ADDRESS, form).status_code)


def key_in(page: str) -> str:
    """The key that a page shows."""
    found = re.search(r"csw_[0-9a-f]{64}", page)
    assert found is not None
    return found[0]


def decide(admin: Browser, rows: Rows, browser: Browser, action: str) -> int:
    """Let an admin answer a user's wish."""
    user = rows.one("SELECT id FROM users WHERE username = ?", browser.name)["id"]
    form = {"csrf_token": admin.token(), "action": action, "user_id": user}
    return int(admin.post("admin_workers.php", form).status_code)


def test_a_key_is_asked_for_granted_and_made_by_its_owner(
    site: SiteUnderTest, user: Browser, admin: Browser, visitor: Browser, rows: Rows
) -> None:
    assert "Log in to ask for a key" in visitor.get(ADDRESS).text
    assert send(user, "make") == 409, "nobody has granted one"
    assert send(user, "ask", note="eight <b>cores</b> at night") == 303
    assert send(user, "ask") == 409
    assert "An admin will look at it" in user.get(ADDRESS).text
    waiting = admin.get("admin_workers.php").text
    assert "eight &lt;b&gt;cores&lt;/b&gt; at night" in waiting

    assert decide(admin, rows, user, "grant") == 303
    assert "Volunteers who ask" not in admin.get("admin_workers.php").text
    assert send(user, "make") == 303
    key = key_in(user.get(ADDRESS).text)
    assert "csw_" not in user.get(ADDRESS).text, "it is shown once"
    assert send(user, "make") == 409, "one key at a time"

    (row,) = rows.all("SELECT * FROM api_keys WHERE kind = 'worker' AND name LIKE 'volunteer%'")
    assert set(row["scopes"].split()) == {"jobs", "volunteer"}
    assert Worker(site, key).get("next_job").status_code == 204
    assert send(user, "revoke") == 303
    assert Worker(site, key).get("next_job").status_code == 401
    assert send(user, "make") == 303, "another one after that"
    assert key_in(user.get(ADDRESS).text) != key


def test_a_wish_can_be_declined(
    new_user: Callable[..., Browser], admin: Browser, rows: Rows
) -> None:
    user = new_user()
    send(user, "ask")
    assert decide(admin, rows, user, "decline") == 303
    assert "has declined" in user.get(ADDRESS).text
    assert send(user, "make") == 409
    assert send(user, "ask") == 409


@pytest.mark.one_database
@pytest.mark.parametrize(("policy", "asked", "made"), [("off", 403, 409), ("grant", 303, 303)])
def test_the_site_grants_keys_itself_or_none(
    make_site: Callable[..., SiteUnderTest], policy: str, asked: int, made: int
) -> None:
    site = make_site(CROWDSKY_VOLUNTEER_KEYS=policy)
    site.create_user("ann", PASSWORD)
    ann = Browser(site)
    ann.log_in("ann", PASSWORD)
    assert ("gives no keys" in ann.get(ADDRESS).text) == (policy == "off")
    assert send(ann, "ask") == asked
    assert send(ann, "make") == made


@pytest.mark.one_database
def test_only_admins_grant_keys(user: Browser, rows: Rows) -> None:
    send(user, "ask")
    assert decide(user, rows, user, "grant") == 403
    assert send(user, "make") == 409
    assert send(user, "explode") == 400
    wrong = user.post(ADDRESS, {"csrf_token": "0" * 64, "action": "ask"})
    assert wrong.status_code == 403


def test_the_page_counts_what_was_given(
    site: SiteUnderTest, user: Browser, admin: Browser, rows: Rows
) -> None:
    queue = Queue(site, rows)
    send(user, "ask")
    decide(admin, rows, user, "grant")
    send(user, "make")
    worker = Worker(site, key_in(user.get(ADDRESS).text), name="attic")
    jobs = [queue.add_job(), queue.add_job()]
    worker.claim()
    key = rows.one("SELECT api_key_id FROM volunteer_keys")["api_key_id"]
    done = (
        "UPDATE stacking_jobs SET status = 'completed', api_key_id = ?, frame_count = 20,"
        " started_at = '2026-01-02 01:00:00', completed_at = '2026-01-02 02:30:00'"
        " WHERE id IN (?, ?)"
    )
    rows.execute(done, key, *jobs)

    page = " ".join(re.sub(r"<[^>]+>", " ", user.get(ADDRESS).text).split())

    assert "Stacks in the archive 2" in page
    assert "Subs in them 40" in page
    assert "Hours of work 3.0" in page
    assert "attic" in page
