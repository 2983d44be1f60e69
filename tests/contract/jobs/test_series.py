"""Series of a stack: ordered, made and archived; the raw frames stay as long as they are needed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests

from crowdsky.photometry.ensemble.field import calibrate_field
from demo.services import Site
from tests.contract.calibrations.calibrator import Calibrator, as_file
from tests.contract.jobs.series_files import series_file
from tests.contract.jobs.starry import MJD, PLATE, Star, starry_stack, stars_of
from tests.contract.jobs.support import Queue, Worker
from tests.contract.site.support import PASSWORD, Browser
from tests.support.cleanups import clean_up
from tests.support.described import lose_database
from tests.support.rows import Rows


@dataclass(frozen=True)
class Scene:
    """A site that lets raw frames go at once, an owner who is logged in, and a worker."""

    site: Site
    rows: Rows
    queue: Queue
    worker: Worker
    owner: Browser

    def stack(self, body: bytes | None = None) -> tuple[int, int, list[Path]]:
        """Complete a job of two frames; return it, its stack and its raws."""
        job = self.queue.add_job(frames=2)
        lease = self.worker.claim()
        assert lease["job_id"] == job
        report = self.worker.archive(lease, body)
        assert self.worker.report("complete_job", lease, **report).status_code == 200
        stack = self.rows.one("SELECT id FROM stacked_frames WHERE job_id = ?", job)["id"]
        return job, stack, self.queue.raw_paths(job)

    def order(self, stack: int, seconds: int = 60, browser: Browser | None = None) -> Any:
        """Send the form of the stack's page."""
        browser = browser or self.owner
        fields = {"csrf_token": browser.token(), "action": "series", "stack_id": stack}
        return browser.post("stack.php", {**fields, "seconds": seconds})

    def ordered(self, stack: int, seconds: int = 60) -> dict[str, Any]:
        """Order a series and claim its job."""
        answer = self.order(stack, seconds)
        assert answer.status_code == 303, answer.text
        lease = self.worker.claim(kinds="stack,series")
        assert lease["kind"] == "series"
        return lease

    def send(self, lease: dict[str, Any], body: bytes, sha256: str = "") -> Any:
        """PUT a series."""
        return requests.put(
            f"{self.site.api_url}/upload_series.php",
            params={"job_id": lease["job_id"]},
            data=body,
            headers={
                **self.worker.headers,
                "X-Lease-Token": lease["lease_token"],
                "X-SHA256": sha256 or hashlib.sha256(body).hexdigest(),
            },
            timeout=60,
        )

    def stored(self) -> list[Path]:
        """Return the files of series in storage."""
        return sorted((self.site.data_dir / "stacks").rglob("series_*.fits"))


@pytest.fixture
def scene(make_site: Callable[..., Site]) -> Scene:
    """A site with raw_grace_hours 0."""
    site = make_site(CROWDSKY_RAW_GRACE_HOURS="0")
    site.create_user("ann", PASSWORD)
    queue = Queue(site, site.rows)
    queue.user_id = site.rows.one("SELECT id FROM users WHERE username = 'ann'")["id"]
    owner = Browser(site)
    owner.log_in("ann")
    return Scene(site, site.rows, queue, Worker(site, site.create_worker_key("w")), owner)


def all_there(raws: list[Path]) -> bool:
    return all(path.exists() for path in raws)


