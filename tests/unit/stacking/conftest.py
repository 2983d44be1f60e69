"""Fixtures for tests of stacking: a way to write a product."""

from __future__ import annotations

from pathlib import Path

import pytest

from crowdsky.sources.sep_extract import detect_stars
from crowdsky.stacking.engine import StackedPicture
from crowdsky.stacking.product.product import write_product
from crowdsky.stacking.records import StackResult
from tests.unit.stacking.products import PROVENANCE, Write


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a picture as ``stack.fits``."""

    def write_it(made: StackedPicture) -> StackResult:
        stars = detect_stars(made.planes, made.footprint)
        return write_product(tmp_path / "stack.fits", made, stars, PROVENANCE)

    return write_it
