"""Exposure times and filters that are the same setting."""

from __future__ import annotations

import pytest

from crowdsky.frames.likeness import filter_form, linked_exposures


def test_exposures_are_linked_by_gaps_of_two_per_cent() -> None:
    linked = linked_exposures([10.0, 10.02, 10.15, 20.0, 20.5, 10.0, 0.5])
    assert linked == {0.5: 0.5, 10.0: 10.0, 10.02: 10.0, 10.15: 10.0, 20.0: 20.0, 20.5: 20.5}


@pytest.mark.parametrize(
    "name", ["IRCUT", "ir-cut", "IR Cut", "UV/IR Cut", "UV-IR", "IRCUT Filter"]
)
def test_one_filter_has_many_names(name: str) -> None:
    assert filter_form(name) == "ircut"


@pytest.mark.parametrize(
    ("one", "other"),
    [("LP", "IRCUT"), ("Ha", "OIII"), ("L", "R"), ("Filter", "IRCUT"), (None, "L")],
)
def test_different_filters_stay_apart(one: str | None, other: str) -> None:
    assert filter_form(one) != filter_form(other)
