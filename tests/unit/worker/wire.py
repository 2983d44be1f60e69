"""A job and a raw frame as the site describes them."""

from __future__ import annotations

from typing import Any

SHA = "ab" * 32


JOB: dict[str, Any] = {
    "job_id": 12,
    "user_id": 3,
    "chunk_key": "20250327.05_+1A-",
    "object_name": None,
    "frame_count": "6",
    "total_bytes": 25_000_000,
    "lease_token": "f" * 64,
    "lease_seconds": 300,
    "heartbeat_seconds": 100,
    "attempt": 1,
    "max_attempts": 3,
    "attempt_tag": "a1-01234567",
    "something_new": {"that": "later sites send"},
}


RAW: dict[str, Any] = {
    "id": "101",
    "filename": "Light_M 94_10.0s_IRCUT_20250327-014513.fit",
    "file_size_bytes": "4150080",
    "sha256": SHA,
}
