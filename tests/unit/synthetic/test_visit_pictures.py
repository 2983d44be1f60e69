"""Drawn stacks: their noise is the one that they state, and their stars have their light."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sep

from crowdsky.synthetic.scenes import Stars
from crowdsky.synthetic.visit_light import FlatField, star_truth
from crowdsky.synthetic.visit_pictures import SKY_ADU, UNCOVERED_PX, VisitPicture, render_visit
from crowdsky.synthetic.visits import observing_plan, three_telescopes

CENTRE = (50.0, 41.0)
SIZE = 420


def _drawn(v_mag: list[float]) -> VisitPicture:
    rng = np.random.default_rng(5)
    telescopes = tuple(replace(one, width=SIZE, height=SIZE) for one in three_telescopes(rng))
    visits = observing_plan(rng, 2, 1, telescopes=telescopes)
    visits = replace(visits, shift_px=np.zeros((2, 2)), cloud_mag=np.zeros(2))
    ra, dec = np.full(len(v_mag), CENTRE[0]), np.full(len(v_mag), CENTRE[1])
    stars = Stars(ra, dec, np.array(v_mag), np.full(len(v_mag), 0.65))
    return render_visit(
        star_truth(stars, {}, visits), CENTRE, visits, 0, FlatField(rng, 0.003), rng
    )


@pytest.mark.parametrize("band", [0, 1, 2])
def test_the_noise_of_apertures_is_correlation_times_the_stated_variance(band: int) -> None:
    drawn = _drawn([])
    x, y = (axis.ravel() for axis in np.meshgrid(*[np.arange(20.0, SIZE - 20.0, 13.0)] * 2))
    sums, _, _ = sep.sum_circle(drawn.planes[band], x, y, 5.0, subpix=0)
    stated, _, _ = sep.sum_circle(drawn.variance[band], x, y, 5.0, subpix=0)
    # Without the slope of the sky.
    design = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    rest = sums - design @ np.linalg.lstsq(design, sums, rcond=None)[0]
    expected = drawn.correlation[band] * stated.mean()
    # 900 apertures know a variance to 5 %, and the stated one is off by 3 %.
    assert rest.var() == pytest.approx(expected, rel=0.2)
    assert 2.5 < drawn.correlation[band] < 4.0


def test_a_star_has_its_light_and_the_edge_none() -> None:
    drawn = _drawn([9.0])
    middle = (SIZE - 1) / 2.0
    for band in range(3):
        inner, _, _ = sep.sum_circle(drawn.planes[band], [middle], [middle], 40.0, subpix=0)
        around, _, _ = sep.sum_circann(drawn.planes[band], [middle], [middle], 60.0, 90.0, subpix=0)
        sky = around[0] / (90.0**2 - 60.0**2) * 40.0**2
        assert inner[0] - sky == pytest.approx(drawn.light.flux[0, band], rel=0.01)
        assert around[0] / np.pi / (90.0**2 - 60.0**2) == pytest.approx(SKY_ADU[band], rel=0.2)
    for edge in (drawn.planes, drawn.variance, drawn.footprint[None]):
        assert not edge[:, :UNCOVERED_PX].any()
        assert not edge[:, :, -UNCOVERED_PX:].any()
    assert drawn.footprint[SIZE // 2, SIZE // 2] > 1
