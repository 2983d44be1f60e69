"""The data API as its contract has it: every call, field, parameter and refusal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from astropy.io import ascii as astropy_ascii

from tests.contract.site.stacked import MakeStored, Stacked
from tests.contract.site.support import Browser
from tests.support.archive_rows import insert, scattered
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

FIELDS = {
    "id": int,
    "object_name": str,
    "filter_name": str,
    "chunk_key": str,
    "ra_deg": float,
    "dec_deg": float,
    "sqm": float,
    "total_exptime": float,
    "eq_mode": int,
    "n_frames_input": int,
    "n_frames_aligned": int,
    "n_stars_detected": int,
    "file_size_bytes": int,
    "date_obs_start": str,
    "date_obs_end": str,
    "download_url": str,
}
HEADING = ("%ECSV", "---", "datatype", *[""] * 6, "schema", "names")
CALLS = ("frames_by_healpix.php?healpix=1", "download_frame.php?id=1", "frame_stars.php?id=1")


class Reader:
    """A program with a key to the data API."""

    def __init__(self, site: SiteUnderTest, key: str | None) -> None:
        self.site = site
        self.base = site.api_url
        self.headers = {} if key is None else {"Authorization": f"Bearer {key}"}

    def get(self, call: str, headers: dict[str, str] | None = None, **query: Any) -> Any:
        """Make a call."""
        return requests.get(
            f"{self.base}/{call}",
            params=query,
            headers={**self.headers, **(headers or {})},
            allow_redirects=False,
            timeout=60,
        )

    def frames(self, **query: Any) -> list[dict[str, Any]]:
        """Ask for the frames of a pixel."""
        answer = self.get("frames_by_healpix.php", **query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()
        return found


def user_id(rows: Rows, browser: Browser) -> int:
    """Id of a browser's account."""
    return int(rows.one("SELECT id FROM users WHERE username = ?", browser.name)["id"])


@pytest.fixture
def service(site: SiteUnderTest) -> Reader:
    """A program that reads public stacks."""
    return Reader(site, site.rows.add_data_key())


@pytest.fixture
def owner(site: SiteUnderTest, user: Browser) -> Reader:
    """A program of the user."""
    return Reader(site, site.rows.add_data_key(user_id(site.rows, user)))


@pytest.fixture
def public(site: SiteUnderTest, make_stack: Callable[..., int]) -> int:
    """A measured stack that everybody may see."""
    stack = make_stack()
    site.rows.execute(
        "UPDATE stacked_frames SET visibility = 'public', eq_mode = 1, filter_name = 'LP',"
        " total_exptime = 120, n_stars_detected = 7, date_obs_start = '2026-01-01T00:00:10.955',"
        " date_obs_end = '2026-01-01T00:02:10.955'"
    )
    return stack


def pixel_of(rows: Rows) -> int:
    """Pixel of the only stack's key."""
    return int(rows.one("SELECT key_pixel FROM stacked_frames")["key_pixel"])


def test_frames_have_the_fields_and_types_of_the_contract(
    service: Reader, public: int, site: SiteUnderTest
) -> None:
    answer = service.get("frames_by_healpix.php", healpix=pixel_of(site.rows))

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    (frame,) = answer.json()
    assert {name: type(value) for name, value in frame.items()} == FIELDS
    assert frame["id"] == public
    assert (frame["object_name"], frame["filter_name"]) == ("M 94", "LP")
    assert (frame["ra_deg"], frame["dec_deg"], frame["sqm"]) == (192.75, 41.05, 19.85)
    assert frame["date_obs_start"] == "2026-01-01T00:00:10Z"
    assert frame["chunk_key"].endswith(f"_HP{pixel_of(site.rows):06d}")
    url = frame["download_url"]
    assert url == f"{site.api_url}/download_frame.php?id={public}"
    assert requests.get(url, headers=service.headers, timeout=60).content[:9] == b"SIMPLE  ="


def test_frames_are_found_by_the_pixel_of_their_place_too(
    service: Reader, public: int, site: SiteUnderTest
) -> None:
    row = site.rows.one("SELECT sky_pixel, key_pixel FROM stacked_frames")
    other = int(row["key_pixel"]) + 5
    site.rows.execute("UPDATE stacked_frames SET key_pixel = ?", other)

    found = [service.frames(healpix=pixel) for pixel in (other, row["sky_pixel"], other + 1)]

    assert [[frame["id"] for frame in frames] for frames in found] == [[public], [public], []]
    site.rows.execute("UPDATE stacked_frames SET damaged_at = '2026-01-01 00:00:00'")
    assert service.frames(healpix=other) == [], "it could not be downloaded"


