"""Synthetic nights that are small enough for quick tests."""

from __future__ import annotations

import shutil
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from crowdsky.synthetic.sky import SEESTAR_S50, Night, Truth, star_field, write_night

FIRST_START = datetime(2025, 3, 27, 1, 20, 30, 955368, tzinfo=UTC)
MakeNight = Callable[..., Truth]


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Truth]:
    """Render a night once; rendering takes as long as stacking."""
    root = tmp_path_factory.mktemp("nights")
    nights: dict[str, Truth] = {}

    def render(seed: int, settings: dict[str, object]) -> Truth:
        name = f"{seed} {sorted(settings.items())}"
        if name not in nights:
            nights[name] = write_small_night(root / str(len(nights)), seed, settings)
        return nights[name]

    return render


@pytest.fixture
def make_night(tmp_path: Path, rendered: Callable[..., Truth]) -> MakeNight:
    """Write a night of small subs (480x640, a rich random field); settings are those of Night.

    Nights in folders of other names begin at other times: one telescope takes one exposure at a
    time, and a second one would be taken for a copy.
    """

    def make(folder: str = "subs", seed: int = 1, **settings: object) -> Truth:
        if folder != "subs":
            later = timedelta(minutes=1 + zlib.crc32(folder.encode()) % 10_000)
            settings = {"start": FIRST_START + later} | settings
        truth = rendered(seed, settings)
        own = shutil.copytree(truth.folder, tmp_path / folder, dirs_exist_ok=True)
        return replace(truth, folder=own)

    return make


def write_small_night(folder: Path, seed: int, settings: dict[str, object]) -> Truth:
    """Render a night of small subs into a folder."""
    rng = np.random.default_rng(seed)
    field = star_field(
        "Test Field", 150.0, 30.0, rng, radius_deg=0.35, stars_per_sq_deg=1500.0, index_dir=None
    )
    night = replace(
        Night(field, SEESTAR_S50.resized(480, 640), n_subs=4, n_hot_pixels=3, n_warm_pixels=30),
        **settings,  # type: ignore[arg-type]
    )
    return write_night(folder, night, rng)
