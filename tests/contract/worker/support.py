"""What the tests of the worker's API client share."""

from __future__ import annotations

import json
import uuid
from typing import Any

from crowdsky.net.connection import Api
from worker import api_client
from worker.site import job_api
from worker.site.records import Job


def claim(api: Api) -> Job:
    """Claim a job, which must be there."""
    job = job_api.get_next_job(api, "tester", uuid.uuid4().hex)
    assert job is not None
    return job


def json_answer(data: dict[str, Any]) -> bytes:
    """An answer of the site's kind."""
    body = json.dumps(data).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


def raws(job: dict[str, Any]) -> list[dict[str, Any]]:
    """The raws of a job as a script lists them."""
    files: list[dict[str, Any]] = api_client.get_job_files(job["job_id"])["files"]
    return files
