"""Variable stars of a catalogue that an admin imports: all or nothing, and by cone or stack."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy_healpix import HEALPix

from demo.services import ServiceError
from tests.contract.jobs.measured import solution
from tests.contract.site.conftest import MakeStack
from tests.contract.site.test_data_api import Reader
from tests.support.sites import SiteUnderTest

HEADER = "name,ra,dec,type,period,max,min,band"
LYRAE = '"RR Lyr",291.3663,42.78436,RRAB,0.56686776,7.06,8.12,V'


@pytest.fixture
def nobody(site: SiteUnderTest) -> Reader:
    """A program without a key."""
    return Reader(site, None)


def write(folder: Path, *lines: str, header: str = HEADER) -> Path:
    """Write a catalogue and return its path."""
    path = folder / "vsx.csv"
    path.write_text("\r\n".join([header, *lines, ""]), encoding="utf-8")
    return path


def scattered(count: int) -> tuple[list[str], SkyCoord]:
    """Make stars all over the sky, more of them at the poles and around right ascension 0."""
    rng = np.random.default_rng(5)
    ra = np.round(rng.choice([rng.uniform(0, 360, count), rng.uniform(-2, 2, count)]) % 360.0, 6)
    dec = np.round(np.degrees(np.arcsin(rng.uniform(-1, 1, count))), 6)
    lines = [f"star {i},{ra[i]},{dec[i]},EA,,,," for i in range(count)]
    return lines, SkyCoord(ra, dec, unit=u.deg)


def found(reader: Reader, **query: Any) -> list[dict[str, Any]]:
    """Return the stars of one page."""
    answer = reader.get("variables.php", **query)
    assert answer.status_code == 200, answer.text
    stars: list[dict[str, Any]] = answer.json()["variables"]
    return stars


def test_cones_find_what_is_there_page_by_page(
    site: SiteUnderTest, nobody: Reader, tmp_path: Path
) -> None:
    lines, places = scattered(8000)
    said = site.run_php("variables.php", "import", str(write(tmp_path, *lines)))
    assert said == "8000 variable stars of vsx.csv are in use\n"
    assert "8000 variable stars of vsx.csv, imported" in site.run_php("variables.php", "show")
    for ra, dec, radius in ((0.2, 10.0, 8.0), (123.0, 89.0, 8.0), (200.0, -40.0, 7.5)):
        near = places.separation(SkyCoord(ra, dec, unit=u.deg)) <= radius * u.deg
        names = [f"star {i}" for i in np.flatnonzero(near)]
        assert len(names) > 10
        query = {"ra": ra, "dec": dec, "radius": radius}
        stars: list[str] = []
        answer = nobody.get("variables.php", limit=7, fields="name", **query)
        while True:
            stars += [star["name"] for star in answer.json()["variables"]]
            if answer.json()["next"] is None:
                break
            answer = nobody.get(answer.links["next"]["url"].removeprefix(f"{nobody.base}/"))
        assert stars == names
    pixels = HEALPix(nside=128, order="ring", frame="icrs").skycoord_to_healpix(places)
    rows = site.rows.all("SELECT sky_pixel FROM variable_stars ORDER BY number")
    assert [row["sky_pixel"] for row in rows] == pixels.tolist()


def test_stars_of_a_stack_have_their_pixels(
    site: SiteUnderTest, nobody: Reader, make_stack: MakeStack, tmp_path: Path
) -> None:
    stack = make_stack()
    # 2.37 arcsec per pixel around (192.75, 41.05), which is at (539.5, 959.5).
    scale = 2.37 / 3600.0
    lines = [
        LYRAE,
        "middle,192.75,41.05,M,(332):,<3.4,>9.5:,V",
        f"top,192.75,{41.05 + 959 * scale},EA,0.4*2,10.1:,(0.3),CV",
        f"beside,192.75,{41.05 + 961 * scale},EA,,,,",
        f"beside too,{192.75 + 560 * scale / 0.7541},41.05,EA,,,,",
    ]
    assert nobody.get("variables.php", stack=stack).status_code == 404, "it is private"
    site.rows.execute("UPDATE stacked_frames SET visibility = 'public'")
    assert "no catalogue" in nobody.get("variables.php", stack=stack).json()["error"]
    site.run_php("variables.php", "import", str(write(tmp_path, *lines)))

    stars = found(nobody, stack=stack)

    assert solution()["crpix"] == [540.5, 960.5]
    assert [star["name"] for star in stars] == ["middle", "top"]
    middle, top = stars
    assert (middle["x"], middle["y"]) == (pytest.approx(539.5), pytest.approx(959.5))
    assert (top["x"], top["y"]) == (pytest.approx(539.5), pytest.approx(959.5 + 959, abs=0.05))
    numbers = ("period_days", "max_mag", "min_mag", "amplitude_mag")
    assert [middle[name] for name in numbers] == [None] * 4
    assert [top[name] for name in numbers] == [None, 10.1, None, 0.3]
    assert [middle[name] for name in ("period", "max", "min")] == ["(332):", "<3.4", ">9.5:"]
    (star,) = found(nobody, ra=291.3, dec=42.8, radius=0.1)
    assert [star[name] for name in (*numbers, "x")] == [0.56686776, 7.06, 8.12, None, None]
    table = nobody.get("variables.php", stack=stack, format="csv")
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [(row["name"], row["amplitude_mag"]) for row in rows] == [("middle", ""), ("top", "0.3")]
    assert list(rows[0]) == list(star)
    first = nobody.get("variables.php", stack=stack, limit=1).json()
    assert [s["name"] for s in found(nobody, stack=stack, after=first["next"])] == ["top"]
    site.rows.execute("UPDATE stack_solutions SET solved = 0")
    assert "not solved" in nobody.get("variables.php", stack=stack).json()["error"]


def test_a_file_is_imported_whole_or_not_at_all(
    site: SiteUnderTest, nobody: Reader, tmp_path: Path
) -> None:
    cone = {"ra": 291.3, "dec": 42.8, "radius": 1}
    site.run_php("variables.php", "import", str(write(tmp_path, LYRAE)))
    before = nobody.get("variables.php", **cone, limit=1).json()
    site.rows.insert("variable_catalogues", file_name="interrupted.csv", stars=0)
    wrong = {
        "a,400,1,,,,,": "line 3: 'ra' is '400'",
        "a,19:25:28,1,,,,,": "line 3: 'ra' is '19:25:28'; it must be degrees",
        "a,1,-90.5,,,,,": "line 3: 'dec' is '-90.5'",
        ",1,1,,,,,": "line 3: 'name' is empty",
        "a,1,1,,,,": "line 3: has 7 fields; the header has 8",
        "a,1,1,,soon,,,": "line 3: 'period' is 'soon'",
        "a,1,1,,,bright,,": "line 3: 'max' is 'bright'",
        f"{'a' * 81},1,1,,,,,": "line 3: 'name' is longer than 80",
    }
    for line, words in wrong.items():
        with pytest.raises(ServiceError) as caught:
            site.run_php("variables.php", "import", str(write(tmp_path, LYRAE, line)))
        assert words in str(caught.value)
        assert "Nothing was imported" in str(caught.value)
    with pytest.raises(ServiceError, match=r"line 1: the header lacks 'band'"):
        site.run_php("variables.php", "import", str(write(tmp_path, header=HEADER[:-5])))
    with pytest.raises(ServiceError, match="the file has no stars"):
        site.run_php("variables.php", "import", str(write(tmp_path)))
    with pytest.raises(ServiceError, match="cannot be read"):
        site.run_php("variables.php", "import", str(tmp_path / "none.csv"))
    assert nobody.get("variables.php", **cone).json() == before

    header = f"\ufeffoid,{HEADER.upper()}"
    said = write(tmp_path, "7,\u03b4 Lyr,291.4,42.8,,,,,", "", f"8,{LYRAE}", header=header)
    site.run_php("variables.php", "import", str(said))

    page = nobody.get("variables.php", **cone, limit=1).json()
    assert [star["name"] for star in page["variables"]] == ["\u03b4 Lyr"]
    counts = "SELECT COUNT(*) AS stars, COUNT(DISTINCT catalogue_id) AS ids FROM variable_stars"
    assert site.rows.one(counts) == {"stars": 2, "ids": 1}
    assert len(site.rows.all("SELECT id FROM variable_catalogues")) == 1
    site.run_php("variables.php", "import", str(write(tmp_path, LYRAE)))
    answer = nobody.get("variables.php", **cone, after=page["next"])
    assert (answer.status_code, "replaced" in answer.json()["error"]) == (400, True)


@pytest.mark.one_database
def test_bad_calls_say_what_is_wrong(site: SiteUnderTest, nobody: Reader) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({}, "either"),
        ({"ra": 1, "dec": 1}, "either"),
        ({"ra": 1, "dec": 1, "radius": 1, "stack": 1}, "either"),
        ({"ra": 1, "dec": 1, "radius": 8.5}, "radius"),
        ({"ra": 1, "dec": 1, "radius": 1, "fields": "id"}, "fields"),
        ({"ra": 1, "dec": 1, "radius": 1, "format": "xml"}, "format"),
        ({"stack": 0}, "stack"),
    ]
    for query, words in wrong:
        answer = nobody.get("variables.php", **query)
        assert (answer.status_code, words in answer.json()["error"]) == (400, True), query
    assert Reader(site, f"csk_{'0' * 64}").get("variables.php", stack=1).status_code == 401
