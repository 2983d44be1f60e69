"""Simple Image Access 2.0 as pyvo asks, and its parameters against stacks at known places."""

from __future__ import annotations

import io
import warnings

import astropy.units as u
import pytest
import pyvo
import requests
from astropy.io.votable import parse
from astropy.time import Time

from tests.contract.vo.archive import Archive
from tests.contract.vo.validity import remarks

OBSCORE = {
    "dataproduct_type", "calib_level", "obs_collection", "obs_id", "obs_publisher_did",
    "access_url", "access_format", "access_estsize", "target_name", "s_ra", "s_dec", "s_fov",
    "s_region", "s_resolution", "s_xel1", "s_xel2", "t_min", "t_max", "t_exptime", "t_resolution",
    "t_xel", "em_min", "em_max", "em_res_power", "em_xel", "o_ucd", "pol_xel", "pol_states",
    "facility_name", "instrument_name",
}  # fmt: skip
"""The mandatory columns of ObsCore 1.1."""


def find(api: str, *query: str, status: int = 200) -> list[int]:
    """Return the stacks in the answer to a query."""
    address = f"{api}/sia2.php?" + "&".join(query).replace(" ", "+")
    answer = requests.get(address, timeout=30)
    assert answer.status_code == status, answer.text
    assert remarks(answer.content) == []
    table = parse(io.BytesIO(answer.content)).get_first_table().to_table()
    return sorted(int(one.split("-")[1]) for one in table["obs_id"])


@pytest.mark.one_database
def test_pyvo_finds_the_service_and_its_images(archive: Archive, api: str) -> None:
    stack = archive.add(192.72, 41.12)
    archive.add(192.72, 41.12, public=False)
    archive.add(192.72, 41.12, solved=False)
    service = pyvo.dal.SIA2Service(f"{api}/sia2.php")
    found = service.search(
        pos=(192.5, 41.1, 0.1), time=(Time("2025-03-27T01:30"), Time("2025-03-28")),
        band=(490 * u.nm, 510 * u.nm),
    )  # fmt: skip

    assert found["obs_id"].tolist() == [f"stack-{stack}"]
    assert set(found.fieldnames) >= OBSCORE
    image = found[0]
    assert image.getdataurl() == f"{api}/download_frame.php?id={stack}"
    assert (image["calib_level"], image["dataproduct_type"]) == (2, "image")
    assert (image["s_xel1"], image["s_xel2"], image["access_estsize"]) == (1920, 1080, 37406)
    assert image["s_fov"] == pytest.approx(1.4686, abs=1e-3)
    assert image["s_region"].split()[:2] == ["POLYGON", "ICRS"]
    assert image["t_exptime"] == 780.0
    assert image["obs_publisher_did"].startswith("ivo://")


POSITIONS = [
    ("CIRCLE 10 20 0.1", "a"),
    ("CIRCLE 10.8 20 0.05", ""),
    ("CIRCLE 10.8 20 0.2", "a"),
    ("CIRCLE 10 20 180", "abc"),
    ("CIRCLE 0.3 -60 0.01", "b"),
    ("CIRCLE 359.5 -60 0.01", "b"),
    ("CIRCLE 123 90 0.01", "c"),
    ("RANGE 9.9 10.1 19.9 20.1", "a"),
    ("RANGE 10.5 11 -Inf +Inf", "ac"),
    ("RANGE 10.8 11 19 21", ""),
    ("RANGE 9.999 10.001 -10 30", "a"),
    ("RANGE 0 360 -90 90", "abc"),
    ("RANGE 359 361 -60.1 -59.9", "b"),
    ("RANGE 0 0.2 -60.1 -59.9", "b"),
    ("RANGE 300 310 89 90", "c"),
    ("POLYGON 9.9 19.9 10.1 19.9 10 20.1", "a"),
    ("POLYGON 10 20.1 10.1 19.9 9.9 19.9", "a"),
    ("POLYGON 5 15 15 15 15 25 5 25", "a"),
    ("POLYGON 10.5 10 11 10 11 30 10.5 30", "a"),
    ("POLYGON 10.8 10 11 10 11 30 10.8 30", ""),
    # Bent around the stack without touching it.
    ("POLYGON 8 18 12 18 12 19 8.5 19 8.5 21 12 21 12 22 8 22", ""),
    ("POLYGON 0 80 120 80 240 80", "c"),
]


@pytest.mark.one_database
def test_positions_are_compared_with_outlines(archive: Archive, api: str) -> None:
    stacks = {
        "a": archive.add(10.0, 20.0),
        "b": archive.add(359.9, -60.0, turn=30.0),
        "c": archive.add(200.0, 89.9, turn=70.0),
    }
    for pos, hits in POSITIONS:
        found = find(api, f"POS={pos.replace('+', '%2B')}")
        assert found == sorted(stacks[one] for one in hits), pos


