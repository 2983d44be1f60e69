"""A real worker calibrates fields of a real site."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import requests

from crowdsky.photometry.ensemble.flags import StarFlag
from crowdsky.synthetic.measured_nights import measured_nights
from crowdsky.synthetic.scenes import random_stars
from crowdsky.synthetic.variables import RRLyrae
from crowdsky.synthetic.visits import observing_plan
from tests.contract.calibrations.archived_fields import archive_field
from tests.contract.jobs.starry import MJD, complete_with, starry_stack, stars_of
from tests.contract.jobs.support import Queue, Worker
from tests.contract.vo.archive import Archive
from tests.support.ensemble_fields import FieldPlan, ObservedField, observed_field
from tests.support.fault_proxy import Fault, FaultProxy
from tests.support.measured_field import field_observations
from tests.support.sites import SiteUnderTest
from tests.support.worker_process import WorkerProcess, run_worker

PLAN = FieldPlan(n_epochs=24, n_stars=60, n_telescopes=2, coverage=0.9, mono_share=0.2)
pytestmark = pytest.mark.one_database


@pytest.fixture(scope="module")
def sky() -> ObservedField:
    """A field with a truth."""
    return observed_field(PLAN, 11)


def settings(site: SiteUnderTest, folder: Path, **more: str) -> dict[str, str]:
    """Settings of a worker that has no catalogue but that of a test, or of another place."""
    empty = folder / "no-index"
    empty.mkdir(exist_ok=True)
    elsewhere = folder / "elsewhere.csv"
    elsewhere.write_text("ra,dec,v_mag\n200.0,-60.0,9.0\n200.1,-60.0,9.5\n200.0,-60.1,10.0\n")
    key = site.create_worker_key(f"photometer {os.urandom(4).hex()}")
    return {
        "API_BASE_URL": site.api_url,
        "WORKER_API_KEY": key,
        "INDEX_DIR": str(empty),
        "CACHE_DIR": str(folder),
        "CATALOGUE_FILE": str(elsewhere),
        **more,
    }


def own_catalogue(sky: ObservedField, folder: Path) -> Path:
    """Write the stars of a field as a catalogue of one's own: their green magnitudes."""
    stars = sky.observations.stars
    lines = [
        f"{ra:.7f},{dec:.7f},{mag:.4f}"
        for ra, dec, mag in zip(stars.ra, stars.dec, sky.mag[:, 1], strict=True)
    ]
    path = folder / "own.csv"
    path.write_text("\n".join(["ra,dec,v_mag", *lines, ""]))
    return path


def test_a_worker_calibrates_a_field_with_its_own_catalogue(
    archive: Archive, site: SiteUnderTest, queue: Callable[..., str], tmp_path: Path,
    sky: ObservedField,
) -> None:  # fmt: skip
    field = archive_field(archive, sky.observations)
    queue()
    catalogue = own_catalogue(sky, tmp_path)
    done = run_worker(tmp_path, settings(site, tmp_path, CATALOGUE_FILE=str(catalogue)), "--once")
    assert done.returncode == 0, done.stderr
    assert f"field {field.field}, version 1: 24 of 24 epochs" in done.stderr
    row = archive.rows.one("SELECT * FROM calibrations")
    assert row["catalogue"] == "V Gaia"
    assert (row["n_epochs"], row["n_stars"]) == (24, 60)
    found = archive.rows.all(
        "SELECT star_id, mag FROM star_calibrations WHERE band = 'G' ORDER BY star_id"
    )
    off = np.array([one["mag"] for one in found]) - sky.mag[:, 1]
    bright = sky.mag[:, 1] < 13.0
    assert float(np.std(off[bright])) < 0.02
    assert abs(float(np.median(off))) < 0.02


def test_a_variable_star_is_found_with_its_period(
    archive: Archive, site: SiteUnderTest, queue: Callable[..., str], tmp_path: Path
) -> None:
    rng = np.random.default_rng(8)
    stars = random_stars(50.0, 41.0, 0.25, 350.0, rng, brightest=9.0, faintest=14.0)
    visits = observing_plan(rng, 90, 15)
    curves = {3: RRLyrae(0.61, 2461000.2, 0.8)}
    nights = measured_nights(stars, (50.0, 41.0), curves, rng, visits=visits)
    field = archive_field(archive, field_observations(nights))
    site.rows.insert("period_requests", star_id=field.stars[5], asked_at="2026-01-01 00:00:00")
    queue()
    done = run_worker(tmp_path, settings(site, tmp_path), "--once")
    assert done.returncode == 0, done.stderr
    found = archive.rows.all("SELECT * FROM variable_candidates ORDER BY score DESC")
    best = found[0]
    assert (best["star_id"], best["kind"]) == (field.stars[3], "periodic"), found
    assert best["period_d"] == pytest.approx(0.61, rel=1e-3)
    assert best["bright_epoch_id"] in field.epochs
    asked = {row["star_id"]: row for row in found}[field.stars[5]]
    assert (asked["kind"], asked["period_d"]) == ("constant", None)
    flags = archive.rows.all(
        "SELECT flags FROM star_calibrations WHERE star_id = ?", field.stars[3]
    )
    assert all(row["flags"] & StarFlag.VARIABLE for row in flags)


