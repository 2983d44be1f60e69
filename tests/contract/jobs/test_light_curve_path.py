"""From measured stacks to a light curve: ingestion, a real calibration, and the data API."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crowdsky.photometry.ensemble.field import calibrate_field
from tests.contract.calibrations.calibrator import Calibrator, as_file
from tests.contract.jobs.starry import MJD, PLATE, complete_with, starry_stack, stars_of
from tests.contract.jobs.support import Queue, Worker
from tests.contract.site.test_data_api import Reader
from tests.support.sites import SiteUnderTest

CLOUDS = (1.0, 0.7, 0.9, 0.5, 0.8, 0.6)
"""Part of the light that passes, per stack; their own zero points know nothing of it."""
VARIATION = (0.0, 0.1, 0.3, -0.2, 0.05, 0.2)
"""Magnitudes by which the first star changes."""


@pytest.fixture
def calibrator(site: SiteUnderTest) -> Calibrator:
    """A worker that calibrates."""
    return Calibrator(site, site.create_worker_key("photometer"))


def test_a_star_keeps_its_light_curve_from_stack_to_answer(
    site: SiteUnderTest, worker: Worker, queue: Queue, calibrator: Calibrator, tmp_path: Path
) -> None:
    site.rows.execute("UPDATE users SET stacks_public = 1")
    stars = stars_of(40)
    variable, *constant = stars
    stacks = []
    for day, (clouds, variation) in enumerate(zip(CLOUDS, VARIATION, strict=True)):
        light = clouds * 10.0 ** (-0.4 * variation)
        seen = [replace(variable, flux=variable.flux * light)]
        seen += [replace(star, flux=star.flux * clouds) for star in constant]
        body = starry_stack(seen, MJD + day)
        job = queue.add_job(priority=9, chunk_key=f"2026010{day + 1}.00_192.7_+41.1")
        stacks.append(complete_with(worker, queue, body, job=job))
    reader = Reader(site, site.rows.add_data_key())
    ra, dec = PLATE.sky(np.array([variable.x]), np.array([variable.y]))
    query: dict[str, Any] = {"ra": ra[0] % 360, "dec": dec[0], "band": "TG"}

    before = reader.get("light_curve.php", **query).json()["points"]
    assert [point["stack_id"] for point in before] == stacks
    assert [point["calibration"] for point in before] == [None] * len(stacks)
    assert before[0]["mag"] == pytest.approx(20.5 - 2.5 * np.log10(variable.flux), abs=1e-4)
    assert before[0]["mjd_utc"] == MJD
    # The star is up to 0.5 degrees from the middle, so that light comes up to 5 s earlier or later.
    assert abs(before[0]["bjd_tdb"] - (MJD + 2400000.503)) < 6 / 86400

    site.create_user("boss", "not used here", admin=True)
    site.run_php("calibrate.php", "queue")
    lease = calibrator.take()
    result = calibrate_field(calibrator.observations(lease, tmp_path), None)
    assert calibrator.send(lease, as_file(result, tmp_path)).status_code == 200

    found = reader.get("light_curve.php", **query).json()
    assert [point["calibration"] for point in found["points"]] == ["1"] * len(stacks)
    mags = np.array([point["mag"] for point in found["points"]])
    np.testing.assert_allclose(mags - mags[0], np.subtract(VARIATION, VARIATION[0]), atol=0.01)
    assert [point["stack_id"] for point in found["points"]] == stacks
    cone = {"ra": query["ra"], "dec": query["dec"], "radius": 0.001}
    (listed,) = reader.get("stars.php", **cone).json()["stars"]
    assert (listed["id"], listed["n_observations"]) == (found["star"]["id"], len(stacks))
    assert listed["mag_tg"] == pytest.approx(float(np.mean(mags)), abs=0.1)
    again = reader.get("light_curve.php", **query, version=1)
    assert again.json()["points"] == found["points"]
