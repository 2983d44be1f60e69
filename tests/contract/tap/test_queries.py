"""Queries to the TAP service by pyvo, on both databases; private stacks are never found."""

from __future__ import annotations

import io
import re
import sqlite3
import time
from typing import Any

import numpy as np
import pytest
import requests
from astropy.io.votable import parse_single_table

from crowdsky.tap.site_database import PUBLIC
from crowdsky.tap.tables import OBSCORE, TABLES
from crowdsky.tap.vosi import EXAMPLES
from demo.services import PHP_API
from tests.contract.tap.conftest import Service, database_of
from tests.contract.vo.archive import Archive

PRIVATE_RA = 33.25
HIDDEN = "Aunt Mary's garden"
REFUSED = [
    ("SELECT * FROM users", "there is no table users; there are ivoa.obscore"),
    ("SELECT * FROM stacked_frames", "there is no table stacked_frames"),
    ("SELECT * FROM sqlite_master", "there is no table"),
    ("SELECT * FROM information_schema.tables", "there is no table"),
    ("SELECT * FROM \"ivoa.obscore\" UNION SELECT * FROM users", "there is no table"),
    ("SELECT (SELECT password_hash FROM users) FROM ivoa.obscore", "this is not ADQL"),
    ("SELECT obs_id FROM ivoa.obscore WHERE obs_id IN (SELECT name FROM users)",
     "there is no table users"),
    ("SELECT obs_id FROM ivoa.obscore; DELETE FROM users", "one query at a time"),
    ("DELETE FROM ivoa.obscore", "only SELECT is understood"),
    ("UPDATE ivoa.obscore SET s_ra = 0", "only SELECT is understood"),
    ("PRAGMA database_list", "only SELECT is understood"),
    ("WITH x AS (SELECT * FROM users) SELECT * FROM ivoa.obscore", "WITH"),
    ("SELECT load_extension('x') FROM ivoa.obscore", "knows no user defined function"),
    ("SELECT SLEEP(9) FROM ivoa.obscore", "knows no user defined function"),
    ("SELECT user_id FROM crowdsky.stacks", "no such column: user_id"),
    ("SELECT \"ucloud_path\" FROM crowdsky.stacks", "no such column: ucloud_path"),
    ("SELECT rowid FROM crowdsky.stacks", "prohibited"),
    ("SELECT [obs_id] FROM crowdsky.stacks", "this is not ADQL"),
    # They bind otherwise in SQLite.
    ("SELECT n_frames & 1 + 2 FROM crowdsky.stacks", "not supported"),
    ("SELECT @@version FROM crowdsky.stacks", "this is not ADQL"),
    ("SELECT obs_id FROM crowdsky.stacks WHERE obs_id = 'a' INTO OUTFILE 'x'", "not ADQL"),
    ("SELECT obs_id FROM crowdsky.stacks WHERE obs_id = 'a", "this is not ADQL"),
    ("SELECT obs_id FROM ivoa.obscore WHERE 1 = INTERSECTS(CIRCLE(1, 2, 3), s_region)",
     "not supported"),
    ("SELECT obs_id FROM ivoa.obscore WHERE 1 = CONTAINS(POINT('GALACTIC', s_ra, s_dec),"
     " CIRCLE(1, 2, 3))", "coordinates are ICRS here"),
    ("SELECT " + "(" * 300 + "s_ra" + ")" * 300 + " FROM ivoa.obscore", "nested too deeply"),
    ("SELECT " + "s_ra, " * 2_000 + "s_dec FROM ivoa.obscore", "the query is too long"),
]  # fmt: skip


def rows(tap: Service, query: str, **options: Any) -> list[dict[str, Any]]:
    """Return the rows of a query by pyvo."""
    table = tap.client.run_sync(query, **options).to_table()
    return [dict(zip(table.colnames, row, strict=True)) for row in table.iterrows()]


def error_of(tap: Service, query: str) -> str:
    """Return the reason for which a query is refused."""
    answer = requests.post(f"{tap.url}/sync", {"QUERY": query, "LANG": "ADQL"}, timeout=30)
    assert answer.status_code == 400, answer.text
    found = re.search('value="ERROR">(.*)</INFO>', answer.text)
    assert found, answer.text
    return found[1]


def fill(archive: Archive) -> tuple[int, int, int]:
    """Add two public stacks and one private, and return their ids."""
    first = archive.add(192.72, 41.12)
    second = archive.add(10.5, -20.25, object_name=HIDDEN, filter_name="LP")
    private = archive.add(PRIVATE_RA, 12.0, public=False)
    return first, second, private


