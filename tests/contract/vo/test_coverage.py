"""The coverage of the public stacks, as mocpy reads it."""

from __future__ import annotations

import io
import tempfile

import astropy.units as u
import numpy as np
import pytest
import requests
from astropy.coordinates import SkyCoord
from astropy.io import fits
from mocpy import MOC

from tests.contract.vo.archive import FIELD, Archive, corners


def coverage(api: str) -> MOC:
    """Return the coverage as FITS, after a look that JSON says the same."""
    content = requests.get(f"{api}/moc.php", timeout=30)
    assert content.headers["Content-Type"] == "application/fits"
    with fits.open(io.BytesIO(content.content)) as hdus:
        hdus.verify("exception")
        assert hdus[1].header["ORDERING"] == "NUNIQ"
    with tempfile.NamedTemporaryFile(suffix=".fits") as file:
        file.write(content.content)
        file.flush()
        moc = MOC.load(file.name, format="fits")
    told = requests.get(f"{api}/moc.php?format=json", timeout=30).json()
    assert MOC.from_json(told) == moc
    return moc


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("ra", "dec", "turn"), [(192.7, 41.1, 0), (0.05, -3.0, 25), (45.0, 41.8, 70), (123.0, 89.8, 0)]
)
def test_stack_covers_its_outline(
    archive: Archive, api: str, ra: float, dec: float, turn: float
) -> None:
    archive.add(ra, dec, turn=turn)
    moc = coverage(api)
    area = moc.sky_fraction * 4 * np.pi * u.sr
    assert area.to_value(u.deg**2) == pytest.approx(FIELD[0] * FIELD[1], rel=0.01)
    outline = SkyCoord(corners(ra, dec, turn), unit="deg")
    truth = MOC.from_polygon_skycoord(outline, max_depth=13)
    wrong = moc.union(truth).difference(moc.intersection(truth))
    # What differs are halves of pixels along the edge, 1.7 arcmin wide.
    assert wrong.sky_fraction < 0.04 * truth.sky_fraction
    assert moc.contains_skycoords(SkyCoord(ra, dec, unit="deg"))


@pytest.mark.one_database
def test_coverage_is_that_of_now(archive: Archive, api: str) -> None:
    assert coverage(api).empty()
    first, second = archive.add(10.0, 20.0), archive.add(11.0, 20.0)
    archive.add(60.0, 20.0, public=False)
    archive.add(70.0, 20.0, solved=False)
    places = SkyCoord([10.0, 11.3, 60.0, 70.0], 20.0, unit="deg")
    assert coverage(api).contains_skycoords(places).tolist() == [True, True, False, False]

    archive.rows.execute("UPDATE stacked_frames SET visibility = 'private' WHERE id = ?", second)
    assert coverage(api).contains_skycoords(places).tolist() == [True, False, False, False]
    archive.rows.execute("UPDATE stacked_frames SET visibility = 'public' WHERE id = ?", second)
    third = archive.add(60.0, 20.1)
    assert coverage(api).contains_skycoords(places).tolist() == [True, True, True, False]
    # Solved again elsewhere: the file is another one.
    archive.rows.execute("DELETE FROM stack_solutions WHERE stack_id = ?", first)
    archive.rows.execute("UPDATE stacked_frames SET sha256 = ? WHERE id = ?", "1" * 64, third)
    assert coverage(api).contains_skycoords(places).tolist() == [False, True, True, False]


@pytest.mark.one_database
def test_a_lost_or_broken_memory_costs_time_alone(archive: Archive, api: str) -> None:
    archive.add(10.0, 20.0)
    moc = coverage(api)
    kept = archive.site.data_dir / "sky" / "coverage.json"
    for content in (None, "", "{", '{"order": 3}', "[]"):
        if content is None:
            kept.unlink()
        else:
            kept.write_text(content)
        assert coverage(api) == moc
    assert requests.get(f"{api}/moc.php?format=png", timeout=30).status_code == 400
