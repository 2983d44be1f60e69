"""Stars of stacks become rows: at completion, by the back-fill, and once each."""

from __future__ import annotations

import os
import subprocess

import pytest

from demo.services import PHP_API, Site, php_command
from tests.contract.jobs.measured import companions, complete, measurement
from tests.contract.jobs.rescans import ask, claim_rescan
from tests.contract.jobs.starry import MJD, Star, complete_with, epochs, starry_stack, stars_of
from tests.contract.jobs.support import Queue, Worker, stack_file
from tests.contract.jobs.volunteers import operator as admin_browser
from tests.contract.jobs.volunteers import volunteer
from tests.support.rows import Rows


def star_counts(rows: Rows) -> list[int]:
    """Return the number of observations of each star."""
    counted = rows.all("SELECT COUNT(*) AS n FROM star_observations GROUP BY star_id")
    return [row["n"] for row in counted]


def test_the_stars_of_a_stack_are_rows_once_it_is_complete(
    worker: Worker, queue: Queue, rows: Rows
) -> None:
    stars = stars_of(30)
    one = complete_with(worker, queue, starry_stack(stars))
    other = complete_with(worker, queue, starry_stack(stars, MJD + 1.0))

    (epoch,) = epochs(rows, one)
    assert (epoch["reason"], epoch["bands"], epoch["n_stars"]) == (None, "RGB", 30)
    assert (epoch["mjd_utc"], epoch["bjd_tdb"]) == (MJD, MJD + 2400000.503)
    assert (epoch["airmass"], epoch["exposure_s"], epoch["n_subs"]) == (1.25, 10.0, 1)
    assert (epoch["zero_point_g"], epoch["zero_point_error_g"]) == (20.5, 0.01)
    assert epoch["zero_point_r"] is None and epoch["catalogue"] == "VT Tycho-2"
    assert (epoch["ra_deg"], epoch["dec_deg"], epoch["scale_arcsec"]) == (192.75, 41.05, 2.37)
    assert epochs(rows, other)[0]["field_id"] == epoch["field_id"]
    assert star_counts(rows) == [2] * 30
    row = rows.one(
        "SELECT * FROM star_observations WHERE epoch_id = ? AND x = ? AND y = ?",
        epoch["id"], stars[0].x, stars[0].y,
    )  # fmt: skip
    assert row["flux_g"] == pytest.approx(stars[0].flux, rel=1e-5)
    assert (row["flags"], row["fwhm_px"]) == (0, 2.5)


@pytest.mark.one_database
def test_light_of_a_monochrome_sensor_is_in_green(worker: Worker, queue: Queue, rows: Rows) -> None:
    stack = complete_with(worker, queue, starry_stack(stars_of(3), names=("LUM",)))

    assert epochs(rows, stack)[0]["bands"] == "L"
    seen = rows.all("SELECT flux_r, flux_g, flux_b FROM star_observations")
    assert all(row["flux_r"] is None and row["flux_b"] is None and row["flux_g"] for row in seen)


@pytest.mark.one_database
def test_flags_say_what_is_wrong_with_a_star(worker: Worker, queue: Queue, rows: Rows) -> None:
    stars = [Star(500, 500, -5.0), Star(600, 500, blended=True), Star(700, 500, flag=1)]
    complete_with(worker, queue, starry_stack(stars))

    seen = rows.all("SELECT flags FROM star_observations ORDER BY x")
    assert [row["flags"] for row in seen] == [16, 2, 8]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (starry_stack(stars_of(3), cards=[("SMOOTHED", True)]), "smoothed"),
        (stack_file(cards=(("SMOOTHED", False),)), "no table STAR-TAB"),
    ],
    ids=["smoothed", "no table"],
)
def test_a_stack_without_usable_stars_has_an_epoch_that_says_why(
    worker: Worker, queue: Queue, rows: Rows, body: bytes, reason: str
) -> None:
    stack = complete_with(worker, queue, body)

    (epoch,) = epochs(rows, stack)
    assert reason in epoch["reason"]
    assert (epoch["field_id"], epoch["n_stars"]) == (None, 0)


