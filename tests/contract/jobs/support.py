"""What the job API's tests are written with: a queue, and a worker's calls."""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import requests
from astropy.io import fits

from demo.services import Site
from tests.support.rows import Rows

JPEG = b"\xff\xd8\xff\xe0 the start of one is all that a site looks at"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)
NOW = "2026-01-02 03:04:05"


@dataclass(frozen=True)
class Raw:
    """One raw frame of a seeded job: its row and its bytes."""

    id: int
    path: Path
    body: bytes


class Queue:
    """Jobs with real files behind them, put into the site's database and data folder."""

    def __init__(self, site: Site, rows: Rows) -> None:
        self.site = site
        self.rows = rows
        self.user_id = rows.insert(
            "users", username=f"u{secrets.token_hex(4)}", password_hash="-", created_at=NOW
        )

    def add_session(self, status: str = "complete", last_activity_at: str = NOW) -> int:
        """Add an upload session and return its id."""
        return self.rows.insert(
            "upload_sessions",
            user_id=self.user_id,
            session_token=secrets.token_hex(16),
            status=status,
            created_at=NOW,
            last_activity_at=last_activity_at,
        )

    def add_job(self, frames: int = 1, **columns: Any) -> int:
        """Add a job with that many raw frames on disk and return its id."""
        session = self.add_session()
        job = self.rows.insert(
            "stacking_jobs", **job_columns(self.user_id, session, frames, **columns)
        )
        for number in range(frames):
            self.add_raw(session, job, f"Light_{number}.fit", os.urandom(3000 + number), number)
        return job

    def add_raw(
        self, session: int, job: int | None, filename: str, body: bytes, number: int = 0
    ) -> Raw:
        """Add a raw frame, its file included."""
        name = f"u{self.user_id}/s{session}/{secrets.token_hex(16)}.fits"
        path = self.site.data_dir / "raws" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        raw_id = self.rows.insert(
            "raw_files",
            upload_session_id=session,
            user_id=self.user_id,
            job_id=job,
            filename=filename,
            storage_name=name,
            file_size_bytes=len(body),
            sha256=hashlib.sha256(body).hexdigest(),
            fits_date_obs=f"2026-01-01 00:00:{59 - number:02d}",
            fits_exptime=10.0,
            fits_ra=192.72,
            fits_dec=41.12,
            created_at=NOW,
        )
        return Raw(raw_id, path, body)

    def raw_paths(self, job: int) -> list[Path]:
        """Return where the raw frames of a job are, or were, on disk."""
        rows = self.rows.all("SELECT storage_name FROM raw_files WHERE job_id = ?", job)
        names = [row["storage_name"] for row in rows]
        return [self.site.data_dir / "raws" / name for name in names if name is not None]


def job_columns(user: int, session: int, frames: int = 1, **columns: Any) -> dict[str, Any]:
    """Return the columns of a pending job."""
    return {
        "user_id": user,
        "upload_session_id": session,
        "chunk_key": "20260101.00_192.7_+41.1",
        "chunk_key_hp": "20260101.00_HP032427",
        "time_block": "20260101.00",
        "group_key": secrets.token_hex(16),
        "object_name": "M 94",
        "frame_count": frames,
        "total_bytes": 3000 * frames,
        "telescope": "S50_7e57ab1e",
        "filter_name": "IRCUT",
        "created_at": NOW,
        "updated_at": NOW,
        **columns,
    }


