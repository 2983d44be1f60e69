"""Two real nights of M 94, stacked by themselves and merged, beside one stack of all their subs.

The second night was clearer and darker, so that scale, sky and weight of the two differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import sep
from astropy.io import fits

from crowdsky.stacking.records import StackResult
from crowdsky.stacking.registration.transform import apply, compose, invert
from crowdsky.stacking.stack_files import merge_files, stack_files

pytestmark = [pytest.mark.real_subs, pytest.mark.slow]

APERTURE_PX = 4.0


@dataclass(frozen=True)
class Nights:
    """Both nights, what they were merged to, and all their subs stacked at once."""

    first: StackResult
    second: StackResult
    deep: StackResult
    at_once: StackResult


@pytest.fixture(scope="module")
def nights(real_subs: Path, tmp_path_factory: pytest.TempPathFactory) -> Nights:
    folder = tmp_path_factory.mktemp("nights")
    subs = [sorted((real_subs / f"m94_night{night}").glob("Light_*.fit")) for night in (1, 2)]
    first, second = (
        stack_files(paths, folder / f"night{number}.fits", engine="native")
        for number, paths in enumerate(subs, 1)
    )
    deep = merge_files([first.output_path, second.output_path], folder / "deep.fits")
    at_once = stack_files([*subs[0], *subs[1]], folder / "at_once.fits", engine="native")
    return Nights(first, second, deep, at_once)


def grey(result: StackResult) -> np.ndarray:
    """The mean of the planes without the sky, (height, width) float32."""
    with fits.open(result.output_path) as hdus:
        planes = [hdus[name].data for name in ("RED", "GREEN", "BLUE")]
    picture = np.mean(planes, axis=0).astype(np.float32)
    return np.asarray(picture - sep.Background(picture, bw=32, bh=32))


def snr_of_stars(result: StackResult, like: StackResult) -> np.ndarray:
    """Signal-to-noise ratio of the stars that ``like`` shows, by the scatter of empty apertures."""
    stars = fits.getdata(like.output_path, "STAR-TAB")
    inside = (abs(stars["x"] - 540) < 440) & (abs(stars["y"] - 960) < 860)
    stars = stars[inside & (stars["flag"] == 0) & (stars["npix"] < 300)][:60]
    # Both hold the last sub: from the pixels of one stack onto it and on to those of the other.
    there, here = like.frames[-1].transform, result.frames[-1].transform
    assert there is not None
    assert here is not None
    assert like.frames[-1].sha256 == result.frames[-1].sha256
    x, y = apply(compose(here, invert(there)), stars["x"], stars["y"])
    picture = grey(result)
    light, _, _ = sep.sum_circle(picture, x, y, APERTURE_PX)
    rng = np.random.default_rng(1)
    empty_x, empty_y = rng.uniform(60, 1020, 6000), rng.uniform(60, 1860, 6000)
    empty, _, _ = sep.sum_circle(picture, empty_x, empty_y, APERTURE_PX)
    return np.asarray(light / (1.4826 * np.median(np.abs(empty - np.median(empty)))))


def test_counts_and_times_are_those_of_both_nights(nights: Nights) -> None:
    deep, at_once = nights.deep, nights.at_once
    assert (deep.n_frames_input, deep.n_frames_aligned, deep.total_exptime) == (18, 18, 180.0)
    assert deep.date_obs_start == nights.first.date_obs_start == at_once.date_obs_start
    assert deep.date_obs_end == nights.second.date_obs_end == at_once.date_obs_end
    assert deep.ra_deg == pytest.approx(at_once.ra_deg, abs=1e-6)
    assert deep.dec_deg == pytest.approx(at_once.dec_deg, abs=1e-6)
    assert [frame.sha256 for frame in deep.frames] == [frame.sha256 for frame in at_once.frames]


def test_the_footprint_counts_the_subs_of_both(nights: Nights) -> None:
    deep, at_once = (
        fits.getdata(result.output_path, "FOOTPRINT") for result in (nights.deep, nights.at_once)
    )
    assert deep.max() == at_once.max() == 18
    assert np.mean(deep == 18) == pytest.approx(np.mean(at_once == 18), abs=0.02)
    assert np.mean(deep == 18) > 0.9


def test_the_deep_stack_is_as_deep_as_one_of_all_subs(nights: Nights) -> None:
    deep = snr_of_stars(nights.deep, nights.at_once)
    at_once = snr_of_stars(nights.at_once, nights.at_once)
    better_night = snr_of_stars(nights.second, nights.at_once)
    assert np.median(deep / at_once) > 0.93
    assert np.median(deep) > 1.15 * np.median(better_night)


def test_stars_of_both_nights_meet(nights: Nights) -> None:
    def width(result: StackResult) -> float:
        stars = fits.getdata(result.output_path, "STAR-TAB")
        stars = stars[(stars["flag"] == 0) & (stars["npix"] > 12) & (stars["npix"] < 200)][:40]
        return float(np.median(np.sqrt(stars["a"] * stars["b"])))

    assert width(nights.deep) == pytest.approx(width(nights.at_once), rel=0.05)
