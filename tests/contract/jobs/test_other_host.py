"""Another host or secret on the same database: what is elsewhere is not taken for lost."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from demo.services import Database, ServiceError, Site
from tests.contract.jobs.support import Queue, Worker
from tests.contract.jobs.test_monitoring import log_in
from tests.contract.site.subs import sub
from tests.support.sites import SiteUnderTest

CLAIM = "0123456789abcdef"


@pytest.fixture
def host(tmp_path: Path, database: Database | None) -> Iterator[SiteUnderTest]:
    """The host that has the raws."""
    settings = {"CROWDSKY_RETRY_BACKOFF_SECONDS": "0"}
    with SiteUnderTest(tmp_path / "host", database, settings) as running:
        yield running


@pytest.fixture
def other(host: SiteUnderTest, tmp_path: Path) -> Iterator[SiteUnderTest]:
    """A second host on the same database, with a data folder of its own."""
    Worker(host, host.create_worker_key("first to ask")).try_claim()
    database = host.database or Database(f"sqlite:{host.data_dir}/crowdsky.sqlite")
    with SiteUnderTest(tmp_path / "other", database) as running:
        yield running


def at(site: Site, worker: Worker) -> Worker:
    """The same worker, asking another host."""
    moved = Worker.__new__(Worker)
    moved.api, moved.name, moved.headers = site.api_url, worker.name, worker.headers
    return moved


def finding(site: Site) -> str:
    """What readiness reports about the host."""
    answer = requests.get(f"{site.api_url}/health.php", params={"ready": "1"}, timeout=30)
    said: str = answer.json()["checks"]["host"]
    assert (answer.status_code == 200) == (said == "ok")
    return said


def log_of(site: Site) -> str:
    """The host's log."""
    return (site.data_dir / "log" / "crowdsky.log").read_text()


def test_a_raw_on_another_host_is_not_lost(host: SiteUnderTest, other: SiteUnderTest) -> None:
    queue = Queue(host, host.rows)
    job = queue.add_job()
    worker = Worker(host, host.create_worker_key("w"))
    lease = worker.claim()
    (listed,) = worker.get(
        "job_files", job_id=job, headers={"X-Lease-Token": lease["lease_token"]}
    ).json()["files"]
    query = {"file_id": listed["id"], "headers": {"X-Lease-Token": lease["lease_token"]}}

    there = at(other, worker).get("download_raw", **query)

    assert (there.status_code, there.json()["code"]) == (503, "unavailable")
    assert there.headers["Retry-After"] == "60"
    assert str(other.data_dir) not in there.text
    assert "the data folder is not the one that holds the raws" in log_of(other)
    assert worker.get("download_raw", **query).status_code == 200
    # It is handed back without an attempt, and only the host with the raws gives it out again.
    assert at(other, worker).report("release_job", lease).status_code == 200
    assert host.rows.job(job)["attempts"] == 0
    refused = at(other, worker).get("next_job", worker_id="w", claim_id=CLAIM)
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert worker.claim()["job_id"] == job
    assert "data folder" in finding(other)
    assert finding(host) == "ok"


def test_a_raw_that_is_gone_from_its_own_host_is_gone(host: SiteUnderTest) -> None:
    queue = Queue(host, host.rows)
    job = queue.add_job()
    worker = Worker(host, host.create_worker_key("w"))
    lease = worker.claim()
    raw = host.rows.one("SELECT id FROM raw_files")["id"]
    (path,) = queue.raw_paths(job)
    path.unlink()
    headers = {"X-Lease-Token": lease["lease_token"]}
    assert worker.get("download_raw", headers, file_id=raw).status_code == 404
    # Where the folder of raws is not mounted, it is not there either.
    (host.data_dir / "raws").rename(host.data_dir / "mounted")
    (host.data_dir / "raws").mkdir()
    assert worker.get("download_raw", headers, file_id=raw).status_code == 503
    (host.data_dir / "raws").rmdir()
    (host.data_dir / "mounted").rename(host.data_dir / "raws")
    assert worker.get("download_raw", headers, file_id=raw).status_code == 404


def test_another_host_takes_no_subs_and_forgets_no_file(
    host: SiteUnderTest, other: SiteUnderTest
) -> None:
    queue = Queue(host, host.rows)
    raw = queue.add_raw(queue.add_session("uploading"), None, "a.fit", b"x" * 2880)
    owner = log_in(other, "owner", admin=False)
    refused = owner.put(owner.start(), sub())
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    host.cleanup()
    host.rows.execute("UPDATE raw_files SET deleted_at = '2026-01-01 00:00:00'")
    with pytest.raises(ServiceError, match="files removed: 0"):
        other.cleanup()  # the stacks are not there either
    assert "raw files were not searched" in other.cleanup("--orphans")
    assert host.rows.one("SELECT storage_name FROM raw_files")["storage_name"] is not None
    host.cleanup()
    assert host.rows.one("SELECT storage_name FROM raw_files")["storage_name"] is None
    assert not raw.path.exists()


def test_a_claim_repeated_with_another_secret_gets_no_token_that_is_refused(
    host: SiteUnderTest,
) -> None:
    job = Queue(host, host.rows).add_job()
    worker = Worker(host, host.create_worker_key("w"))
    first = worker.claim(CLAIM)
    expiry = host.rows.job(job)["lease_expires_at"]
    secret = host.data_dir / "secret"
    before = secret.read_bytes()
    secret.chmod(0o600)
    secret.write_bytes(secrets.token_bytes(32))

    refused = worker.get("next_job", worker_id="w", claim_id=CLAIM)

    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert "the server secret is not the one of this database" in log_of(host)
    assert "secret" in finding(host)
    assert host.rows.job(job)["lease_expires_at"] == expiry, "nobody renews what nobody can use"
    assert worker.report("heartbeat", first).status_code == 200, "the lease itself still counts"
    # Either the secret comes back, or the lease runs out and the claim gets another one.
    secret.write_bytes(before)
    assert worker.claim(CLAIM)["lease_token"] == first["lease_token"]
    secret.write_bytes(secrets.token_bytes(32))
    host.rows.execute("UPDATE stacking_jobs SET lease_expires_at = 1")
    again = worker.claim(CLAIM)
    assert again["lease_token"] != first["lease_token"]
    assert worker.claim(CLAIM)["lease_token"] == again["lease_token"]
    assert worker.report("heartbeat", again).status_code == 200


def test_an_operator_can_accept_a_new_host(host: SiteUnderTest, other: SiteUnderTest) -> None:
    assert "; " in finding(other), "folder and secret"
    host.stop()
    assert "are now those of the database" in other.run_php("migrate.php", "--accept-host")
    assert finding(other) == "ok"
    owner = log_in(other, "owner", admin=False)
    assert owner.put(owner.start(), sub()).status_code == 200
    host.start()
    assert "data folder" in finding(host)


def test_the_id_of_the_folder_is_in_the_backup_of_the_raws(host: SiteUnderTest) -> None:
    assert finding(host) == "ok"
    assert len((host.data_dir / "raws" / "folder.id").read_text().strip()) == 16
