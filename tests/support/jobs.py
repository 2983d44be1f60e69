"""A job as a claim gives it, for tests that need none in particular."""

from __future__ import annotations

from worker.site.records import Job

JOB = Job(
    job_id=12,
    user_id=3,
    chunk_key="20250327.05",
    object_name="M 94",
    frame_count=6,
    total_bytes=1000,
    lease_token="f" * 64,
    lease_seconds=300.0,
    heartbeat_seconds=100.0,
    attempt=1,
    max_attempts=3,
    attempt_tag="a1-01234567",
)