def test_a_series_from_the_order_to_the_download(scene: Scene) -> None:
    job, stack, raws = scene.stack()
    page = scene.owner.get("stack.php", id=stack).text
    assert "Order a series" in page
    assert "kept until" in page
    assert scene.order(stack).status_code == 303
    clean_up(scene.site)
    assert all_there(raws), "a series waits for them"
    assert "already" in scene.order(stack).text
    assert scene.worker.try_claim() is None, "older workers do not get it"
    key = scene.site.run_php("worker-key.php", "create", "--name", "eve", "--volunteer").strip()
    assert Worker(scene.site, key).try_claim(kinds="stack,series") is None
    lease = scene.worker.claim(kinds="stack,series")
    assert (lease["kind"], lease["series"], lease["options"]) == ("series", {"seconds": 60}, None)
    assert lease["frame_count"] == 2

    headers = {"X-Lease-Token": lease["lease_token"]}
    listed = scene.worker.get("job_files", headers, job_id=lease["job_id"]).json()["files"]
    for frame, path in zip(listed, raws, strict=True):
        got = scene.worker.get("download_raw", headers, file_id=frame["id"])
        assert hashlib.sha256(got.content).hexdigest() == frame["sha256"]
        assert len(path.read_bytes()) > 0
    other = Worker(scene.site, scene.site.create_worker_key("other"))
    stolen = other.get("download_raw", headers, file_id=listed[0]["id"])
    assert stolen.status_code == 409
    clean_up(scene.site)
    assert all_there(raws), "a series is being made of them"

    body = series_file()
    assert scene.send(lease, body, "0" * 64).status_code == 422
    assert scene.send(lease, body).json() == {"ok": True}
    assert scene.send(lease, body).status_code == 200, "repeating it is harmless"
    assert scene.rows.job(lease["job_id"])["status"] == "completed"
    assert [path.read_bytes() for path in scene.stored()] == [body]
    assert scene.rows.one("SELECT n_parts, seconds FROM series") == {"n_parts": 3, "seconds": 60}
    assert scene.owner.get("download.php", id=stack, series=60).content == body
    assert "3 parts" in scene.owner.get("stack.php", id=stack).text

    clean_up(scene.site)
    assert not any(path.exists() for path in raws), "it reads back, so they may go"
    assert scene.rows.events(job)[-1] == "raws deleted"
    refused = scene.order(stack, 120)
    assert refused.status_code == 409
    assert "they have been deleted" in refused.text
    assert "Order a series" not in scene.owner.get("stack.php", id=stack).text


def test_raws_stay_while_the_series_does_not_read_back(scene: Scene) -> None:
    _, stack, raws = scene.stack()
    lease = scene.ordered(stack)
    assert scene.send(lease, series_file()).status_code == 200
    (file,) = scene.stored()
    kept = file.read_bytes()
    file.write_bytes(kept[:-2880])
    clean_up(scene.site)
    assert all_there(raws)
    assert scene.owner.get("download.php", id=stack, series=60).status_code == 404
    again = scene.ordered(stack)
    assert scene.send(again, series_file()).status_code == 200
    assert len(scene.stored()) == 1, "the damaged file has gone"
    clean_up(scene.site)
    assert not any(path.exists() for path in raws)


def test_raws_go_after_a_series_that_failed_or_was_cancelled(scene: Scene) -> None:
    _, stack, raws = scene.stack()
    lease = scene.ordered(stack)
    failed = {"error_message": "no stars", "retryable": False}
    assert scene.worker.report("fail_job", lease, **failed).status_code == 200
    assert "no stars" in scene.owner.get("stack.php", id=stack).text
    waiting = scene.ordered(stack, 120)
    clean_up(scene.site)
    assert all_there(raws)
    fields = {"csrf_token": scene.owner.token(), "job_id": waiting["job_id"], "return": ""}
    assert scene.owner.post("job.php", {**fields, "action": "cancel"}).status_code == 303
    clean_up(scene.site)
    assert not any(path.exists() for path in raws)
    for job in (lease["job_id"], waiting["job_id"]):
        again = scene.owner.post("job.php", {**fields, "job_id": job, "action": "requeue"})
        assert again.status_code == 409
        assert "0 of its 2 raw frames left" in again.text


def test_a_worker_that_dies_leaves_the_series_to_another(scene: Scene) -> None:
    _, stack, raws = scene.stack()
    lost = scene.ordered(stack)
    scene.rows.execute("UPDATE stacking_jobs SET lease_expires_at = 1 WHERE id = ?", lost["job_id"])
    clean_up(scene.site)
    assert all_there(raws), "it will be tried again"
    assert scene.send(lost, series_file()).status_code == 409
    scene.rows.execute("UPDATE stacking_jobs SET not_before = NULL")
    lease = scene.worker.claim(kinds="series")
    assert lease["job_id"] == lost["job_id"]
    assert scene.send(lease, series_file()).status_code == 200


WRONG = (
    (series_file(seconds=61), "SERIES is 61, not 60"),
    (series_file(star_rows=5), "SERIES-STARS has 5 rows, not 6"),
    (series_file(without="GAIA_ID"), "SERIES-STARS has other columns"),
    (series_file(cards=(("SITELAT", 48.2),)), "SITELAT must not be in it"),
    (series_file(cards=(("AIRMASS", 1.2),)), "AIRMASS must not be in it"),
    (series_file(cards=(("OBJECT", "my garden"),)), "OBJECT must not be in it"),
    (series_file(cards=(("NPARTS", 4),)), "SERIES has 3 rows, not 4"),
    (series_file()[:-2880], "not a whole FITS file"),
    (b"GIF89a" * 1000, "does not start as a FITS file"),
)