SELECTIONS = [
    ("start", "2026-01-01T00:00:10Z", True),
    ("start", "2026-01-01T01:00:10+01:00", True),
    ("start", "2026-01-01T00:00:11Z", False),
    ("end", "2026-01-01T00:00:10Z", True),
    ("end", "2026-01-01T00:00:09Z", False),
    ("end", "2026-01-01", True),
    ("end", "2025-12-31", False),
    ("filter", "LP", True),
    ("filter", "lp", False),
    ("filter", "IRCUT", False),
    ("eq_mode", "1", True),
    ("eq_mode", "0", False),
    ("min_sqm", "19.85", True),
    ("min_sqm", "19.9", False),
    ("min_exptime", "120", True),
    ("min_exptime", "120.5", False),
]


def test_each_parameter_selects(service: Reader, public: int, site: SiteUnderTest) -> None:
    pixel = pixel_of(site.rows)

    for parameter, value, is_found in SELECTIONS:
        found = service.frames(healpix=pixel, **{parameter: value})
        assert bool(found) is is_found, (parameter, value)
    site.rows.execute(
        "UPDATE stacked_frames SET eq_mode = NULL, filter_name = NULL, sky_mag = NULL,"
        " total_exptime = NULL, date_obs_start = NULL"
    )
    for parameter, value, _ in SELECTIONS:
        found = service.frames(healpix=pixel, **{parameter: value})
        assert found == [], f"null fails a set {parameter}"


WRONG: list[dict[str, str]] = [
    {},
    {"healpix": "-1"},
    {"healpix": "196608"},
    {"healpix": "1.5"},
    {"healpix": "1", "start": "yesterday"},
    {"healpix": "1", "end": "2026-02-30T00:00:00Z"},
    {"healpix": "1", "eq_mode": "2"},
    {"healpix": "1", "min_sqm": "dark"},
    {"healpix": "1", "min_exptime": "nan"},
    {"healpix": "1", "filter": "x" * 101},
]


@pytest.mark.one_database
def test_bad_parameters_are_named(service: Reader) -> None:
    for query in WRONG:
        answer = service.get("frames_by_healpix.php", **query)

        assert answer.status_code == 400, query
        assert f"'{[*query, 'healpix'][max(0, len(query) - 1)]}'" in answer.json()["error"]


def test_frames_come_in_the_order_of_their_begin(site: SiteUnderTest, service: Reader) -> None:
    rows = site.rows
    owner = rows.add_user("ann", "correct horse")
    rows.execute("UPDATE users SET stacks_public = 1")
    insert(rows, scattered(1, 300, [owner]))
    rows.execute("UPDATE stacked_frames SET chunk_key_hp = '20260101.00_HP000077'")

    frames = service.frames(healpix=77)

    begins = [frame["date_obs_start"] for frame in frames]
    assert len(frames) == 300
    assert begins == sorted(begins)


def test_wrong_keys_open_nothing(site: SiteUnderTest, user: Browser, rows: Rows) -> None:
    mine = user_id(rows, user)
    revoked, expired, locked = (rows.add_data_key(mine) for _ in range(3))
    rows.execute("UPDATE api_keys SET revoked_at = '2026-01-01 00:00:00' WHERE id = 1")
    rows.execute("UPDATE api_keys SET expires_at = '2026-01-01 00:00:00' WHERE id = 2")
    worker = site.create_worker_key("barn")
    for key in (None, revoked, expired, worker, f"csk_{'0' * 64}"):
        for call in CALLS:
            answer = Reader(site, key).get(call)
            assert answer.status_code == 401, (key, call)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert "error" in answer.json()
    assert Reader(site, locked).get(CALLS[0]).status_code == 200
    rows.execute("UPDATE users SET is_active = 0")
    assert Reader(site, locked).get(CALLS[0]).status_code == 401


@pytest.mark.one_database
def test_a_key_is_taken_from_the_header_only(site: SiteUnderTest, rows: Rows) -> None:
    key = rows.add_data_key()
    nobody = Reader(site, None)

    assert nobody.get(CALLS[0], key=key).status_code == 401
    latin = {"Authorization": "Bearer cl\xe9".encode("latin-1")}
    answer = requests.get(f"{site.api_url}/{CALLS[0]}", headers=latin, timeout=60)  # type: ignore[arg-type]
    assert answer.status_code == 401
    small = {"Authorization": f"bearer {key}"}
    assert nobody.get(CALLS[0], headers=small).status_code == 200


