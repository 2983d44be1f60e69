"""What the worker reports when a job is done: the body of ``complete_job.php``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crowdsky.base.json_fields import JsonObject
from crowdsky.measuring.measured import Measured
from crowdsky.stacking.records import StackResult
from crowdsky.storage.stored_file import StoredFile
from worker.site.records import Job

THUMBNAIL, OVERLAY, STARS = "thumbnail", "overlay", "stars"
PICTURE, FULL, PREVIEW = "picture", "full", "preview"
BESIDE = (THUMBNAIL, PICTURE, FULL, PREVIEW, OVERLAY, STARS)
"""Kinds of files beside a stack in the storage."""

REASON_LIMIT = 2000
MISMATCH_LIMIT = 500
"""Characters of these texts that the site stores."""
MAX_NOTES = 50
"""Number of notes above which the site refuses a report."""


@dataclass(frozen=True, slots=True)
class Completion:
    """A finished job.

    Attributes:
        stored: the files beside the stack by kind, those that there are.
        notes: remarks for people who look at the result.
    """

    job: Job
    stack: StackResult
    measured: Measured
    stored_stack: StoredFile
    stored: Mapping[str, StoredFile]
    notes: tuple[str, ...]

    def to_json(self) -> JsonObject:
        """The request body."""
        thumbnail = self.stored.get(THUMBNAIL)
        return {
            "job_id": self.job.job_id,
            "lease_token": self.job.lease_token,
            "ucloud_path": self.stored_stack.path,
            "file_size_bytes": self.stored_stack.size_bytes,
            "sha256": self.stored_stack.sha256,
            "thumbnail_path": self._path(THUMBNAIL),
            "thumbnail_size_bytes": None if thumbnail is None else thumbnail.size_bytes,
            **{f"{kind}_path": self._path(kind) for kind in BESIDE if kind != THUMBNAIL},
            **facts_of(self.stack, self.measured, self.notes),
        }

    def _path(self, kind: str) -> str | None:
        stored = self.stored.get(kind)
        return None if stored is None else stored.path


def facts_of(stack: StackResult, measured: Measured, notes: tuple[str, ...]) -> JsonObject:
    """Return what a completion says about the stack itself: no lease, no paths, no files."""
    n_stars = stack.n_stars_detected if measured.n_stars is None else measured.n_stars
    return {
        "n_frames_input": stack.n_frames_input,
        "n_frames_aligned": stack.n_frames_aligned,
        "total_exptime": stack.total_exptime,
        "date_obs_start": stack.date_obs_start or None,
        "date_obs_end": stack.date_obs_end or None,
        "ra_deg": stack.ra_deg,
        "dec_deg": stack.dec_deg,
        "n_stars_detected": n_stars,
        "engine": stack.engine,
        "notes": list(notes[:MAX_NOTES]),
        "solution": measured.solution,
        "unsolved_reason": _cut(measured.unsolved_reason, REASON_LIMIT),
        "photometry": measured.photometry,
        "objects": list(measured.objects),
        "object_mismatch": _cut(measured.object_mismatch, MISMATCH_LIMIT),
        "measurement_notes": list(measured.notes[:MAX_NOTES]),
    }


def _cut(text: str | None, length: int) -> str | None:
    return None if text is None else text[:length]
