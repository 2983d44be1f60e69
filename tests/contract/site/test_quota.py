"""Room for raw subs: told everywhere, kept under any load, set by an admin."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from demo.services import Site
from tests.contract.jobs.test_busy import holding
from tests.contract.site.subs import sub
from tests.contract.site.support import Browser
from tests.contract.site.test_bad_uploads import files_of, logged_in
from tests.support.mariadb import MariaDb
from tests.support.rows import Rows

SIZE = len(sub())


@pytest.fixture
def limit(user: Browser, rows: Rows) -> Callable[[int], None]:
    """Give the user a quota in bytes."""

    def set_limit(quota: int) -> None:
        rows.execute("UPDATE users SET quota_bytes = ? WHERE username = ?", quota, user.name)

    return set_limit


def kept(rows: Rows, user: Browser) -> int:
    """Return how many bytes of the user's subs the site keeps."""
    (row,) = rows.all(
        "SELECT COALESCE(SUM(f.file_size_bytes), 0) AS bytes FROM raw_files f"
        " JOIN users u ON u.id = f.user_id WHERE u.username = ? AND f.deleted_at IS NULL",
        user.name,
    )
    return int(row["bytes"])


def reservations(rows: Rows, user: Browser) -> list[dict[str, Any]]:
    """Return the rooms that are reserved for the user."""
    return rows.all(
        "SELECT r.* FROM upload_reservations r JOIN users u ON u.id = r.user_id"
        " WHERE u.username = ?",
        user.name,
    )


def test_what_is_left_is_told(user: Browser, limit: Callable[[int], None]) -> None:
    limit(3 * SIZE)
    started = user.call("upload.php?action=start", {"csrf_token": user.token()}).json()
    assert (started["quota_bytes"], started["remaining_bytes"]) == (3 * SIZE, 3 * SIZE)

    sent = user.put(started["session_token"], sub()).json()
    posted = user.send_form(started["session_token"], sub()).json()

    assert (sent["quota_bytes"], sent["remaining_bytes"]) == (3 * SIZE, 2 * SIZE)
    assert (posted["quota_bytes"], posted["remaining_bytes"]) == (3 * SIZE, SIZE)
    left, quota = f"{SIZE / 1000:.1f} kB", f"{3 * SIZE / 1000:.1f} kB"
    page = " ".join(user.get("upload.php").text.split())
    assert f'<strong id="remaining">{left}</strong> left of {quota} for raw subs' in page
    account = " ".join(user.get("account.php").text.split())
    assert f"{2 * SIZE / 1000:.1f} kB of {quota} are used, {left} are left" in account


def test_a_user_without_a_limit_is_told_none(user: Browser) -> None:
    sent = user.put(user.start(), sub()).json()

    assert (sent["quota_bytes"], sent["remaining_bytes"]) == (None, None)
    assert 'id="remaining"' not in user.get("upload.php").text
    assert "Room for raw subs" not in user.get("account.php").text