@pytest.mark.one_database
def test_guessing_keys_is_slowed_down_and_valid_ones_are_not(
    site: SiteUnderTest, service: Reader
) -> None:
    statuses = {Reader(site, f"csk_{n:064x}").get(CALLS[0]).status_code for n in range(25)}

    assert statuses == {401, 429}
    assert {service.get(CALLS[0]).status_code for _ in range(30)} == {200}


def test_a_private_stack_is_in_nobody_elses_answer(
    site: SiteUnderTest, owner: Reader, service: Reader, public: int, rows: Rows
) -> None:
    other = Reader(site, rows.add_data_key(rows.add_user("eve", "correct horse")))
    everything = Reader(site, rows.add_data_key(reads_all=True))
    rows.execute("UPDATE stacked_frames SET visibility = 'private'")
    pixel = pixel_of(rows)
    calls = [f"download_frame.php?id={public}", f"frame_stars.php?id={public}"]
    calls += [f"download_frame.php?id={public},{public + 1}"]

    for reader in (other, service):
        assert reader.frames(healpix=pixel) == []
        assert [reader.get(call).status_code for call in calls] == [404] * 3
        missing = reader.get(f"frame_stars.php?id={public + 1}").json()["error"]
        hidden = reader.get(f"frame_stars.php?id={public}").json()["error"]
        assert hidden.replace(str(public), "N") == missing.replace(str(public + 1), "N")
        assert reader.get("sky_coverage.php").text.count("\n") == len(HEADING)
    for reader in (owner, everything):
        assert len(reader.frames(healpix=pixel)) == 1
        assert [reader.get(call).status_code for call in calls] == [200, 200, 404]
        assert reader.get("sky_coverage.php").text.count("\n") == len(HEADING) + 1


def test_a_download_can_be_continued(
    owner: Reader, service: Reader, make_stored: MakeStored, rows: Rows
) -> None:
    stack: Stacked = make_stored(OBJECT="'my garden'")
    rows.execute("UPDATE stacked_frames SET visibility = 'public'")
    whole = {
        name: reader.get("download_frame.php", id=stack.id)
        for name, reader in (("owner", owner), ("service", service))
    }

    assert whole["owner"].content == stack.body
    assert len(whole["service"].content) == len(stack.body)
    for name, reader in (("owner", owner), ("service", service)):
        answer = whole[name]
        body, tag = answer.content, answer.headers["ETag"]
        assert answer.headers["Content-Type"] == "application/fits"
        assert answer.headers["Content-Length"] == str(len(body))
        assert tag == f'"{hashlib.sha256(body).hexdigest()}"'
        wanted = {"Range": "bytes=100-2999", "If-Range": tag}
        part = reader.get("download_frame.php", headers=wanted, id=stack.id)
        assert (part.status_code, part.content) == (206, body[100:3000])
        beyond = {"Range": "bytes=999999999-"}
        assert reader.get("download_frame.php", headers=beyond, id=stack.id).status_code == 416
    names = [answer.headers["Content-Disposition"] for answer in whole.values()]
    assert "my_garden" in names[0] and "unknown" in names[1]


def test_several_ids_are_described(service: Reader, public: int, site: SiteUnderTest) -> None:
    answer = service.get("download_frame.php", id=f"{public},{public}")
    assert answer.headers["Content-Type"] == "application/fits", "it is one stack"
    site.rows.execute("UPDATE users SET stacks_public = 1")
    owner = site.rows.one("SELECT user_id FROM stacked_frames")["user_id"]
    insert(site.rows, scattered(public + 1, 2, [owner]))

    answer = service.get("download_frame.php", id=f"{public + 2},{public},{public + 1}")

    entries = answer.json()
    assert [entry["id"] for entry in entries] == [public + 2, public, public + 1]
    fields = {"id", "chunk_key", "object_name", "filename", "file_size_bytes", "download_url"}
    assert {frozenset(entry) for entry in entries} == {frozenset(fields)}
    assert len({entry["filename"] for entry in entries}) == 3
    assert all(entry["filename"].endswith(".fits") for entry in entries)
    for wrong in ("", "0", "1,", "1;2", "a", "-1", ",".join(str(n) for n in range(1, 600))):
        assert service.get("download_frame.php", id=wrong).status_code == 400, wrong
    assert service.get("download_frame.php", id="999999").status_code == 404
    assert service.get("download_frame.php", id=f"{public},999999").status_code == 404


