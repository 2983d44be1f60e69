"""Keys to the data API as their users and operators create and revoke them."""

from __future__ import annotations

import re
from collections.abc import Callable
from secrets import token_hex
from typing import Any

import pytest
import requests

from demo.services import PHP_API, ServiceError
from tests.contract.site.support import PASSWORD, Browser
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

KEYS_PAGE = "account.php?section=keys"
KEY = re.compile(r"csk_[0-9a-f]{64}")


def create(browser: Browser, page: str, **fields: Any) -> Any:
    """Send the form that creates a key, and return the answer."""
    token = browser.token(page)
    form = {"csrf_token": token, "form_action": "create_key", "scopes[]": "read", **fields}
    return browser.post(page, form)


def created(browser: Browser, page: str, **fields: Any) -> str:
    """Send that form, go where it leads and return the key that is shown there."""
    answer = create(browser, page, **fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    (key,) = KEY.findall(browser.get(page).text)
    return str(key)


def revoke(browser: Browser, page: str, key_id: int) -> None:
    """Press the button Revoke of a key."""
    fields = {"csrf_token": browser.token(page), "form_action": "revoke_key", "key_id": key_id}
    assert browser.post(page, fields).status_code == 303


def test_a_key_is_shown_once(user: Browser, new_user: Callable[..., Browser], rows: Rows) -> None:
    answer = create(user, KEYS_PAGE, name="note <b>book</b>")
    assert answer.status_code == 400
    key = created(user, KEYS_PAGE, name="Läptop", last_day="2999-12-31")

    page = user.get(KEYS_PAGE).text
    assert key not in page
    assert key[:10] in page and "Läptop" in page and "2999-12-31" in page
    assert "Läptop" not in new_user().get(KEYS_PAGE).text
    row = rows.one("SELECT * FROM api_keys")
    assert (row["kind"], row["expires_at"]) == ("user", "2999-12-31 23:59:59")


def test_a_key_is_revoked_by_its_owner_only(
    user: Browser, admin: Browser, new_user: Callable[..., Browser], rows: Rows
) -> None:
    create(user, KEYS_PAGE, name="notebook")
    key_id = rows.one("SELECT id FROM api_keys")["id"]

    revoke(new_user(), KEYS_PAGE, key_id)
    revoke(admin, "admin_keys.php", key_id)
    assert rows.one("SELECT revoked_at FROM api_keys")["revoked_at"] is None
    revoke(user, KEYS_PAGE, key_id)

    assert rows.one("SELECT revoked_at FROM api_keys")["revoked_at"] is not None
    assert "revoked <time" in user.get(KEYS_PAGE).text


def test_service_keys_are_for_admins(user: Browser, admin: Browser, rows: Rows) -> None:
    assert user.get("admin_keys.php").status_code == 403
    key = created(admin, "admin_keys.php", name="survey", read_all="1")

    row = rows.one("SELECT * FROM api_keys")
    assert (row["kind"], row["user_id"], row["scopes"]) == ("service", None, "read read:all")
    assert "all stacks" in admin.get("admin_keys.php").text
    assert "survey" not in admin.get("admin_workers.php").text
    assert key not in admin.get("admin_keys.php").text
    revoke(admin, "admin_keys.php", row["id"])
    assert rows.one("SELECT revoked_at FROM api_keys")["revoked_at"] is not None


def test_the_command_makes_lists_and_revokes_service_keys(site: SiteUnderTest, rows: Rows) -> None:
    arguments = ("--name", "survey", "--scope", "read:all", "--last-day", "2999-01-01")
    key = site.run_php("data-key.php", "create", *arguments)
    assert KEY.fullmatch(key.strip())

    listed = site.run_php("data-key.php", "list").split("\t")
    assert listed[2:4] == ["survey", "read read:all"]
    assert listed[-1].startswith("valid until 2999-01-01")
    site.run_php("data-key.php", "revoke", listed[0])
    assert "revoked" in site.run_php("data-key.php", "list")
    for wrong in (("--scope", "jobs"), ("--last-day", "soon")):
        with pytest.raises(ServiceError):
            site.run_php("data-key.php", "create", "--name", "x", *wrong)
    assert len(rows.all("SELECT id FROM api_keys")) == 1


def test_names_are_different_and_reloading_makes_no_second_key(user: Browser, rows: Rows) -> None:
    created(user, KEYS_PAGE, name="notebook")
    user.get(KEYS_PAGE)

    answer = create(user, KEYS_PAGE, name="Notebook")

    assert answer.status_code == 409
    assert "Choose another name, or revoke that key first." in answer.text
    assert len(rows.all("SELECT id FROM api_keys")) == 1


def test_a_key_that_nobody_has_looked_at_is_not_shown_later(user: Browser, rows: Rows) -> None:
    """A key is made in one tab and seen in none; the session keeps it for minutes only."""
    create(user, KEYS_PAGE, name="notebook")
    (session,) = (user.site.data_dir / "sessions").glob("sess_*")
    text = session.read_text()
    at = re.search(r'"at";i:(\d+)', text)
    assert at
    session.write_text(text.replace(at[1], str(int(at[1]) - 601_000)))

    assert not KEY.findall(user.get(KEYS_PAGE).text)
    assert not KEY.findall(session.read_text())


def sign_in(site: SiteUnderTest, name: str, password: str) -> int:
    """Ask for the own stacks as a program at the telescope does, and return the status."""
    url = f"{site.api_url}/my_stacks.php"
    return requests.get(url, auth=(name, password), timeout=60).status_code


def test_programs_at_the_telescope_sign_in_with_a_key(
    user: Browser, new_user: Callable[..., Browser], site: SiteUnderTest, rows: Rows
) -> None:
    sends = created(user, KEYS_PAGE, name="telescope", **{"scopes[]": ["upload"]})
    reads = created(user, KEYS_PAGE, name="notebook", **{"scopes[]": ["read"]})
    other = new_user()

    assert sign_in(site, user.name, sends) == 200
    assert sign_in(site, user.name, reads) == 401
    assert sign_in(site, other.name, sends) == 401
    assert sign_in(site, user.name, PASSWORD) == 200
    used = {row["name"]: row["last_used_at"] for row in rows.all("SELECT * FROM api_keys")}
    assert used["telescope"] is not None and used["notebook"] is None
    search = f"{site.api_url}/bulk_list.php"
    statuses = [
        requests.get(search, headers={"Authorization": f"Bearer {key}"}, timeout=60).status_code
        for key in (sends, reads)
    ]
    assert statuses == [403, 200]
    revoke(user, KEYS_PAGE, rows.one("SELECT id FROM api_keys WHERE name = 'telescope'")["id"])
    assert sign_in(site, user.name, sends) == 401


def test_a_password_may_look_like_a_key(site: SiteUnderTest) -> None:
    site.create_user("ann", "csk_correct horse")

    assert sign_in(site, "ann", "csk_correct horse") == 200
    assert sign_in(site, "ann", "csk_wrong horse") == 401


def test_keys_of_one_name_from_before_stay_valid(site: SiteUnderTest, user: Browser) -> None:
    """What the migration does with names that were not unique."""
    rows = site.rows
    owner = rows.one("SELECT id FROM users WHERE username = ?", user.name)["id"]
    for kind, user_id, name, revoked in (
        ("user", owner, "Notebook", None),
        ("user", owner, "notebook", None),
        ("user", owner, "old", "2026-01-01 00:00:00"),
        ("worker", None, "barn", None),
        ("service", None, "barn", None),
    ):
        columns = "kind, user_id, name, key_hash, key_hint, scopes, created_at, revoked_at"
        rows.execute(
            f"INSERT INTO api_keys ({columns})"  # noqa: S608
            " VALUES (?, ?, ?, ?, 'csk_', 'read', '2026-01-01 00:00:00', ?)",
            *(kind, user_id, name, token_hex(32), revoked),
        )
    engine = "sqlite" if site.database is None else "mariadb"
    text = (PHP_API / "migrations" / engine / "0120_key_names.sql").read_text()
    update = re.search(r"^UPDATE .*?;", text, re.DOTALL | re.MULTILINE)
    assert update

    rows.execute(update[0].rstrip(";"))

    taken = [row["name_in_use"] for row in rows.all("SELECT * FROM api_keys ORDER BY id")]
    mine = f"user:{owner}:notebook"
    assert taken == [mine, None, None, "worker:0:barn", "service:0:barn"]
    assert create(user, KEYS_PAGE, name="Notebook").status_code == 409
    assert create(user, KEYS_PAGE, name="old").status_code == 303
