"""Simple Cone Search of the stars in public stacks: with a key, and never from private ones."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import pyvo
import requests

from tests.contract.vo.archive import Archive
from tests.contract.vo.validity import remarks


def add_stars(archive: Archive, ra: float, dec: float, name: str, **more: Any) -> int:
    """Add a stack with a list of stars around its middle: one of them has no position."""
    path = f"/crowdsky/stacks/{name}_stars.json"
    stack = archive.add(ra, dec, stars_path=path, **more)
    star = {"x": 1.0, "y": 2.0, "flux": 500.0, "a": 1.5, "b": 1.4, "flag": 0, "peak": 90.0}
    stars = [{**star, "ra": ra, "dec": dec + step} for step in (0.0, 0.1, 0.3)]
    stars.append({**star, "ra": None, "dec": None})
    file = Path(f"{archive.site.data_dir}/stacks{path}")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"width": 1920, "height": 1080, "stars": stars}))
    return stack


@pytest.fixture
def session(archive: Archive) -> requests.Session:
    """A connection with the data key of a user."""
    key = "csk_" + "5" * 64
    archive.rows.insert(
        "api_keys", kind="user", user_id=archive.user_id, name="laptop", key_hint=key[:10],
        key_hash=hashlib.sha256(key.encode()).hexdigest(), scopes="read",
        created_at="2025-03-27 02:00:00",
    )  # fmt: skip
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {key}"
    return session


@pytest.mark.one_database
def test_stars_near_a_position(archive: Archive, api: str, session: requests.Session) -> None:
    stack = add_stars(archive, 10.0, 20.0, "one")
    add_stars(archive, 10.0, 20.0, "private", public=False)
    add_stars(archive, 10.0, 22.0, "far")
    archive.add(10.0, 20.0, stars_path="/crowdsky/stacks/gone_stars.json")
    service = pyvo.dal.SCSService(f"{api}/scs_stars.php", session=session)
    found = service.search(pos=(10.0, 20.0), radius=0.2)

    assert found["star_id"].tolist() == [f"stack-{stack}/0", f"stack-{stack}/1"]
    assert found[1].pos.dec.deg == pytest.approx(20.1)
    assert found[1]["distance"] == pytest.approx(0.1)
    assert found[0]["t_mid"] == pytest.approx(60761.0607638, abs=1e-6)
    assert (found[0]["flux"], found[0]["flag"]) == (500.0, 0)
    answer = session.get(f"{api}/scs_stars.php?RA=10&DEC=20&SR=0.2", timeout=30)
    assert remarks(answer.content) == []


@pytest.mark.one_database
def test_stars_need_a_key(archive: Archive, api: str, session: requests.Session) -> None:
    address = f"{api}/scs_stars.php?RA=10&DEC=20&SR=0.2"
    answer = requests.get(address, timeout=30)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"]
    assert remarks(answer.content) == []
    wide = session.get(f"{api}/scs_stars.php?RA=10&DEC=20&SR=20", timeout=30)
    assert wide.status_code == 200
    assert b'name="Error"' in wide.content


@pytest.mark.one_database
def test_more_stacks_than_are_read_are_an_overflow(
    archive: Archive, api: str, session: requests.Session
) -> None:
    for number in range(51):
        add_stars(archive, 10.0, 20.0, f"s{number}")
    answer = session.get(f"{api}/scs_stars.php?RA=10&DEC=20&SR=0.05", timeout=30)
    assert answer.text.count("<TR>") == 50
    assert 'value="OVERFLOW"' in answer.text
    assert remarks(answer.content) == []
