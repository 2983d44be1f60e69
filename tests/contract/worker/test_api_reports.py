"""What a worker reports and sends to the real site, over a network and hosts that fail."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from crowdsky.base.errors import (
    LeaseLostError,
    RequestRefusedError,
    ResultNotStoredError,
    ServiceUnreachableError,
    StorageRefusedError,
)
from crowdsky.measuring.measured import Measured
from crowdsky.net.connection import Api
from crowdsky.stacking.records import StackResult
from crowdsky.storage.stored_file import StoredFile
from demo.services import Site
from tests.contract.jobs.support import Queue, stack_file
from tests.contract.worker.support import claim
from tests.support.fault_proxy import Fault, FaultProxy, plain_answer
from tests.support.rows import Rows
from worker.site import job_api
from worker.site.completion import Completion
from worker.site.records import Job


def completion(job: Job, stack: StoredFile) -> Completion:
    result = StackResult(
        output_path=Path("stack.fits"),
        n_frames_input=1,
        n_frames_aligned=1,
        total_exptime=10.0,
        date_obs_start="2026-01-01T00:00:59",
        date_obs_end="2026-01-01T00:01:09",
        ra_deg=192.72,
        dec_deg=41.12,
        n_stars_detected=100,
        width=8,
        height=8,
        engine="test",
        method="mean",
        sigma_clip=3.0,
        frames=(),
        notes=(),
    )
    return Completion(job, result, Measured.nothing("not tried"), stack, {}, ("a note",))


class TestReports:
    def finish(self, api: Api, job: Job) -> tuple[StoredFile, Completion]:
        stack = Path("stack.fits")
        stack.write_bytes(stack_file())
        stored = job_api.upload_result(api, job, "stack", stack)
        return stored, completion(job, stored)

    @pytest.fixture(autouse=True)
    def here(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)

    def test_heartbeats_continue_and_cancel(self, api: Api, queue: Queue, rows: Rows) -> None:
        queue.add_job()
        job = claim(api)
        assert not job_api.heartbeat(api, job, "stack", 0.5, "align 3 of 6").cancelled
        row = rows.job(job.job_id)
        assert (row["stage"], row["progress_message"]) == ("stack", "align 3 of 6")
        rows.execute("UPDATE stacking_jobs SET status = 'cancelled'")
        assert job_api.heartbeat(api, job, "stack", 0.5).cancelled

    def test_a_result_goes_through_the_site_and_the_job_completes_once(
        self, api: Api, proxy: FaultProxy, queue: Queue, rows: Rows
    ) -> None:
        queue.add_job()
        job = claim(api)
        proxy.inject(Fault("lose_reply", target="upload_result"))
        with pytest.raises(ServiceUnreachableError):
            self.finish(api, job)
        stored, report = self.finish_again(api, job)
        assert stored.sha256 == hashlib.sha256(Path("stack.fits").read_bytes()).hexdigest()

        proxy.inject(Fault("lose_reply", target="complete_job"))
        with pytest.raises(ServiceUnreachableError):
            job_api.complete_job(api, report)
        job_api.complete_job(api, report)
        assert rows.job(job.job_id)["status"] == "completed"
        assert len(rows.all("SELECT id FROM stacked_frames")) == 1

    def finish_again(self, api: Api, job: Job) -> tuple[StoredFile, Completion]:
        stored = job_api.upload_result(api, job, "stack", Path("stack.fits"))
        return stored, completion(job, stored)

    def test_a_result_that_is_not_stored_is_refused(
        self, api: Api, queue: Queue, rows: Rows
    ) -> None:
        queue.add_job()
        job = claim(api)
        stored, _ = self.finish(api, job)
        other = StoredFile(stored.path, stored.size_bytes, "0" * 64)
        with pytest.raises(ResultNotStoredError):
            job_api.complete_job(api, completion(job, other))
        assert rows.job(job.job_id)["status"] == "processing"

    def test_bytes_changed_on_the_way_are_refused(
        self, api: Api, proxy: FaultProxy, queue: Queue
    ) -> None:
        queue.add_job()
        job = claim(api)
        proxy.inject(Fault("cut_request", target="upload_result", after_bytes=2000))
        with pytest.raises(ServiceUnreachableError):
            self.finish(api, job)
        Path("page").write_text("<html>", "utf-8")
        with pytest.raises(RequestRefusedError, match="not a FITS file"):
            job_api.upload_result(api, job, "stack", Path("page"))

    def test_a_full_storage_is_no_fault_of_the_job(
        self, api: Api, proxy: FaultProxy, queue: Queue
    ) -> None:
        queue.add_job()
        job = claim(api)
        full = plain_answer("507 Insufficient Storage")
        proxy.inject(Fault("answer", target="upload_result", answer=full))
        with pytest.raises(StorageRefusedError, match="full"):
            self.finish(api, job)

    def test_a_failure_is_reported_in_500_characters(
        self, api: Api, queue: Queue, rows: Rows
    ) -> None:
        queue.add_job()
        job = claim(api)
        answer = job_api.fail_job(api, job, "x" * 5000, retryable=False, stage="stack")
        assert answer == {"ok": True, "status": "failed"}
        assert "x" * 400 in rows.job(job.job_id)["error_message"]

    def test_a_released_job_spends_no_attempt(self, api: Api, queue: Queue, rows: Rows) -> None:
        queue.add_job()
        job = claim(api)
        job_api.release_job(api, job, "shutdown")
        row = rows.job(job.job_id)
        assert (row["status"], row["attempts"]) == ("pending", 0)

    @pytest.mark.parametrize(
        "call",
        [
            lambda api, job: job_api.get_job_files(api, job),
            lambda api, job: job_api.heartbeat(api, job, "stack", 0.0),
            lambda api, job: job_api.fail_job(api, job, "no", retryable=True),
            lambda api, job: job_api.release_job(api, job, "no"),
            lambda api, job: job_api.complete_job(
                api, completion(job, StoredFile("/x.fits", 1, "0" * 64))
            ),
        ],
    )
    def test_a_job_that_went_to_another_worker_is_let_go(
        self,
        api: Api,
        sqlite_site: Site,
        queue: Queue,
        rows: Rows,
        call: Callable[[Api, Job], None],
    ) -> None:
        queue.add_job()
        job = claim(api)
        rows.execute("UPDATE stacking_jobs SET lease_expires_at = 1")
        other = Api.connect(sqlite_site.api_url, sqlite_site.create_worker_key("other"))
        job_api.get_next_job(other, "other", uuid.uuid4().hex)  # takes it back, for a pause
        rows.execute("UPDATE stacking_jobs SET not_before = NULL")
        assert job_api.get_next_job(other, "other", uuid.uuid4().hex) is not None
        with pytest.raises(LeaseLostError):
            call(api, job)
