"""The truth of variable stars: levels, depths, moments and what exposures see of them."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.synthetic.variables import (
    Constant,
    ContactBinary,
    DetachedBinary,
    Dip,
    Irregular,
    Mira,
    RRLyrae,
    Transit,
    exposed_change,
)

T0 = 2461000.3


def test_a_constant_star_does_not_change() -> None:
    assert not np.any(Constant().change(np.linspace(T0, T0 + 9.0, 50)))


def test_a_detached_binary_is_at_rest_between_two_different_dips() -> None:
    binary = DetachedBinary(2.0, T0, Dip(0.6, 0.2, 0.05), Dip(0.2, 0.2, 0.05))
    depths = binary.change(T0 + np.array([0.0, 0.5, 1.0, 1.5, 2.0]))
    assert depths == pytest.approx([0.6, 0.0, 0.2, 0.0, 0.6])
    assert binary.change(T0 + np.array([-0.1001, 0.1001])) == pytest.approx([0.0, 0.0])


def test_a_contact_binary_has_two_minima_of_given_depths_per_period() -> None:
    binary = ContactBinary(0.4, T0, 0.45, 0.38)
    assert binary.change(T0 + np.array([0.0, 0.1, 0.2, 0.3])) == pytest.approx([0.45, 0, 0.38, 0])


def test_an_rr_lyrae_star_falls_slowly_and_rises_fast() -> None:
    star = RRLyrae(0.5, T0, 0.9, rise=0.2)
    phases = np.linspace(0.0, 1.0, 1001)
    light = star.change(T0 + 0.5 * phases)
    assert light[0] == pytest.approx(0.0)
    assert light.max() == pytest.approx(0.9)
    assert phases[light.argmax()] == pytest.approx(0.8)
    assert np.abs(np.diff(light)).max() < 0.02


def test_a_transit_is_deepest_in_its_middle_and_lasts_as_stated() -> None:
    planet = Transit(3.0, T0, 0.015, 0.12)
    hours = planet.change(T0 + np.linspace(-0.1, 0.1, 2001))
    assert hours.max() == pytest.approx(0.015)
    inside = np.flatnonzero(hours > 0.5 * 0.015)
    # Duration is measured where the planet's middle crosses the limb.
    assert np.ptp(inside) * 1e-4 == pytest.approx(0.12, abs=0.012)
    assert planet.change(np.array([T0 + 1.5]))[0] == 0.0


def test_a_mira_takes_half_a_period_from_maximum_to_minimum() -> None:
    assert Mira(300.0, T0, 4.0).change(T0 + np.array([0.0, 75.0, 150.0])) == pytest.approx(
        [0, 2, 4]
    )


def test_irregular_light_stays_within_its_amplitude() -> None:
    light = Irregular((3.0, 5.1), (0.1, 0.6), 0.4).change(T0 + np.linspace(0, 90, 3000))
    assert 0.0 <= light.min() < 0.05
    assert 0.35 < light.max() <= 0.4


def test_an_exposure_sees_the_mean_light_and_pulsations_are_larger_in_blue() -> None:
    dip = DetachedBinary(2.0, T0, Dip(0.6, 0.02, 0.0), Dip(0.1, 0.02, 0.0))
    when = np.array([T0])
    long, short = (exposed_change(dip, when, seconds)[0] for seconds in (3600.0, 1.0))
    assert short == pytest.approx(0.6, abs=1e-3)
    assert 0.0 < long < 0.25
    star, middle = RRLyrae(0.5, T0, 0.9), np.array([T0 + 0.4])
    red, green, blue = (exposed_change(star, middle, 10.0, band)[0] for band in "RGB")
    assert red < green < blue
    assert exposed_change(dip, when, 1.0, "B") == exposed_change(dip, when, 1.0, "R")
