"""The solution as cards, JSON and verdict; hints from headers; the user's catalogue; line-up."""

from __future__ import annotations

import json

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from crowdsky.base.errors import ConfigurationError
from crowdsky.solving.hints import parity_hint, position_hint, scale_hint
from crowdsky.solving.make_solvers import make_solvers
from crowdsky.solving.solution import OUTDATED_WCS_KEYWORDS, Solution
from crowdsky.solving.solver import Parity
from crowdsky.solving.solver_names import DEFAULT_SOLVERS, SOLVER_NAMES
from crowdsky.solving.tan import separation
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


def test_the_line_up_follows_the_names() -> None:
    solvers = make_solvers(["solve-field", "astrometry", "solve-field", "nova"], INDEX_DIR, None)
    assert [timed.solver.name for timed in solvers] == ["solve-field", "astrometry"]
    assert set(DEFAULT_SOLVERS) <= set(SOLVER_NAMES)
    with pytest.raises(ConfigurationError, match=r"'astap'.*'siril'"):
        make_solvers(["astap", "triangles", "siril"], INDEX_DIR, None)