@pytest.mark.one_database
def test_other_files_are_refused(scene: Scene) -> None:
    _, stack, _ = scene.stack()
    lease = scene.ordered(stack)
    for body, reason in WRONG:
        answer = scene.send(lease, body)
        assert (answer.status_code, answer.json()["code"]) == (422, "not_a_series"), reason
        assert reason in answer.json()["error"]
    assert scene.stored() == []
    assert scene.send(lease, series_file()).status_code == 200


@pytest.mark.one_database
def test_what_cannot_be_ordered(scene: Scene) -> None:
    job, stack, _ = scene.stack()
    for seconds in (59, 451, 0):
        assert scene.order(stack, seconds).status_code == 400
    scene.site.create_user("eve", PASSWORD)
    eve = Browser(scene.site)
    eve.log_in("eve")
    assert scene.order(stack, browser=eve).status_code == 404
    assert "Order a series" not in eve.get("stack.php", id=stack).text
    scene.rows.execute("UPDATE stacking_jobs SET kind = 'uploaded' WHERE id = ?", job)
    refused = scene.order(stack)
    assert refused.status_code == 409
    assert "uploaded finished" in refused.text
    assert scene.rows.all("SELECT id FROM series") == []


def test_it_is_seen_as_its_stack_is(scene: Scene) -> None:
    _, stack, _ = scene.stack()
    body = series_file()
    assert scene.send(scene.ordered(stack), body).status_code == 200
    scene.site.create_user("eve", PASSWORD)
    eve = Browser(scene.site)
    eve.log_in("eve")
    data_key = scene.site.run_php("data-key.php", "create", "--owner", "eve", "--name", "x")
    headers = {"Authorization": f"Bearer {data_key.split()[-1]}"}

    def by_key() -> Any:
        query = {"id": stack, "series": 60}
        url = f"{scene.site.api_url}/download_frame.php"
        return requests.get(url, params=query, headers=headers, timeout=60)

    for visibility, status in (("private", 404), ("public", 200)):
        scene.rows.execute("UPDATE stacked_frames SET visibility = ?", visibility)
        answer = eve.get("download.php", id=stack, series=60)
        assert answer.status_code == status
        assert by_key().status_code == status
        assert (answer.content == body) == (status == 200)
        assert Browser(scene.site).get("download.php", id=stack, series=60).status_code != 200
    assert by_key().content == body
    assert eve.get("download.php", id=stack, series=120).status_code == 404


def test_it_is_no_stack_in_any_list(scene: Scene) -> None:
    _, stack, _ = scene.stack()
    scene.rows.execute("UPDATE stacked_frames SET visibility = 'public'")
    key = scene.site.run_php("data-key.php", "create", "--owner", "ann", "--name", "x").split()[-1]
    calls: dict[str, dict[str, str]] = {
        "search": {"ra": "192.72", "dec": "41.12", "radius": "5"},
        "sky_coverage": {},
        "moc": {},
        "under_observed": {},
        "frames_by_healpix": {"healpix": "32427"},
        "bulk_list": {},
        "sia2": {"POS": "CIRCLE 192.72 41.12 5"},
        "scs_stacks": {"RA": "192.72", "DEC": "41.12", "SR": "5"},
    }

    def lists() -> dict[str, str]:
        answers = {"my_stacks": get("my_stacks", {}, auth=("ann", PASSWORD))}
        for name, query in calls.items():
            answers[name] = get(name, query, headers={"Authorization": f"Bearer {key}"})
        pages = {page: scene.owner.get(page).text for page in ("index.php", "stacks.php")}
        return answers | pages | {"hips": scene.site.run_php("hips.php", "build")}

    def get(name: str, query: dict[str, str], **more: Any) -> str:
        url = f"{scene.site.api_url}/{name}.php"
        answer = requests.get(url, params=query, timeout=60, **more)
        assert answer.status_code == 200, answer.text
        return answer.text

    before = lists()
    assert "20260101.00" in before["my_stacks"]
    assert "20260101.00" in before["bulk_list"]
    assert scene.send(scene.ordered(stack), series_file()).status_code == 200
    after = lists()
    for name, text in before.items():
        assert _without_tokens(after[name]) == _without_tokens(text), name
    assert len(scene.rows.all("SELECT id FROM stacked_frames")) == 1


