"""What astronomers ask the archive: searches, lists with hashes, cut-outs, what lacks light."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS
from PIL import Image

from crowdsky.solving.solution import Solution
from crowdsky.solving.tan import TanWcs
from tests.contract.jobs.measured import companions, measurement
from tests.contract.jobs.support import Worker
from tests.contract.site.stacked import MakeStored, sub_for
from tests.contract.site.support import Browser, claim_first
from tests.contract.site.test_data_api import Reader, user_id
from tests.support.archive_rows import insert, scattered
from tests.support.openapi import operations, resolved
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

WIDTH, HEIGHT = 90, 130
SCALE = 2.37 / 3600.0
PLATE = TanWcs(
    ra0=359.99,
    dec0=41.05,
    x0=40.0,
    y0=70.0,
    cd=(-SCALE * 0.8, SCALE * 0.6, SCALE * 0.6, SCALE * 0.8),
)
SOLVED = Solution(PLATE, WIDTH, HEIGHT, "triangles", 0.03, 38, 44, 0.6, -210.5, "Tycho-2", "good")


@pytest.fixture
def nobody(site: SiteUnderTest) -> Reader:
    """A program without a key."""
    return Reader(site, None)


@pytest.fixture
def service(site: SiteUnderTest) -> Reader:
    """A program that reads public stacks."""
    return Reader(site, site.rows.add_data_key())


@pytest.fixture
def many(site: SiteUnderTest) -> int:
    """The id of somebody with 250 public stacks; another one has 250 private ones."""
    rows = site.rows
    ann, bob = (rows.add_user(name, "correct horse") for name in ("ann", "bob"))
    rows.execute("UPDATE users SET stacks_public = 1 WHERE id = ?", ann)
    insert(rows, scattered(1, 500, [bob, ann]))
    return ann


def found(reader: Reader, **query: Any) -> list[int]:
    """Ids of one page of a search."""
    answer = reader.get("search.php", **query)
    assert answer.status_code == 200, answer.text
    return [stack["id"] for stack in answer.json()["stacks"]]


def test_pages_lead_from_one_to_the_next(nobody: Reader, many: int, rows: Rows) -> None:
    ids: list[int] = []
    answer = nobody.get(
        "search.php", limit=150, fields="id,date_obs_start", ra=10, dec=0, radius=180
    )
    while True:
        page = answer.json()
        ids += [stack["id"] for stack in page["stacks"]]
        assert {frozenset(stack) for stack in page["stacks"]} == {
            frozenset({"id", "date_obs_start"})
        }
        if page["next"] is None:
            break
        following = answer.links["next"]["url"]
        assert following.startswith(f"{nobody.base}/search.php?") and "radius=180" in following
        answer = nobody.get(following.removeprefix(f"{nobody.base}/"))

    sorted_rows = rows.all(
        "SELECT id FROM stacked_frames WHERE user_id = ? ORDER BY date_obs_start, id", many
    )
    assert ids == [row["id"] for row in sorted_rows]


@pytest.mark.one_database
def test_what_can_be_asked(nobody: Reader, many: int, rows: Rows) -> None:
    rows.execute("UPDATE stacked_frames SET eq_mode = 1, object_name = 'M 94' WHERE id = 3")
    seen = rows.all("SELECT * FROM stacked_frames WHERE user_id = ?", many)

    def ids(condition: Callable[[dict[str, Any]], bool]) -> list[int]:
        return sorted(row["id"] for row in seen if condition(row))

    queries: list[tuple[dict[str, Any], Callable[[dict[str, Any]], bool]]] = [
        ({"filter": "LP"}, lambda s: s["filter_name"] == "LP"),
        ({"telescope": "S50"}, lambda s: (s["telescope"] or "").startswith("S50_")),
        ({"min_exptime": 600, "max_exptime": 700}, lambda s: 600 <= s["total_exptime"] <= 700),
        ({"start": "2025-03-01", "end": "2025-03-31"}, lambda s: "2025-03-" in s["date_obs_start"]),
        ({"box": "350,10,-30,30"}, in_box),
        ({"eq_mode": 1}, lambda s: s["eq_mode"] == 1),
        ({"object": "messier94"}, lambda s: s["id"] == 3),
        ({"solved": 1}, lambda _: False),
        ({"min_limiting_mag": 12}, lambda _: False),
        ({"own": 1}, lambda _: False),
    ]
    for query, condition in queries:
        assert sorted(found(nobody, limit=1000, **query)) == ids(condition), query
    own = Reader(nobody.site, rows.add_data_key(many))
    assert sorted(found(own, limit=1000, own=1)) == ids(lambda _: True)


def in_box(stack: dict[str, Any]) -> bool:
    """Whether a stack is around the vernal equinox."""
    return (stack["ra_deg"] >= 350 or stack["ra_deg"] <= 10) and abs(stack["dec_deg"]) <= 30


@pytest.mark.one_database
def test_bad_searches_say_what_is_wrong(nobody: Reader) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"ra": 10, "dec": 5}, "radius"),
        ({"ra": 10, "dec": 95, "radius": 1}, "dec"),
        ({"ra": 10, "dec": 5, "radius": -1}, "radius"),
        ({"box": "1,2,3"}, "box"),
        ({"box": "1,2,30,20"}, "southern"),
        ({"box": "1,2,3,4", "ra": 1}, "not both"),
        ({"limit": 0}, "limit"),
        ({"limit": 1001}, "limit"),
        ({"after": "next"}, "after"),
        ({"fields": "id,password_hash"}, "password_hash"),
        ({"format": "xml"}, "format"),
        ({"object": "x" * 101}, "object"),
    ]
    for query, words in wrong:
        answer = nobody.get("search.php", **query)
        assert answer.status_code == 400, query
        assert words in answer.json()["error"], answer.text


@pytest.mark.one_database
@pytest.mark.parametrize(
    "call",
    [
        "search.php",
        "variables.php",
        "bulk_list.php",
        "cutout.php",
        "under_observed.php",
        "stacks_data.php",
    ],
)
def test_unknown_parameters_are_refused(call: str, service: Reader, user: Browser) -> None:
    get = user.get if call == "stacks_data.php" else service.get
    path = f"api/{call}" if call == "stacks_data.php" else call
    listed = [resolved(item) for item in operations()["GET", call].get("parameters", [])]
    names = [item["name"] for item in listed if item["in"] == "query"]
    known = f"there are {', '.join(names)}" if names else "this call has none"

    for query, named in (("fliter=IRCUT&limt=5", "fliter', 'limt"), ("%FF=1", "?"), ("5=", "5")):
        answer = get(f"{path}?{query}")
        assert answer.status_code == 400, answer.text
        assert answer.json() == {
            "error": f"There is no parameter '{named}'; {known}",
            "code": "bad_request",
        }


@pytest.mark.one_database
def test_calls_that_others_defined_ignore_unknown_parameters(
    service: Reader, user: Browser, make_stored: MakeStored
) -> None:
    stack = make_stored()
    for call in (
        "frames_by_healpix.php?healpix=7",
        f"download_frame.php?id={stack.id}",
        f"frame_stars.php?id={stack.id}",
        "sky_coverage.php?",
        "scs_stacks.php?RA=10&DEC=5&SR=1",
        "sia2.php?MAXREC=1",
    ):
        plain, more = service.get(call), service.get(f"{call}&fliter=IRCUT")
        assert (more.status_code, more.content) == (plain.status_code, plain.content), call
        assert more.status_code != 400, more.text


@pytest.mark.one_database
def test_answers_as_csv(nobody: Reader, many: int) -> None:
    query = {"limit": 20, "fields": "id,telescope,total_exptime,solved,sha256"}

    answer = nobody.get("search.php", format="csv", **query)

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    table = list(csv.DictReader(io.StringIO(answer.text)))
    stacks = nobody.get("search.php", **query).json()["stacks"]
    assert [int(row["id"]) for row in table] == [stack["id"] for stack in stacks]
    assert {row["solved"] for row in table} == {"false"}
    assert "" in {row["telescope"] for row in table}
    heading = nobody.get("search.php", format="csv", limit=1).text.splitlines()[0].split(",")
    assert heading == list(nobody.get("search.php", limit=1).json()["stacks"][0])


def test_private_stacks_are_in_no_answer(
    nobody: Reader, service: Reader, many: int, rows: Rows, site: SiteUnderTest
) -> None:
    private = {
        row["id"] for row in rows.all("SELECT id FROM stacked_frames WHERE user_id <> ?", many)
    }
    rows.execute("UPDATE stacked_frames SET object_name = 'M 31' WHERE id = 2")
    everything = Reader(site, rows.add_data_key(reads_all=True))
    for reader in (nobody, service):
        assert not private & set(found(reader, limit=1000))
        assert found(reader, object="M 31") == []
        targets = reader.get("under_observed.php", by="targets").json()
        assert targets == []
        tiles = reader.get("under_observed.php", by="tiles", limit=1000).json()
        assert sum(tile["n_stacks"] for tile in tiles) == 250
    assert private <= set(found(everything, limit=1000))
    assert found(everything, object="M 31") == [2]
    assert len(everything.get("under_observed.php").json()) == 1
    wrong = Reader(site, f"csk_{'0' * 64}")
    for call in ("search.php", "under_observed.php", "bulk_list.php", "cutout.php?id=1"):
        assert wrong.get(call).status_code == 401, call
        expected = 200 if call in ("search.php", "under_observed.php") else 401
        assert nobody.get(call).status_code == expected, call


@pytest.mark.one_database
def test_texts_of_others_are_known_ones_only(
    nobody: Reader, many: int, rows: Rows, site: SiteUnderTest
) -> None:
    rows.execute(
        "UPDATE stacked_frames SET object_name = 'my garden', telescope = 'Bob''s scope',"
        " filter_name = 'jam jar' WHERE id = 1"
    )
    owner = Reader(site, rows.add_data_key(many))
    words = [{"object": "my garden"}, {"telescope": "Bob's scope"}, {"filter": "jam jar"}]

    stack = next(s for s in nobody.get("search.php", limit=1000).json()["stacks"] if s["id"] == 1)
    assert (stack["object_name"], stack["telescope"], stack["filter_name"]) == (None, None, None)
    assert "garden" not in stack["filename"]
    assert [found(nobody, **query) for query in words] == [[], [], []]
    assert [found(owner, **query) for query in words] == [[1], [1], [1]]


@pytest.mark.one_database
def test_what_lacks_light(nobody: Reader, many: int, rows: Rows) -> None:
    rows.execute(
        "UPDATE stacked_frames SET object_name = 'M 94', sky_pixel = -1 WHERE id IN (1, 3)"
    )
    rows.execute("UPDATE stacked_frames SET object_name = 'NGC 7331', sky_pixel = -1 WHERE id = 5")
    stacks = {row["id"]: row for row in rows.all("SELECT * FROM stacked_frames WHERE id < 6")}

    by_hours = nobody.get("under_observed.php", by="targets", order="hours").json()
    by_time = nobody.get("under_observed.php", by="targets").json()

    hours = {
        "M 94": sum(stacks[i]["total_exptime"] for i in (1, 3)) / 3600,
        "NGC 7331": stacks[5]["total_exptime"] / 3600,
    }
    assert [t["object_name"] for t in by_hours] == sorted(hours, key=lambda name: hours[name])
    for target in by_hours:
        assert target["hours"] == pytest.approx(hours[target["object_name"]], abs=1e-4)
    assert [t["last_obs"] for t in by_time] == sorted(t["last_obs"] for t in by_time)
    assert all(t["hours_since"] > 0 for t in by_time)
    tiles = nobody.get("under_observed.php", by="tiles", order="hours", limit=7).json()
    assert len(tiles) == 7
    assert [tile["hours"] for tile in tiles] == sorted(tile["hours"] for tile in tiles)
    assert all(0 <= tile["ra_deg"] < 360 for tile in tiles)
    assert nobody.get("under_observed.php", by="stars").status_code == 400


def test_a_bulk_list_is_what_the_downloads_are(
    site: SiteUnderTest, service: Reader, user: Browser, make_stored: MakeStored, tmp_path: Path
) -> None:
    rows = site.rows
    stacks = [make_stored() for _ in range(3)]
    rows.execute("UPDATE stacked_frames SET visibility = 'public'")
    for path in stacks[1].files:
        path.unlink()
    owner = Reader(site, rows.add_data_key(user_id(rows, user)))

    for reader in (service, owner):
        listed = reader.get("bulk_list.php").json()
        assert listed["next"] is None
        assert [file["id"] for file in listed["files"]] == [stack.id for stack in stacks]
        sums = reader.get("bulk_list.php", format="sha256").text
        for file in listed["files"]:
            body = reader.get("download_frame.php", id=file["id"])
            if file["id"] == stacks[1].id:
                assert body.status_code == 404
                continue
            assert hashlib.sha256(body.content).hexdigest() == file["sha256"]
            assert len(body.content) == file["file_size_bytes"]
            assert file["filename"] in body.headers["Content-Disposition"]
            (tmp_path / file["filename"]).write_bytes(body.content)
        if reader is service:
            check = ["sha256sum", "--check", "--strict"]
            subprocess.run(check, input=sums, cwd=tmp_path, check=True, text=True)
            assert sums.count("\n") == 2, "what is damaged cannot be had"
    entries = service.get("bulk_list.php", format="aria2", limit=2)
    url, name, checksum = entries.text.splitlines()
    assert url == f"{service.base}/download_frame.php?id={stacks[0].id}"
    assert name.startswith("  out=") and checksum.startswith("  checksum=sha-256=")
    following = entries.links["next"]["url"]
    assert service.get(following.removeprefix(f"{service.base}/")).text.startswith(
        f"{service.base}/download_frame.php?id={stacks[2].id}"
    )


def solved_stack(kind: str) -> bytes:
    """A stack with known pixels and the coordinate system of its solution."""
    rng = np.random.default_rng(3)
    hdus = fits.HDUList([fits.PrimaryHDU()])
    header = hdus[0].header
    for name, value, comment in SOLVED.header_cards():
        header[name] = (value, comment)
    header["OBJECT"], header["NIMAGES"], header["EXPTIME"] = "M 94", 1, 10.0
    header["SITELAT"] = (48.1371, "latitude")
    for name in ("RED", "GREEN", "BLUE"):
        pixels = rng.uniform(300, 60000, (HEIGHT, WIDTH))
        hdus.append(fits.ImageHDU(pixels.astype(kind), name=name))
    hdus.append(fits.ImageHDU(np.ones((HEIGHT, WIDTH), np.uint8), name="FOOTPRINT"))
    hdus.append(
        fits.BinTableHDU.from_columns([fits.Column("x", "D", array=[1.0])], name="STAR-TAB")
    )
    body = io.BytesIO()
    hdus.writeto(body, checksum=True)
    return body.getvalue()


def archive_solved(user: Browser, rows: Rows, worker: Worker, body: bytes) -> int:
    """Bring it into the archive, as public; return its id."""
    job = user.upload(sub_for(body, {"OBJECT": "'M 94'"}))["job_ids"][0]
    lease = claim_first(rows, worker, job)
    fields = {**measurement(solution=SOLVED.to_json()), **companions(worker, lease)}
    answer = worker.report("complete_job", lease, **worker.archive(lease, body), **fields)
    assert answer.status_code == 200, answer.text
    rows.execute("UPDATE stacked_frames SET visibility = 'public'")
    return int(answer.json()["stack_id"])


CUTS = [
    ((40.0, 70.0), 20.0),
    ((10.4, 120.2), 33.0),
    ((2.0, 3.0), 9.0),
    ((88.6, 128.8), 1.0),
    ((45.0, 65.0), 400.0),
]


@pytest.mark.parametrize("kind", ["float32", pytest.param("uint16", marks=pytest.mark.every)])
def test_a_cut_out_has_the_pixels_and_the_sky_of_the_stack(
    user: Browser, rows: Rows, worker: Worker, service: Reader, kind: str
) -> None:
    body = solved_stack(kind)
    stack = archive_solved(user, rows, worker, body)
    whole = {hdu.name: hdu.data for hdu in fits.open(io.BytesIO(body))[1:5]}
    for (x, y), side in CUTS:
        ra, dec = (float(value[0]) for value in PLATE.sky([x], [y]))
        query = {"id": stack, "ra": ra % 360, "dec": dec, "size": side * SCALE * 60}

        answer = service.get("cutout.php", **query)

        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == "application/fits"
        assert int(answer.headers["Content-Length"]) == len(answer.content)
        assert b"48.1371" not in answer.content
        with fits.open(io.BytesIO(answer.content)) as cut:
            cut.verify("exception")
            assert [hdu.name for hdu in cut[1:]] == list(whole)
            left, bottom = (-int(cut["RED"].header[f"LTV{axis}"]) for axis in (1, 2))
            height, width = cut["RED"].data.shape
            assert (width, height) == expected_size(x, y, side)
            for name, pixels in whole.items():
                part = pixels[bottom : bottom + height, left : left + width]
                assert np.array_equal(cut[name].data, part), name
            assert cut[0].header["CRPIX1"] == cut["RED"].header["CRPIX1"]
            for hdu in (cut["RED"], cut["FOOTPRINT"]):
                sky = WCS(hdu.header).pixel_to_world(x - left, y - bottom)
                assert sky.ra.deg == pytest.approx(ra % 360, abs=1e-7)
                assert sky.dec.deg == pytest.approx(dec, abs=1e-7)
        tag = answer.headers["ETag"]
        part = service.get(
            "cutout.php", headers={"Range": "bytes=5-9000", "If-Range": tag}, **query
        )
        assert part.content == answer.content[5:9001]


def expected_size(x: float, y: float, side: float) -> tuple[int, int]:
    """Pixels of a square around a place that are in the picture."""
    first = [max(0, round(middle - (side - 1) / 2)) for middle in (x, y)]
    ends = [round(middle - (side - 1) / 2) + round(side) for middle in (x, y)]
    return min(WIDTH, ends[0]) - first[0], min(HEIGHT, ends[1]) - first[1]


@pytest.mark.one_database
def test_a_cut_out_as_a_picture(user: Browser, rows: Rows, worker: Worker, service: Reader) -> None:
    body = solved_stack("float32")
    stack = archive_solved(user, rows, worker, body)
    query = {"id": stack, "ra": 359.99, "dec": 41.05, "size": 20 * SCALE * 60}

    answer = service.get("cutout.php", format="png", **query)
    cut = fits.open(io.BytesIO(service.get("cutout.php", **query).content))

    assert answer.headers["Content-Type"] == "image/png"
    picture = np.asarray(Image.open(io.BytesIO(answer.content)))
    assert picture.shape == (20, 20, 3)
    for plane, name in enumerate(("RED", "GREEN", "BLUE")):
        pixels = cut[name].data
        low, high = np.quantile(pixels, [0.01, 0.995])
        wanted = np.clip((pixels - low) / (high - low) * 255, 0, 255)
        assert np.abs(picture[..., plane] - wanted).max() < 6, "the first row on top"
    big = service.get("cutout.php", format="png", **{**query, "size": 600})
    assert Image.open(io.BytesIO(big.content)).size == (WIDTH, HEIGHT)


@pytest.mark.one_database
def test_what_cannot_be_cut(
    user: Browser,
    rows: Rows,
    worker: Worker,
    service: Reader,
    make_stack: Callable[..., int],
    make_stored: MakeStored,
) -> None:
    stack = archive_solved(user, rows, worker, solved_stack("uint16"))
    other, unsolved = make_stack(), make_stored().id
    rows.execute("UPDATE stacked_frames SET visibility = 'public'")
    place = {"ra": 359.99, "dec": 41.05}
    refusals: list[tuple[dict[str, Any], int, str]] = [
        ({"id": stack, "ra": 10, "dec": 41.05}, 404, "not in the picture"),
        ({"id": stack, "ra": 179.99, "dec": -41.05}, 404, "not in the picture"),
        ({"id": stack, "dec": 41.05}, 400, "'ra'"),
        ({"id": stack, **place, "size": 0}, 400, "'size'"),
        ({"id": stack, **place, "format": "jpeg"}, 400, "'format'"),
        ({"id": unsolved, **place}, 404, "not solved"),
        ({"id": other, "ra": 192.75, "dec": 41.05}, 404, "no pictures of the size"),
        ({"id": 999, **place}, 404, "no stack 999"),
    ]
    for query, status, words in refusals:
        answer = service.get("cutout.php", **query)
        assert answer.status_code == status, (query, answer.text)
        assert words in answer.json()["error"]
    rows.execute("UPDATE stacked_frames SET visibility = 'private'")
    assert service.get("cutout.php", id=stack, **place).status_code == 404


def test_thirty_cones_at_once(nobody: Reader, many: int) -> None:
    query = {"ra": 120, "dec": 20, "radius": 25, "limit": 1000}

    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda _: nobody.get("search.php", **query), range(30)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({json.dumps(answer.json()) for answer in answers}) == 1
    assert len(answers[0].json()["stacks"]) == pytest.approx(
        250 * (1 - math.cos(math.radians(25))) / 2, rel=0.6
    )