STAR = {"x": 1.5, "y": 2, "flux": 3.5, "a": 1.0, "b": 1.0, "flag": 0, "peak": 9.5, "ra": 1.0}
SIZE = {"width": 8, "height": 9}
STAR_LISTS: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [
    ({**SIZE, "stars": [{**STAR, "dec": 2.0, "more": "x"}]}, [{**STAR, "dec": 2.0}]),
    ({**SIZE, "stars": [{**STAR, "dec": float("nan")}]}, [{**STAR, "dec": None}]),
    (
        {**SIZE, "stars": [{**STAR, "flux": float("-inf"), "dec": 0.1}]},
        [{**STAR, "flux": None, "dec": 0.1}],
    ),
    ({**SIZE, "stars": []}, []),
    (SIZE, []),
]


@pytest.mark.one_database
def test_stars(service: Reader, public: int, site: SiteUnderTest) -> None:
    name = site.rows.one("SELECT stars_path FROM stacked_frames")["stars_path"]
    (path,) = (site.data_dir / "stacks").rglob(name.rsplit("/", 1)[1])
    path.chmod(0o644)
    for stored, stars in STAR_LISTS:
        path.write_text(json.dumps(stored))

        answer = service.get("frame_stars.php", id=public)

        assert answer.status_code == 200, answer.text
        found = answer.json(parse_constant=lambda constant: pytest.fail(f"{constant} is no JSON"))
        assert (found["width"], found["height"]) == (8, 9)
        assert found["stars"] == stars
        assert "windowed centre" in found["positions"]


@pytest.mark.one_database
def test_a_stack_without_stars_has_no_list(
    service: Reader, make_stored: MakeStored, rows: Rows
) -> None:
    stack = make_stored()
    rows.execute("UPDATE stacked_frames SET visibility = 'public'")

    assert service.get("frame_stars.php", id=stack.id).status_code == 404
    assert service.get("frame_stars.php", id="x").status_code == 400


def test_coverage_is_a_table_that_anybody_reads(site: SiteUnderTest, public: int) -> None:
    rows = site.rows
    owner = rows.one("SELECT user_id FROM stacked_frames")["user_id"]
    rows.execute("UPDATE users SET stacks_public = 1")
    insert(rows, scattered(public + 1, 200, [owner]))
    nobody = Reader(site, None)

    answer = nobody.get("sky_coverage.php")

    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text.startswith("# %ECSV 1.0\n# ---\n")
    table = astropy_ascii.read(answer.text, format="ecsv")
    kinds = {name: table[name].dtype.kind for name in table.colnames}
    assert kinds == {
        "healpix_ring": "i",
        "filter_name": "U",
        "n_stacks": "i",
        "total_exptime": "f",
        "first_obs": "U",
        "last_obs": "U",
    }
    assert table["healpix_ring"].dtype == table["n_stacks"].dtype == "int64"
    assert str(table["total_exptime"].unit) == "s"
    assert table["n_stacks"].sum() == 201
    assert table["filter_name"].mask.any() and not table["filter_name"].mask.all()
    rows.execute("UPDATE users SET stacks_public = 0")
    rows.execute("UPDATE stacked_frames SET visibility = 'inherit'")
    empty = astropy_ascii.read(nobody.get("sky_coverage.php").text, format="ecsv")
    assert len(empty) == 0 and empty.colnames == table.colnames


@pytest.fixture
def many(site: SiteUnderTest, public: int) -> Iterator[int]:
    """A site with some hundred stacks beside the public one."""
    owner = site.rows.one("SELECT user_id FROM stacked_frames")["user_id"]
    insert(site.rows, scattered(public + 1, 500, [owner]))
    yield public


def test_thirty_calls_at_once(site: SiteUnderTest, service: Reader, many: int) -> None:
    """As a client does that asks for the pixels of a cone."""
    pixel = pixel_of_stack(site.rows, many)

    with ThreadPoolExecutor(30) as pool:
        answers = list(
            pool.map(lambda _: service.get("frames_by_healpix.php", healpix=pixel), range(30))
        )

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert many in [frame["id"] for frame in answers[0].json()]


def pixel_of_stack(rows: Rows, stack: int) -> int:
    """Pixel of a stack's key."""
    return int(rows.one("SELECT key_pixel FROM stacked_frames WHERE id = ?", stack)["key_pixel"])
