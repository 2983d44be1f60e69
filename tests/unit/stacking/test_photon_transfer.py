"""The noise of light follows from levels and noise of the sky in several colours or subs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crowdsky.stacking.registration.detect import FrameMeasure, Mesh, Stars
from crowdsky.stacking.registration.photon_transfer import variance_of_light

NOTHING = np.zeros(0)
EMPTY = FrameMeasure(
    stars=Stars(*[NOTHING] * 6), n_found=0, fwhm_px=3.0, ellipticity=0.0, angle_rad=0.0,
    sky=NOTHING, noise=NOTHING, mesh=Mesh(np.zeros((3, 1, 1)), 64),
)  # fmt: skip
GAIN, BIAS, READOUT = 14.0, 460.0, 21.0


def measured(*light: float, error: float = 0.0) -> FrameMeasure:
    """A sub whose planes have so much light above the bias, ADU."""
    variance = GAIN * np.array(light) + READOUT**2
    wrong = 1.0 + error * np.resize([1.0, -1.0], len(light))
    return replace(EMPTY, sky=np.array(light) + BIAS, noise=np.sqrt(variance * wrong))


def test_colours_of_different_sky_give_the_gain_whatever_the_bias() -> None:
    subs = [measured(385.0, 530.0, 330.0, error=0.005) for _ in range(6)]
    np.testing.assert_allclose(variance_of_light(subs, subs[0]), [GAIN] * 3, rtol=0.06)


def test_a_mono_camera_under_a_growing_sky_gives_it_too() -> None:
    subs = [measured(light) for light in np.linspace(300.0, 700.0, 8)]
    np.testing.assert_allclose(variance_of_light(subs, subs[0]), [GAIN], rtol=0.01)


@pytest.mark.parametrize("light", [(400.0, 400.0, 400.0), (400.0, 404.0, 398.0), (400.0,)])
def test_without_different_levels_all_noise_counts_as_that_of_light(
    light: tuple[float, ...],
) -> None:
    subs = [measured(*light, error=0.01)] * 3
    expected = subs[0].noise ** 2 / subs[0].sky
    np.testing.assert_allclose(variance_of_light(subs, subs[0]), expected)
