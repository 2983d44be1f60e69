"""The error model: scintillation of small telescopes, and the floor of constant stars."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.photometry.ensemble.noise import (
    DEFAULT_FLAT_MAG,
    aperture_mm,
    fit_floor,
    scintillation_mag,
)


def test_scintillation_is_that_of_the_formula() -> None:
    # 1e-5 * 1.5^2 * 0.05^(-4/3) / 80 * 1.2^3, its root times 1.0857
    found = scintillation_mag(np.array([50.0]), np.array([80.0]), np.array([1.2]))
    assert found[0] == pytest.approx(0.00558, abs=5e-5)


@pytest.mark.parametrize("airmass", [np.nan, 0.0])
def test_an_unknown_airmass_counts_as_one_and_a_half(airmass: float) -> None:
    arguments = (np.array([50.0]), np.array([80.0]))
    unknown = scintillation_mag(*arguments, np.array([airmass]))
    assert unknown == pytest.approx(scintillation_mag(*arguments, np.array([1.5])))


@pytest.mark.parametrize(
    ("telescope", "expected"),
    [
        ("Seestar S50_8a95aa90", (50.0, True)),
        ("S30_aaaa3350", (30.0, True)),
        ("DWARF II_33333333", (24.0, True)),
        ("DWARF 3_12345678", (35.0, True)),
        ("DWARF mini_12345678", (30.0, True)),
        ("Homemade_12345678", (50.0, False)),
    ],
)
def test_telescopes_have_their_apertures(telescope: str, expected: tuple[float, bool]) -> None:
    assert aperture_mm(telescope) == expected


def test_the_floor_is_found_among_variable_stars() -> None:
    rng = np.random.default_rng(4)
    sigma = rng.uniform(0.001, 0.02, 2000)
    group = np.arange(2000) % 2
    residual = rng.normal(size=2000) * np.hypot(sigma, np.array([0.004, 0.012])[group])
    residual[:60] *= 20.0
    floors = fit_floor(group, 2, residual, sigma, np.ones(2000))
    assert floors[0].mag == pytest.approx(0.004, abs=0.001)
    assert floors[1].mag == pytest.approx(0.012, abs=0.0015)


def test_too_few_observations_show_no_floor() -> None:
    floors = fit_floor(np.zeros(5, int), 1, np.ones(5), np.full(5, 0.001), np.ones(5))
    assert (floors[0].mag, floors[0].n_observations) == (DEFAULT_FLAT_MAG, 0)