@pytest.mark.one_database
def test_other_parameters_choose_stacks(archive: Archive, api: str) -> None:
    first = archive.add(10.0, 20.0)
    second = archive.add(
        10.0, 20.0, start="2025-04-01T22:00:00.000", end="2025-04-01T22:15:00.000",
        total_exptime=300.0, filter_name="LP", telescope="S30_00000001", object_name="M 13",
    )  # fmt: skip
    third = archive.add(10.0, 20.0, start=None, end=None, total_exptime=None, filter_name="X")
    both = [first, second]
    night = 60761.0
    did = requests.get(f"{api}/sia2.php?TARGET=M+13", timeout=30).text
    did = did[did.index("ivo://") :].split("<")[0]

    assert find(api) == [first, second, third]
    assert find(api, f"TIME={night} {night + 0.5}") == [first]
    assert find(api, f"TIME=-Inf {night + 0.0556}") == [first]
    assert find(api, f"TIME=-Inf {night + 0.0555}") == []
    assert find(api, f"TIME={night + 0.066}") == []
    assert find(api, f"TIME={night} %2BInf") == both
    assert find(api, f"time={night} {night + 1}", "Time=60766 60767") == both
    assert find(api, "EXPTIME=200 400") == [second]
    assert find(api, "BAND=4.1e-7 4.2e-7") == [first]
    assert find(api, "BAND=5e-7") == both
    assert find(api, "SPATRES=3 4") == [first, second, third]
    assert find(api, "SPATRES=1 2") == []
    assert find(api, "FOV=1 2", "TARGET=M 13") == [second]
    assert find(api, "INSTRUMENT=S30_00000001") == [second]
    assert find(api, f"ID={did}") == [second]
    assert find(api, "ID=ivo://elsewhere/stacks?1") == []
    assert find(api, "COLLECTION=crowdsky", "FORMAT=application/fits", "CALIB=2") == find(api)
    archive.add(10.0, 20.0, object_name="my garden", telescope="the shed's")
    assert find(api, "TARGET=my garden") == find(api, "INSTRUMENT=the shed's") == []
    assert find(api, "DPTYPE=cube") == find(api, "POL=I") == find(api, "CALIB=3") == []


WRONG = [
    "POS=CIRCLE 10 20", "POS=CIRCLE 10 95 1", "POS=CIRCLE 10 20 -1", "POS=CIRCLE ten 20 1",
    "POS=SQUARE 10 20 1", "POS=POLYGON 1 2 3 4", "POS=POLYGON 0 0 100 0 200 10 300 0",
    "POS=RANGE 10 11 30 20", "BAND=2 1", "BAND=1 2 3", "TIME=Inf", "CALIB=9",
    "MAXREC=many", "RESPONSEFORMAT=fits",
]  # fmt: skip


@pytest.mark.one_database
def test_refusal_is_a_votable_with_its_status(archive: Archive, api: str) -> None:
    for query in WRONG:
        answer = requests.get(f"{api}/sia2.php?{query}", timeout=30)
        assert answer.status_code == 400, query
        assert remarks(answer.content) == []
        infos = parse(io.BytesIO(answer.content)).resources[0].infos
        assert (infos[0].name, infos[0].value) == ("QUERY_STATUS", "ERROR")
        assert infos[0].content
    empty = requests.get(f"{api}/sia2.php?POS=", timeout=30)
    assert empty.status_code == 200, "an empty parameter is none"


@pytest.mark.one_database
def test_query_may_come_as_a_form_and_at_its_own_address(archive: Archive, api: str) -> None:
    stack = archive.add(10.0, 20.0)
    form = [("POS", "CIRCLE 10 20 1"), ("POS", "CIRCLE 50 20 1"), ("MAXREC", "1")]
    for address in (f"{api}/sia2.php", f"{api}/sia2.php/query"):
        answer = requests.post(address, data=form, timeout=30)
        assert f"stack-{stack}<" in answer.text
        assert "OVERFLOW" not in answer.text
    assert requests.get(f"{api}/sia2.php/other", timeout=30).status_code == 404


@pytest.mark.one_database
def test_parts_of_vosi_are_what_their_schemas_say(archive: Archive, api: str) -> None:
    for service in ("sia2", "scs_stacks", "scs_stars"):
        address = f"{api}/{service}.php"
        assert pyvo.io.vosi.parse_availability(f"{address}/availability").available
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pyvo passes over what only cone search has
            told = pyvo.io.vosi.parse_capabilities(f"{address}/capabilities")
        standards = {one.standardid for one in told}
        parts = ("capabilities", "availability", "tables")
        assert {f"ivo://ivoa.net/std/VOSI#{part}" for part in parts} < standards
        tables = pyvo.io.vosi.parse_tables(f"{address}/tables")
        names = [column.name for table in tables.iter_tables() for column in table.columns]
        assert len(names) == len(set(names)) > 10
