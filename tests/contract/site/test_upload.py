"""Sending subs: by PUT, by form, twice, with the names people and attackers give them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.contract.jobs.support import NOW
from tests.contract.jobs.test_busy import holding
from tests.contract.site.subs import pointing, sub, taken_at
from tests.contract.site.support import Browser
from tests.contract.site.test_bad_uploads import logged_in
from tests.support.mariadb import MariaDb
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest


def raws(rows: Rows, session: str) -> list[dict[str, object]]:
    """Return the rows of a session's files in order."""
    return rows.all(
        "SELECT f.* FROM raw_files f JOIN upload_sessions s ON s.id = f.upload_session_id"
        " WHERE s.session_token = ? ORDER BY f.id",
        session,
    )


def test_start_answers_with_a_session(user: Browser) -> None:
    answer = user.call("upload.php?action=start", {"action": "start", "csrf_token": user.token()})

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.json()) == {
        "session_id",
        "session_token",
        "quota_bytes",
        "remaining_bytes",
    }
    assert isinstance(answer.json()["session_id"], int)
    assert len(answer.json()["session_token"]) == 32


def add_sessions(rows: Rows, user: Browser, count: int) -> None:
    """Begin uploads for the user without sending a file."""
    owner = rows.one("SELECT id FROM users WHERE username = ?", user.name)["id"]
    for number in range(count):
        rows.insert(
            "upload_sessions",
            user_id=owner,
            session_token=f"{number:032}",
            created_at=NOW,
            last_activity_at=NOW,
        )


def test_sessions_begun_without_end_are_few(user: Browser, rows: Rows) -> None:
    with_file, oldest = user.start(), user.start()
    assert user.put(with_file, sub()).status_code == 200
    add_sessions(rows, user, 60)

    latest = user.start()

    tokens = [r["session_token"] for r in rows.all("SELECT * FROM upload_sessions ORDER BY id")]
    assert tokens == [with_file, *(f"{number:032}" for number in range(11, 60)), latest]
    assert user.put(oldest, sub()).status_code == 404
    assert user.put(with_file, sub()).status_code == 200
    assert user.put(latest, sub()).status_code == 200


def test_a_session_whose_first_file_is_being_recorded_stays(
    mariadb: MariaDb, tmp_path: Path
) -> None:
    database = mariadb.new_database()
    with SiteUnderTest(tmp_path / "site", database) as site:
        owner = logged_in(site)
        other, oldest = owner.start(), owner.start()
        owner.put(other, sub())
        owner.put(other, sub())
        add_sessions(site.rows, owner, 60)
        recording = (
            "START TRANSACTION;"  # noqa: S608 # the only variable is a token of our own
            "UPDATE upload_sessions SET last_activity_at = last_activity_at"
            f" WHERE session_token = '{oldest}'; UPDATE raw_files SET upload_session_id ="
            f" (SELECT id FROM upload_sessions WHERE session_token = '{oldest}') LIMIT 1;"
            "SELECT 'recorded'; SELECT SLEEP(1); COMMIT; SELECT SLEEP(9);"
        )
        client = ["mariadb", "--no-defaults", "--unbuffered", f"--socket={mariadb.socket}", "-N"]
        with contextmanager(holding)([*client, "--user=root", "-e", recording, database.user]):
            began = time.monotonic()
            owner.start()
            seconds = time.monotonic() - began

        status = owner.get("upload.php", action="status", session_token=oldest).json()
        begun = site.rows.all("SELECT id FROM upload_sessions")
    assert seconds > 0.8, "it did not wait for the file"
    assert (status["status"], status["file_count"]) == ("uploading", 1)
    # These two and the latest 50.
    assert len(begun) == 52


@pytest.mark.parametrize("send", [Browser.put, Browser.send_form])
def test_a_sub_is_stored_as_it_was_sent(
    user: Browser, rows: Rows, send: Callable[..., object]
) -> None:
    session = user.start()
    body = sub()

    answer = send(user, session, body, "Light_M 94_10.0s_IRCUT_20250326-212046.fit")

    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "ok": True,
        "filename": "Light_M 94_10.0s_IRCUT_20250326-212046.fit",
        "date_obs": "2025-03-27T01:20:32",
        "clock": "utc",
        "object": "M 94",
        "chunk_key": "20250327.05_193.0_+41.0",
        "chunk_key_hp": "20250327.05_HP033810",
        "quota_bytes": None,
        "remaining_bytes": None,
    }
    (row,) = raws(rows, session)
    assert row["sha256"] == hashlib.sha256(body).hexdigest()
    assert row["file_size_bytes"] == len(body)
    assert row["chunk_key_hp"] == "20250327.05_HP033810"
    assert row["fits_date_obs"] == "2025-03-27 01:20:32"
    assert (row["fits_ra"], row["fits_dec"]) == (193.04166, 40.970556)
    stored = user.site.data_dir / "raws" / str(row["storage_name"])
    assert stored.read_bytes() == body
    assert list((user.site.data_dir / "spool").iterdir()) == []


