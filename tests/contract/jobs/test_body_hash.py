"""The hash of a JSON body: in a number a changed digit is noticed by nothing else."""

from __future__ import annotations

import hashlib
import json

import requests

from tests.contract.jobs.support import Queue, Worker


def test_a_report_with_a_changed_digit_is_refused(worker: Worker, queue: Queue) -> None:
    job = queue.add_job()
    lease = worker.claim()
    sent = {"job_id": job, "lease_token": lease["lease_token"], "stage": "stack", "progress": 0.25}
    text = json.dumps(sent)

    def heartbeat(arrives: str) -> requests.Response:
        return requests.post(
            f"{worker.api}/heartbeat.php",
            data=arrives,
            headers={**worker.headers, "X-SHA256": hashlib.sha256(text.encode()).hexdigest()},
            timeout=60,
        )

    refused = heartbeat(text.replace("0.25", "0.75"))
    assert (refused.status_code, refused.json()["code"]) == (422, "hash_mismatch")
    assert queue.rows.job(job)["progress"] == 0.0
    assert heartbeat(text).status_code == 200
    assert queue.rows.job(job)["progress"] == 0.25


def test_every_answer_names_its_hash(worker: Worker, queue: Queue) -> None:
    job = queue.add_job()
    worker.claim()
    for answer in (
        worker.get("job_files", job_id=job),
        worker.get("job_files", job_id=job + 1),
        worker.get("health"),
    ):
        assert answer.headers["X-SHA256"] == hashlib.sha256(answer.content).hexdigest()
