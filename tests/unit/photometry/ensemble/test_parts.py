"""Epochs that are only fitted: they get the right zero points, and change nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from crowdsky.photometry.ensemble.field import calibrate_field
from crowdsky.photometry.ensemble.flags import StarFlag
from crowdsky.photometry.ensemble.tables import (
    Epochs,
    FieldCalibration,
    FieldObservations,
    Observations,
)
from crowdsky.photometry.variability.candidates import find_variables
from tests.support.ensemble_fields import FieldPlan, ObservedField, observed_field

PLAN = FieldPlan(n_epochs=40, n_stars=90, n_telescopes=2, flat_mag=0.01, gradient_mag=0.01)
N_PARTS = 15
STACKS = (3, 10)
"""Stacks that have a series; they are of different telescopes."""


def with_parts(field: ObservedField, rng: np.random.Generator) -> FieldObservations:
    """Add the parts of two stacks: the same stars with more noise, under passing clouds."""
    given = field.observations
    epochs, rows = given.epochs, given.observations
    number = len(epochs)
    more_epochs, more_rows = [epochs], [rows]
    for stack in STACKS:
        of_stack = rows.epoch == stack
        for part in range(N_PARTS):
            wanted = np.arange(len(epochs)) == stack
            one = {f.name: getattr(epochs, f.name)[wanted].copy() for f in fields(Epochs)}
            one["epoch_id"] = one["epoch_id"] * 1000 + part
            one["mjd"] = one["mjd"] + (part - 7) * 60.0 / 86400.0
            one["exposure_s"] = one["exposure_s"] / N_PARTS
            one["fit_only"] = np.ones(1, bool)
            more_epochs.append(Epochs(**one))
            seen = {f.name: getattr(rows, f.name)[of_stack].copy() for f in fields(Observations)}
            seen["epoch"][:] = number
            noise = seen["flux_error"] * np.sqrt(N_PARTS)
            light = 10.0 ** (-0.4 * clouds(part))
            seen["flux"] = (seen["flux"] + rng.normal(size=noise.shape) * noise) * light
            seen["flux_error"] = noise * light
            more_rows.append(Observations(**seen))
            number += 1
    return replace(
        given, epochs=joined(Epochs, more_epochs), observations=joined(Observations, more_rows)
    )


def joined(kind: type[Any], records: Sequence[Any]) -> Any:
    columns = [np.concatenate([getattr(r, f.name) for r in records]) for f in fields(kind)]
    return kind(*columns)


def clouds(part: int) -> float:
    """Magnitudes by which a part is fainter than its stack."""
    return 0.4 if part in (4, 5) else 0.0


@pytest.fixture(scope="module")
def field() -> ObservedField:
    return observed_field(PLAN, seed=8)


@pytest.fixture(scope="module")
def alone(field: ObservedField) -> FieldCalibration:
    return calibrate_field(field.observations, None)


@pytest.fixture(scope="module")
def together(field: ObservedField) -> FieldCalibration:
    return calibrate_field(with_parts(field, np.random.default_rng(3)), None)


def test_they_change_nothing_of_stars_and_stacks(
    alone: FieldCalibration, together: FieldCalibration
) -> None:
    for column in fields(alone.stars):
        old, new = (getattr(one.stars, column.name) for one in (alone, together))
        assert np.array_equal(old, new, equal_nan=old.dtype.kind == "f"), column.name
    stacks = together.zero_points.epoch_id < 100_000
    for column in fields(alone.zero_points):
        old, new = (getattr(one.zero_points, column.name) for one in (alone, together))
        assert np.array_equal(old, new[stacks]), column.name


def test_their_zero_points_follow_the_clouds(together: FieldCalibration) -> None:
    points = together.zero_points
    off, errors = [], []
    for stack in STACKS:
        for band in "RGB":
            own = points.zero_point[(points.epoch_id == 501 + stack) & (points.band == band)]
            for part in range(N_PARTS):
                at = (points.epoch_id == (501 + stack) * 1000 + part) & (points.band == band)
                assert at.sum() == 1
                off.append(float(points.zero_point[at][0] - own[0]) + clouds(part))
                errors.append(float(points.zero_point_error[at][0]))
    assert np.abs(off).max() < 0.03
    assert 0.5 < np.std(np.array(off) / np.array(errors)) < 1.5


def test_their_terms_are_those_of_their_stack(together: FieldCalibration) -> None:
    points = together.zero_points
    for stack in STACKS:
        own = (points.epoch_id == 501 + stack) & (points.band == "G")
        parts = (points.epoch_id // 1000 == 501 + stack) & (points.band == "G")
        for name in ("colour_term", "u_term", "vv_term"):
            assert (getattr(points, name)[parts] == getattr(points, name)[own]).all()
        assert (points.floor_mag[parts] > points.floor_mag[own]).all(), "they scintillate more"


def test_a_part_with_few_usable_stars_has_none(field: ObservedField) -> None:
    given = with_parts(field, np.random.default_rng(3))
    rows = given.observations
    last = rows.epoch == len(given.epochs) - 1
    flags = np.where(last & (rows.star > 1), int(StarFlag.SATURATED), rows.flags).astype(np.int16)
    given = replace(given, observations=replace(rows, flags=flags))
    found = calibrate_field(given, None).zero_points
    assert given.epochs.epoch_id[-1] not in found.epoch_id
    assert given.epochs.epoch_id[-2] in found.epoch_id


def test_parts_without_a_stack_have_none(field: ObservedField) -> None:
    given = with_parts(field, np.random.default_rng(3))
    epochs = given.epochs
    telescope = np.where(epochs.fit_only, "Unknown", epochs.telescope)
    given = replace(given, epochs=replace(epochs, telescope=telescope))
    found = calibrate_field(given, None).zero_points
    assert not np.isin(epochs.epoch_id[epochs.fit_only], found.epoch_id).any()


def test_variable_stars_are_those_of_the_stacks_alone(
    field: ObservedField, alone: FieldCalibration, together: FieldCalibration
) -> None:
    asked = np.arange(len(field.observations.stars)) == 0
    stars = replace(field.observations.stars, search=asked)
    plain = replace(field.observations, stars=stars)
    parts = replace(with_parts(field, np.random.default_rng(3)), stars=stars)
    assert find_variables(parts, together) == find_variables(plain, alone)
