"""Light curves from drawn stacks, measured as a worker does it: errors are as large as the scatter.

The first tier measures a few small pictures; whole ones, over more nights, are in the second.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from bench.lightcurves import (
    CURVES,
    FLOOR_MAG,
    HIGHEST_CHI2,
    LOWEST_CHI2,
    MIN_STARS,
    MOST_SCATTER,
    Result,
    bins,
    false_variables,
    floor,
    run,
)
from crowdsky.photometry.variability.curves import field_curves
from tests.support.pictured_nights import FIRST_EPOCH_ID, plan_pictures


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def small() -> Result:
    """Eight small pictures of two nights."""
    return run(plan_pictures(6, 8, 2, [], size=(560, 640), density=900.0), 1)


def test_all_stacks_have_the_time_at_which_they_were_drawn(small: Result) -> None:
    seconds = 86400.0 * (small.observations.epochs.bjd - small.plan.visits.bjd)
    assert np.abs(seconds).max() < 0.2  # the pictures' middles are up to 40" from the field's


def test_errors_of_the_star_table_are_those_of_its_fluxes(small: Result) -> None:
    found = bins(small, (12.0, 15.0))
    assert [one.band for one in found] == ["G", "R", "B"]
    for one in found:
        assert one.n_points > 500
        assert LOWEST_CHI2 <= one.measuring <= HIGHEST_CHI2, one


def test_errors_of_calibrated_magnitudes_are_as_large_as_their_scatter(small: Result) -> None:
    for one in bins(small, (12.0, 15.0)):
        assert LOWEST_CHI2 <= one.chi2 <= HIGHEST_CHI2, one
        assert one.ratio <= MOST_SCATTER, one
    assert false_variables(small) == 0


@pytest.mark.every
@pytest.mark.slow
def test_whole_pictures_of_several_nights_meet_the_bars() -> None:
    result = run(plan_pictures(3, 16, 4, list(CURVES.values())), 2)
    assert len(np.unique(result.plan.visits.telescope)) == 3
    found = bins(result, (9.0, 11.0, 12.0, 13.0, 14.0, 15.0))
    assert len(found) == 15
    for one in found:
        assert one.n_stars >= MIN_STARS
        assert one.chi2 <= HIGHEST_CHI2, one
        assert one.ratio <= MOST_SCATTER, one
        # The gradients of an epoch follow its few brightest stars: they scatter by less.
        assert one.chi2 >= LOWEST_CHI2 or one.high <= 11.0, one
    assert floor(result) <= FLOOR_MAG
    assert false_variables(result) == 0
    # Sixteen points are too few to call it variable, but they are right.
    away, error = departures(result, list(CURVES).index("RR Lyrae"))
    assert len(away) >= 12
    assert np.sqrt(np.mean((away / error) ** 2)) < 1.5
    assert np.abs(away).max() < 0.05


def departures(result: Result, place: int) -> tuple[np.ndarray, np.ndarray]:
    """Green magnitudes of a variable star minus their truth, about their mean, and their errors."""
    row = list(result.plan.curves)[place]
    curves = field_curves(result.observations, result.calibration)
    star = int(np.flatnonzero(curves.star_id == row + 1)[0])
    truth = result.plan.truth.changes[row, curves.epoch_id - FIRST_EPOCH_ID, 1]
    away, error = curves.mags["G"][star] - truth, curves.errors["G"][star]
    known = np.isfinite(away)
    away, error = away[known], error[known]
    return away - np.average(away, weights=error**-2), error
