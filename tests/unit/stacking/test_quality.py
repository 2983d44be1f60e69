"""Verdicts on frames whose quality is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crowdsky.stacking.registration.detect import FrameMeasure, Mesh, Stars
from crowdsky.stacking.registration.quality import flux_scale, judge, sharpness
from crowdsky.stacking.registration.register import Alignment
from crowdsky.stacking.registration.sky_difference import SkyDifference
from crowdsky.stacking.registration.transform import IDENTITY
from crowdsky.stacking.registration.weights import surface_weight

N = 40


def measure(light: float = 1.0, fwhm: float = 3.0, noise: float = 20.0, ellipticity: float = 0.1):
    """Measure of a frame with N stars, whose light is multiplied by ``light``."""
    brightness = np.geomspace(50_000.0, 1_000.0, N) * light
    stars = Stars(
        x=np.linspace(10, 400, N),
        y=np.linspace(20, 600, N),
        light=brightness,
        snr=brightness / (10.0 * noise),
        fwhm=np.full(N, fwhm),
        ellipticity=np.full(N, ellipticity),
    )
    mesh = Mesh(np.full((3, 8, 8), 900.0), 32)
    return FrameMeasure(
        stars, N, fwhm, ellipticity, 0.0, np.full(3, 900.0), np.full(3, noise), mesh
    )


def same_stars() -> Alignment:
    return Alignment(IDENTITY, np.arange(N), np.arange(N), 0.05)


def verdicts(*measures: FrameMeasure, residual: float = 1.0, for_stars: bool = True) -> list[str]:
    """Return the reasons for frames after five good ones."""
    everyone = [measure() for _ in range(5)] + list(measures)
    scales = [flux_scale(one, everyone[0], same_stars()) for one in everyone]
    worth = [
        surface_weight(one, everyone[0], scale) for one, scale in zip(everyone, scales, strict=True)
    ]
    skies = [SkyDifference(np.zeros((3, 3)), 1.0)] * 5
    skies += [SkyDifference(np.zeros((3, 3)), residual)] * len(measures)
    reasons = judge(everyone, scales, worth, skies, for_stars=for_stars)
    assert reasons[:5] == [""] * 5
    return reasons[5:]


def test_the_flux_scale_undoes_a_cloud_whatever_a_few_stars_say() -> None:
    cloudy = measure(0.5)
    assert flux_scale(cloudy, measure(), same_stars()) == pytest.approx(2.0, rel=1e-6)
    light = cloudy.stars.light.copy()
    light[:4] *= 3.0
    variable = replace(cloudy, stars=replace(cloudy.stars, light=light))
    assert flux_scale(variable, measure(), same_stars()) == pytest.approx(2.0, rel=1e-6)


def test_the_sharper_rounder_quieter_frame_is_preferred() -> None:
    best = sharpness(measure())
    assert best > sharpness(measure(fwhm=4.0))
    assert best > sharpness(measure(ellipticity=0.4))
    assert best > sharpness(measure(noise=30.0))
    nothing = Stars(*[np.empty(0)] * 6)
    assert sharpness(replace(measure(), stars=nothing)) == 0.0


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (measure(fwhm=6.0), "blurred: 6.0 px wide where 3.0 px are usual"),
        (measure(ellipticity=0.6), "trailed (ellipticity 0.60)"),
        (measure(0.2), "cloud at 20%"),
        (measure(noise=100.0), "too noisy: 4%"),
    ],
)
def test_bad_frames_are_left_out_for_a_reason(bad: FrameMeasure, words: str) -> None:
    (reason,) = verdicts(bad)
    assert words in reason


def test_an_uneven_sky_is_left_out() -> None:
    (reason,) = verdicts(measure(), residual=60.0)
    assert "uneven by 60 ADU" in reason


def test_frames_a_little_worse_than_usual_stay() -> None:
    assert verdicts(measure(0.6), measure(fwhm=4.0), measure(noise=30.0)) == ["", "", ""]