def test_where_no_catalogue_has_the_stars_the_stacks_give_the_scale(
    archive: Archive, site: SiteUnderTest, queue: Callable[..., str], tmp_path: Path,
    sky: ObservedField,
) -> None:  # fmt: skip
    archive_field(archive, sky.observations)
    queue()
    done = run_worker(tmp_path, settings(site, tmp_path), "--once")
    assert done.returncode == 0, done.stderr
    assert "the stacks' own zero points, since no catalogue has its stars" in done.stderr
    assert "no Tycho-2 stars" in done.stderr
    assert archive.rows.one("SELECT catalogue FROM calibrations")["catalogue"] is None


def test_the_job_of_a_worker_that_died_is_done_by_another(
    archive: Archive, site: SiteUnderTest, queue: Callable[..., str], tmp_path: Path,
    sky: ObservedField,
) -> None:  # fmt: skip
    archive_field(archive, sky.observations)
    queue()
    with WorkerProcess(tmp_path, settings(site, tmp_path), "--once") as worker:
        worker.wait_for_line("download done")
        worker.kill()
    job = archive.rows.one("SELECT id, status, attempts FROM stacking_jobs WHERE kind <> 'stack'")
    assert (job["status"], job["attempts"]) == ("processing", 1), worker.log
    archive.rows.execute("UPDATE stacking_jobs SET lease_expires_at = 1")
    site.run_php("cleanup.php")
    archive.rows.execute("UPDATE stacking_jobs SET not_before = NULL")
    done = run_worker(tmp_path, settings(site, tmp_path), "--once")
    assert done.returncode == 0, done.stderr
    job = archive.rows.job(job["id"])
    assert (job["status"], job["attempts"]) == ("completed", 2)
    assert not list((tmp_path / "scratch").glob("*/calibration.fits")), "nothing stays of the first"


@pytest.mark.every
def test_a_broken_line_costs_nothing(
    archive: Archive, site: SiteUnderTest, queue: Callable[..., str], tmp_path: Path,
    sky: ObservedField,
) -> None:  # fmt: skip
    archive_field(archive, sky.observations)
    queue()
    cut = Fault("cut_reply", target="job_observations", after_bytes=9000)
    with FaultProxy(site.api_url) as line:
        # The first answer is one byte, by which the worker learns the size.
        line.inject(Fault("corrupt_reply", target="job_observations", after_bytes=0))
        line.inject(cut)
        line.inject(Fault("lose_reply", method="PUT", target="upload_calibration"))
        through = {**settings(site, tmp_path), "API_BASE_URL": line.url}
        done = run_worker(tmp_path, through, "--once")
        assert line.count("PUT", "upload_calibration") == 2
    assert done.returncode == 0, done.stderr
    assert cut.times == 0
    job = archive.rows.one("SELECT status, attempts FROM stacking_jobs WHERE kind <> 'stack'")
    assert (job["status"], job["attempts"]) == ("completed", 1)
    assert archive.rows.one("SELECT COUNT(*) AS n FROM calibrations")["n"] == 1


def test_a_worker_gives_up_what_is_outdated(
    archive: Archive, site: SiteUnderTest, queue: Callable[..., str], tmp_path: Path,
    sky: ObservedField,
) -> None:  # fmt: skip
    field = archive_field(archive, sky.observations)
    queue()
    archive.rows.execute(
        "UPDATE stacked_frames SET visibility = 'private' WHERE id = ?", field.stacks[0]
    )
    done = run_worker(tmp_path, settings(site, tmp_path), "--once")
    assert "the site gives no observations" in done.stderr
    [job] = archive.rows.all(
        "SELECT status, error_message FROM stacking_jobs WHERE kind <> 'stack'"
    )
    assert job["status"] == "failed"
    assert "have changed" in job["error_message"]
    assert queue().startswith("2 calibrations queued")


def test_stacks_that_workers_complete_become_a_calibrated_light_curve(
    archive: Archive, site: SiteUnderTest, queue: Callable[..., str], tmp_path: Path
) -> None:
    stacker, jobs = Worker(site, site.create_worker_key("stacker")), Queue(site, site.rows)
    stars = stars_of(30)
    clouds = [1.0, 0.5, 0.8, 1.0, 0.9]
    for night, share in enumerate(clouds):
        seen = [replace(star, flux=star.flux * share) for star in stars]
        complete_with(stacker, jobs, starry_stack(seen, MJD + night))
    site.rows.execute("UPDATE stacked_frames SET visibility = 'public'")
    assert queue().startswith("1 calibration queued")
    done = run_worker(tmp_path, settings(site, tmp_path), "--once")
    assert done.returncode == 0, done.stderr

    key = site.rows.add_data_key(archive.user_id)
    star = site.rows.all("SELECT star_id FROM star_observations ORDER BY flux_g DESC")[0]["star_id"]
    answer = requests.get(
        f"{site.api_url}/light_curve.php",
        params={"star": star, "band": "TG", "format": "csv"},
        headers={"Authorization": f"Bearer {key}"},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    points = list(csv.DictReader(lines))
    mags = np.array([float(point["mag"]) for point in points])
    assert len(mags) == len(clouds)
    assert float(np.ptp(mags)) < 0.01, "the clouds are in the zero points"
    assert {point["calibration"] for point in points} == {"1"}
