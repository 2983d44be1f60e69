"""The site's side of calibrations: what is queued, what workers get, and what is published."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.photometry.ensemble.tables import FieldObservations
from demo.services import ServiceError
from tests.contract.calibrations.archived_fields import ArchivedField, archive_field
from tests.contract.calibrations.calibrator import (
    Calibrator,
    as_file,
    changed,
    plausible,
)
from tests.contract.vo.archive import Archive
from tests.support.cleanups import clean_up
from tests.support.ensemble_fields import FieldPlan, observed_field
from tests.support.sites import SiteUnderTest

PLAN = FieldPlan(n_epochs=5, n_stars=12, n_telescopes=2, coverage=0.8, mono_share=0.3)
NOTHING = "0 calibrations queued, 0 waiting already"


@pytest.fixture
def sky() -> FieldObservations:
    """A small field."""
    return observed_field(PLAN, 3).observations


@pytest.fixture
def field(archive: Archive, sky: FieldObservations) -> ArchivedField:
    """The field in the archive, public."""
    return archive_field(archive, sky)


def make_private(archive: Archive, stack: int, visibility: str = "private") -> None:
    archive.rows.execute("UPDATE stacked_frames SET visibility = ? WHERE id = ?", visibility, stack)


def counts(archive: Archive) -> list[int]:
    """Count calibrations, their zero points, stars and candidates."""
    counted = archive.rows.one(
        "SELECT (SELECT COUNT(*) FROM calibrations) AS a,"
        " (SELECT COUNT(*) FROM epoch_zero_points) AS b,"
        " (SELECT COUNT(*) FROM star_calibrations) AS c,"
        " (SELECT COUNT(*) FROM variable_candidates) AS d"
    )
    return [counted[name] for name in "abcd"]


def test_a_field_is_calibrated_and_published(
    archive: Archive, sky: FieldObservations, field: ArchivedField, queue: Callable[..., str],
    calibrator: Calibrator, tmp_path: Path,
) -> None:  # fmt: skip
    assert queue().startswith("1 calibration queued, 0 waiting already, 0 up to date")
    assert queue().startswith("0 calibrations queued, 1 waiting already")
    assert calibrator.try_claim(kinds="stack,hips") is None, "older workers do not get it"
    lease = calibrator.take()
    assert lease["calibrate"] == {"field": field.field, "scope": 0, "version": 1}
    assert lease["options"] is None
    found = calibrator.observations(lease, tmp_path)
    assert_same(found, sky, field)
    result = plausible(found)
    body = as_file(result, tmp_path)
    assert calibrator.send(lease, body, "0" * 64).json()["code"] == "hash_mismatch"
    assert calibrator.send(lease, body).status_code == 200
    assert calibrator.send(lease, body).status_code == 200, "repeating it is harmless"
    assert counts(archive) == [1, len(result.zero_points.epoch_id), len(field.stars), 1]

    row = archive.rows.one("SELECT * FROM calibrations")
    assert (row["field_id"], row["owner_id"], row["version"]) == (field.field, 0, 1)
    assert (row["n_epochs"], row["n_stars"]) == (len(field.epochs), len(field.stars))
    assert row["catalogue"] == "V of Tycho-2"
    assert json.loads(row["model"]) == result.model
    zero = archive.rows.all("SELECT * FROM epoch_zero_points ORDER BY epoch_id, band DESC")
    assert {(one["epoch_id"], one["band"]): one["zero_point"] for one in zero} == {
        (int(epoch), str(band)): pytest.approx(float(point), abs=1e-12)
        for epoch, band, point in zip(
            result.zero_points.epoch_id, result.zero_points.band, result.zero_points.zero_point,
            strict=True,
        )
    }  # fmt: skip
    star = archive.rows.one("SELECT * FROM star_calibrations WHERE star_id = ?", field.stars[0])
    assert (star["mag"], star["colour"], star["chi2"]) == (8.0, None, None)
    assert star["scatter_mag"] == pytest.approx(0.02, rel=1e-6)
    candidate = archive.rows.one("SELECT * FROM variable_candidates")
    assert (candidate["period_d"], candidate["faint_epoch_id"]) == (None, None)
    assert candidate["bright_epoch_id"] == field.epochs[0]
    assert candidate["amplitude_error_mag"] == pytest.approx(0.03, rel=1e-6)
    assert candidate["remark"] == "only 2 cycles have points; a period needs 3"
    assert archive.rows.job(lease["job_id"])["status"] == "completed"
    assert archive.rows.events(lease["job_id"])[-1] == "completed"
    assert not list((archive.site.data_dir / "spool").glob("observations_*"))
    assert "1 up to date" in queue()

    stored = archive.site.data_dir / f"stacks{row['path']}"
    assert row["path"].startswith(f"/crowdsky/calibrations/field_{field.field}/public/")
    assert row["sha256"] == hashlib.sha256(stored.read_bytes()).hexdigest()
    assert row["sent_sha256"] == hashlib.sha256(body).hexdigest()
    with fits.open(stored) as hdus:
        keys = {hdu.name: hdu.data for hdu in hdus if hdu.name.endswith("_KEYS")}
        np.testing.assert_array_equal(keys["EPOCH_KEYS"]["EPOCH_ID"], field.epochs)
        assert list(keys["EPOCH_KEYS"]["STACK"]) == [f"{n + 1:064x}" for n in range(5)]
        np.testing.assert_array_equal(keys["STAR_KEYS"]["RA"], sky.stars.ra)
        assert json.loads(hdus[0].header["MODEL"]) == result.model


def assert_same(found: FieldObservations, sky: FieldObservations, field: ArchivedField) -> None:
    """Compare what a worker got with what was archived; epochs come in the order of their ids."""
    for part in ("mjd", "exposure_s", "n_subs", "bands", "width", "zero_point", "fwhm_px"):
        np.testing.assert_array_equal(getattr(found.epochs, part), getattr(sky.epochs, part))
    np.testing.assert_array_equal(found.epochs.epoch_id, field.epochs)
    np.testing.assert_array_equal(found.epochs.bjd, np.round(sky.epochs.bjd, 6))
    np.testing.assert_array_equal(found.stars.star_id, field.stars)
    np.testing.assert_array_equal(found.stars.ra, sky.stars.ra)
    order = np.lexsort((sky.observations.star, sky.observations.epoch))
    for column in fields(found.observations):
        np.testing.assert_array_equal(
            getattr(found.observations, column.name), getattr(sky.observations, column.name)[order]
        )
    assert (found.ra, found.dec, found.scope, found.version) == (sky.ra, sky.dec, 0, 1)


def test_workers_learn_neither_where_nor_who_somebody_is(
    archive: Archive, field: ArchivedField, queue: Callable[..., str], calibrator: Calibrator,
    tmp_path: Path,
) -> None:  # fmt: skip
    archive.rows.execute(
        "UPDATE epochs SET telescope = 'barn of anna', filter_name = 'Filter of anna',"
        " bjd_tdb = 2461041.50000049 WHERE id = ?",
        field.epochs[0],
    )
    archive.rows.execute("UPDATE epochs SET telescope = NULL WHERE id = ?", field.epochs[1])
    archive.rows.execute(
        "UPDATE epochs SET telescope = 'S50_8a95aa90' WHERE id IN (?, ?)", *field.epochs[2:4]
    )
    make_private(archive, field.stacks[0])
    queue()
    leases = [calibrator.take() for _ in range(2)]
    scopes = [lease["calibrate"]["scope"] for lease in leases]
    assert sorted(scopes) == [0, 1]
    own = leases[scopes.index(1)]
    assert str(archive.user_id) not in own["chunk_key"].split("_")[2:]
    assert own["user_id"] != archive.user_id, "it belongs to an admin"
    found = calibrator.observations(own, tmp_path)
    names = list(found.epochs.telescope)
    assert names[2] == names[3]
    assert names[2].startswith("S50_8a95aa90_")
    assert len(set(names)) == 4
    assert not any("anna" in name for name in (*names, *found.epochs.filter_name))
    assert found.epochs.bjd[0] == 2461041.5
    assert np.isnan(found.epochs.airmass).all()

    archive.rows.execute("UPDATE users SET share_position = 1 WHERE id = ?", archive.user_id)
    public = calibrator.observations(leases[scopes.index(0)], tmp_path)
    assert (public.epochs.airmass > 1.0).all(), "its owner lets the place be known"


def test_scopes_have_versions_of_their_own(
    archive: Archive, site: SiteUnderTest, field: ArchivedField, queue: Callable[..., str],
    calibrator: Calibrator, tmp_path: Path,
) -> None:  # fmt: skip
    queue()
    calibrator.publish(tmp_path)
    before = archive.rows.all("SELECT * FROM epoch_zero_points ORDER BY epoch_id, band")
    supersede = "UPDATE epochs SET superseded_at = ? WHERE id = ?"
    archive.rows.execute(supersede, "2026-01-02 00:00:00", field.epochs[1])
    assert "1 changed less than 6 h after the last one" in queue()
    archive.rows.execute(supersede, None, field.epochs[1])
    make_private(archive, field.stacks[0])
    assert queue().startswith("2 calibrations queued"), "the owner's, and at once the one without"
    epochs = {}
    for _ in range(2):
        lease = calibrator.take()
        found = calibrator.observations(lease, tmp_path)
        wanted = lease["calibrate"]
        epochs[wanted["scope"], wanted["version"]] = found.epochs.epoch_id.tolist()
        assert calibrator.send(lease, as_file(plausible(found), tmp_path)).status_code == 200
    assert epochs == {(1, 1): field.epochs, (0, 2): field.epochs[1:]}
    first = archive.rows.one("SELECT id FROM calibrations WHERE owner_id = 0 AND version = 1")
    after = archive.rows.all(
        "SELECT * FROM epoch_zero_points WHERE calibration_id = ? ORDER BY epoch_id, band",
        first["id"],
    )
    assert after == before, "a published version never changes"
    paths = [row["path"] for row in archive.rows.all("SELECT path FROM calibrations")]
    assert len(set(paths)) == 3
    assert sum(f"/user_{archive.user_id}/" in path for path in paths) == 1
    assert "2 up to date" in queue("--now")

    drop = functools.partial(site.run_php, "calibrate.php", "drop", "--days")
    assert drop("1") == "0 versions removed\n"
    archive.rows.execute("UPDATE calibrations SET created_at = '2020-01-01 00:00:00'")
    assert drop("1") == "1 version removed\n", "the newest of each scope stay"
    left = archive.rows.all("SELECT owner_id, version FROM calibrations ORDER BY owner_id")
    assert left == [
        {"owner_id": 0, "version": 2}, {"owner_id": archive.user_id, "version": 1},
    ]  # fmt: skip
    assert len(list((archive.site.data_dir / "stacks").rglob("calibration_*"))) == 3


def test_a_stack_that_became_private_meanwhile_is_in_nothing_published(
    archive: Archive, field: ArchivedField, queue: Callable[..., str], calibrator: Calibrator,
    tmp_path: Path,
) -> None:  # fmt: skip
    queue()
    lease = calibrator.take()
    body = as_file(plausible(calibrator.observations(lease, tmp_path)), tmp_path)
    make_private(archive, field.stacks[0])
    for answer in (calibrator.fetch(lease), calibrator.send(lease, body)):
        assert (answer.status_code, answer.json()["code"]) == (422, "outdated")
    assert counts(archive) == [0, 0, 0, 0]
    failed = calibrator.report("fail_job", lease, error_message="outdated", retryable=False)
    assert failed.status_code == 200, failed.text
    assert queue().startswith("2 calibrations queued"), "anew, without waiting for hours"
    epochs = [len(calibrator.observations(calibrator.take(), tmp_path).epochs) for _ in range(2)]
    assert sorted(epochs) == [4, 5]


def test_a_job_that_nobody_has_begun_works_on_the_stacks_of_today(
    archive: Archive, field: ArchivedField, queue: Callable[..., str], calibrator: Calibrator,
    tmp_path: Path,
) -> None:  # fmt: skip
    archive.rows.execute("UPDATE epochs SET superseded_at = 'now' WHERE id = ?", field.epochs[0])
    queue()
    archive.rows.execute("UPDATE epochs SET superseded_at = NULL WHERE id = ?", field.epochs[0])
    assert "1 waiting already" in queue()
    assert len(calibrator.observations(calibrator.take(), tmp_path).epochs) == len(field.epochs)


def test_a_download_can_be_continued_whatever_happens_meanwhile(
    archive: Archive, field: ArchivedField, queue: Callable[..., str], calibrator: Calibrator
) -> None:
    queue()
    lease = calibrator.take()
    whole = calibrator.fetch(lease)
    etag = whole.headers["ETag"]
    assert etag == f'"{hashlib.sha256(whole.content).hexdigest()}"'
    archive.rows.execute("UPDATE stars SET ra_deg = ra_deg + 0.0001")
    rest = calibrator.fetch(lease, Range="bytes=5000-", If_Match=etag)
    assert rest.status_code == 206
    assert rest.content == whole.content[5000:]
    spooled = list((archive.site.data_dir / "spool").glob("observations_*"))
    assert len(spooled) == 1
    archive.rows.execute(
        "UPDATE stacking_jobs SET status = 'cancelled' WHERE id = ?", lease["job_id"]
    )
    queue()
    assert not spooled[0].exists()


def test_a_result_of_an_older_worker_has_no_error_of_amplitudes_and_no_remark(
    archive: Archive, sky: FieldObservations, field: ArchivedField, queue: Callable[..., str],
    calibrator: Calibrator, tmp_path: Path,
) -> None:  # fmt: skip
    queue()
    lease = calibrator.take()
    result = plausible(calibrator.observations(lease, tmp_path))
    as_file(result, tmp_path)
    with fits.open(tmp_path / "calibration.fits") as hdus:
        later = ("AMPLITUDE_ERR", "REMARK")
        kept = [one for one in hdus["VARIABLES"].columns if one.name not in later]
        hdus["VARIABLES"] = fits.BinTableHDU.from_columns(kept, name="VARIABLES")
        hdus.writeto(tmp_path / "older.fits")
    answer = calibrator.send(lease, (tmp_path / "older.fits").read_bytes())
    assert answer.status_code == 200, answer.text
    row = archive.rows.one("SELECT * FROM variable_candidates")
    assert (row["kind"], row["amplitude_error_mag"], row["remark"]) == ("irregular", None, None)


def wrong_results(found: FieldObservations) -> dict[str, Any]:
    """Results that no worker should send, by what is wrong."""
    good = plausible(found)
    none = {
        field.name: getattr(good.zero_points, field.name)[:0] for field in fields(good.zero_points)
    }
    few = {
        field.name: getattr(good.zero_points, field.name)[3:] for field in fields(good.zero_points)
    }
    return {
        "NaN as a zero point": changed(good, "zero_points", zero_point=np.nan),
        "infinite error": changed(good, "zero_points", zero_point_error=np.inf),
        "negative floor": changed(good, "zero_points", floor_mag=-0.1),
        "unknown epoch": changed(good, "zero_points", epoch_id=999_999),
        "band of another camera": changed(good, "zero_points", band="L"),
        "the same twice": changed(good, "zero_points", band=good.zero_points.band[1]),
        "an epoch without an answer": replace(good, zero_points=replace(good.zero_points, **few)),
        "nothing": replace(
            good,
            zero_points=replace(good.zero_points, **none),
            model={"left_out": found.epochs.epoch_id.tolist()},
        ),
        "star of another field": changed(good, "stars", star_id=999_999),
        "no magnitude": changed(good, "stars", mag=np.nan),
        "a star twice": changed(good, "stars", star_id=good.stars.star_id[1]),
        "not seen at all": changed(good, "stars", n_epochs=0),
        "unknown band": changed(good, "stars", band="V"),
        "unknown kind": changed(good, "variables", kind="nova"),
        "unlikely probability": changed(good, "variables", period_fap=1.5),
        "epoch of another field": changed(good, "variables", faint_epoch_id=999_999),
        "amplitude of a negative error": changed(good, "variables", amplitude_error_mag=-0.1),
        "remark with a line end": changed(good, "variables", remark="two\nlines"),
        "variable of another field": changed(good, "variables", star_id=999_999),
        "another version": replace(good, version=2),
        "another field": replace(good, field_id=good.field_id + 1),
    }  # fmt: skip


def test_what_cannot_be_true_is_refused(
    archive: Archive, field: ArchivedField, queue: Callable[..., str], calibrator: Calibrator,
    tmp_path: Path,
) -> None:  # fmt: skip
    queue()
    lease = calibrator.take()
    found = calibrator.observations(lease, tmp_path)
    good = as_file(plausible(found), tmp_path)
    wrong = {name: as_file(one, tmp_path) for name, one in wrong_results(found).items()}
    wrong |= {
        "no file": b"x" * 2880,
        "half a file": good[:-2880],
        "some text": b"",
        "tail": good + b"x",
    }
    for name, body in wrong.items():
        answer = calibrator.send(lease, body)
        assert (answer.status_code, answer.json()["code"]) == (422, "wrong_format"), (
            name, answer.text,
        )  # fmt: skip
    assert counts(archive) == [0, 0, 0, 0]
    assert not list((archive.site.data_dir / "stacks").rglob("calibration_*"))
    assert not list((archive.site.data_dir / "spool").glob("*.part"))
    assert calibrator.send(lease, good).status_code == 200


def test_an_epoch_may_be_left_out_if_that_is_said(
    field: ArchivedField, queue: Callable[..., str], calibrator: Calibrator, tmp_path: Path,
    archive: Archive,
) -> None:  # fmt: skip
    queue()
    lease = calibrator.take()
    found = calibrator.observations(lease, tmp_path)
    good = plausible(found)
    kept = good.zero_points.epoch_id != field.epochs[0]
    columns = {
        one.name: getattr(good.zero_points, one.name)[kept] for one in fields(good.zero_points)
    }
    result = replace(
        good,
        zero_points=replace(good.zero_points, **columns),
        model={"left_out": field.epochs[:1]},
    )
    assert calibrator.send(lease, as_file(result, tmp_path)).status_code == 200
    assert (
        archive.rows.one("SELECT n_epochs FROM calibrations")["n_epochs"] == len(field.epochs) - 1
    )


def test_parts_of_series_are_not_counted_as_stacks(
    field: ArchivedField, queue: Callable[..., str], calibrator: Calibrator, tmp_path: Path,
    archive: Archive,
) -> None:  # fmt: skip
    archive.rows.execute(
        "UPDATE epochs SET series_seconds = 60, part = 1 WHERE id = ?", field.epochs[1]
    )
    queue()
    lease = calibrator.take()
    result = plausible(calibrator.observations(lease, tmp_path))
    assert set(result.zero_points.epoch_id.tolist()) == set(field.epochs)
    assert calibrator.send(lease, as_file(result, tmp_path)).status_code == 200
    assert (
        archive.rows.one("SELECT n_epochs FROM calibrations")["n_epochs"] == len(field.epochs) - 1
    )


def test_only_the_holder_of_the_lease_publishes(
    archive: Archive, site: SiteUnderTest, field: ArchivedField, queue: Callable[..., str],
    calibrator: Calibrator, tmp_path: Path,
) -> None:  # fmt: skip
    queue()
    volunteer = Calibrator(site, site.rows.add_key("anna", ["volunteer"]))
    assert volunteer.try_claim(kinds="stack,calibrate") is None
    lease = calibrator.take()
    body = as_file(plausible(calibrator.observations(lease, tmp_path)), tmp_path)
    stranger = Calibrator(site, site.create_worker_key("stranger"))
    for answer in (stranger.fetch(lease), stranger.send(lease, body)):
        assert answer.status_code == 409
    assert volunteer.send(lease, body).status_code == 403
    wrong = {**lease, "lease_token": "0" * 64}
    assert calibrator.send(wrong, body).status_code == 409
    report = calibrator.archive(lease)
    answer = calibrator.report("complete_job", lease, **report)
    assert answer.status_code == 400
    assert "upload_calibration" in answer.json()["error"]
    archive.rows.execute("UPDATE stacking_jobs SET lease_expires_at = 1")
    assert calibrator.send(lease, body).status_code == 409
    assert counts(archive) == [0, 0, 0, 0]


def test_fields_that_cannot_be_calibrated_are_not_queued(
    archive: Archive, site: SiteUnderTest, queue: Callable[..., str], sky: FieldObservations
) -> None:
    assert queue().startswith(f"{NOTHING}, 0 up to date")
    field = archive_field(archive, sky)
    archive.rows.execute("DELETE FROM star_observations WHERE epoch_id <> ?", field.epochs[0])
    assert "1 without two stacks that share stars" in queue()
    archive.rows.execute("UPDATE epochs SET reason = 'no stars' ")
    assert queue().startswith(f"{NOTHING}, 0 up to date, 0 changed")
    assert queue("--field", "77").startswith(NOTHING)
    with pytest.raises(ServiceError, match="field"):
        queue("--field", "M94")
    with pytest.raises(ServiceError, match="Usage"):
        site.run_php("calibrate.php", "drop")


def test_a_failed_calibration_waits_for_a_person_or_other_stacks(
    archive: Archive, field: ArchivedField, queue: Callable[..., str], calibrator: Calibrator
) -> None:
    queue()
    lease = calibrator.take()
    calibrator.report("fail_job", lease, error_message="no memory", retryable=False)
    assert f"Field {field.field}: job {lease['job_id']} did not end well: no memory" in queue()
    assert calibrator.try_claim(kinds="calibrate") is None
    assert queue("--field", str(field.field), "--now").startswith("1 calibration queued")
    lease = calibrator.take()
    calibrator.report("fail_job", lease, error_message="no memory", retryable=False)
    archive.rows.execute("UPDATE epochs SET superseded_at = 'now' WHERE id = ?", field.epochs[0])
    assert queue().startswith("1 calibration queued"), "an epoch of the failed one is gone"


def test_known_variables_and_asked_searches_are_named(
    archive: Archive, site: SiteUnderTest, field: ArchivedField, sky: FieldObservations,
    queue: Callable[..., str], calibrator: Calibrator, tmp_path: Path,
) -> None:  # fmt: skip
    catalogue = tmp_path / "variables.csv"
    ra, dec = sky.stars.ra[3], sky.stars.dec[3] + 1.0 / 3600.0
    header = "name,ra,dec,type,period,max,min,band"
    catalogue.write_text(f"{header}\nRR Lyr,{ra},{dec},,,,,\nfar,{ra},{dec + 0.1},,,,,\n")
    site.run_php("variables.php", "import", str(catalogue))
    queue()
    calibrator.publish(tmp_path)
    archive.rows.insert("period_requests", star_id=field.stars[5], asked_at="2026-01-01 00:00:00")
    assert "1 changed less than" in queue(), "somebody waits for an answer"
    queue("--now")
    stars = calibrator.observations(calibrator.take(), tmp_path).stars
    assert np.flatnonzero(stars.known_variable).tolist() == [3]
    assert np.flatnonzero(stars.search).tolist() == [5]


def test_jobs_that_ended_long_ago_go_and_what_they_made_stays(
    archive: Archive, field: ArchivedField, queue: Callable[..., str],
    calibrator: Calibrator, tmp_path: Path,
) -> None:  # fmt: skip
    assert len(field.epochs) == 5
    made = []
    for _ in range(3):
        archive.rows.execute("UPDATE calibrations SET fingerprint = ''")
        queue("--now")
        made.append(calibrator.publish(tmp_path)["job_id"])
    shared = archive.rows.one("SELECT * FROM stacking_jobs WHERE id = ?", made[0])
    del shared["id"]
    series = [
        archive.rows.insert("stacking_jobs", **{**shared, **changes, "group_key": f"g{number}"})
        for number, changes in enumerate((
            {"kind": "series", "status": "failed"},
            {"kind": "series", "status": "completed"},
            {"kind": "series", "status": "retry"},
            {"kind": "hats", "status": "failed"},
        ))
    ]  # fmt: skip
    archive.rows.insert(
        "series", stack_id=1, seconds=60, job_id=series[1], created_at="2020-01-01 00:00:00"
    )
    versions = archive.rows.all("SELECT * FROM calibrations ORDER BY id")
    assert "rows of ended jobs: 0" in clean_up(archive.site)
    young = made.pop(1)
    archive.rows.execute(
        "UPDATE stacking_jobs SET updated_at = '2020-01-01 00:00:00' WHERE id <> ?", young
    )

    assert "rows of ended jobs: 0" in archive.site.cleanup("--dry-run")
    said = clean_up(archive.site)

    assert "rows of ended jobs: 2" in said
    left = [row["id"] for row in archive.rows.all("SELECT id FROM stacking_jobs WHERE id >= ?",
                                                  min(made))]  # fmt: skip
    assert sorted(left) == sorted([young, made[1], *series[1:]])
    assert archive.rows.all("SELECT * FROM calibrations ORDER BY id") == versions
    trail = archive.rows.all(
        "SELECT actor, event FROM job_events WHERE job_id = ? ORDER BY id", made[0]
    )
    assert trail[-1]["event"] == "completed" and trail[-1]["actor"].startswith("worker:")


def test_of_two_stacks_with_the_same_subs_one_is_only_fitted(
    archive: Archive, field: ArchivedField, queue: Callable[..., str], calibrator: Calibrator,
    tmp_path: Path,
) -> None:  # fmt: skip
    first, copy = field.stacks[0], field.stacks[3]
    archive.rows.execute("UPDATE epochs SET telescope = 'S50_8a95aa90'")
    other = archive.rows.add_user("bob", "not used here")
    archive.rows.execute("UPDATE stacked_frames SET user_id = ? WHERE id = ?", other, copy)
    archive.rows.execute("UPDATE stacked_frames SET shares_light = 1 WHERE id = ?", copy)
    archive.rows.insert("light_choices", stack_id=copy, viewer_id=0, light_in=first, repeated=1.0)
    archive.rows.execute("UPDATE stacked_frames SET shares_light = 1 WHERE id = ?", first)
    queue()
    lease = calibrator.take()
    found = calibrator.observations(lease, tmp_path)
    assert found.epochs.fit_only.tolist() == [False, False, False, True, False]
    assert found.epochs.telescope[3] == found.epochs.telescope[0], "it has the terms of its light"
    assert calibrator.send(lease, as_file(plausible(found), tmp_path)).status_code == 200
    row = archive.rows.one("SELECT copies, n_epochs, path FROM calibrations")
    assert (json.loads(row["copies"]), row["n_epochs"]) == ([field.epochs[3]], 4)
    with fits.open(archive.site.data_dir / f"stacks{row['path']}") as hdus:
        light_in = hdus["EPOCH_KEYS"].data["LIGHT_IN"].tolist()
    assert light_in == [0, 0, 0, field.epochs[0], 0]
    assert "1 up to date" in queue()

    archive.rows.execute("DELETE FROM light_choices")
    assert queue("--now").startswith("1 calibration queued"), "now it counts"
