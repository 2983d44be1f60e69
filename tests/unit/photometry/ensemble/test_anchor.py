"""The scale comes from the catalogue as a whole; no single star of it moves anything."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.photometry.ensemble.anchor import find_partners, fit_line, reference_colour
from crowdsky.photometry.ensemble.tables import Stars
from crowdsky.solving.catalogue import CatalogueStars

CENTRE = (192.7, 41.1)


class ListedStars:
    """A catalogue of given stars."""

    name, band, epoch, has_motions = "Test", "V", 2016.0, False

    def __init__(self, ra: np.ndarray, dec: np.ndarray, mag: np.ndarray) -> None:
        unknown = np.full(len(ra), np.nan)
        ids = np.zeros(len(ra), np.int64)
        errors = np.full(len(ra), 0.02)
        self.stars = CatalogueStars(ra, dec, mag, ids, unknown, unknown, errors, unknown, unknown)

    def cone(
        self, ra_deg: float, dec_deg: float, radius_deg: float, year: float | None = None
    ) -> CatalogueStars:
        return self.stars


def test_one_star_that_is_wrong_by_a_magnitude_moves_less_than_a_millimagnitude() -> None:
    rng = np.random.default_rng(2)
    value, sigma = 5.0 + rng.normal(0.0, 0.02, 60), np.full(60, 0.02)
    before = fit_line(value, sigma)
    assert before is not None
    for wrong in (int(np.argmin(np.abs(value - 5.0))), 7, 31):
        changed = value.copy()
        changed[wrong] += 1.0
        after = fit_line(changed, sigma)
        assert after is not None
        assert not after.used[wrong]
        assert abs(after.offset - before.offset) < 0.001


def test_a_fifth_of_wrong_stars_do_not_bend_the_colour_term() -> None:
    rng = np.random.default_rng(3)
    colour = rng.normal(0.0, 0.4, 80)
    value = 2.0 + 0.1 * colour + rng.normal(0.0, 0.02, 80)
    value[:16] += 0.8
    line = fit_line(value, np.full(80, 0.02), colour)
    assert line is not None
    assert line.offset == pytest.approx(2.0, abs=4 * line.error)
    assert line.slope == pytest.approx(0.1, abs=4 * line.slope_error)
    assert line.error == pytest.approx(0.02 / np.sqrt(64), rel=0.4)


def test_stars_of_one_colour_give_no_colour_term() -> None:
    line = fit_line(np.full(20, 3.0), np.full(20, 0.02), np.full(20, 0.7))
    assert line is not None
    assert np.isnan(line.slope_error)
    assert line.offset == pytest.approx(3.0)


def test_two_stars_are_too_few() -> None:
    assert fit_line(np.array([1.0, 1.0]), np.array([0.1, 0.1])) is None


def test_the_reference_is_a_star_like_the_sun() -> None:
    bp_rp = np.linspace(0.3, 1.8, 40)
    assert reference_colour(0.4 + 0.9 * bp_rp, bp_rp) == pytest.approx(0.4 + 0.9 * 0.82, abs=1e-6)


def test_stars_are_paired_across_the_meridian_of_ra_0_and_crowded_ones_are_not() -> None:
    ra, dec = np.array([359.9999, 0.0001, 0.05, 0.1]), np.full(4, 10.0)
    near = np.array([359.9999, 0.0001 + 360.0, 0.05, 0.05 + 3.0 / 3600, 0.1 + 5.0 / 3600])
    catalogue = ListedStars(
        near % 360.0, np.full(5, 10.0), np.array([10.0, 16.0, 12.0, 13.0, 11.0])
    )
    stars = Stars(
        np.arange(4), ra, dec, np.full(4, 2016.0), np.zeros(4, np.int64), np.zeros(4, bool),
        np.zeros(4, bool),
    )  # fmt: skip
    partners = find_partners(stars, catalogue, (0.0, 10.0))
    # The second star has a brighter neighbour, the third an equal one, the last is 5" away.
    np.testing.assert_array_equal(partners.known, [True, False, False, False])
    assert partners.mag[0] == 10.0