def test_a_stack_measured_again_supersedes_its_epoch(
    site: Site, operator: Worker, queue: Queue, rows: Rows
) -> None:
    worker = Worker(site, site.create_worker_key("own", trusted=True))
    stack = complete_with(worker, queue, starry_stack(stars_of(5)))
    ask(operator, stack)
    complete(worker, claim_rescan(worker))

    old, new = epochs(rows, stack)
    assert old["superseded_at"] is not None and new["superseded_at"] is None
    assert old["source_sha256"] != new["source_sha256"]
    assert (new["n_stars"], star_counts(rows)) == (5, [2] * 5)


@pytest.mark.one_database
def test_a_result_becomes_rows_once_an_admin_accepts_it(
    site: Site, queue: Queue, rows: Rows
) -> None:
    worker, admin = volunteer(site, "anna"), admin_browser(site)
    queue.add_job()
    lease = worker.claim()
    # A volunteer's stack must not tell the position.
    body = starry_stack(stars_of(5), without=["AIRMASS"])
    fields = {**worker.archive(lease, body), **companions(worker, lease), **measurement()}
    assert worker.report("complete_job", lease, **fields).json()["status"] == "held"
    assert rows.all("SELECT id FROM epochs") == []

    held = rows.one("SELECT id FROM held_results")["id"]
    form = {"csrf_token": admin.token(), "held_id": held, "action": "accept"}
    assert admin.post("admin_held.php", form).status_code == 303

    assert star_counts(rows) == [1] * 5


def test_the_back_fill_reads_what_no_completion_has_read(
    site: Site, worker: Worker, queue: Queue, rows: Rows
) -> None:
    for night in range(3):
        complete_with(worker, queue, starry_stack(stars_of(4), MJD + night))
    rows.execute("DELETE FROM epochs")
    rows.execute("DELETE FROM stars")

    assert "1 stack read" in site.run_php("stars.php", "read", "--limit", "1")
    assert "2 stacks read" in site.run_php("stars.php", "read")
    assert "0 stacks read" in site.run_php("stars.php", "read")
    assert star_counts(rows) == [3] * 4


def test_cleanup_reads_stars_and_forgets_those_of_deleted_stacks(
    site: Site, worker: Worker, queue: Queue, rows: Rows
) -> None:
    stars = stars_of(4)
    gone = complete_with(worker, queue, starry_stack(stars))
    complete_with(worker, queue, starry_stack(stars[:2], MJD + 1.0))
    rows.execute("DELETE FROM epochs")
    assert "stacks whose stars were read: 2" in site.cleanup()

    rows.execute("DELETE FROM stacked_frames WHERE id = ?", gone)
    assert "stars that no stack shows: 2" in site.cleanup()

    assert star_counts(rows) == [1, 1]
    assert rows.one("SELECT COUNT(*) AS n FROM stars")["n"] == 2


def test_processes_at_once_add_each_star_once(
    site: Site, worker: Worker, queue: Queue, rows: Rows
) -> None:
    stars = stars_of(40)
    stacks = [complete_with(worker, queue, starry_stack(stars, MJD + night)) for night in range(6)]
    rows.execute("DELETE FROM epochs")
    rows.execute("DELETE FROM stars")
    rows.execute("DELETE FROM sky_fields")

    command = [*php_command(), str(PHP_API / "bin" / "stars.php"), "read"]
    environment = {**os.environ, **site.environment()}
    running = [
        subprocess.Popen(
            command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        for _ in range(4)
    ]
    said = [process.communicate(timeout=60)[0] for process in running]

    assert [process.returncode for process in running] == [0] * 4, said
    assert star_counts(rows) == [6] * 40
    assert [len(epochs(rows, stack)) for stack in stacks] == [1] * 6
    assert rows.one("SELECT COUNT(*) AS n FROM sky_fields")["n"] == 1
