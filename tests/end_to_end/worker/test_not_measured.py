"""A stack whose measuring crashed, and the one command that makes up for it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits

from tests.contract.jobs.support import Queue
from tests.contract.site.support import PASSWORD, Browser
from tests.support.crashing_worker import CRASH, WHOLE
from tests.support.observatory import add_job
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest
from tests.support.star_fields import INDEX_DIR
from tests.support.worker_process import WorkerProcess, run_worker

pytestmark = [pytest.mark.slow, pytest.mark.one_database]

REASON = "not measured: measuring failed: conf.auto_max_age = None"
COLUMNS_OF_THE_ENGINE = 30


def stored(site: SiteUnderTest, rows: Rows) -> tuple[dict[str, Any], dict[str, Any], fits.HDUList]:
    """The only stack's row, that of its measurement, and its file."""
    stack = rows.one("SELECT * FROM stacked_frames")
    body = (site.data_dir / "stacks" / stack["ucloud_path"].lstrip("/")).read_bytes()
    return stack, rows.one("SELECT * FROM stack_solutions"), fits.open(io.BytesIO(body))


def admin_of(site: SiteUnderTest) -> Browser:
    """A browser with the login of an admin."""
    site.create_user("ann", PASSWORD, admin=True)
    browser = Browser(site)
    browser.log_in("ann")
    return browser


def settings_of(site: SiteUnderTest) -> tuple[dict[str, str], dict[str, str]]:
    """The settings of a worker, and of a machine whose key may ask for rescans."""
    settings = {"API_BASE_URL": site.api_url, "INDEX_DIR": str(INDEX_DIR), "POLL_INTERVAL": "1"}
    desk = site.run_php("worker-key.php", "create", "--name", "desk", "--scope", "admin").strip()
    return (
        {**settings, "WORKER_API_KEY": site.create_worker_key("attic")},
        {**settings, "WORKER_API_KEY": desk},
    )


def test_one_command_measures_what_a_crash_has_left(
    site: SiteUnderTest, starry: list[Path], tmp_path: Path
) -> None:
    rows, admin = site.rows, admin_of(site)
    work, ask = settings_of(site)

    def rescan(*options: str) -> str:
        done = run_worker(tmp_path, ask, "rescan", "--not-measured", *options)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def page() -> str:
        text: str = admin.get("stack.php", id=stack["id"]).text
        return text

    add_job(Queue(site, rows), starry, "M 81")
    with WorkerProcess(tmp_path / "attic", {**work, CRASH: WHOLE}, "--once") as worker:
        assert worker.exit_code() == 0, worker.log
    stack, measured, product = stored(site, rows)
    assert (measured["solved"], measured["photometry"]) == (0, None)
    assert measured["reason"] == REASON
    assert REASON in json.loads(stack["notes"])
    assert len(product["STAR-TAB"].columns) == COLUMNS_OF_THE_ENGINE
    assert "CRVAL1" not in product[0].header
    assert "This stack was not measured." in page()

    assert rescan("--dry-run").splitlines()[0] == f"stack {stack['id']} (M 81): {REASON}"
    with WorkerProcess(tmp_path / "attic", work) as worker:
        *_, summary = rescan("--wait").splitlines()
        assert worker.stop() == 0, worker.log

    assert summary == "1 of 1 stacks are solved now"
    stack, measured, product = stored(site, rows)
    assert (measured["solved"], measured["reason"]) == (1, None)
    assert json.loads(measured["photometry"])["numbers"]["zero_point_stars_g"] >= 8
    assert [note for note in json.loads(stack["notes"]) if "measur" in note] == []
    assert product[0].header["CRVAL1"] == pytest.approx(148.9, abs=0.3)
    assert len(product["STAR-TAB"].columns) > COLUMNS_OF_THE_ENGINE
    shown = page()
    assert "<h2>Photometry</h2>" in shown
    assert "not measured" not in shown
    assert rescan() == "0 stacks that nobody has measured submitted to be rescanned\n"


def test_a_step_that_fails_is_a_note_until_it_works(
    site: SiteUnderTest, starry: list[Path], tmp_path: Path
) -> None:
    rows, admin = site.rows, admin_of(site)
    work, ask = settings_of(site)
    note = "no objects: ValueError: interpolating from IERS_Auto"
    crash = {CRASH: "crowdsky.photometry.measurement:objects_in_field"}

    add_job(Queue(site, rows), starry, "M 81")
    with WorkerProcess(tmp_path / "attic", {**work, **crash}, "--once") as worker:
        assert worker.exit_code() == 0, worker.log
    stack, measured, product = stored(site, rows)
    assert measured["solved"] == 1
    assert json.loads(measured["photometry"])["numbers"]["zero_point_stars_g"] >= 8
    assert "CRVAL1" in product[0].header and "NOBJ" not in product[0].header
    assert any(line.startswith(f"measuring: {note}") for line in product[0].header["HISTORY"])
    shown = admin.get("stack.php", id=stack["id"]).text
    assert note in shown and "<h2>Photometry</h2>" in shown

    run_worker(tmp_path, ask, "rescan", str(stack["id"]))
    with WorkerProcess(tmp_path / "attic", work, "--once") as worker:
        assert worker.exit_code() == 0, worker.log
    stack, measured, product = stored(site, rows)
    assert product[0].header["NOBJ"] >= 1
    assert not any("measuring:" in line for line in product[0].header["HISTORY"])
    shown = admin.get("stack.php", id=stack["id"]).text
    assert "no objects" not in shown
    assert "<h2>Objects in the field</h2>" in shown
