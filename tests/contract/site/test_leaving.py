"""An account's data as a file, and its deletion: what goes, what stays, and for whom."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from demo.services import ServiceError
from tests.contract.jobs.support import NOW
from tests.contract.site.conftest import MakeStack
from tests.contract.site.mailbox import wait_for
from tests.contract.site.subs import sub
from tests.contract.site.support import PASSWORD, Browser
from tests.contract.site.test_data_key_pages import created
from tests.contract.site.test_second_factor import Guarded
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

NewUser = Callable[..., Browser]
DATA_PAGE = "account.php?section=data"


def leave(browser: Browser, stacks: str = "delete", **fields: str) -> Any:
    """Send the form that deletes the account."""
    form = {
        "form_action": "delete_account",
        "csrf_token": browser.token(DATA_PAGE),
        "public_stacks": stacks,
        "typed_name": browser.name,
        "password": PASSWORD,
    }
    return browser.post("account.php", {**form, **fields})


def left(browser: Browser, stacks: str = "delete", **fields: str) -> None:
    """Delete the account of a browser and wait until that is done."""
    assert leave(browser, stacks, **fields).headers["Location"] == "login.php?msg=account_closed"
    rows = browser.site.rows  # type: ignore[attr-defined]
    wait_for(lambda: [] if rows.all("SELECT user_id FROM account_deletions") else [1], 1)


def files(site: SiteUnderTest) -> set[str]:
    """All stacks and raws that the site has, with what belongs to them."""
    return {
        path.relative_to(site.data_dir).as_posix()
        for folder in ("stacks", "raws")
        for path in (site.data_dir / folder).rglob("*")
        if path.is_file() and path.name != "folder.id" and not path.name.startswith("mark_")
    }


def user_id(rows: Rows, browser: Browser) -> int:
    """Number of a browser's account."""
    number: int = rows.one("SELECT id FROM users WHERE username = ?", browser.name)["id"]
    return number


@pytest.fixture
def other(new_user: NewUser) -> Browser:
    """Somebody else, with an upload that is going on."""
    browser = new_user()
    assert browser.put(browser.start(), sub({"OBJECT": "'M 31'"})).status_code == 200
    return browser


def exported(answer: Any) -> str:
    """The document in the file of one's data, which says what it is."""
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        assert file.testzip() is None
        assert "data.json" in file.read("README.txt").decode()
        return file.read("data.json").decode()


def test_all_data_come_in_one_file_without_secrets(
    user: Browser, other: Browser, make_stack: MakeStack, rows: Rows
) -> None:
    stack = make_stack()
    key = created(user, "account.php?section=keys", name="Läptop")
    factor = {"sealed_secret": "sealed-up", "created_at": NOW, "confirmed_at": NOW}
    rows.insert("second_factors", user_id=user_id(rows, user), **factor)

    answer = user.get("account_export.php")

    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="crowdsky_{user.name}.zip"'
    )
    document = exported(answer)
    found = json.loads(document)
    assert found["account"]["username"] == user.name
    assert [row["id"] for row in found["stacks"]] == [stack]
    assert found["keys"][0]["name"] == "Läptop" and found["logins"]
    assert found["second_factor"] == {"is_on": True, "since": NOW, "recovery_codes_left": 0}
    assert len(found["subs"]) == len(found["uploads"]) == len(found["jobs"]) == 1
    assert "M 31" not in document and other.name not in document
    secrets = [
        key,
        "sealed-up",
        *(row["key_hash"] for row in rows.all("SELECT key_hash FROM api_keys")),
        *(row["password_hash"] for row in rows.all("SELECT password_hash FROM users")),
        *(row["session_token"] for row in rows.all("SELECT session_token FROM upload_sessions")),
    ]
    assert not [secret for secret in secrets if secret in document]
    assert Browser(user.site).get("account_export.php").status_code == 302


def test_everything_of_the_account_goes_and_nothing_else(
    site: SiteUnderTest, user: Browser, other: Browser, make_stack: MakeStack, rows: Rows
) -> None:
    before = files(site)
    make_stack()
    user.upload(sub({"OBJECT": "'M 95'", "DATE-OBS": "'2026-03-01T22:00:00'"}))
    assert user.put(user.start(), sub({"OBJECT": "'M 96'"})).status_code == 200
    created(user, "account.php?section=keys", name="notebook")
    number = user_id(rows, user)
    assert len(files(site)) > len(before)
    page = user.get(DATA_PAGE).text
    assert "There is 1 stack" in page and "and 3 subs." in page

    assert leave(user).headers["Location"] == "login.php?msg=account_closed"
    assert user.get("upload.php").status_code == 302
    assert Browser(site).log_in(user.name).status_code == 401
    for _ in range(2):
        site.cleanup()

    assert files(site) == before
    for table in ("stacked_frames", "stacking_jobs", "raw_files", "upload_sessions", "api_keys"):
        owners = rows.all(f"SELECT user_id FROM {table}")  # noqa: S608
        assert number not in [row["user_id"] for row in owners], table
    assert rows.all("SELECT id FROM users WHERE id = ?", number) == []
    assert user.name not in str(rows.all("SELECT * FROM job_events"))
    assert other.get("upload.php").status_code == 200
    assert len(rows.all("SELECT id FROM raw_files WHERE storage_name IS NOT NULL")) == 1
    site.create_user(user.name, PASSWORD)
    assert "accounts deleted: 0" in site.cleanup()


