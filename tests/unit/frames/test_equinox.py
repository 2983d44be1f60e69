"""Pointings of date are brought to the sky: against astropy, and by what headers say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import FK5, ICRS, SkyCoord
from astropy.io import fits
from astropy.time import Time

from crowdsky.frames.equinox import pointing_equinox, pointing_of_subs, sky_pointing
from crowdsky.frames.precession import julian_year, to_j2000
from crowdsky.solving.hints import position_hint

BEGUN = datetime(2025, 3, 27, 1, 20, 32, tzinfo=UTC)
YEAR = 2025.23356
SEESTAR = {
    "RA": 193.04166,
    "DEC": 40.970556,
    "DATE-OBS": "2025-03-27T01:20:32.955368",
    "TELESCOP": "S50_1d3fe189",
    "INSTRUME": "Seestar S50",
}
PLACE = (SEESTAR["RA"], SEESTAR["DEC"])


def of_date(ra: float, dec: float, year: float) -> SkyCoord:
    equinox = Time(year, format="jyear", scale="tt")
    return SkyCoord(ra * units.deg, dec * units.deg, frame=FK5(equinox=equinox))


def test_precession_is_that_of_astropy() -> None:
    rng = np.random.default_rng(5)
    places = [
        *zip(rng.uniform(0, 360, 200), np.degrees(np.arcsin(rng.uniform(-1, 1, 200))), strict=True),
        (0.0, 89.99),
        (123.4, -89.99),
        (359.9999, 0.0),
        (0.0, 90.0),
    ]
    for year in (1950.0, 2000.0, YEAR, 2050.0):
        for ra, dec in places:
            sky = SkyCoord(*to_j2000(ra, dec, year) * units.deg, frame=ICRS())
            assert sky.separation(of_date(ra, dec, year).transform_to(ICRS())).arcsec < 0.1


def test_years() -> None:
    assert julian_year(BEGUN) == pytest.approx(Time(BEGUN).jyear, abs=1e-5)


@pytest.mark.parametrize(
    ("changes", "equinox"),
    [
        ({}, YEAR),
        ({"TELESCOP": "S30 Pro_5e0b77aa", "INSTRUME": "imx585"}, YEAR),
        ({"TELESCOP": "Seestar S50", "INSTRUME": None}, YEAR),
        ({"TELESCOP": None}, YEAR),
        ({"EQUINOX": 2000.0}, 2000.0),
        ({"EQUINOX": "J2000"}, 2000.0),
        ({"EPOCH": 2025.5}, 2025.5),
        ({"EQUINOX": 0.0}, YEAR),
        ({"RADESYS": "ICRS"}, 2000.0),
        ({"RADECSYS": "FK5"}, 2000.0),
        ({"RADESYS": "FK5", "EQUINOX": 2024.9}, 2024.9),
        ({"RADESYS": "FK4"}, 1950.0),
        ({"TELESCOP": "ZWO AM5", "INSTRUME": "ZWO ASI533MC Pro"}, 2000.0),
        ({"TELESCOP": "DWARF 3", "INSTRUME": None}, 2000.0),
        ({"TELESCOP": None, "INSTRUME": None, "RADESYS": "GAPPT"}, YEAR),
        ({"RA-SUB": 192.7, "DEC-SUB": 41.1}, 2000.0),
    ],
)
def test_a_card_decides_then_the_telescope(changes: dict[str, Any], equinox: float) -> None:
    cards = {key: value for key, value in {**SEESTAR, **changes}.items() if value is not None}

    assert pointing_equinox(fits.Header(cards), BEGUN) == pytest.approx(equinox, abs=1e-4)
    expected = of_date(*PLACE, equinox).transform_to(ICRS())
    if equinox == 2000.0:
        expected = SkyCoord(*PLACE * units.deg)
    for header in (cards, fits.Header(cards)):
        found = SkyCoord(*sky_pointing(header) * units.deg)
        assert found.separation(expected).arcsec < 1.0
        hint = position_hint(header)
        assert hint is not None and (hint.ra, hint.dec) == sky_pointing(header)


def test_a_pointing_of_unknown_date_is_unknown_but_a_hint() -> None:
    header = {key: value for key, value in SEESTAR.items() if key != "DATE-OBS"}

    assert sky_pointing(header) == (None, None)
    hint = position_hint(header)
    assert hint is not None and (hint.ra, hint.dec) == PLACE


def test_stacks_of_before_have_the_pointing_of_their_subs_in_ra_and_dec() -> None:
    assert pointing_of_subs(SEESTAR, BEGUN) == (*PLACE, pytest.approx(YEAR, abs=1e-4))
    kept = {**SEESTAR, "RA": 192.7, "DEC": 41.1, "RA-SUB": PLACE[0], "DEC-SUB": PLACE[1]}
    assert pointing_of_subs(kept, BEGUN) == (*PLACE, pytest.approx(YEAR, abs=1e-4))
    assert sky_pointing(kept) == (192.7, 41.1)


def test_the_header_of_a_real_seestar_is_of_date() -> None:
    """The stack of these subs was solved at this centre, ICRS."""
    solved = SkyCoord(192.79232 * units.deg, 41.11095 * units.deg)
    said = (193.070835, 40.979722)
    header = {**SEESTAR, "RA": said[0], "DEC": said[1], "DATE-OBS": "2025-03-27T05:45:00.734589"}

    assert solved.separation(SkyCoord(*sky_pointing(header) * units.deg)).deg < 0.02
    assert solved.separation(SkyCoord(*said * units.deg)).deg > 0.24
