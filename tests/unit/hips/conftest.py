"""Stacks with known stars, solved and calibrated, in one region of the sky."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.solving.solution import HeaderCard
from crowdsky.solving.tan import TanWcs
from tests.support.synthetic_stack import COLOURS, Light, write_stack

SHAPE = (360, 240)
ZERO_POINT = 23.0
"""Magnitude of 1 ADU of green in the reference stack."""


def plate(ra: float, dec: float, scale: float = 2.4, turn: float = 0.0) -> TanWcs:
    """Return the plate of a stack whose middle is at a position, turned by some degrees."""
    step, angle = scale / 3600.0, math.radians(turn)
    cd = (-step * math.cos(angle), step * math.sin(angle),
          step * math.sin(angle), step * math.cos(angle))  # fmt: skip
    return TanWcs(ra, dec, (SHAPE[1] - 1) / 2.0, (SHAPE[0] - 1) / 2.0, cd)


def cards_of(wcs: TanWcs, zero_point: float) -> dict[str, object]:
    """Return the cards of a solved and calibrated stack."""
    found: list[HeaderCard] = [
        ("CTYPE1", "RA---TAN", ""), ("CTYPE2", "DEC--TAN", ""),
        ("CRVAL1", wcs.ra0, ""), ("CRVAL2", wcs.dec0, ""),
        ("CRPIX1", wcs.x0 + 1.0, ""), ("CRPIX2", wcs.y0 + 1.0, ""),
        ("CD1_1", wcs.cd[0], ""), ("CD1_2", wcs.cd[1], ""),
        ("CD2_1", wcs.cd[2], ""), ("CD2_2", wcs.cd[3], ""),
    ]  # fmt: skip
    cards: dict[str, object] = {key: value for key, value, _ in found}
    for letter, share in zip("RGB", COLOURS, strict=True):
        cards[f"ZP{letter}"] = zero_point + 2.5 * math.log10(share)
    return cards


def plant(
    path: Path,
    wcs: TanWcs,
    stars: list[tuple[float, float, float]],
    *,
    zero_point: float = ZERO_POINT,
    seed: int = 1,
    **more: object,
) -> Path:
    """Write a stack: stars at RA, Dec and magnitude, seen through air of some zero point."""
    x, y = wcs.pixel([star[0] for star in stars], [star[1] for star in stars])
    flux = np.array([10.0 ** (0.4 * (zero_point - star[2])) for star in stars])
    header = cards_of(wcs, zero_point)
    write_stack(path, Light(x, y, flux), wcs, np.random.default_rng(seed), shape=SHAPE,
                header=header, **more)  # fmt: skip
    return path


@pytest.fixture
def stack(tmp_path: Path) -> Callable[..., Path]:
    """``plant`` with a name instead of a path."""
    return lambda name, *arguments, **more: plant(tmp_path / name, *arguments, **more)


@pytest.fixture
def without() -> Callable[[Path, str], Path]:
    """Remove a card from the header of a stack."""

    def remove(path: Path, card: str) -> Path:
        with fits.open(path, mode="update") as hdus:
            del hdus[0].header[card]
        return path

    return remove
