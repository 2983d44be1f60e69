"""What subs are weighed for: their share in the stack, and what the stack says about it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.base.errors import ConfigurationError
from crowdsky.stacking.stack_files import stack_files
from tests.sky.conftest import MakeNight
from tests.sky.native_checks import reasons, run, used

MIXED = {"n_subs": 7, "soft": (1, 4), "trailed": (5,), "smear_px": 12.0}


def weights_of(paths: list[Path], weights: str) -> np.ndarray:
    return np.array([one.report.weight for one in run(paths, weights=weights).frames])


def test_sharp_subs_count_more_for_stars_only(make_night: MakeNight) -> None:
    truth = make_night(**MIXED, sky_drift=0.0)
    soft, sharp = [1, 4], [0, 2, 3, 6]
    for_stars = weights_of(truth.paths, "point-sources")
    assert for_stars[soft] == pytest.approx(0.7 * np.median(for_stars[sharp]), rel=0.12)
    assert for_stars[5] == 0.0
    # The shape of stars makes a light that differs a little within the same aperture.
    for_surfaces = weights_of(truth.paths, "surface")
    assert for_surfaces == pytest.approx(np.full(7, np.median(for_surfaces)), rel=0.15)
    alike = weights_of(truth.paths, "equal")
    assert alike == pytest.approx([1, 1, 1, 1, 1, 0, 1])


def test_a_smeared_sub_shows_surfaces_as_well_as_others(make_night: MakeNight) -> None:
    truth = make_night(**MIXED)
    left_out = run(truth.paths)
    assert "blurred" in reasons(left_out)[5]
    assert used(run(truth.paths, weights="surface")) == [True] * 7


def test_the_stack_says_what_its_subs_are_weighed_for(
    make_night: MakeNight, tmp_path: Path
) -> None:
    truth = make_night(n_subs=3)
    for given, method, card in (
        (None, "mean", "point-sources"),
        ("surface", "mean", "surface"),
        (None, "median", None),
    ):
        stack_files(truth.paths, tmp_path / "stack.fits", method, weights=given)
        assert fits.getheader(tmp_path / "stack.fits").get("WEIGHTS") == card


def test_weights_that_cannot_be_applied_are_refused(make_night: MakeNight, tmp_path: Path) -> None:
    paths, output = make_night(n_subs=1).paths, tmp_path / "stack.fits"
    with pytest.raises(ConfigurationError, match="no weights 'seeing'"):
        stack_files(paths, output, weights="seeing")
    with pytest.raises(ConfigurationError, match="the median counts all subs the same"):
        stack_files(paths, output, "median", weights="surface")
    with pytest.raises(ConfigurationError, match="the engine seestarpy counts all subs"):
        stack_files(paths, output, engine="seestarpy", weights="equal")
