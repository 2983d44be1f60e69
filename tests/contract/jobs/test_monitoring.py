"""What watches the site: liveness, readiness, measurements and the alarm for a queue at a stop."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
import requests

from demo.services import REPOSITORY, Site, WebDavServer
from tests.contract.jobs.measured import complete
from tests.contract.jobs.support import NOW, Queue, Worker
from tests.contract.jobs.volunteers import RIGHT, WRONG, volunteer
from tests.contract.site.subs import sub
from tests.contract.site.support import PASSWORD, Browser, claim_first
from tests.support.rows import Rows

API_PAGE = (REPOSITORY / "docs" / "api.md").read_text()
OPERATIONS_PAGE = (REPOSITORY / "docs" / "operations.md").read_text()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account of the machine can enter, as pytest's own are not."""
    with tempfile.TemporaryDirectory(prefix="crowdsky-open-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def log_in(site: Site, name: str, *, admin: bool) -> Browser:
    """Make an account and return a browser with its login."""
    site.create_user(name, PASSWORD, admin=admin)
    browser = Browser(site)
    assert browser.log_in(name).status_code == 302
    return browser


def ready(site: Site, key: str | None = None) -> tuple[int, dict[str, str]]:
    """Ask whether the site is ready; return the status and the checks that are not ok."""
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    answer = requests.get(
        f"{site.api_url}/health.php", params={"ready": "1"}, headers=headers, timeout=30
    )
    body = answer.json()
    assert body["ok"] is (answer.status_code == 200)
    assert ("Retry-After" in answer.headers) is (answer.status_code == 503)
    assert str(site.data_dir) not in answer.text
    return answer.status_code, {
        name: finding for name, finding in body["checks"].items() if finding != "ok"
    }


def scrape(site: Site) -> dict[str, float]:
    """Return the measurements as a scraper with a key of its own sees them."""
    key = site.run_php(
        "worker-key.php", "create", "--name", token_hex(4), "--scope", "metrics"
    ).strip()
    answer = requests.get(
        f"{site.api_url}/metrics.php", headers={"Authorization": f"Bearer {key}"}, timeout=30
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_a_site_that_works_is_ready(site: Site, worker: Worker) -> None:
    key = worker.headers["Authorization"].split()[1]

    assert ready(site) == (200, {"storage": "not checked"})
    assert ready(site, key) == (200, {})
    assert ready(site, "csw_wrong") == (200, {"storage": "not checked"})
    stored = [path for path in (site.data_dir / "stacks").rglob("*") if path.is_file()]
    assert [path.name.startswith("mark_") for path in stored] == [True]


def test_being_alive_takes_neither_database_nor_key(make_site: Callable[..., Site]) -> None:
    site = make_site()
    site.stop()
    broken = {"CROWDSKY_DB_DSN": "mysql:host=127.0.0.1;port=1;dbname=x"}
    with Site(site.data_dir, env=broken) as other:
        alive = requests.get(f"{other.api_url}/health.php", timeout=30)
        status, findings = ready(other, "csw_whatever")

    assert alive.status_code == 200
    assert alive.json()["database"] == "mariadb"
    assert status == 503
    assert "cannot be reached" in findings["database"]
    assert findings["migrations"] == findings["storage"] == "not checked"


def test_a_schema_that_is_too_new_is_named(site: Site, rows: Rows) -> None:
    rows.execute("INSERT INTO schema_migrations VALUES (9999, 'later', ?)", NOW)

    status, findings = ready(site)

    assert status == 503
    assert "newer" in findings["migrations"]
    assert sorted(findings) == ["clock", "custody", "host", "migrations", "storage"]


def test_a_data_folder_that_cannot_be_written_is_named(sqlite_site: Site) -> None:
    assert ready(sqlite_site)[0] == 200
    spool = sqlite_site.data_dir / "spool"
    spool.rmdir()
    spool.symlink_to("/proc/1/nowhere")

    status, findings = ready(sqlite_site)

    assert status == 503
    assert "data_folder" in findings


def test_no_other_account_can_open_what_the_site_stores(open_folder: Path) -> None:
    data = open_folder / "data"
    for made_by_operator in (data, data / "raws", data / "stacks"):
        made_by_operator.mkdir(mode=0o755)
    with Site(data) as site:
        browser = log_in(site, "owner", admin=False)
        browser.upload(sub())
        with Rows(site) as rows:
            worker = Worker(site, site.create_worker_key("w"))
            (job,) = rows.all("SELECT id FROM stacking_jobs")
            complete(worker, claim_first(rows, worker, job["id"]))
        site.cleanup()

        written = [path for path in data.rglob("*") if path.is_file() and path != site.log_path]
        names = {path.relative_to(data).parts[0] for path in written}
        assert names >= {"crowdsky.sqlite", "raws", "stacks", "sessions", "log", "secret"}
        assert [path for path in written if path.stat().st_mode & 0o007] == []

        status, findings = ready(site)
        assert (status, sorted(findings)) == (503, ["clock", "custody", "file_modes", "storage"])
        assert "other accounts of the machine" in findings["file_modes"]
        log = (data / "log" / "crowdsky.log").read_text()
        assert f"can open {data}/raws, {data}/stacks" in log


def test_any_folder_above_can_keep_other_accounts_out(open_folder: Path) -> None:
    parent = open_folder / "parent"
    data = parent / "data"
    data.mkdir(mode=0o755, parents=True)
    with Site(data) as site:
        assert ready(site)[0] == 200
        database = data / "crowdsky.sqlite"
        database.chmod(0o644)
        assert sorted(ready(site)[1]) == ["clock", "custody", "file_modes", "storage"]

        for folder in (data, parent):
            folder.chmod(0o750)
            assert ready(site)[0] == 200
            folder.chmod(0o755)
        assert ready(site)[0] == 503
        database.chmod(0o640)
        assert ready(site)[0] == 200


def test_a_full_disk_is_named(make_site: Callable[..., Site], tmp_path: Path) -> None:
    site = make_site(CROWDSKY_MIN_FREE_BYTES=str(shutil.disk_usage(tmp_path).free + (1 << 40)))

    status, findings = ready(site)

    assert status == 503
    assert "bytes left" in findings["free_space"]
    assert sorted(findings) == ["clock", "custody", "free_space", "storage"]


def test_a_storage_that_is_away_is_named_to_holders_of_a_key(
    make_site: Callable[..., Site], webdav: WebDavServer, share_settings: dict[str, str]
) -> None:
    site = make_site(**share_settings)
    key = site.create_worker_key("w")
    assert ready(site, key) == (200, {})
    (mark,) = [path for path in webdav.root.rglob("*") if path.is_file()]
    assert mark.name.startswith("mark_")
    webdav.stop()

    status, findings = ready(site, key)

    assert status == 503
    assert sorted(findings) == ["clock", "custody", "storage"]
    assert findings["custody"] == "not checked"
    assert ready(site)[0] == 200


def test_volunteers_are_measured(site: Site, queue: Queue, rows: Rows, worker: Worker) -> None:
    def figures() -> tuple[float, float]:
        now = scrape(site)
        return now["crowdsky_results_held"], now["crowdsky_keys_quarantined"]

    liar = volunteer(site, "liar")
    queue.add_job()
    assert figures() == (0, 0)
    WRONG.complete(liar, liar.claim())
    assert figures() == (1, 0)
    RIGHT.complete(worker, worker.claim())
    assert figures() == (0, 1)
    rows.execute("UPDATE api_keys SET revoked_at = ? WHERE name = 'liar'", NOW)
    assert figures() == (0, 0)


def test_measurements_follow_the_queue(
    site: Site, rows: Rows, queue: Queue, worker: Worker
) -> None:
    before = scrape(site)
    assert "crowdsky_last_completion_timestamp_seconds" not in before
    assert before["crowdsky_jobs_waiting"] == before["crowdsky_stalled"] == 0
    for _ in range(4):
        queue.add_job(frames=2)
    lease = worker.claim()
    assert worker.report("complete_job", lease, **worker.archive(lease)).status_code == 200
    worker.report("fail_job", worker.claim(), error_message="x", retryable=False)
    worker.claim()
    rows.execute("UPDATE stacking_jobs SET lease_expires_at = 1 WHERE status = 'processing'")

    now = scrape(site)

    assert now['crowdsky_jobs{state="pending"}'] == now["crowdsky_jobs_waiting"] == 1
    assert now['crowdsky_jobs{state="completed"}'] == now["crowdsky_stacks"] == 1
    assert now['crowdsky_job_events_total{event="completed"}'] == 1
    assert now['crowdsky_job_events_total{event="claimed"}'] == 3
    assert now['crowdsky_run_failures_total{cause="reported",final="yes"}'] == 1
    assert now["crowdsky_expired_leases"] == 1
    assert now["crowdsky_workers_seen"] == now["crowdsky_workers_known"] == 1
    assert now["crowdsky_raw_files"] == 8
    assert now["crowdsky_raw_bytes"] == 4 * (3000 + 3001)
    assert now["crowdsky_raw_files_due"] == 0
    assert now["crowdsky_last_completion_timestamp_seconds"] > 1.7e9
    assert now["crowdsky_oldest_waiting_seconds"] > 60
    assert now["crowdsky_stalled"] == 0
    assert now["crowdsky_data_free_bytes"] > 0


def test_a_stopped_queue_raises_the_alarm(site: Site, queue: Queue, worker: Worker) -> None:
    admin = log_in(site, "operator", admin=True)
    banner = "The queue stands still"
    queue.add_job()
    assert scrape(site)["crowdsky_stalled"] == 1
    assert banner in admin.get("admin.php").text

    lease = worker.claim()
    worker.report("complete_job", lease, **worker.archive(lease))
    queue.add_job()

    assert scrape(site)["crowdsky_stalled"] == 0
    assert banner not in admin.get("admin.php").text


def test_measurements_are_for_operators(site: Site, worker: Worker) -> None:
    admin, user = log_in(site, "operator", admin=True), log_in(site, "owner", admin=False)

    def status(headers: dict[str, Any], cookies: Any = None) -> int:
        answer = requests.get(
            f"{site.api_url}/metrics.php", headers=headers, cookies=cookies, timeout=30
        )
        return answer.status_code

    scraper = site.run_php(
        "worker-key.php", "create", "--name", token_hex(4), "--scope", "metrics"
    ).strip()
    assert status({}) == 401
    assert status(worker.headers) == 403
    assert status({}, user.http.cookies) == 403
    assert status({}, admin.http.cookies) == 200
    assert Worker(site, scraper).get("next_job").status_code == 403


def test_every_measurement_is_described(site: Site) -> None:
    section = API_PAGE.split("### GET metrics.php", 1)[1].split("\n### ", 1)[0]
    described = set(re.findall(r"`(crowdsky_\w+)", section))
    measured = {name.split("{")[0] for name in scrape(site)}

    assert described - measured <= {
        "crowdsky_last_completion_timestamp_seconds",
        "crowdsky_oldest_verification_seconds",
    }
    assert measured <= described


def test_the_documented_scrape_works_as_it_stands(sqlite_site: Site, tmp_path: Path) -> None:
    session = re.search(r"^## Monitoring\n.*?```sh\n(.*?)```", OPERATIONS_PAGE, re.M | re.S)
    assert session is not None
    (tmp_path / "php_api").symlink_to(REPOSITORY / "php_api")

    finished = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", session.group(1)],
        env={**os.environ, **sqlite_site.environment(), "API": sqlite_site.api_url},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert finished.returncode == 0, finished.stderr
    named = set(re.findall(r"expr: .*?(crowdsky_\w+)", OPERATIONS_PAGE))
    assert len(named) == 5
    assert all(f"\n{name}" in finished.stdout for name in named)
