"""Plates of stars on a line or at one point, and plates that are none."""

from __future__ import annotations

import math

import numpy as np
import pytest

from crowdsky.base.compiled import DOUBLE, FLOAT64, FLOAT64_OUT, INT32, SIZE, compiled
from crowdsky.solving import triangle_kernels as kernel
from crowdsky.solving.catalogue import StarCatalogue, encode_stars
from crowdsky.solving.refine import log_binomial_tail, refine
from crowdsky.solving.solver import StarList
from crowdsky.solving.tan import TanWcs
from tests.support.star_fields import S50_SCALE, plate

WIDTH, HEIGHT = 1080, 1920
TRUE = plate(150.0, 30.0, 25.0)


_PICTURE = (kernel.COMPLEX, SIZE, INT32, SIZE, SIZE, FLOAT64)
count_and_fit = compiled(
    "count_and_fit", FLOAT64, *_PICTURE, kernel.COMPLEX, SIZE, DOUBLE, FLOAT64_OUT
)


def star_list(x: np.ndarray, y: np.ndarray) -> StarList:
    return StarList(x, y, np.linspace(2.0, 1.0, x.size), WIDTH, HEIGHT)


def catalogue_of(stars: StarList) -> StarCatalogue:
    """Make a catalogue of stars exactly where the plate shows them, but for its own rounding."""
    ra, dec = TRUE.sky(stars.x, stars.y)
    codes, _ = encode_stars(ra, dec, np.full(ra.size, 10.0))
    return StarCatalogue("exact", "V", 2000.0, codes)


def placed(count: int, seed: int = 1) -> StarList:
    rng = np.random.default_rng(seed)
    return star_list(rng.uniform(20, WIDTH - 20, count), rng.uniform(20, HEIGHT - 20, count))


LINE = star_list(np.linspace(100.0, 900.0, 12), np.linspace(200.0, 1700.0, 12))
COLUMN = star_list(np.full(12, 500.0), np.linspace(200.0, 1700.0, 12))
ONE_PLACE = star_list(np.full(12, 500.0), np.full(12, 900.0))
NEARLY = star_list(500.0 + 0.02 * np.arange(12), 900.0 + 0.01 * np.arange(12))


@pytest.mark.parametrize("stars", [LINE, COLUMN], ids=["oblique", "upright"])
def test_stars_on_a_line_keep_the_plate_in_shape(stars: StarList) -> None:
    """They do not determine the steps across the line, which rounding must not decide."""
    shifted = TanWcs(TRUE.ra0 + 1e-3, TRUE.dec0, TRUE.x0, TRUE.y0, TRUE.cd)
    found = refine(shifted, stars, catalogue_of(stars)).wcs
    np.testing.assert_allclose(found.cd, TRUE.cd, rtol=0.0, atol=1e-3 * S50_SCALE / 3600.0)
    assert found.parity == TRUE.parity


@pytest.mark.parametrize("stars", [ONE_PLACE, NEARLY], ids=["one place", "nearly"])
def test_stars_at_one_place_leave_the_plate_as_it_is(stars: StarList) -> None:
    found = refine(TRUE, stars, catalogue_of(stars)).wcs
    np.testing.assert_allclose(found.cd, TRUE.cd, rtol=1e-6)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 6])
def test_few_stars_are_refined_or_left(count: int) -> None:
    stars = placed(count)
    refined = refine(TRUE, stars, catalogue_of(placed(6)))
    assert np.isfinite(refined.wcs.cd).all()
    assert math.isfinite(refined.log_chance)
    assert refined.believed == (count == 6)


def test_hits_on_one_detection_do_not_turn_the_plate() -> None:
    """Their spread is only rounding: it would give a plate of any size, even 0."""
    low, cell = complex(-0.5, -0.5), 3.0
    factor, shift = complex(2.0, 1.0), complex(10.0, -20.0)
    rng = np.random.default_rng(6)
    for _ in range(200):
        detection = np.array([complex(rng.uniform(10, WIDTH - 10), rng.uniform(10, HEIGHT - 10))])
        raster = kernel.paint(detection, low, cell, 400, 700)
        # Catalogue stars within a pixel of it.
        stars = shift + factor * (detection + rng.uniform(-0.5, 0.5, 12))
        picture = kernel.Picture(detection, complex(WIDTH / 2, HEIGHT / 2), raster, low, cell)
        plate, found = np.array([factor, shift]).view(np.float64), np.empty(6)
        count_and_fit(plate, *kernel.picture_arguments(picture), stars, len(stars), 3.0, found)
        np.testing.assert_array_equal(found, [12.0, 12.0, *plate])


def test_chances_of_any_size_have_a_logarithm() -> None:
    for chance in (0.0, 5e-324, 1e-300, 1e-20, 0.5, 1.0 - 2**-53, 1.0):
        for hits in (-1, 0, 1, 20, 30):
            for trials in (-1, 0, 1, 20):
                found = log_binomial_tail(hits, trials, chance)
                assert math.isfinite(found)
                assert found <= 0.0
    assert log_binomial_tail(10, 20, 0.0) < -1000.0


def cards(**changed: float) -> dict[str, object]:
    return {"CRVAL1": 150.0, "CRVAL2": 30.0, "CRPIX1": 1.0, "CRPIX2": 1.0, **changed}


@pytest.mark.parametrize(
    "header",
    [
        cards(CD1_1=0.0),
        cards(CD1_1=6e-4, CD1_2=6e-4, CD2_1=6e-4, CD2_2=6e-4),
        cards(CD1_1=0.1, CD1_2=0.3, CD2_1=0.1 * 0.7, CD2_2=0.3 * 0.7),
        cards(CD1_1=math.nan, CD2_2=6e-4),
        cards(CD1_1=6e-4, CD2_2=6e-4) | {"CRVAL1": math.nan},
        cards(CD1_1=6e-4, CD2_2=6e-4) | {"CRPIX2": math.inf},
        cards(CDELT1=0.0, CDELT2=6e-4),
        cards(CDELT1=6e-4, CDELT2=0.0),
        cards(CDELT1=6e-4, CDELT2=6e-4, PC1_1=0.0),
    ],
)
def test_a_plate_that_is_none_is_refused_by_name(header: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="of this plate"):
        TanWcs.from_header(header)