def test_public_stacks_can_stay_without_a_name(
    site: SiteUnderTest, user: Browser, admin: Browser, make_stack: MakeStack, rows: Rows
) -> None:
    public, private = make_stack(), make_stack()
    rows.execute("UPDATE users SET stacks_public = 1")
    rows.execute("UPDATE stacked_frames SET visibility = 'private' WHERE id = ?", private)
    number = user_id(rows, user)
    rows.execute("UPDATE users SET email = 'ann@example.org' WHERE id = ?", number)

    left(user, "keep")

    assert Browser(site).get("stack.php", id=public).status_code == 200
    assert rows.all("SELECT id, visibility FROM stacked_frames") == [
        {"id": public, "visibility": "public"}
    ]
    owner = rows.one("SELECT * FROM users WHERE id = ?", number)
    assert (owner["username"], owner["email"], owner["password_hash"], owner["is_active"]) == (
        f"#{number}",
        None,
        "",
        0,
    )
    assert [path for path in files(site) if path.startswith("raws")] == []
    names = rows.all("SELECT id, filename FROM raw_files")
    assert [row["filename"] for row in names] == [f"frame_{row['id']}.fits" for row in names]
    everything = [rows.all("SELECT * FROM users"), rows.all("SELECT * FROM job_events")]
    assert user.name not in str(everything)
    assert Browser(site).log_in(f"#{number}", "").status_code == 401
    assert "stacks NOT verified: 0" in site.cleanup()
    assert "has left; its public stacks stay" in admin.get("admin_users.php").text
    form = {"csrf_token": admin.token("admin_users.php"), "user_id": number}
    for action in ("unlock", "new_password"):
        assert admin.post("admin_users.php", {**form, "action": action}).status_code == 409


@pytest.mark.one_database
def test_a_wrong_name_or_password_deletes_nothing(
    user: Browser, make_stack: MakeStack, rows: Rows
) -> None:
    make_stack()
    for fields, words in (
        ({"typed_name": "somebody"}, "not the name of your account"),
        ({"password": "wrong horse"}, "not the password"),
    ):
        answer = leave(user, **fields)
        assert words in answer.text and "Location" not in answer.headers
    assert leave(user, "perhaps").status_code == 400
    assert leave(user, csrf_token="0" * 64).status_code == 403

    assert len(rows.all("SELECT id FROM stacked_frames")) == 1
    assert rows.all("SELECT * FROM account_deletions") == []
    assert user.get("upload.php").status_code == 200


@pytest.mark.one_database
def test_a_second_factor_is_asked_for(site: SiteUnderTest) -> None:
    guarded = Guarded(site)
    answer = leave(guarded.browser)
    assert "code is wrong" in answer.text

    left(guarded.browser, code=guarded.recovery[0])

    assert site.rows.all("SELECT id FROM users WHERE username = ?", guarded.name) == []


def test_the_only_admin_stays_and_another_one_inherits_the_archive(
    site: SiteUnderTest, admin: Browser, new_user: NewUser, rows: Rows
) -> None:
    assert leave(admin).status_code == 409
    heir = new_user(admin=True)
    rows.execute(
        "INSERT INTO upload_sessions (user_id, session_token, status, created_at, last_activity_at)"
        " VALUES (?, 'calibrate', 'complete', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
        user_id(rows, admin),
    )

    left(admin)

    (session,) = rows.all("SELECT user_id FROM upload_sessions")
    assert session["user_id"] == user_id(rows, heir)


def test_what_cannot_be_deleted_now_is_deleted_later(
    site: SiteUnderTest, user: Browser, admin: Browser, make_stack: MakeStack, rows: Rows
) -> None:
    make_stack()
    number = user_id(rows, user)
    site.cleanup()
    (mark,) = (site.data_dir / "stacks").rglob("mark_*.json")
    hidden = mark.rename(site.data_dir / mark.name)

    assert leave(user).status_code == 303
    with pytest.raises(ServiceError, match="NOTHING DELETED FROM STORAGE"):
        site.cleanup()

    assert len(rows.all("SELECT id FROM stacked_frames")) == 1
    assert "is being deleted" in admin.get("admin_users.php").text
    form = {"csrf_token": admin.token("admin_users.php"), "user_id": number, "action": "unlock"}
    admin.post("admin_users.php", form)
    assert Browser(site).log_in(user.name).status_code == 401
    hidden.rename(mark)
    site.cleanup()
    assert rows.all("SELECT id FROM users WHERE id = ?", number) == []
    assert files(site) == set()


def test_a_long_list_is_whole(user: Browser, rows: Rows) -> None:
    number = user_id(rows, user)
    for _ in range(3):
        rows.execute(
            "INSERT INTO logins (user_id, device, created_at, last_seen_at, last_ip)"
            " WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 700)"
            " SELECT ?, 'Firefox', '2026-01-01 00:00:00', '2026-01-01 00:00:00', '::1' FROM n",
            number,
        )

    found = json.loads(exported(user.get("account_export.php")))["logins"]

    ids = [row["id"] for row in found]
    assert len(set(ids)) == 2101 and ids == sorted(ids)
