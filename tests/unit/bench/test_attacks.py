"""No column of depth is improved by anything that can be done to a finished stack."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench import quality
from bench.attacks import ATTACKS, attacked
from bench.best_weights import NOTHING
from bench.stack_depth import SNR_BINS, Depth, column_ratios, columns, ideal_snr
from tests.support.known_pictures import N_SUBS, KnownPicture, all_values, known_picture

NIGHTS = 3
SIGMAS = 3.0
NEGLIGIBLE = 0.015
"""Share by which a column may move: its own error is more, and so is that of what it decides."""


@pytest.fixture(scope="module")
def nights() -> list[KnownPicture]:
    return [known_picture(seed) for seed in range(NIGHTS)]


@pytest.fixture(scope="module")
def untouched(nights: list[KnownPicture]) -> list[Depth]:
    return [night.depth(night.picture) for night in nights]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_column_is_improved(
    nights: list[KnownPicture], untouched: list[Depth], attack: str
) -> None:
    after = [night.depth(attacked(night.picture, attack)) for night in nights]
    found = column_ratios(after, untouched)
    assert NOTHING not in found.values(), all_values(found)
    own = columns(untouched)
    for name, ratio in found.items():
        gain = ratio.value - 1.0 if name == "completeness" else 1.0 - ratio.value
        assert gain <= max(SIGMAS * ratio.error, NEGLIGIBLE), f"{name} {ratio}"
        assert gain < own[name].error / own[name].value, f"{name} {ratio}"


def test_the_attacks_do_improve_what_was_measured_before(nights: list[KnownPicture]) -> None:
    """Noise of empty apertures, that of pixels, and the fitted width of stars can all be moved."""

    def empty_apertures(night: KnownPicture, attack: str | None) -> float:
        picture = night.picture if attack is None else attacked(night.picture, attack)
        rows, columns_ = np.nonzero(night.free)
        chosen = np.random.default_rng(1).choice(rows.size, 4000, replace=False)
        light = quality.aperture_light(
            picture.luminance, columns_[chosen].astype(float), rows[chosen].astype(float), 3.0
        )
        return quality.scatter(light)

    def width(night: KnownPicture, attack: str | None) -> float:
        picture = night.picture if attack is None else attacked(night.picture, attack)
        bright = np.argsort(-night.light)[:30]
        return quality.star_widths(picture.luminance, night.x[bright], night.y[bright])[0]

    one = nights[0]
    assert empty_apertures(one, "star-sparing mean") < 0.97 * empty_apertures(one, None)
    assert empty_apertures(one, "3x3 mean") < 0.93 * empty_apertures(one, None)
    assert width(one, "sharpening") < 0.95 * width(one, None)


@pytest.mark.every
def test_places_are_not_improved_by_sparing_the_bright_stars(
    nights: list[KnownPicture], untouched: list[Depth]
) -> None:
    """So does debayering that follows edges, which noise hides from it around other stars."""
    after = []
    for night in nights:
        smooth = attacked(night.picture, "3x3 mean")
        rows, columns_ = np.mgrid[: night.free.shape[0], : night.free.shape[1]]
        bright = ideal_snr(night.light, N_SUBS) > SNR_BINS["bright"][0]
        planes = smooth.planes.copy()
        for x, y in zip(night.x[bright], night.y[bright], strict=True):
            spared = np.hypot(columns_ - x, rows - y) < 10.0
            planes[:, spared] = night.picture.planes[:, spared]
        after.append(
            night.depth(replace(smooth, planes=planes, luminance=planes.mean(axis=0), raw=planes))
        )
    found = column_ratios(after, untouched)["place"]
    assert found.value > 1.0 - max(2.0 * found.error, NEGLIGIBLE), found


@pytest.mark.every
def test_a_picture_with_more_noise_is_seen_to_be_worse() -> None:
    """The columns are not moved by filters, yet by what counts: noise."""
    nights = [known_picture(seed) for seed in (11, 12)]
    rng = np.random.default_rng(5)
    worse, better = [], []
    for night in nights:
        planes = night.picture.planes
        noise = rng.normal(0.0, 2.0 * np.std(planes[:, night.free]), planes.shape)
        noisy = (planes + noise).astype(np.float32)
        picture = type(night.picture)(
            noisy, noisy.mean(axis=0), night.picture.covered, night.picture.used, {}
        )
        worse.append(night.depth(picture))
        better.append(night.depth(night.picture))
    found = column_ratios(worse, better)
    for name in ("flux, faint", "flux, middle", "place", "discs of 16 px", "streaks of 64 px"):
        assert found[name].value > 1.0 + 2.0 * found[name].error, f"{name} {found[name]}"
    assert found["completeness"].value < 1.0
