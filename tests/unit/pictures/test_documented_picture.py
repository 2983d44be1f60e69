"""The script of docs/worker.md that subtracts the sky of a stack and balances its colours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from astropy.io import fits

from crowdsky.base.python_path import python_path
from demo.services import REPOSITORY
from tests.support.documented import documented
from tests.support.star_fields import plate
from tests.support.synthetic_stack import NOISE, Light, write_stack

SCRIPT = documented("background and colour", REPOSITORY / "docs" / "worker.md")


def test_the_script_leaves_a_flat_sky(tmp_path: Path) -> None:
    rng = np.random.default_rng(21)
    # Too few stars to solve, so that no time is spent on the search for a place on the sky.
    stars = Light(rng.uniform(20, 500, 3), rng.uniform(20, 700, 3), rng.uniform(2e3, 5e4, 3))
    wcs = plate(315.4, 68.2, 40.0, width=520, height=720)
    write_stack(tmp_path / "stack.fits", stars, wcs, rng, shape=(720, 520), gradient=60.0)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=tmp_path,
        env={**os.environ, **python_path()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    planes = fits.getdata(tmp_path / "picture.fits")
    assert planes.shape == (3, 720, 520)
    for plane, noise in zip(planes, NOISE, strict=True):
        columns = np.median(plane[:, :-10], axis=0)
        assert np.abs(columns).max() < 0.4 * noise, "no slope is left"
        assert (plane[:, -10:] == 0.0).all()
    assert "sky known to (" in done.stdout
    assert "colours as the camera sees them: red has no " in done.stdout, "nothing is known here"
