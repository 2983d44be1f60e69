"""`crowdsky.Client` reads a real site: stacks, files, stars, coverage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.io import fits

import crowdsky
from crowdsky import Client
from crowdsky.base.errors import (
    AccessDeniedError,
    ConfigurationError,
    CorruptInputError,
    ServiceUnreachableError,
    UnexpectedAnswerError,
)
from crowdsky.client.errors import StackNotFoundError
from crowdsky.client.site import SiteRefusedError
from tests.contract.archive_client.support import PIXEL, PLACE, Archive, reader, star
from tests.support.fault_proxy import Fault, FaultProxy, html_answer
from tests.support.sites import SiteUnderTest

STARS = (star(193.1, 41.0, 1000.0), star(193.2, 41.1, 500.0, b=None, flag=3))


@pytest.fixture
def stack_id(sqlite_site: SiteUnderTest) -> int:
    """A public stack on the site."""
    return Archive(sqlite_site).add(stars=STARS)


@pytest.fixture
def client(sqlite_site: SiteUnderTest, stack_id: int, tmp_path: Path) -> Client:
    """A program of somebody else, with a key."""
    return reader(sqlite_site.base_url, sqlite_site.rows.add_data_key(), tmp_path)


def test_a_stack_is_a_record_with_types(
    sqlite_site: SiteUnderTest, client: Client, stack_id: int
) -> None:
    (stack,) = client.search()
    assert (stack.id, stack.object_name, stack.filter_name) == (stack_id, "M 94", "LP")
    assert (stack.ra_deg, stack.dec_deg) == PLACE
    assert stack.chunk_key == f"20250327.05_HP0{PIXEL}"
    assert stack.date_obs_start == datetime(2025, 3, 27, 1, 20, 32, tzinfo=UTC)
    assert stack.date_obs_end == stack.date_obs_start + timedelta(seconds=10)
    assert (stack.total_exptime, stack.n_frames_input, stack.n_stars_detected) == (10.0, 1, 2)
    assert (stack.is_solved, stack.is_own, stack.width_deg, stack.sqm) == (False, False, None, None)
    assert stack.page_url == f"{sqlite_site.base_url}/stack.php?id={stack_id}"


SECOND = timedelta(seconds=1)
BEGIN = datetime(2025, 3, 27, 1, 20, 32, 955000, tzinfo=UTC)
EASTERN = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("conditions", "count"),
    [
        ({"name": "M 94"}, 1),
        ({"name": "NGC 4736"}, 0),  # it is not measured, so that only its owner's name is known
        ({"near": PLACE, "radius": 0.01}, 1),
        ({"near": SkyCoord(PLACE[0] * u.deg, PLACE[1] * u.deg), "radius": 0.01}, 1),
        ({"near": (PLACE[0], PLACE[1] + 1.0), "radius": 0.9}, 0),
        ({"box": (193.0, 193.1, 40.9, 41.0)}, 1),
        ({"box": (193.1, 193.0, 40.9, 41.0)}, 0),
        ({"start": BEGIN, "end": BEGIN.astimezone(EASTERN)}, 1),
        ({"start": BEGIN + SECOND}, 0),
        ({"start": BEGIN.replace(tzinfo=None)}, 1),
        ({"end": "2025-03-26"}, 0),
        ({"filter": "LP", "min_exptime": 10}, 1),
        ({"filter": "IRCUT"}, 0),
        ({"min_sqm": 1.0}, 0),
        ({"solved": True}, 0),
        ({"solved": False, "own": False}, 1),
        ({"own": True}, 0),
    ],
    ids=str,
)
def test_conditions_are_sent_as_the_site_reads_them(
    client: Client, conditions: dict[str, Any], count: int
) -> None:
    assert len(list(client.search(**conditions))) == count


def test_a_search_goes_on_to_the_next_page(
    sqlite_site: SiteUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = Archive(sqlite_site)
    made = [archive.add(f"2025-03-2{day}T01:20:32") for day in range(1, 6)]
    monkeypatch.setattr("crowdsky.client.client.PAGE", 2)
    found = reader(sqlite_site.base_url, sqlite_site.rows.add_data_key(), tmp_path).search("M 94")
    assert [stack.id for stack in found] == made


def test_a_condition_that_is_wrong_is_named(client: Client) -> None:
    conditions: list[dict[str, Any]] = [
        {"radius": 1.0},
        {"solved": "perhaps"},
        {"start": "yesterday"},
    ]
    for wrong in conditions:
        with pytest.raises(SiteRefusedError, match=f"could not search.*{next(iter(wrong))}"):
            list(client.search(**wrong))


def test_a_condition_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    client: Any = reader("http://127.0.0.1:1", "", tmp_path)
    for wrong in ({"filtr": "IRCUT"}, {"min_exptme": 99999}, {"limit": 1}, {"object": "M 94"}):
        with pytest.raises(TypeError, match=next(iter(wrong))):
            client.search("M 94", **wrong)


def test_a_stack_is_downloaded_once_and_whole(
    client: Client, stack_id: int, tmp_path: Path
) -> None:
    path = client.download(stack_id)
    assert path.parent == tmp_path / "stacks" and path.suffix == ".fits"
    assert fits.getval(path, "NIMAGES") == 1
    written = path.stat().st_mtime_ns
    assert client.download(next(client.search())) == path
    assert path.stat().st_mtime_ns == written
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    client.download(stack_id)
    assert fits.getval(path, "NIMAGES") == 1 and path.read_bytes()[-1:] != b"x"
    elsewhere = client.download(stack_id, tmp_path / "else")
    assert elsewhere.read_bytes() == path.read_bytes()
    assert [p.name for p in path.parent.iterdir() if not p.name.startswith(".")] == [path.name]


def test_a_cut_download_is_continued(
    sqlite_site: SiteUnderTest, client: Client, stack_id: int, tmp_path: Path
) -> None:
    whole = client.download(stack_id).read_bytes()
    with FaultProxy(sqlite_site.base_url) as proxy:
        far = reader(proxy.url, sqlite_site.rows.add_data_key(), tmp_path / "far")
        cut = Fault("cut_reply", method="GET", target="download_frame", after_bytes=9000)
        proxy.inject(cut)
        path = far.download(stack_id)
        assert path.read_bytes() == whole
        assert proxy.count("GET", "download_frame") == 2


def test_damaged_bytes_are_never_kept(
    sqlite_site: SiteUnderTest, client: Client, stack_id: int, tmp_path: Path
) -> None:
    with FaultProxy(sqlite_site.base_url) as proxy:
        far = reader(proxy.url, sqlite_site.rows.add_data_key(), tmp_path / "far")
        fault = Fault("corrupt_reply", "GET", "download_frame", times=9, after_bytes=5000)
        proxy.inject(fault)
        with pytest.raises(CorruptInputError):
            far.download(stack_id)
        assert not list((tmp_path / "far").rglob("[!.]*.fits*"))
        fault.times = 0
        assert fits.getval(far.download(stack_id), "NIMAGES") == 1


def test_what_is_not_there_or_not_public_is_not_found(
    sqlite_site: SiteUnderTest, client: Client, stack_id: int
) -> None:
    sqlite_site.rows.execute("UPDATE stacked_frames SET visibility = 'private'")
    for number in (stack_id, stack_id + 1):
        with pytest.raises(StackNotFoundError, match=f"could not download stack {number}"):
            client.download(number)
        with pytest.raises(StackNotFoundError, match=f"stars of stack {number}"):
            client.stars(number)
    assert list(client.search()) == []
    assert len(client.coverage()) == 0


def test_stars_are_a_table_with_units(client: Client, stack_id: int) -> None:
    table = client.stars(stack_id)
    assert table.colnames == ["x", "y", "flux", "a", "b", "flag", "peak", "ra", "dec"]
    assert (table["ra"].unit, table["flux"].unit, table["x"].unit) == (u.deg, u.adu, u.pix)
    assert list(table["ra"]) == [193.1, 193.2]
    assert table["flag"].tolist() == [0, 3] and table["flag"].dtype == np.int64
    assert table["b"][0] == 1.25 and np.isnan(table["b"][1])
    assert (table.meta["width"], table.meta["height"]) == (64, 48)


def test_a_stack_without_stars_has_an_empty_table(
    sqlite_site: SiteUnderTest, tmp_path: Path
) -> None:
    empty = Archive(sqlite_site).add()
    reading = reader(sqlite_site.base_url, sqlite_site.rows.add_data_key(), tmp_path)
    table = reading.stars(empty)
    assert len(table) == 0 and table["ra"].unit == u.deg


def test_coverage_is_a_table_and_a_moc(client: Client) -> None:
    table = client.coverage()
    assert list(table["healpix_ring"]) == [PIXEL] and list(table["n_stacks"]) == [1]
    assert table["total_exptime"].unit == u.s
    moc = client.coverage_moc()
    assert moc.contains_lonlat(PLACE[0] * u.deg, PLACE[1] * u.deg).tolist() == [True]
    assert np.isclose(moc.sky_fraction, 1 / 196608)
    assert client.coverage_moc("LP") == moc
    assert client.coverage_moc("IRCUT").empty()


def test_who_may_not_read_is_told_so(
    sqlite_site: SiteUnderTest, client: Client, stack_id: int, tmp_path: Path
) -> None:
    for key in ("", "csk_wrong"):
        stranger = reader(sqlite_site.base_url, key, tmp_path)
        with pytest.raises(AccessDeniedError, match="check CROWDSKY_API_KEY"):
            stranger.stars(stack_id)
    anybody = reader(sqlite_site.base_url, "", tmp_path)
    assert len(anybody.coverage()) == 1


def test_a_wrong_key_counts_once(
    sqlite_site: SiteUnderTest, client: Client, stack_id: int, tmp_path: Path
) -> None:
    with FaultProxy(sqlite_site.base_url) as proxy:
        stranger = reader(proxy.url, "csk_wrong", tmp_path)
        for call in (lambda: list(stranger.search()), lambda: stranger.download(stack_id)):
            before = len(proxy.requests)
            with pytest.raises(AccessDeniedError):
                call()
            assert len(proxy.requests) == before + 1
        nobody = reader(proxy.url, "", tmp_path)
        assert len(nobody.coverage()) == 1
        before = len(proxy.requests)
        with pytest.raises(AccessDeniedError):
            nobody.download(stack_id)
        assert len(proxy.requests) == before + 1
        owner = reader(proxy.url, sqlite_site.rows.add_data_key(), tmp_path / "owner")
        assert len(owner.coverage()) == 1
        proxy.inject(Fault("answer", target="stars", answer=html_answer("401 Unauthorized")))
        assert len(owner.stars(stack_id)) == len(STARS)


def test_an_archive_that_is_away_is_named(tmp_path: Path) -> None:
    client = reader("http://127.0.0.1:1", "csk_x", tmp_path)
    with pytest.raises(ServiceUnreachableError, match=r"http://127\.0\.0\.1:1.*refused"):
        client.coverage()


@pytest.mark.parametrize(
    ("address", "key", "named"),
    [
        ("127.0.0.1:8766", "", "127.0.0.1:8766 must start with https://"),
        ("ftp://sky.example.org", "", "must start with https://"),
        ("http://host:99999", "", "name a host"),
        ("http://host/index.php", "", "leave out index.php"),
        ("http://host/stack.php?id=1", "", "must not contain"),
        ("http://host", "csk_x\n", "the key contains blanks"),
    ],
)
def test_what_can_be_no_address_or_key_is_refused_at_once(
    address: str, key: str, named: str
) -> None:
    with pytest.raises(ConfigurationError, match=named):
        Client(address, key)


def test_a_server_that_answers_all_with_a_page_is_doubted(
    sqlite_site: SiteUnderTest, tmp_path: Path
) -> None:
    with FaultProxy(sqlite_site.base_url) as proxy:
        proxy.inject(Fault("answer", target="search", times=9, answer=html_answer("200 OK")))
        client = reader(proxy.url, "", tmp_path)
        with pytest.raises(UnexpectedAnswerError, match=f"{proxy.url}.*check CROWDSKY_API_URL"):
            list(client.search())


def test_settings_say_which_archive(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CROWDSKY_API_URL", raising=False)
    with pytest.raises(ConfigurationError, match="CROWDSKY_API_URL"):
        Client()
    (tmp_path / ".env").write_text("CROWDSKY_API_URL=https://sky.example.org/api\n")
    assert "csk_" not in repr(Client(api_key="csk_secret"))
    assert crowdsky.Client is Client
