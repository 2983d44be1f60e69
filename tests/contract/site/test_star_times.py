"""The barycentric time of a star beside the middle of its picture, as astropy has it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord, get_body_barycentric
from astropy.time import Time

from demo.services import php_command

SCRIPT = Path(__file__).with_name("star_times.php")
LIGHT_SECONDS = 499.004784
COUNT = 1000


def test_it_is_that_of_astropy_everywhere_and_for_decades() -> None:
    rng = np.random.default_rng(16)
    times = rng.uniform(2451545.0, 2473459.0, COUNT)  # 2000 to 2060
    ra, dec = rng.uniform(0, 360, COUNT), np.degrees(np.arcsin(rng.uniform(-1, 1, COUNT)))
    middles = SkyCoord(ra, dec, unit=u.deg)
    angles, distances = rng.uniform(0, 360, COUNT), rng.uniform(0, 3, COUNT)
    stars = middles.directional_offset_by(angles * u.deg, distances * u.deg)
    earth = get_body_barycentric("earth", Time(times, format="jd", scale="tdb")).xyz
    apart = (stars.cartesian - middles.cartesian).xyz
    expected = (earth.to_value(u.AU) * apart.value).sum(axis=0) * LIGHT_SECONDS

    asked = np.stack([times, stars.ra.deg, stars.dec.deg, ra, dec], axis=1).tolist()
    run = subprocess.run(
        [*php_command(), str(SCRIPT)], input=json.dumps(asked), capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr

    assert np.abs(expected).max() > 20, "it is worth the correction"
    # A difference of Julian dates has 0.04 ms.
    assert np.abs(json.loads(run.stdout) - expected).max() < 0.02