def _without_tokens(text: str) -> list[str]:
    return [line for line in text.splitlines() if "csrf" not in line and "time" not in line]


def test_it_goes_with_its_stack_and_alone(scene: Scene) -> None:
    job, stack, raws = scene.stack()
    made = scene.ordered(stack)
    assert scene.send(made, series_file()).status_code == 200
    page = scene.owner.get("job.php", id=made["job_id"]).text
    assert f'href="stack.php?id={stack}"' in page
    assert "the stack and its subs stay as they are" in page
    fields = {"csrf_token": scene.owner.token(), "return": "", "action": "delete"}
    assert scene.owner.post("job.php", {**fields, "job_id": made["job_id"]}).status_code == 303
    assert scene.stored() == []
    assert scene.rows.all("SELECT id FROM series") == []
    assert all_there(raws)

    assert scene.send(scene.ordered(stack), series_file()).status_code == 200
    running = scene.ordered(stack, 300)
    assert scene.owner.post("job.php", {**fields, "job_id": job}).status_code == 303
    assert scene.stored() == []
    assert scene.rows.all("SELECT id FROM series") == []
    assert scene.rows.all("SELECT id FROM stacking_jobs") == []
    assert scene.send(running, series_file(300)).status_code in (404, 409)
    assert scene.stored() == []


def test_its_parts_are_epochs_of_known_stars(scene: Scene) -> None:
    stars = stars_of(5)
    _, stack, _ = scene.stack(starry_stack(stars))
    places = [(float(ra[0]), float(dec[0])) for ra, dec in map(place_of, stars)]
    solved = (("PLTSOLVD", True), ("RA", 192.75), ("DEC", 41.05), ("PIXSCALE", 2.37))
    body = series_file(parts=3, places=[*places, (192.9, 41.3)], cards=solved)
    scene.rows.execute("UPDATE stacked_frames SET visibility = 'public'")
    lease = scene.ordered(stack)
    assert scene.send(lease, body).status_code == 200

    sql = "SELECT * FROM epochs WHERE stack_id = ? AND series_seconds = 60 ORDER BY part"
    epochs = scene.rows.all(sql, stack)
    whole = scene.rows.one("SELECT * FROM epochs WHERE stack_id = ? AND part = 0", stack)
    assert [epoch["part"] for epoch in epochs] == [1, 2, 3]
    assert {epoch["n_stars"] for epoch in epochs} == {5}, "a part founds no star"
    assert {epoch["field_id"] for epoch in epochs} == {whole["field_id"]}
    assert scene.rows.one("SELECT COUNT(*) AS n FROM stars")["n"] == 5
    middle = epochs[1]
    assert middle["mjd_utc"] == pytest.approx(60761.0 + 120.0 / 86400.0, abs=1e-9)
    assert (middle["zero_point_g"], middle["zero_point_r"]) == (20.5, None)
    assert (middle["airmass"], middle["limiting_mag"], middle["width"]) == (None, None, 64)
    first = scene.rows.one("SELECT star_id FROM star_observations WHERE x = ?", stars[0].x)
    seen = scene.rows.all(
        "SELECT o.flux_g, o.flags FROM star_observations o JOIN epochs e ON e.id = o.epoch_id "
        "WHERE o.star_id = ? AND e.part > 0 ORDER BY e.part",
        first["star_id"],
    )
    assert [row["flux_g"] for row in seen] == [1001.0, 1002.0, 1003.0]
    assert {row["flags"] for row in seen} == {8}

    key = scene.site.run_php("data-key.php", "create", "--owner", "ann", "--name", "x").split()[-1]
    for series, n_points in ((60, 3), (0, 1)):
        query = {"star": first["star_id"], "format": "csv", "band": "TG", "quality": "all"}
        answer = requests.get(
            f"{scene.site.api_url}/light_curve.php",
            params=query | ({"series": series} if series else {}),
            headers={"Authorization": f"Bearer {key}"},
            timeout=60,
        )
        assert answer.status_code == 200, answer.text
        lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
        assert len(lines) == 1 + n_points, answer.text

    scene.rows.execute("DELETE FROM epochs WHERE part > 0")
    scene.site.cleanup()
    assert len(scene.rows.all(sql, stack)) == 3, "cleanup reads what completion could not"
    fields = {"csrf_token": scene.owner.token(), "return": "", "action": "delete"}
    assert scene.owner.post("job.php", {**fields, "job_id": lease["job_id"]}).status_code == 303
    assert scene.rows.all(sql, stack) == []


