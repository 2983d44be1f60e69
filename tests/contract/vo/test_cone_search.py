"""Simple Cone Search 1.03 as pyvo and any reader of VOTables see it."""

from __future__ import annotations

import io

import pytest
import pyvo
import requests
from astropy.io.votable import parse

from tests.contract.vo.archive import Archive
from tests.contract.vo.validity import remarks


def ask(api: str, query: str, status: int = 200, service: str = "scs_stacks") -> bytes:
    answer = requests.get(f"{api}/{service}.php?{query}", timeout=30)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/x-votable+xml"
    return answer.content


@pytest.mark.one_database
def test_pyvo_finds_public_stacks_by_their_middle(archive: Archive, api: str) -> None:
    near = archive.add(192.72, 41.12)
    archive.add(192.72, 41.12, public=False)
    archive.add(195.0, 41.12)
    unsolved = archive.add(192.8, 41.2, solved=False, start=None, end=None, object_name="my garden")
    archive.add(None, None, solved=False)

    found = pyvo.conesearch(f"{api}/scs_stacks.php", pos=(192.72, 41.1), radius=0.5)

    assert sorted(found["obs_id"]) == sorted([f"stack-{near}", f"stack-{unsolved}"])
    row = next(row for row in found if row["obs_id"] == f"stack-{near}")
    assert row.pos.ra.deg == 192.72
    assert row.pos.dec.deg == 41.12
    assert row["distance"] == pytest.approx(0.02, abs=1e-9)
    assert row["t_min"] == pytest.approx(60761.0555555, abs=1e-6)
    assert row["access_url"] == f"{api}/download_frame.php?id={near}"
    assert (row["target_name"], row["n_frames"], row["is_solved"]) == ("M 94", 78, True)
    other = next(row for row in found if row["obs_id"] == f"stack-{unsolved}")
    assert not other["target_name"], "a name that is no known target stays private"
    assert not other["is_solved"]


@pytest.mark.one_database
def test_answers_are_valid_and_name_their_systems(archive: Archive, api: str) -> None:
    archive.add(0.1, -30.0, telescope="the shed's")
    content = ask(api, "RA=359.95&DEC=-30&SR=1")

    assert remarks(content) == []
    table = parse(io.BytesIO(content)).get_first_table()
    assert table.array["telescope"].tolist() == [""], "a name that strangers do not read"
    ucds = [field.ucd for field in table.fields]
    for ucd in ("ID_MAIN", "POS_EQ_RA_MAIN", "POS_EQ_DEC_MAIN"):
        assert ucds.count(ucd) == 1
    times = table.get_field_by_id("t_min")
    assert (times.unit, times.ref) == ("d", "utc")


WRONG = [
    ("", "RA, DEC and SR"),
    ("RA=10&DEC=20", "RA, DEC and SR"),
    ("RA=400&DEC=20&SR=1", "RA must be"),
    ("RA=10&DEC=95&SR=1", "DEC must be"),
    ("RA=10&DEC=20&SR=-1", "SR must be"),
    ("RA=nan&DEC=20&SR=1", "no number"),
    ("RA=1&RA=2&DEC=20&SR=1", "only once"),
    ("RA=1&DEC=20&SR=1&VERB=4", "VERB"),
    ("RA=1&DEC=20&SR=1&MAXREC=-1", "MAXREC"),
    ("RA=1&DEC=20&SR=1&RESPONSEFORMAT=csv", "RESPONSEFORMAT"),
    ("RA=%ff&DEC=20&SR=1", "UTF-8"),
]


@pytest.mark.one_database
def test_refusal_is_a_votable_that_pyvo_reads(archive: Archive, api: str) -> None:
    for query, what in WRONG:
        assert remarks(ask(api, query)) == []
        with pytest.raises(pyvo.DALQueryError, match=what):
            pyvo.dal.scs.SCSQuery(f"{api}/scs_stacks.php?{query}").execute()


@pytest.mark.one_database
def test_truncated_answer_says_so(archive: Archive, api: str) -> None:
    for _ in range(4):
        archive.add(10.0, 20.0)
    content = ask(api, "ra=10&dec=20&sr=1&maxrec=3")

    assert remarks(content) == []
    votable = parse(io.BytesIO(content))
    assert len(votable.get_first_table().array) == 3
    status = [info.value for info in votable.resources[0].infos if info.name == "QUERY_STATUS"]
    assert status == ["OK", "OVERFLOW"]
    said = {info.name: info.value for info in votable.get_first_table().infos}
    assert said == {"truncated": "true"}
    whole = ask(api, "ra=10&dec=20&sr=1&maxrec=4")
    assert b"OVERFLOW" not in whole
    assert b"truncated" not in whole


@pytest.mark.one_database
def test_radius_zero_asks_for_the_columns_alone(archive: Archive, api: str) -> None:
    archive.add(10.0, 20.0)
    content = ask(api, "RA=10&DEC=20&SR=0")
    assert remarks(content) == []
    assert b"<TR>" not in content


@pytest.mark.one_database
def test_long_answers_are_read_in_pages(archive: Archive, api: str) -> None:
    # One row more than StackQuery reads at once.
    first = archive.add(10.0, 20.0, solved=False)
    stacks = [first, *archive.copy(first, 500)]
    found = pyvo.conesearch(f"{api}/scs_stacks.php", pos=(10.0, 20.0), radius=0.1)
    assert found["obs_id"].tolist() == [f"stack-{one}" for one in reversed(stacks)]
