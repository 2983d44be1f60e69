"""Scales of frames whose seeing, wind and clouds are known: only the clouds must count."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.stacking.kernels.frame import MOST_SIGMA_PX
from crowdsky.stacking.registration.detect import FrameMeasure, measure_frame
from crowdsky.stacking.registration.growth import whole_light
from crowdsky.stacking.registration.placement import place
from crowdsky.synthetic.sky import Night, Truth, plan, render, star_field

GRBG = ((1,), (0, 3), (2,))
SOFT, WINDY, CLOUDY = (0, 1, 2), (4, 5), (7,)
N_SUBS = 8


@pytest.fixture(scope="module")
def night() -> tuple[Truth, list[FrameMeasure]]:
    """Subs with calm air at 3 and 6 only; clouds leave a fifth of the light at 7."""
    rng = np.random.default_rng(77)
    scene = star_field("SIM", 200.0, 35.0, rng, stars_per_sq_deg=1500.0)
    truth = plan(
        Night(
            scene,
            n_subs=N_SUBS,
            soft=SOFT,
            soft_factor=1.5,
            trailed=WINDY,
            smear_px=5.0,
            cloudy=CLOUDY,
            satellites=(),
        ),
        rng,
    )
    mosaics = (render(truth, index, rng).astype(np.float32) for index in range(N_SUBS))
    return truth, [measure_frame(mosaic, GRBG) for mosaic in mosaics]


@pytest.mark.parametrize(("frames", "limit"), [(SOFT, 0.01), (WINDY, 0.01), (CLOUDY, 0.05)])
def test_the_scale_is_that_of_the_clouds_whatever_the_seeing(
    night: tuple[Truth, list[FrameMeasure]], frames: tuple[int, ...], limit: float
) -> None:
    truth, measures = night
    placements = place(measures, lambda done, total: None)
    transparency = np.array([sub.transparency for sub in truth.subs])
    error = np.array([one.scale for one in placements]) * transparency
    assert [one.transform is None for one in placements] == [False] * N_SUBS
    assert error[list(frames)].mean() / error[[3, 6]].mean() == pytest.approx(1.0, abs=limit)


def test_light_that_cannot_be_measured_anew_stays() -> None:
    """The only star is too close to the edge for any window."""
    one, light = np.array([3.0]), np.array([1000.0])
    mosaic = np.zeros((64, 64), np.float32)
    for sigma in (1.5, MOST_SIGMA_PX):
        found = whole_light(
            mosaic, one, one, np.zeros(1), light, light, sigma=sigma, radius=3.0 * sigma
        )
        assert found.tolist() == [1000.0]


def test_a_star_at_the_edge_grows_like_the_others() -> None:
    sigma, radius = 2.0, 3.0
    y, x = np.mgrid[:128, :128]
    places = np.array([64.0, 30.0, 90.0, 7.5])
    mosaic = sum(np.exp(-0.5 * ((x - place) ** 2 + (y - 64.0) ** 2) / sigma**2) for place in places)
    full = 1000.0 * 2.0 * np.pi * sigma**2
    within = full * (1.0 - np.exp(-0.5 * (radius / sigma) ** 2))
    light = whole_light(
        (1000.0 * mosaic).astype(np.float32),
        places,
        np.full(4, 64.0),
        np.zeros(4),
        np.full(4, within),
        np.full(4, 500.0),
        sigma=sigma,
        radius=radius,
    )
    np.testing.assert_allclose(light, full, rtol=0.02)