class Worker:
    """A worker's side of the API: the raw calls, with nothing retried."""

    def __init__(self, site: Site, key: str, name: str = "tester") -> None:
        self.api = site.api_url
        self.name = name
        self.headers = {"Authorization": f"Bearer {key}"}

    def get(self, endpoint: str, headers: Mapping[str, str] | None = None, **query: Any) -> Any:
        """GET an endpoint."""
        return requests.get(
            f"{self.api}/{endpoint}.php",
            params=query,
            headers={**self.headers, **(headers or {})},
            timeout=60,
        )

    def post(self, endpoint: str, **fields: Any) -> Any:
        """POST a JSON object to an endpoint."""
        return requests.post(
            f"{self.api}/{endpoint}.php", json=fields, headers=self.headers, timeout=60
        )

    def claim(self, claim_id: str | None = None, **query: Any) -> dict[str, Any]:
        """Claim a job, which must be there."""
        lease = self.try_claim(claim_id, **query)
        assert lease is not None, "no job was given"
        return lease

    def try_claim(self, claim_id: str | None = None, **query: Any) -> dict[str, Any] | None:
        """Claim a job; None where the site has none to give."""
        answer = self.get(
            "next_job", worker_id=self.name, claim_id=claim_id or str(uuid.uuid4()), **query
        )
        if answer.status_code == 204:
            return None
        assert answer.status_code == 200, (answer.status_code, answer.text)
        lease: dict[str, Any] = answer.json()
        return lease

    def report(self, endpoint: str, lease: Mapping[str, Any], **fields: Any) -> Any:
        """POST a report about a leased job."""
        return self.post(
            endpoint, job_id=lease["job_id"], lease_token=lease["lease_token"], **fields
        )

    def upload(
        self, lease: Mapping[str, Any], body: bytes, kind: str = "stack", **more: str
    ) -> Any:
        """PUT a result."""
        return requests.put(
            f"{self.api}/upload_result.php",
            params={"job_id": lease["job_id"], "kind": kind},
            data=body,
            headers={
                **self.headers,
                "X-Lease-Token": lease["lease_token"],
                "X-SHA256": hashlib.sha256(body).hexdigest(),
                **{name.replace("_", "-"): value for name, value in more.items()},
            },
            timeout=60,
        )

    def archive(self, lease: Mapping[str, Any], body: bytes | None = None) -> dict[str, Any]:
        """Upload a stack and return the fields of a completion that reports it.

        Without ``body`` it is one of random pixels or, for a rescan, the archived one with another
        card in its header.
        """
        if body is None:
            body = self.solved_again(lease) if lease["kind"] == "rescan" else stack_file()
        stored = self.upload(lease, body)
        assert stored.status_code == 200, stored.text
        return {
            "ucloud_path": stored.json()["path"],
            "file_size_bytes": stored.json()["file_size_bytes"],
            "sha256": stored.json()["sha256"],
            "n_frames_input": 1,
            "n_frames_aligned": 1,
        }

    def solved_again(self, lease: Mapping[str, Any]) -> bytes:
        """Return the stack of a rescan with another card in its header."""
        headers = {"X-Lease-Token": lease["lease_token"]}
        answer = self.get("job_stack", headers=headers, job_id=lease["job_id"])
        assert answer.status_code == 200, answer.text
        with fits.open(io.BytesIO(answer.content)) as hdus:
            hdus[0].header["CRVAL1"] = secrets.randbelow(10**12) / 1e10
            buffer = io.BytesIO()
            hdus.writeto(buffer, checksum=True)
        return buffer.getvalue()


def stack_file(
    *,
    size: int = 64,
    names: tuple[str, ...] = ("RED", "GREEN", "BLUE"),
    frames: int = 1,
    exposure: float = 10.0,
    cards: tuple[tuple[str, float | str], ...] = (),
    sums: bool = False,
) -> bytes:
    """Return a small stack as a worker writes it, of random pixels.

    Args:
        size: of each plane, in pixels along its two sides.
        names: of the planes.
        frames: combined frames, as its header reports them.
        exposure: seconds of all of them together, likewise.
        cards: more for its primary header.
        sums: whether it has DATASUM and CHECKSUM.
    """
    counts = (("NIMAGES", frames), ("EXPTIME", exposure))
    if sums:
        noise = np.random.default_rng().integers(1, 2**16, (len(names), size, size), np.uint16)
        return _written(noise, names, (*counts, *cards), checksum=True)
    blank, places = _blank_stack(size, names, (*counts, *cards))
    body = bytearray(blank)
    for place in places:
        body[place : place + 2 * size**2] = os.urandom(2 * size**2)
    return bytes(body)


@lru_cache(maxsize=20)
def _blank_stack(
    size: int, names: tuple[str, ...], cards: tuple[tuple[str, float | str], ...]
) -> tuple[bytes, list[int]]:
    """Write a stack of zeros; returns also where the pixels of each plane begin."""
    blank = _written(np.zeros((len(names), size, size), np.uint16), names, cards)
    with fits.open(io.BytesIO(blank)) as written:
        return blank, [written.fileinfo(name)["datLoc"] for name in names]


def _written(
    planes: np.ndarray,
    names: tuple[str, ...],
    cards: tuple[tuple[str, float | str], ...],
    *,
    checksum: bool = False,
) -> bytes:
    hdus = [fits.ImageHDU(plane, name=name) for plane, name in zip(planes, names, strict=True)]
    buffer = io.BytesIO()
    primary = fits.PrimaryHDU(header=fits.Header(cards))
    fits.HDUList([primary, *hdus]).writeto(buffer, checksum=checksum)
    return buffer.getvalue()