def test_its_parts_get_zero_points_and_count_for_nothing_else(scene: Scene, tmp_path: Path) -> None:
    stars = stars_of(40)
    scene.site.create_user("boss", PASSWORD, admin=True)
    _, stack, _ = scene.stack(starry_stack(stars))
    scene.stack(starry_stack(stars, MJD + 1.0))
    scene.rows.execute("UPDATE stacked_frames SET visibility = 'public'")
    places = [(float(ra[0]), float(dec[0])) for ra, dec in map(place_of, stars)]
    solved = (("PLTSOLVD", True), ("RA", 192.75), ("DEC", 41.05), ("PIXSCALE", 2.37))
    body = series_file(parts=3, places=places, cards=solved)
    assert scene.send(scene.ordered(stack), body).status_code == 200
    queue = ("calibrate.php", "queue")
    assert "1 without two stacks that share stars" in scene.site.run_php(*queue)
    scene.site.run_php("stars.php", "read")
    assert scene.site.run_php(*queue).startswith("1 calibration queued")
    calibrator = Calibrator(scene.site, scene.site.create_worker_key("c"))
    lease = calibrator.take()
    observations = calibrator.observations(lease, tmp_path)
    assert observations.epochs.fit_only.tolist() == [False, True, True, True, False]
    result = calibrate_field(observations, None)
    assert calibrator.send(lease, as_file(result, tmp_path)).status_code == 200
    given = scene.rows.all(
        "SELECT e.part, COUNT(*) AS n FROM epoch_zero_points z JOIN epochs e ON e.id = z.epoch_id "
        "GROUP BY e.part ORDER BY e.part"
    )
    assert [row["part"] for row in given] == [0, 1, 2, 3]


def test_series_and_calibrations_outlive_the_database(scene: Scene, tmp_path: Path) -> None:
    stars, rows = stars_of(40), scene.rows
    scene.site.create_user("boss", PASSWORD, admin=True)
    _, stack, _ = scene.stack(starry_stack(stars))
    scene.stack(starry_stack(stars, MJD + 1.0))
    rows.execute("UPDATE stacked_frames SET visibility = 'public'")
    places = [(float(ra[0]), float(dec[0])) for ra, dec in map(place_of, stars)]
    solved = (("PLTSOLVD", True), ("RA", 192.75), ("DEC", 41.05), ("PIXSCALE", 2.37))
    body = series_file(parts=3, places=places, cards=solved)
    assert scene.send(scene.ordered(stack), body).status_code == 200
    scene.site.run_php("stars.php", "read")
    for again in ((), ("--now",)):
        rows.execute("UPDATE calibrations SET fingerprint = ''")
        scene.site.run_php("calibrate.php", "queue", *again)
        calibrator = Calibrator(scene.site, scene.site.create_worker_key(f"c{len(again)}"))
        lease = calibrator.take()
        result = calibrate_field(calibrator.observations(lease, tmp_path), None)
        if again:
            result.zero_points.zero_point[:] += 0.25
        assert calibrator.send(lease, as_file(result, tmp_path)).status_code == 200
    queries = [{"series": series, "version": version} for series in (0, 60) for version in (1, 2)]
    before = [curves(scene, query) for query in queries]
    assert all(len(points) == 40 for points in before)
    assert before[0] != before[1]
    files = {path: path.read_bytes() for path in scene.site.data_dir.glob("stacks/**/*.fits")}

    lose_database(rows)
    assert "would adopt" in scene.site.cleanup("--adopt", "--dry-run")
    assert rows.all("SELECT id FROM stacked_frames") == []
    lines = scene.site.cleanup("--adopt").splitlines()

    assert lines[-1].startswith("adopted: 5;"), lines
    assert sum("as version 2 of field" in line and "40 of 40 stars" in line for line in lines) == 1
    assert {path: path.read_bytes() for path in files} == files
    rows.execute("UPDATE stacked_frames SET visibility = 'public'")
    assert [curves(scene, query) for query in queries] == before
    series = rows.one("SELECT r.*, j.status FROM series r JOIN stacking_jobs j ON j.id = r.job_id")
    assert (series["n_parts"], series["status"]) == (3, "completed")
    assert series["sha256"] == hashlib.sha256(body).hexdigest()
    assert rows.all("SELECT version FROM calibrations ORDER BY version") == [
        {"version": 1}, {"version": 2},
    ]  # fmt: skip
    assert "adopted: 0; 5 in the archive already" in scene.site.cleanup("--adopt")
    scene.site.run_php("calibrate.php", "queue", "--now")
    assert calibrator_of(scene).take()["calibrate"]["version"] == 3, "no number is used twice"