def test_queries_find_the_public_stacks(archive: Archive, tap: Service) -> None:
    first, second, _ = fill(archive)
    unsolved = archive.add(100.0, 5.0, solved=False, start=None, end=None)
    found = rows(
        tap,
        "SELECT * FROM ivoa.obscore WHERE 1 = CONTAINS(POINT('ICRS', s_ra, s_dec),"
        " CIRCLE('ICRS', 192.7, 41.1, 0.5))",
    )
    assert [one["obs_id"] for one in found] == [f"stack-{first}"]
    assert found[0]["target_name"] == "M 94"
    assert found[0]["t_min"] == pytest.approx(60761.0 + 80.0 / 1440.0, abs=1e-9)
    assert found[0]["s_fov"] == pytest.approx(1.4686, abs=2e-3)
    assert found[0]["em_max"] == 7.0e-7
    assert list(found[0]) == [column.name for column in OBSCORE.columns]
    counted = rows(
        tap, "SELECT is_solved, COUNT(*) AS n, SUM(t_exptime) FROM crowdsky.stacks"
        " GROUP BY is_solved ORDER BY n DESC, 1",
    )  # fmt: skip
    assert [(one["is_solved"], one["n"]) for one in counted] == [(1, 2), (0, 1)]
    union = rows(
        tap, "SELECT TOP 1 obs_id FROM ivoa.obscore WHERE s_ra > 100 UNION"
        " SELECT TOP 9 obs_id FROM crowdsky.stacks WHERE target_name IS NULL OR is_solved = 0"
        " ORDER BY obs_id DESC OFFSET 1",
    )  # fmt: skip
    names = sorted((f"stack-{one}" for one in (first, second, unsolved)), reverse=True)
    assert [one["obs_id"] for one in union] == names[1:]
    # Capitals matter to LIKE, as the standard demands, but not to ILIKE.
    like = "SELECT obs_id FROM crowdsky.stacks WHERE telescope {} 's50%'"
    assert rows(tap, like.format("LIKE")) == []
    assert len(rows(tap, like.format("ILIKE"))) == 3


def test_rows_are_those_of_the_image_search(archive: Archive, tap: Service) -> None:
    archive.add(192.72, 41.12, turn=30.0)
    archive.add(359.9, -88.0, object_name=HIDDEN, filter_name="LP", telescope=None, end=None)
    archive.add(10.0, 20.0, filter_name="my filter", total_exptime=None)
    answer = requests.get(f"{archive.site.api_url}/sia2.php", timeout=30)
    site = parse_single_table(io.BytesIO(answer.content)).to_table()
    ours = tap.client.run_sync("SELECT * FROM ivoa.obscore ORDER BY s_ra").to_table()
    site.sort("s_ra")
    shared = [name for name in site.colnames if name in ours.colnames]
    assert len(shared) == len(ours.colnames) - 1
    for name in shared:
        for one, other in zip(site[name], ours[name], strict=True):
            if name == "access_url":
                assert one.split("/api/")[1] == other.split("/api/")[1]
            elif isinstance(one, float):
                assert other == pytest.approx(one, rel=1e-12)
            else:
                assert (one is np.ma.masked) == (other is np.ma.masked), name
                assert one is np.ma.masked or str(one) == str(other), name


def test_private_stacks_are_in_no_answer(archive: Archive, tap: Service) -> None:
    first, second, private = fill(archive)
    archive.rows.execute("UPDATE users SET stacks_public = 0")
    inherits = archive.add(PRIVATE_RA, 12.0, visibility="inherit")
    for table in ("ivoa.obscore", "crowdsky.stacks"):
        answer = requests.get(
            f"{tap.url}/sync", {"QUERY": f"SELECT * FROM {table}", "LANG": "ADQL"}, timeout=30
        )
        assert answer.text.count("<TR>") == 2
        for secret in (
            f"stack-{private}<",
            f"stack-{inherits}<",
            str(PRIVATE_RA),
            "Mary",
            ">owner<",
        ):
            assert secret not in answer.text
    for query in (
        f"SELECT COUNT(*) AS n FROM crowdsky.stacks WHERE obs_id = 'stack-{private}'",
        f"SELECT COUNT(*) AS n FROM ivoa.obscore WHERE s_ra = {PRIVATE_RA} OR NOT (s_ra < 400)",
        "SELECT COUNT(*) AS n FROM crowdsky.stacks WHERE target_name LIKE 'Aunt%'",
        "SELECT COUNT(*) AS n FROM ivoa.obscore a FULL JOIN crowdsky.stacks b"
        " ON a.obs_id = b.obs_id WHERE a.obs_id IS NULL OR b.obs_id IS NULL",
    ):
        assert [one["n"] for one in rows(tap, query)] == [0], query
    # What its owner makes private is gone with the next query; what becomes public comes soon.
    archive.rows.execute("UPDATE stacked_frames SET visibility = 'private' WHERE id = ?", first)
    ids = [one["obs_id"] for one in rows(tap, "SELECT obs_id FROM ivoa.obscore")]
    assert ids == [f"stack-{second}"]
    archive.rows.execute("UPDATE users SET stacks_public = 1")
    tap.clock.seconds += 61
    ids = [one["obs_id"] for one in rows(tap, "SELECT obs_id FROM ivoa.obscore")]
    assert ids == [f"stack-{second}", f"stack-{inherits}"]


