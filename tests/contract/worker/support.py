"""What the tests of the worker's API client share."""

from __future__ import annotations

import uuid

from crowdsky.net.connection import Api
from worker.site import job_api
from worker.site.records import Job


def claim(api: Api) -> Job:
    """Claim a job, which must be there."""
    job = job_api.get_next_job(api, "tester", uuid.uuid4().hex)
    assert job is not None
    return job
