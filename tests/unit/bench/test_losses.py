"""What is replaced by truth to see where a stack loses depth."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from bench.best_light import spoilt
from bench.losses import AS_IT_IS, Replaced, bootstrapped, stacked
from bench.losses_truth import MEASURED, known_layers, unspoilt
from bench.stack_sets import FrameSet
from crowdsky.stacking.engine import Masters, StackOptions
from crowdsky.stacking.engines import native
from crowdsky.stacking.integration.layer import Layer
from crowdsky.stacking.registration.transform import apply
from crowdsky.synthetic.sky import SEESTAR_S50, Night, Truth, star_field, write_night

SIDE = 480


def silent(stage: str, done: int, total: int) -> None:
    """Take no notice of progress."""


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    rng = np.random.default_rng(8)
    night = Night(
        star_field("SIM", 200.0, 35.0, rng, stars_per_sq_deg=1500.0),
        SEESTAR_S50.resized(SIDE, SIDE),
        n_subs=5,
        dither_px=4.0,
        satellites=(1,),
        cloudy=(3,),
        cloud_transparency=0.7,
        soft=(0,),
        sky_drift=0.3,
        gradient_adu=60.0,
        n_hot_pixels=40,
    )
    return write_night(tmp_path_factory.mktemp("night"), night, rng)


@pytest.fixture(scope="module")
def layers(truth: Truth) -> list[Layer]:
    plan = native.make_plan(truth.paths, StackOptions(), silent, Masters(), 1)
    return plan.layers


def test_truth_is_what_the_engine_measures(truth: Truth, layers: list[Layer]) -> None:
    known = known_layers(layers, truth, MEASURED)
    assert len(known) == 5
    corners = np.array([0.0, SIDE, 0.0, SIDE]), np.array([0.0, 0.0, SIDE, SIDE])
    for own, true in zip(layers, known, strict=True):
        off = np.array(apply(own.transform, *corners)) - apply(true.transform, *corners)
        assert np.abs(off).max() < 0.3
        assert own.scale == pytest.approx(true.scale, rel=0.06)
        assert own.weight == pytest.approx(true.weight, rel=0.15)
        # The sky follows the scale, which also multiplies the pedestal.
        alike = known_layers([dataclasses.replace(own), layers[_reference(layers)]], truth, ["sky"])
        middle = (1.0, SIDE / 2, SIDE / 2)
        assert own.sky @ middle == pytest.approx(alike[0].sky @ middle, abs=4.0)
        assert own.sky[:, 1:] == pytest.approx(alike[0].sky[:, 1:], abs=0.02)


def _reference(layers: list[Layer]) -> int:
    return next(i for i, layer in enumerate(layers) if layer.transform == (1, 0, 0, 0, 1, 0))


def test_only_what_is_asked_for_is_replaced(truth: Truth, layers: list[Layer]) -> None:
    assert known_layers(layers, truth, ()) == layers
    scaled = known_layers(layers, truth, ["scales"])
    assert [one.transform for one in scaled] == [one.transform for one in layers]
    assert [one.scale for one in scaled] != [one.scale for one in layers]


def test_subs_lose_what_spoils_them_and_nothing_else(truth: Truth, tmp_path: Path) -> None:
    paths = unspoilt(truth, tmp_path / "unspoilt")
    for sub, before, after in zip(truth.subs, truth.paths, paths, strict=True):
        old, new = (fits.getdata(path).astype(float) for path in (before, after))
        bad = spoilt(truth, sub)
        assert (old[~bad] == new[~bad]).all()
    trailed = spoilt(truth, truth.subs[1])
    before, after = (np.minimum(fits.getdata(path), 2000.0) for path in (truth.paths[1], paths[1]))
    assert before[trailed].mean() > before[~trailed].mean() + 100.0
    assert after[trailed].mean() == pytest.approx(after[~trailed].mean(), abs=20.0)


def test_a_stack_of_truth_holds_all_subs(truth: Truth, tmp_path: Path) -> None:
    night = FrameSet(AS_IT_IS, tuple(truth.paths), truth)
    plain = stacked(night, Replaced(), tmp_path)
    best = stacked(night, Replaced(MEASURED, exact=True, unspoilt=True), tmp_path)
    assert plain.used == best.used == 5
    assert best.variance is not None
    both = plain.covered & best.covered
    apart = (plain.planes - best.planes)[:, both]
    noise = np.sqrt(np.median(best.variance.pixels[both]))
    assert 0.0 < np.median(np.abs(apart)) < noise
    with pytest.raises(ValueError, match="no truth"):
        stacked(dataclasses.replace(night, truth=None), Replaced(), tmp_path)


def test_drawing_stars_anew_gives_the_error_of_a_ratio() -> None:
    rng = np.random.default_rng(2)
    found = []
    for _ in range(100):
        shared = rng.normal(0.0, 1.0, 200)
        found.append(bootstrapped(1.1 * shared, shared + rng.normal(0.0, 0.3, 200)))
    values = np.array([one.value for one in found])
    assert values.mean() == pytest.approx(1.1 / np.hypot(1.0, 0.3), rel=0.01)
    assert np.mean([one.error for one in found]) == pytest.approx(values.std(), rel=0.3)
