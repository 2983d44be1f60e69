"""The solution as cards, JSON and verdict; hints from headers; the user's catalogue; line-up."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from astropy.wcs import WCS

from crowdsky.base.errors import ConfigurationError
from crowdsky.solving.catalogue import CatalogueUnavailableError
from crowdsky.solving.hints import parity_hint, position_hint, scale_hint
from crowdsky.solving.make_solvers import make_solvers
from crowdsky.solving.solution import OUTDATED_WCS_KEYWORDS, Solution
from crowdsky.solving.solver import Parity
from crowdsky.solving.solver_names import DEFAULT_SOLVERS, SOLVER_NAMES
from crowdsky.solving.tan import separation
from crowdsky.solving.user_catalogue import open_user_catalogue, v_from_gaia
from tests.support.star_fields import INDEX_DIR, plate


@pytest.fixture
def solution() -> Solution:
    return Solution(
        plate(359.9, 41.12, 30.0), 1080, 1920, "triangles", 0.0123,
        n_matched=15, n_catalogue=16, rms_arcsec=0.54, log_chance=-113.0,
        catalogue="Tycho-2", verdict="good",
    )  # fmt: skip


def test_the_cards_are_a_wcs_that_astropy_reads_alike(solution: Solution) -> None:
    header = fits.Header([fits.Card(*card) for card in solution.header_cards()])
    wcs = WCS(header, naxis=2)
    x, y = np.array([0.0, 1079.0, 333.0]), np.array([0.0, 1919.0, 44.0])
    assert separation(*wcs.all_pix2world(x, y, 0), *solution.wcs.sky(x, y)).max() * 3600 < 1e-6
    assert header["CRPIX1"] == 540.5
    assert header["PLTSOLVD"] is True
    assert header["PIXSCALE"] == pytest.approx(2.374)
    assert {card[0] for card in solution.header_cards()} <= set(OUTDATED_WCS_KEYWORDS)


def test_the_geometry(solution: Solution) -> None:
    assert solution.center == pytest.approx((359.9, 41.12))
    assert solution.field_deg == pytest.approx((0.7122, 1.2661), abs=1e-3)
    assert solution.rotation_deg == pytest.approx(30.0)
    corners = solution.corners
    across = float(separation(*corners[0], *corners[1]))
    up = float(separation(*corners[0], *corners[3]))
    assert (across, up) == pytest.approx(solution.field_deg, rel=1e-4)
    assert all(0 <= ra < 360 for ra, _ in corners)


def test_json_has_no_nan(solution: Solution) -> None:
    data = json.loads(json.dumps(solution.to_json(), allow_nan=False))
    assert data["n_matched"] == 15
    assert data["verdict"] == "good"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ({"RA": 193.07, "DEC": 40.98}, (193.07, 40.98)),
        ({"RA": "193.07", "DEC": "-40.98"}, (193.07, -40.98)),
        ({"RA": "12 52 16.8", "DEC": "+40 58 48"}, (193.07, 40.98)),
        ({"OBJCTRA": "12:52:16.8", "OBJCTDEC": "-00:30:00"}, (193.07, -0.5)),
        ({"RA": -10.0, "DEC": 5.0}, (350.0, 5.0)),
        ({"RA": 10.0, "DEC": 95.0}, None),
        ({"RA": "north", "DEC": 5.0}, None),
        ({"RA": True, "DEC": 5.0}, None),
        ({"RA": float("nan"), "DEC": 5.0}, None),
        ({}, None),
    ],
)
def test_where_a_header_points(
    header: dict[str, object], expected: tuple[float, float] | None
) -> None:
    hint = position_hint(header)
    if expected is None:
        assert hint is None
    else:
        assert hint is not None
        assert (hint.ra, hint.dec) == pytest.approx(expected)


def test_scale_and_handedness_of_a_header() -> None:
    scale = scale_hint({"FOCALLEN": 250, "XPIXSZ": 2.9})
    assert scale is not None
    assert scale.low < 2.374 < scale.high
    assert scale_hint({"FOCALLEN": 0, "XPIXSZ": 2.9}) is None
    assert scale_hint({"XPIXSZ": 2.9}) is None
    assert parity_hint({"INSTRUME": "Seestar S50"}) is Parity.POSITIVE
    assert parity_hint({"TELESCOP": "S30_0a0a"}) is Parity.POSITIVE
    assert parity_hint({"INSTRUME": "ASI2600"}) is Parity.EITHER


@pytest.mark.parametrize("ending", [".ecsv", ".fits"])
def test_a_gaia_file(tmp_path: Path, ending: str) -> None:
    table = Table(
        {
            "source_id": np.array([1520000000000000001, 2, 3, 4], dtype=np.int64),
            "ra": [10.0, 10.1, 10.2, np.nan],
            "dec": [50.0, 50.1, 49.9, 50.0],
            "phot_g_mean_mag": [10.0, 11.0, 12.0, 9.0],
            "bp_rp": [0.8, 1.2, np.nan, 0.5],
            "pmra": [100.0, np.nan, 0.0, 0.0],
            "pmdec": [0.0, np.nan, 0.0, 0.0],
            "ref_epoch": [2016.0] * 4,
        }
    )
    table.write(tmp_path / f"gaia{ending}")
    catalogue = open_user_catalogue(tmp_path / f"gaia{ending}")
    stars = catalogue.cone(10.05, 50.0, 1.0, year=2026.0)
    assert stars.source_id.tolist() == [1520000000000000001, 2]  # the others lack place or colour
    assert stars.g_mag.tolist() == [10.0, 11.0]
    assert stars.mag[0] == pytest.approx(
        v_from_gaia(np.array([10.0]), np.array([0.8]))[0], abs=1e-5
    )
    moved = separation(10.0, 50.0, stars.ra[0], stars.dec[0]) * 3600
    assert moved == pytest.approx(1.0, abs=1e-3)
    assert catalogue.band == "V"


def test_v_of_a_sun_like_star() -> None:
    # The Sun has BP - RP = 0.82 and G - V = -0.15.
    assert v_from_gaia(np.array([5.0]), np.array([0.82]))[0] == pytest.approx(5.15, abs=0.02)
    assert np.isnan(v_from_gaia(np.array([5.0]), np.array([9.0]))[0])


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("gaia.csv", "ra,dec\n1,2\n", ".csv is not a known ending"),
        ("gaia.ecsv", "no table", "could not read"),
        ("absent.fits", None, "could not read"),
        ("bare.ecsv", Table({"ra": [1.0], "dec": [2.0]}), "it needs the columns"),
        (
            "empty.ecsv",
            Table({"ra": [1.0], "dec": [2.0], "phot_g_mean_mag": [9.0]}),
            "no star in it",
        ),
    ],
)
def test_useless_catalogues_say_why(
    tmp_path: Path, name: str, content: str | Table | None, reason: str
) -> None:
    path = tmp_path / name
    if isinstance(content, Table):
        content.write(path)
    elif content is not None:
        path.write_text(content)
    with pytest.raises(CatalogueUnavailableError, match=reason):
        open_user_catalogue(path)


def test_the_line_up_follows_the_names() -> None:
    solvers = make_solvers(["solve-field", "astrometry", "solve-field", "nova"], INDEX_DIR, None)
    assert [timed.solver.name for timed in solvers] == ["solve-field", "astrometry"]
    assert set(DEFAULT_SOLVERS) <= set(SOLVER_NAMES)
    with pytest.raises(ConfigurationError, match=r"'astap'.*'siril'"):
        make_solvers(["astap", "triangles", "siril"], INDEX_DIR, None)
