"""The functions of worker.api_client on the real site, alone and over a network that fails.

``test_script_downloads`` has download_raw_file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crowdsky.base.errors import (
    AccessDeniedError,
    ConfigurationError,
    LeaseLostError,
    RequestRefusedError,
    ResultNotStoredError,
    ServiceBusyError,
    UnexpectedAnswerError,
)
from crowdsky.net import retry
from demo.services import Site
from tests.contract.jobs.rescans import ask, claim_rescan, new_operator
from tests.contract.jobs.support import Queue, Worker
from tests.contract.worker.support import json_answer, raws
from tests.support.fault_proxy import Fault, FaultProxy, html_answer, plain_answer
from tests.support.rows import Rows
from tests.support.scripts import write_env
from worker import api_client

pytestmark = pytest.mark.usefixtures("script")

ALWAYS = 1000


@pytest.fixture
def metadata(claimed: dict[str, Any], sqlite_site: Site, key: str) -> dict[str, Any]:
    """What there is to report about a stack of that job, which is stored."""
    return Worker(sqlite_site, key).archive(claimed)


class TestGetNextJob:
    def test_it_is_the_sites_answer(self, queue: Queue, rows: Rows) -> None:
        job_id = queue.add_job(frames=2)
        job = api_client.get_next_job()
        assert job is not None
        documented = {
            "job_id": job_id,
            "user_id": queue.user_id,
            "upload_session_id": rows.job(job_id)["upload_session_id"],
            "chunk_key": "20260101.00_192.7_+41.1",
            "object_name": "M 94",
            "frame_count": 2,
            "session_ucloud_path": None,
        }
        assert documented.items() <= job.items()
        row = rows.job(job_id)
        assert (row["status"], row["worker_name"]) == ("processing", "a script")

    def test_no_work_is_none(self) -> None:
        assert api_client.get_next_job() is None

    def test_a_lost_answer_claims_no_second_job(
        self, queue: Queue, proxy: FaultProxy, rows: Rows
    ) -> None:
        jobs = [queue.add_job(), queue.add_job()]
        proxy.inject(Fault("lose_reply", target="next_job"))
        proxy.inject(Fault("answer", target="next_job", answer=html_answer()))
        assert (api_client.get_next_job() or {})["job_id"] == jobs[0]
        assert rows.job(jobs[1])["status"] == "pending"

    def test_two_calls_claim_two_jobs(self, queue: Queue) -> None:
        jobs = [queue.add_job(), queue.add_job()]
        assert [(api_client.get_next_job() or {})["job_id"] for _ in jobs] == jobs

    def test_it_gets_no_rescan(
        self, claimed: dict[str, Any], metadata: dict[str, Any], sqlite_site: Site
    ) -> None:
        stack = api_client.complete_job(claimed["job_id"], metadata)["stack_id"]
        operator = new_operator(sqlite_site)
        ask(operator, stack)
        assert api_client.get_next_job() is None
        assert claim_rescan(operator)["stack"]["stack_id"] == stack, "it was there"

    def test_a_site_that_stays_busy_is_an_error(self, proxy: FaultProxy) -> None:
        busy = plain_answer("503 Service Unavailable")
        proxy.inject(Fault("answer", target="next_job", answer=busy, times=ALWAYS))
        with pytest.raises(ServiceBusyError, match="503"):
            api_client.get_next_job()
        assert proxy.count("GET", "next_job") == retry.SCRIPT_CLAIM.tries

    def test_an_answer_that_is_no_job_is_an_error(self, proxy: FaultProxy) -> None:
        answer = json_answer({"job_id": 12})
        proxy.inject(Fault("answer", target="next_job", answer=answer, times=ALWAYS))
        with pytest.raises(UnexpectedAnswerError, match="user_id"):
            api_client.get_next_job()


class TestSettings:
    @pytest.mark.parametrize(
        "call",
        [
            api_client.get_next_job,
            lambda: api_client.get_job_files(1),
            lambda: api_client.download_raw_file(1, "raw.fit"),
            lambda: api_client.complete_job(1, {}),
            lambda: api_client.fail_job(1, "no"),
        ],
    )
    def test_every_problem_of_a_wrong_env_is_named_by_any_call(
        self, call: Any, tmp_path: Path
    ) -> None:
        write_env(tmp_path, {"WORKER_API_KEY": "two words", "MAX_WORKERS": "many"})
        with pytest.raises(ConfigurationError) as refused:
            call()
        reported = "\n".join(refused.value.problems)
        for name in ("API_BASE_URL is not set", "WORKER_API_KEY contains blanks", "MAX_WORKERS"):
            assert name in reported

    def test_a_refused_key_is_named_without_showing_it(
        self, tmp_path: Path, proxy: FaultProxy
    ) -> None:
        write_env(tmp_path, {"API_BASE_URL": proxy.url, "WORKER_API_KEY": "wrong-secret-key"})
        with pytest.raises(AccessDeniedError, match="WORKER_API_KEY") as denied:
            api_client.get_next_job()
        assert "wrong-secret-key" not in str(denied.value)


class TestGetJobFiles:
    def test_it_is_the_sites_answer(self, claimed: dict[str, Any]) -> None:
        answer = api_client.get_job_files(claimed["job_id"])
        assert answer["job_id"] == claimed["job_id"]
        assert answer["chunk_key"] == claimed["chunk_key"]
        # In time order: the fixture's frames have falling times. The key is not a trusted one.
        assert [file["filename"] for file in answer["files"]] == ["frame_2.fits", "frame_1.fits"]
        assert answer["files"][0]["fits_date_obs"] == "2026-01-01 00:00:58"

    def test_a_name_that_leads_elsewhere_is_refused(
        self, claimed: dict[str, Any], proxy: FaultProxy
    ) -> None:
        files = [{**file, "filename": "../../evil.fit"} for file in raws(claimed)]
        answer = json_answer({"job_id": claimed["job_id"], "chunk_key": "x", "files": files})
        proxy.inject(Fault("answer", target="job_files", answer=answer, times=ALWAYS))
        with pytest.raises(UnexpectedAnswerError, match="filename"):
            api_client.get_job_files(claimed["job_id"])

    def test_a_job_of_another_key_is_lost(self, elsewhere: dict[str, Any]) -> None:
        with pytest.raises(LeaseLostError):
            api_client.get_job_files(elsewhere["job_id"])

    def test_an_unknown_job_is_lost(self) -> None:
        with pytest.raises(LeaseLostError):
            api_client.get_job_files(4711)


class TestCompleteJob:
    def test_the_answer_says_what_became_of_it(
        self, claimed: dict[str, Any], metadata: dict[str, Any], rows: Rows, proxy: FaultProxy
    ) -> None:
        proxy.inject(Fault("lose_reply", target="complete_job"))
        answer = api_client.complete_job(claimed["job_id"], metadata)
        frame = rows.one("SELECT * FROM stacked_frames")
        assert answer == {"ok": True, "status": "completed", "stack_id": frame["id"]}
        assert rows.job(claimed["job_id"])["status"] == "completed"

    def test_a_stack_that_is_not_stored_is_refused(
        self, claimed: dict[str, Any], metadata: dict[str, Any], rows: Rows
    ) -> None:
        with pytest.raises(ResultNotStoredError):
            api_client.complete_job(claimed["job_id"], {**metadata, "sha256": "0" * 64})
        assert rows.job(claimed["job_id"])["status"] == "processing"

    def test_a_wrong_field_is_named(self, claimed: dict[str, Any]) -> None:
        with pytest.raises(RequestRefusedError, match="ucloud_path"):
            api_client.complete_job(claimed["job_id"], {"n_frames_aligned": 2})

    def test_a_job_of_another_key_is_lost(
        self, metadata: dict[str, Any], elsewhere: dict[str, Any]
    ) -> None:
        with pytest.raises(LeaseLostError):
            api_client.complete_job(elsewhere["job_id"], metadata)


class TestFailJob:
    def test_it_is_tried_again_until_no_attempt_is_left(
        self, claimed: dict[str, Any], rows: Rows
    ) -> None:
        answer = api_client.fail_job(claimed["job_id"], "too cloudy " + "x" * 5000)
        assert answer == {"ok": True, "status": "retry"}
        assert rows.job(claimed["job_id"])["error_message"].startswith("too cloudy x")
        for expected in ("retry", "failed"):
            rows.execute("UPDATE stacking_jobs SET not_before = NULL")
            assert api_client.get_next_job() is not None
            assert api_client.fail_job(claimed["job_id"], "cloudy")["status"] == expected

    def test_a_completed_job_cannot_be_failed(
        self, claimed: dict[str, Any], metadata: dict[str, Any], rows: Rows
    ) -> None:
        api_client.complete_job(claimed["job_id"], metadata)
        with pytest.raises(LeaseLostError):
            api_client.fail_job(claimed["job_id"], "changed my mind")
        assert rows.job(claimed["job_id"])["status"] == "completed"

    def test_a_job_of_another_key_is_lost(self, elsewhere: dict[str, Any]) -> None:
        with pytest.raises(LeaseLostError):
            api_client.fail_job(elsewhere["job_id"], "no")