@pytest.mark.parametrize("send", [Browser.put, Browser.send_form])
def test_a_file_over_the_quota_is_refused_with_figures(
    user: Browser, rows: Rows, limit: Callable[[int], None], send: Callable[..., Any]
) -> None:
    limit(SIZE + SIZE // 2)
    session = user.start()
    assert send(user, session, sub()).status_code == 200
    before = files_of(user.site.data_dir)

    refused = send(user, session, sub())

    assert (refused.status_code, refused.json()["code"]) == (507, "quota_exceeded")
    for figure in (SIZE // 2, SIZE + SIZE // 2, SIZE):
        assert f"{figure / 1000:.1f} kB" in refused.json()["error"]
    assert "delete jobs" in refused.json()["error"]
    assert files_of(user.site.data_dir) == before
    assert (kept(rows, user), reservations(rows, user)) == (SIZE, [])


def test_many_uploads_at_once_stay_within_the_quota(
    user: Browser, rows: Rows, limit: Callable[[int], None]
) -> None:
    limit(4 * SIZE + SIZE // 2)
    sessions = [user.start() for _ in range(4)]

    def upload(number: int) -> int:
        send = user.put if number % 2 else user.send_form
        status: int = send(sessions[number % 4], sub(), f"Light_{number}.fit").status_code
        return status

    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(upload, range(12)))

    assert sorted(statuses) == [200] * 4 + [507] * 8
    assert (kept(rows, user), reservations(rows, user)) == (4 * SIZE, [])


def test_uploads_of_one_user_are_counted_one_after_the_other(
    mariadb: MariaDb, tmp_path: Path
) -> None:
    database = mariadb.new_database()
    # Two uploads may both read a row that is locked for sharing, and would both find room.
    shared = "START TRANSACTION; SELECT * FROM users LOCK IN SHARE MODE; SELECT SLEEP(1.5);"
    client = ["mariadb", "--no-defaults", "--unbuffered", f"--socket={mariadb.socket}", "-N"]
    with Site(tmp_path / "site", database, env={"CROWDSKY_USER_QUOTA_BYTES": str(SIZE)}) as site:
        owner = logged_in(site)
        session = owner.start()
        began = time.monotonic()
        with contextmanager(holding)([*client, "--user=root", "-e", shared, database.user]):
            answer = owner.put(session, sub())
            seconds = time.monotonic() - began

    assert answer.status_code == 200
    assert seconds > 1.5, "it did not wait for the lock"


def test_a_refused_file_gives_its_room_back(user: Browser, limit: Callable[[int], None]) -> None:
    limit(SIZE)
    session = user.start()

    assert user.put(session, b"<html>".ljust(SIZE)).json()["code"] == "not_fits"
    assert user.put(session, sub()).status_code == 200


def test_the_same_file_again_takes_no_room(user: Browser, limit: Callable[[int], None]) -> None:
    limit(2 * SIZE)
    session, body = user.start(), sub()
    user.put(session, body)

    again = user.put(session, body).json()

    assert (again["duplicate"], again["remaining_bytes"]) == (True, SIZE)


@pytest.mark.parametrize(
    "ended",
    [
        pytest.param(1, id="time is over"),
        pytest.param(4_000_000_000_000, id="made before the clock was set back"),
    ],
)
def test_an_upload_under_way_counts_until_it_is_given_up(
    user: Browser, rows: Rows, limit: Callable[[int], None], ended: int
) -> None:
    limit(SIZE)
    session = user.start()
    (owner,) = rows.all("SELECT id FROM users WHERE username = ?", user.name)
    other = {"user_id": owner["id"], "bytes": 1, "expires_at": int(1000 * time.time()) + 3_500_000}
    rows.run([{"insert": "upload_reservations", "values": other}])

    assert user.put(session, sub()).status_code == 507
    rows.execute(
        "UPDATE upload_reservations SET expires_at = ? WHERE user_id = ?", ended, owner["id"]
    )
    assert user.put(session, sub()).status_code == 200
    assert reservations(rows, user) == []


def test_a_file_of_unknown_size_is_refused_where_room_is_limited(
    user: Browser, limit: Callable[[int], None]
) -> None:
    limit(10 * SIZE)
    body = sub()

    answer = user.http.put(
        f"{user.site.base_url}/upload.php",
        params={"action": "file", "session_token": user.start(), "filename": "a.fits"},
        data=iter([body[:5000], body[5000:]]),
        timeout=60,
    )

    assert answer.status_code == 411, answer.text


def test_an_admin_limits_a_user(user: Browser, admin: Browser, rows: Rows) -> None:
    (owner,) = rows.all("SELECT id FROM users WHERE username = ?", user.name)

    def set_quota(text: str) -> Any:
        fields = {"csrf_token": admin.token("admin_users.php"), "user_id": owner["id"]}
        return admin.post("admin_users.php", {**fields, "action": "quota", "quota_gb": text})

    def quota() -> object:
        (row,) = rows.all("SELECT quota_bytes FROM users WHERE id = ?", owner["id"])
        return row["quota_bytes"]

    assert set_quota(f"{SIZE / 1e9:.9f}").status_code == 303
    assert quota() == SIZE
    assert user.put(user.start(), sub()).json()["remaining_bytes"] == 0
    for wrong in ("lots", "-1", "1e30"):
        assert set_quota(wrong).status_code == 400
    assert quota() == SIZE
    assert set_quota("").status_code == 303
    assert quota() is None


def test_the_default_counts_until_an_admin_says_otherwise(make_site: Callable[..., Site]) -> None:
    site = make_site(CROWDSKY_USER_QUOTA_BYTES=str(SIZE))
    owner = logged_in(site)
    session = owner.start()
    assert owner.put(session, sub()).json()["remaining_bytes"] == 0
    assert owner.put(session, sub()).status_code == 507

    site.rows.execute("UPDATE users SET quota_bytes = ?", 3 * SIZE)

    assert owner.put(session, sub()).json()["remaining_bytes"] == SIZE
