"""Synthetic nights that are small enough for quick tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from crowdsky.synthetic.sky import SEESTAR_S50, Night, Truth, star_field, write_night

MakeNight = Callable[..., Truth]


@pytest.fixture(scope="session", autouse=True)
def ready(kernels: None) -> None:
    """Every test finds the kernels compiled."""


@pytest.fixture
def make_night(tmp_path: Path) -> MakeNight:
    """Write a night of small subs (480x640, a rich random field); settings are those of Night."""

    def make(folder: str = "subs", seed: int = 1, **settings: object) -> Truth:
        rng = np.random.default_rng(seed)
        field = star_field(
            "Test Field", 150.0, 30.0, rng, radius_deg=0.35, stars_per_sq_deg=1500.0, index_dir=None
        )
        night = replace(
            Night(field, SEESTAR_S50.resized(480, 640), n_subs=4, n_hot_pixels=3, n_warm_pixels=30),
            **settings,  # type: ignore[arg-type]
        )
        return write_night(tmp_path / folder, night, rng)

    return make
