"""The difference of the sky between frames, fitted to known differences."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.stacking.registration.detect import Mesh
from crowdsky.stacking.registration.sky_difference import sky_difference
from crowdsky.stacking.registration.transform import IDENTITY

BOX, ROWS, COLUMNS = 32, 20, 15


def mesh(level: float, per_x: float = 0.0, per_y: float = 0.0) -> Mesh:
    """One plane of sky that is a plane in pixels."""
    middle = (BOX - 1) / 2.0
    y, x = np.mgrid[:ROWS, :COLUMNS] * BOX + middle
    return Mesh((level + per_x * x + per_y * y)[None], BOX)


def test_level_and_gradient_are_found_after_scaling() -> None:
    found = sky_difference(mesh(500.0, 0.1, -0.05), mesh(900.0), IDENTITY, 2.0)
    assert found is not None
    np.testing.assert_allclose(found.coefficients, [[100.0, 0.2, -0.1]], atol=1e-9)
    assert found.residual == pytest.approx(0.0, abs=1e-9)


def test_what_both_frames_show_is_not_taken_for_sky() -> None:
    """A nebula is in both; the second frame is shifted, so it is at other pixels there."""
    rng = np.random.default_rng(3)
    nebula = rng.uniform(0.0, 400.0, (ROWS + 4, COLUMNS))
    here, there = nebula[4:][None] + 800.0, nebula[:-4][None] + 870.0
    found = sky_difference(
        Mesh(there, BOX), Mesh(here, BOX), (1.0, 0.0, 0.0, 0.0, 1.0, -4.0 * BOX), 1.0
    )
    assert found is not None
    np.testing.assert_allclose(found.coefficients, [[70.0, 0.0, 0.0]], atol=1e-6)


def test_a_cloud_over_a_few_boxes_does_not_tilt_the_sky() -> None:
    cloudy = mesh(800.0)
    cloudy.levels[0, :4, :4] += 500.0
    found = sky_difference(cloudy, mesh(700.0), IDENTITY, 1.0)
    assert found is not None
    np.testing.assert_allclose(found.coefficients, [[100.0, 0.0, 0.0]], atol=1e-6)


def test_boxes_without_a_value_do_not_count() -> None:
    holes = mesh(800.0, 0.1)
    holes.levels[0, :, :5] = np.nan
    found = sky_difference(holes, mesh(700.0), IDENTITY, 1.0)
    assert found is not None
    np.testing.assert_allclose(found.coefficients, [[100.0, 0.1, 0.0]], atol=1e-6)
    holes.levels[:] = np.nan
    assert sky_difference(holes, mesh(700.0), IDENTITY, 1.0) is None


def test_frames_that_share_no_box_have_no_difference() -> None:
    away = (1.0, 0.0, 10_000.0, 0.0, 1.0, 0.0)
    assert sky_difference(mesh(1.0), mesh(2.0), away, 1.0) is None


def test_a_narrow_overlap_gives_only_a_level() -> None:
    """A tilt fitted to a few boxes would run away over the rest of the frame."""
    few = Mesh(np.full((1, 3, 3), 500.0) + np.arange(3), BOX)
    level = sky_difference(few, Mesh(np.full((1, 3, 3), 400.0), BOX), IDENTITY, 1.0)
    assert level is not None
    np.testing.assert_allclose(level.coefficients, [[101.0, 0.0, 0.0]])