@pytest.mark.one_database
def test_the_file_that_is_queried_holds_nothing_private(archive: Archive, tap: Service) -> None:
    _, _, private = fill(archive)
    rows(tap, "SELECT obs_id FROM ivoa.obscore")
    (file,) = (tap.folder / "copy").iterdir()
    content = file.read_bytes()
    assert b"M 94" in content
    assert f"stack-{private}".encode() not in content
    for secret in (b"Mary", b"/crowdsky/stacks", b"20250327.05"):
        assert secret not in content


def test_the_condition_is_that_of_the_site() -> None:
    php = (PHP_API / "src/Changes/PublicStacks.php").read_text()
    found = re.search(r'CONDITION = "(.*?)";', php, re.DOTALL)
    assert found
    assert found[1].split() == PUBLIC.split()


@pytest.mark.one_database
def test_all_else_is_refused_in_words(archive: Archive, tap: Service) -> None:
    for query, reason in REFUSED:
        assert reason in error_of(tap, query), query


@pytest.mark.one_database
def test_coordinates_are_numbers_and_columns_only(archive: Archive, tap: Service) -> None:
    assert "no such column: elsewhere" in error_of(
        tap, "SELECT DISTANCE(POINT(elsewhere, 0), POINT(0, 0)) FROM ivoa.obscore"
    )


@pytest.mark.one_database
def test_texts_stay_texts(archive: Archive, tap: Service) -> None:
    fill(archive)
    for text in ("x'' OR ''1''=''1", "\\'' OR 1=1 --", "]; DROP TABLE users", "/* '' */"):
        query = f"SELECT obs_id FROM crowdsky.stacks WHERE target_name = '{text}'"
        assert rows(tap, query) == []
    assert len(rows(tap, "SELECT obs_id -- ' a remark\nFROM crowdsky.stacks")) == 2


@pytest.mark.one_database
def test_answers_are_bounded(
    archive: Archive, tap: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(archive)
    assert len(rows(tap, "SELECT * FROM ivoa.obscore", maxrec=1)) == 1
    assert len(rows(tap, "SELECT * FROM ivoa.obscore")) == 2
    answer = requests.get(
        f"{tap.url}/sync", {"QUERY": "SELECT * FROM ivoa.obscore", "MAXREC": "0"}, timeout=30
    )
    assert "<FIELD" in answer.text
    assert "<TR>" not in answer.text
    assert "OVERFLOW" in answer.text
    monkeypatch.setattr("crowdsky.tap.service.SYNC_SECONDS", 0.3)
    columns = ", ".join(f"tap_schema.columns AS c{number}" for number in range(6))
    begin = time.monotonic()
    assert "took longer than 0.3 seconds" in error_of(tap, f"SELECT COUNT(*) FROM {columns}")
    assert time.monotonic() - begin < 10.0


@pytest.mark.one_database
def test_the_examples_are_answered(archive: Archive, tap: Service) -> None:
    first, _, _ = fill(archive)
    service = tap.client
    shown = service.examples
    assert len(shown) == len(EXAMPLES)
    for query in EXAMPLES.values():
        assert f"stack-{first}" in str(rows(tap, query)) or "target" in query


@pytest.mark.one_database
def test_the_service_describes_itself(archive: Archive, tap: Service) -> None:
    service = tap.client
    assert "<vosi:available>true<" in requests.get(f"{tap.url}/availability", timeout=30).text
    assert set(service.tables.keys()) == set(TABLES)
    assert service.maxrec == 20_000
    assert service.hardlimit == 100_000
    described = rows(tap, "SELECT table_name, column_name, unit FROM TAP_SCHEMA.columns")
    told = {(one["table_name"], one["column_name"]) for one in described}
    assert told == {(name, one.written) for name, table in TABLES.items() for one in table.columns}
    answer = requests.get(
        f"{tap.url}/sync",
        {"QUERY": "SELECT schema_name FROM tap_schema.schemas", "RESPONSEFORMAT": "csv"},
        timeout=30,
    )
    assert answer.text.split() == ["schema_name", "ivoa", "crowdsky", "tap_schema"]


def test_the_database_cannot_be_written_to(archive: Archive) -> None:
    import pymysql

    database = database_of(archive.site)
    with (
        pytest.raises((sqlite3.Error, pymysql.Error, Exception), match=r"(?i)read.?only"),
        database._reading() as read,
    ):
        read("DELETE FROM users")
    assert archive.rows.all("SELECT id FROM users")


def test_a_lost_database_is_said(archive: Archive, tap: Service) -> None:
    archive.rows.execute("ALTER TABLE stack_solutions RENAME TO elsewhere")
    try:
        tap.clock.seconds += 61
        answer = requests.get(
            f"{tap.url}/sync", {"QUERY": "SELECT * FROM ivoa.obscore"}, timeout=30
        )
        assert answer.status_code == 503
        assert "the archive cannot be read now" in answer.text
        assert "stack_solutions" not in answer.text
        assert ">false<" in requests.get(f"{tap.url}/availability", timeout=30).text
    finally:
        archive.rows.execute("ALTER TABLE elsewhere RENAME TO stack_solutions")
