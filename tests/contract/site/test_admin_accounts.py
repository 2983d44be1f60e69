"""What an admin does with accounts and keys: each action comes back to its row with a note."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.jobs.support import Worker
from tests.contract.site.mailbox import wait_for
from tests.contract.site.support import Browser
from tests.support.rows import Rows

pytestmark = pytest.mark.one_database

MakeStack = Callable[..., int]


def number(rows: Rows, name: str) -> int:
    return int(rows.one("SELECT id FROM users WHERE username = ?", name)["id"])


def act(admin: Browser, user_id: int, action: str, **fields: Any) -> Any:
    """Send one of the forms of the users."""
    token = admin.token("admin_users.php")
    form = {"csrf_token": token, "user_id": user_id, "action": action, **fields}
    return admin.post("admin_users.php", form)


def test_a_user_becomes_admin_and_user_again(admin: Browser, user: Browser, rows: Rows) -> None:
    user_id = number(rows, user.name)
    here = "admin_users.php?find=user&page=1"
    assert user.get("admin_summary.php").status_code == 403

    answer = act(admin, user_id, "make_admin", **{"return": here})

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{here}#user-{user_id}")
    assert f"{user.name} is an admin now." in admin.get("admin_users.php").text
    assert user.get("admin_summary.php").status_code == 200
    assert act(admin, user_id, "make_user").status_code == 303
    assert user.get("admin_summary.php").status_code == 403
    own = number(rows, admin.name)
    for action in ("make_user", "lock", "delete"):
        assert act(admin, own, action, public_stacks="keep").status_code == 400, action
    act(admin, user_id, "lock")
    assert act(admin, user_id, "make_admin").status_code == 409
    assert rows.one("SELECT role FROM users WHERE id = ?", user_id)["role"] == "user"
    assert act(admin, user_id, "reject").status_code == 409, "it does not wait for approval"


def test_an_account_is_deleted_with_or_without_its_public_stacks(
    admin: Browser, user: Browser, rows: Rows, make_stack: MakeStack
) -> None:
    stack = make_stack()
    user_id = number(rows, user.name)
    assert act(admin, user_id, "delete").status_code == 400, "nothing is chosen"

    assert act(admin, user_id, "delete", public_stacks="delete").status_code == 303

    assert f"The account {user.name} is closed" in admin.get("admin_users.php").text
    assert user.get("upload.php").status_code == 302
    wait_for(lambda: [] if rows.all("SELECT user_id FROM account_deletions") else [1], 1)
    assert rows.all("SELECT id FROM stacked_frames WHERE id = ?", stack) == []
    assert rows.all("SELECT id FROM users WHERE id = ?", user_id) == []


def test_accounts_are_found_and_come_in_pages(admin: Browser, rows: Rows) -> None:
    values = {"password_hash": "-", "created_at": "2026-01-01 00:00:00"}
    rows.run(
        [{"insert": "users", "values": {"username": f"ob_{n:03}", **values}} for n in range(120)]
    )
    rows.execute("UPDATE users SET email = 'x@dome.example' WHERE username = 'ob_007'")

    def names(**query: Any) -> set[str]:
        text = admin.get("admin_users.php", **query).text
        return {f"ob_{n:03}" for n in range(120) if f"ob_{n:03}" in text}

    assert len(names(find="ob_")) == 100
    assert len(names(find="ob_", page=2)) == 20
    assert names(find="dome") == {"ob_007"}
    assert names(find="%") == set()
    assert "120 accounts" in admin.get("admin_users.php", find="ob_").text


def test_a_worker_key_ends_with_its_last_day(admin: Browser, rows: Rows, worker: Worker) -> None:
    def make(**fields: str) -> Any:
        form = {"csrf_token": admin.token("admin_workers.php"), "action": "create", **fields}
        return admin.post("admin_workers.php", form)

    assert make(name="barn", last_day="2020-01-01").status_code == 400
    assert make(name="barn", last_day="soon").status_code == 400
    assert make(name="barn", last_day="2999-12-31").status_code == 303
    again = make(name="Barn")
    assert again.status_code == 409, "another key has that name"
    assert "There is a key" in again.text and 'value="Barn"' in again.text, "on the page itself"
    form = {"csrf_token": admin.token("admin_keys.php"), "form_action": "create_key", "name": "<"}
    refused = admin.post("admin_keys.php", form)
    assert refused.status_code == 400 and "Name of a new key" in refused.text
    assert "2999-12-31 23:59 UTC" in admin.get("admin_workers.php").text
    assert worker.get("next_job", worker_id="w").status_code == 204
    rows.execute("UPDATE api_keys SET expires_at = '2020-01-01 00:00:00' WHERE name = 'stacker'")
    assert worker.get("next_job", worker_id="w").status_code == 401
    assert ">expired<" in admin.get("admin_workers.php").text
    key = rows.one("SELECT id FROM api_keys WHERE name = 'barn'")["id"]
    form = {"csrf_token": admin.token("admin_workers.php"), "action": "revoke", "key_id": key}
    assert admin.post("admin_workers.php", form).headers["Location"].endswith(f"#key-{key}")
    assert "The key is revoked." in admin.get("admin_workers.php").text