def test_status_lists_what_has_arrived(user: Browser) -> None:
    session = user.start()
    body = sub()
    user.put(session, body, "a.fit")

    status = user.get("upload.php", action="status", session_token=session).json()

    assert status == {
        "status": "uploading",
        "file_count": 1,
        "files": [
            {
                "filename": "a.fit",
                "chunk_key": "20250327.05_193.0_+41.0",
                "file_size_bytes": len(body),
                "sha256": hashlib.sha256(body).hexdigest(),
            }
        ],
    }


def test_status_of_an_unknown_session(user: Browser) -> None:
    answer = user.get("upload.php", action="status", session_token="0" * 32)

    assert answer.status_code == 200
    assert answer.json()["status"] == "not_found"
    assert user.get("upload.php", action="status").status_code == 400


def test_a_chunked_put_without_length_is_taken(user: Browser) -> None:
    body = sub()

    answer = user.http.put(
        f"{user.site.base_url}/upload.php",
        params={"action": "file", "session_token": user.start(), "filename": "a.fits"},
        data=iter([body[:5000], body[5000:]]),
        timeout=60,
    )

    # PHP's built-in server does not decode chunked bodies: it must refuse, never store half a file.
    assert answer.status_code in (200, 400, 411), answer.text


def test_the_same_bytes_twice_are_stored_once(user: Browser, rows: Rows) -> None:
    session = user.start()
    body = sub()
    user.put(session, body, "a.fit")

    again = user.put(session, body, "b.fit")

    assert again.status_code == 200
    assert again.json()["duplicate"] is True
    assert len(raws(rows, session)) == 1


def test_two_files_of_one_name_are_both_kept(user: Browser, rows: Rows) -> None:
    session = user.start()
    for _ in range(2):
        assert user.put(session, sub(), "Light.fit").status_code == 200
    assert user.put(session, sub(), "LIGHT.FIT").status_code == 200

    finalized = user.finalize(session).json()

    assert finalized["jobs"] == 1
    stored = raws(rows, session)
    assert {row["filename"] for row in stored} == {"Light.fit", "Light_2.fit", "LIGHT_3.FIT"}
    assert len({row["storage_name"] for row in stored}) == 3


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../x.php.fits", "x.php.fits"),
        ("..\\..\\x.fit", "x.fit"),
        ("/etc/passwd.fit", "passwd.fit"),
        (".htaccess.fit", "htaccess.fit"),
        ("a\r\nSet-Cookie: b=c.fit", "a__Set-Cookie: b=c.fit"),
        ("M 31 <b>ä</b>.FIT", "b>.FIT"),
        ("x" * 300 + ".fits", "x" * 115 + ".fits"),
    ],
)
def test_names_lose_only_what_nobody_sees(user: Browser, rows: Rows, sent: str, shown: str) -> None:
    session = user.start()
    before = {path for path in user.site.data_dir.rglob("*") if path.is_file()}

    answer = user.put(session, sub(), sent)

    assert answer.status_code == 200, answer.text
    assert answer.json()["filename"] == shown
    (row,) = raws(rows, session)
    new = {path for path in user.site.data_dir.rglob("*") if path.is_file()} - before
    assert user.site.data_dir / "raws" / str(row["storage_name"]) in new
    assert not [path for path in new if "x.php" in path.name or "passwd" in path.name]


def test_a_traversing_name_in_a_form_is_reduced(user: Browser) -> None:
    answer = user.send_form(user.start(), sub(), "../../x.php.fits")

    assert answer.json()["filename"] == "x.php.fits"


def test_a_session_of_somebody_else_does_not_exist(
    user: Browser, new_user: Callable[..., Browser]
) -> None:
    session = user.start()
    other = new_user()

    assert other.put(session, sub()).status_code == 404
    assert other.finalize(session).status_code == 404
    status = other.get("upload.php", action="status", session_token=session)
    assert status.json()["status"] == "not_found"


def test_header_facts_reach_the_database(user: Browser, rows: Rows) -> None:
    session = user.start()
    cards = {
        "OBJECT": "     'Barnard''s Loop' / nebula",
        "EXPTIME": "2.0D1",
        "RA": "'12:52:10.0'",
        "DEC": "'-00:30:00'",
        "EQMODE": f"{1:>20}",
    }

    answer = user.put(session, taken_at("2025-07-01 01:10:00+02:00", **cards))

    assert answer.json()["object"] == "Barnard's Loop"
    assert answer.json()["date_obs"] == "2025-06-30T23:10:00"
    (row,) = raws(rows, session)
    assert row["fits_ra"] == pytest.approx(193.0416666667)
    assert (row["fits_dec"], row["fits_exptime"], row["eq_mode"]) == (-0.5, 20.0, 1)


def test_a_sub_without_coordinates_is_labelled_by_time_alone(user: Browser) -> None:
    answer = user.put(user.start(), sub({"RA": None, "DEC": None}))

    assert answer.json()["chunk_key"] == "20250327.05"


def test_coordinates_beyond_the_sky_count_as_missing(user: Browser) -> None:
    answer = user.put(user.start(), sub(dict(pointing(10.0, 95.0))))

    assert answer.json()["chunk_key"] == "20250327.05"
