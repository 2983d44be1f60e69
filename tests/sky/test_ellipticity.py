"""How long the stars of each sub are, against nights with known wind."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from astropy.io import fits

from crowdsky.stacking.stack_files import ENGINES, stack_files
from tests.sky.conftest import MakeNight

pytestmark = pytest.mark.slow

WINDY = 1
SIGMA_TO_FWHM = 2.0 * math.sqrt(2.0 * math.log(2.0))


def true_ellipticity(smear_px: float, fwhm_px: float) -> float:
    """1 - b/a of a star that moves evenly along a straight line during the exposure."""
    variance = (fwhm_px / SIGMA_TO_FWHM) ** 2
    return 1.0 - math.sqrt(variance / (variance + smear_px**2 / 12.0))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("smear_px", [pytest.param(2.0, marks=pytest.mark.every), 3.5])
def test_each_sub_says_how_long_its_stars_are(
    make_night: MakeNight, tmp_path: Path, engine: str, smear_px: float
) -> None:
    truth = make_night(n_subs=3, trailed=(WINDY,), smear_px=smear_px)

    result = stack_files(truth.paths, tmp_path / "stack.fits", engine=engine)

    found = [frame.ellipticity for frame in result.frames]
    expected = true_ellipticity(smear_px, 2.95)
    assert found[WINDY] == pytest.approx(expected, abs=0.04)
    assert max(found[0], found[2]) < 0.08
    rows = fits.getdata(result.output_path, "FRAMES")
    assert list(rows["ELLIPTIC"]) == pytest.approx(found, rel=1e-6)
