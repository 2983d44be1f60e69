"""Asynchronous queries: phases, results, and their end."""

from __future__ import annotations

import pytest
import pyvo
import requests

from crowdsky.tap import jobs as jobs_module
from crowdsky.tap.jobs import KEPT_SECONDS, JobStore
from tests.contract.tap.conftest import Service
from tests.contract.vo.archive import Archive

pytestmark = pytest.mark.one_database
ENDLESS = "SELECT COUNT(*) FROM " + ", ".join(f"tap_schema.columns AS c{n}" for n in range(6))


def test_pyvo_runs_a_job(archive: Archive, tap: Service) -> None:
    stack = archive.add(192.72, 41.12)
    archive.add(192.72, 41.12, public=False)
    service = tap.client
    job = service.submit_job("SELECT obs_id FROM ivoa.obscore", maxrec=5)
    assert job.phase == "PENDING"
    job.run().wait(timeout=60)
    assert job.phase == "COMPLETED"
    assert list(job.fetch_result()["obs_id"]) == [f"stack-{stack}"]
    url = job.url
    assert (tap.folder / "jobs" / job.job_id / "result").is_file()
    job.delete()
    assert requests.get(url, timeout=30).status_code == 404
    assert list((tap.folder / "jobs").iterdir()) == []
    assert service.get_job_list() == []


def test_a_job_says_why_it_failed(archive: Archive, tap: Service) -> None:
    service = tap.client
    job = service.submit_job("SELECT * FROM users")
    job.run().wait(timeout=60)
    assert job.phase == "ERROR"
    with pytest.raises(pyvo.dal.DALQueryError, match="there is no table users"):
        job.raise_if_error()
    assert "there is no table users" in requests.get(f"{job.url}/error", timeout=30).text


def test_a_job_is_aborted_and_jobs_are_few(
    archive: Archive, tap: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = tap.client
    job = service.submit_job(ENDLESS)
    job.run()
    kept = tap.jobs.find(job.job_id)
    assert kept is not None
    tap.jobs.wait(kept, "QUEUED", 30.0)
    job.abort()
    assert job.phase == "ABORTED"
    monkeypatch.setattr(jobs_module, "MOST_JOBS", 1)
    answer = requests.post(f"{tap.url}/async", {"QUERY": ENDLESS}, timeout=30)
    assert answer.status_code == 503
    assert "too many jobs are kept" in answer.text
    assert "Retry-After" in answer.headers


def test_jobs_end_after_a_day(archive: Archive, tap: Service) -> None:
    job = tap.jobs.create("SELECT obs_id FROM ivoa.obscore", "ADQL", 5, "", "")
    url = f"{tap.url}/async/{job.id}"
    late = requests.post(f"{url}/destruction", {"DESTRUCTION": "2099-01-01T00:00:00Z"}, timeout=30)
    assert late.status_code == 200
    assert job.destruction == tap.clock.seconds + KEPT_SECONDS
    tap.clock.seconds += KEPT_SECONDS + 1
    assert requests.get(url, timeout=30).status_code == 404
    tap.jobs.sweep()
    assert list((tap.folder / "jobs").iterdir()) == []


def test_a_restart_keeps_results_and_ends_what_ran(archive: Archive, tap: Service) -> None:
    kept = tap.jobs.create("SELECT obs_id FROM ivoa.obscore", "ADQL", 5, "", "")
    tap.jobs.start(kept)
    tap.jobs.wait(kept, "QUEUED", 30)
    tap.jobs.wait(kept, "EXECUTING", 30)
    lost = tap.jobs.create(ENDLESS, "ADQL", 5, "", "")
    lost.phase = "EXECUTING"
    tap.jobs._save(lost)
    other = JobStore(tap.folder / "jobs", tap.jobs._runner, tap.clock)
    again, ended = other.find(kept.id), other.find(lost.id)
    other.close()
    assert again is not None
    assert ended is not None
    assert again.phase == "COMPLETED"
    assert other.result(again).read_bytes().startswith(b"<?xml")
    assert (ended.phase, ended.error) == (
        "ERROR",
        "the service was restarted; send the query again",
    )