def test_a_calibration_that_its_name_does_not_fit_is_not_adopted(
    scene: Scene, tmp_path: Path
) -> None:
    stars, rows = stars_of(40), scene.rows
    scene.site.create_user("boss", PASSWORD, admin=True)
    for day in (0.0, 1.0):
        scene.stack(starry_stack(stars, MJD + day))
    rows.execute("UPDATE stacked_frames SET visibility = 'public'")
    scene.site.run_php("stars.php", "read")
    scene.site.run_php("calibrate.php", "queue")
    calibrator = calibrator_of(scene)
    lease = calibrator.take()
    result = calibrate_field(calibrator.observations(lease, tmp_path), None)
    assert calibrator.send(lease, as_file(result, tmp_path)).status_code == 200
    (stored,) = scene.site.data_dir.rglob("calibration_v1_*.fits")
    body = bytearray(stored.read_bytes())
    body[-3000] ^= 1
    stored.write_bytes(body)

    lose_database(rows)
    lines = scene.site.cleanup("--adopt").splitlines()

    assert lines[-1].startswith("adopted: 2;")
    assert any(line.startswith("damaged") and "SHA-256" in line for line in lines)
    assert rows.all("SELECT id FROM calibrations") == []
    assert stored.read_bytes() == body


def calibrator_of(scene: Scene) -> Calibrator:
    """Return a worker with a key of its own."""
    return Calibrator(scene.site, scene.site.create_worker_key("c"))


def curves(scene: Scene, query: dict[str, int]) -> dict[tuple[float, float], Any]:
    """Return times and magnitudes of every star, by its place."""
    key = scene.rows.add_data_key()
    found = {}
    for star in scene.rows.all("SELECT id, ra_deg, dec_deg FROM stars"):
        answer = requests.get(
            f"{scene.site.api_url}/light_curve.php",
            params={"star": star["id"], **{name: n for name, n in query.items() if n}},
            headers={"Authorization": f"Bearer {key}"},
            timeout=60,
        )
        assert answer.status_code == 200, answer.text
        found[star["ra_deg"], star["dec_deg"]] = [
            (p["bjd_tdb"], p["band"], p["mag"], p["mag_error"], p["calibration"])
            for p in answer.json()["points"]
        ]
        assert found[star["ra_deg"], star["dec_deg"]]
    return found


def place_of(star: Star) -> Any:
    return PLATE.sky(np.array([star.x]), np.array([star.y]))


def test_an_owner_may_want_one_of_every_stack(scene: Scene) -> None:
    _, older, raws = scene.stack()
    fields = {"csrf_token": scene.owner.token(), "form_action": "series"}
    assert scene.owner.post("account.php", {**fields, "seconds": 59}).status_code == 400
    assert scene.owner.post("account.php", {**fields, "seconds": 120}).status_code == 303
    page = scene.owner.get("account.php").text
    assert '<option value="120" selected>' in page
    _, newer, _ = scene.stack()
    clean_up(scene.site)
    clean_up(scene.site)
    assert all_there(raws), "it is ordered before they go"
    rows = scene.rows.all("SELECT stack_id, seconds FROM series ORDER BY stack_id")
    assert [(row["stack_id"], row["seconds"]) for row in rows] == [(older, 120), (newer, 120)]
    for _ in range(2):
        lease = scene.worker.claim(kinds="series")
        failed = {"error_message": "no stars", "retryable": False}
        assert scene.worker.report("fail_job", lease, **failed).status_code == 200
    clean_up(scene.site)
    assert scene.worker.try_claim(kinds="series") is None, "one that failed is not ordered again"
    assert not any(path.exists() for path in raws)
    assert scene.owner.post("account.php", {**fields, "seconds": ""}).status_code == 303
    scene.stack()
    clean_up(scene.site)
    assert scene.worker.try_claim(kinds="series") is None
