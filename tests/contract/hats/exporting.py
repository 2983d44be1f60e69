"""What a worker does with a job of the export, call by call."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Any

import requests

from crowdsky.hats.partition import write_partition
from tests.contract.jobs.support import Worker


def get_rows(worker: Worker, lease: dict[str, Any]) -> requests.Response:
    """Ask for the rows of a partition."""
    headers = {"X-Lease-Token": lease["lease_token"]}
    return worker.get("job_export", headers=headers, job_id=lease["job_id"])


def partition_of(rows: bytes) -> bytes:
    """Return the tar file that a worker makes of rows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "rows.fits").write_bytes(rows)
        write_partition(folder / "rows.fits", folder / "partition.tar")
        return (folder / "partition.tar").read_bytes()


def send(worker: Worker, lease: dict[str, Any], body: bytes, sha256: str = "") -> requests.Response:
    """Send a partition."""
    return requests.put(
        f"{worker.api}/upload_export.php",
        params={"job_id": lease["job_id"]},
        data=body,
        headers={
            **worker.headers,
            "X-Lease-Token": lease["lease_token"],
            "X-SHA256": sha256 or hashlib.sha256(body).hexdigest(),
        },
        timeout=60,
    )


def do_job(worker: Worker, lease: dict[str, Any]) -> requests.Response:
    """Write the partition of a lease and send it."""
    rows = get_rows(worker, lease)
    assert rows.status_code == 200, rows.text
    assert rows.headers["ETag"] == f'"{hashlib.sha256(rows.content).hexdigest()}"'
    return send(worker, lease, partition_of(rows.content))
