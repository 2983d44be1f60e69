"""Stacks of an archive, written as rows: services only read them."""

from __future__ import annotations

import json
import math
from typing import Any

from crowdsky.solving.tan import TanWcs
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

FIELD = (1.28, 0.72)
"""Width and height of a stack, degrees."""


def corners(ra: float, dec: float, turn: float = 0.0) -> list[list[float]]:
    """Return the corners of a stack whose middle is at a position, turned by some degrees."""
    angle = math.radians(turn)
    cd = (-math.cos(angle), math.sin(angle), math.sin(angle), math.cos(angle))
    wcs = TanWcs(ra, dec, 0.0, 0.0, cd)
    x, y = FIELD[0] / 2.0, FIELD[1] / 2.0
    return [[float(one) for one in wcs.sky(*at)] for at in ((-x, -y), (x, -y), (x, y), (-x, y))]


class Archive:
    """Puts stacks into the database of a site.

    Args:
        site: a site of its own or one as if fresh.
    """

    def __init__(self, site: SiteUnderTest) -> None:
        self.site = site
        self.rows: Rows = site.rows
        self.user_id = self.rows.add_user("owner", "not used here")
        now = "2025-03-27 02:00:00"
        self._session = self.rows.insert(
            "upload_sessions", user_id=self.user_id, session_token="0" * 32, status="complete",
            created_at=now, last_activity_at=now,
        )  # fmt: skip
        self._now = now
        self._count = 0

    def add(
        self,
        ra: float | None,
        dec: float | None,
        *,
        public: bool = True,
        solved: bool = True,
        turn: float = 0.0,
        start: str | None = "2025-03-27T01:20:00.000",
        end: str | None = "2025-03-27T01:35:00.000",
        **columns: Any,
    ) -> int:
        """Add a stack and return its id."""
        self._count += 1
        key = "20250327.05_192.7_+41.1"
        common = {
            "user_id": self.user_id, "chunk_key": key, "chunk_key_hp": "20250327.05_HP040012",
            "object_name": "M 94", "telescope": "S50_8a95aa90", "filter_name": "IRCUT",
            "ra_deg": ra, "dec_deg": dec,
        }  # fmt: skip
        job = self.rows.insert(
            "stacking_jobs", **common, upload_session_id=self._session, status="completed",
            time_block="20250327.05", group_key=str(self._count), frame_count=80, total_bytes=1,
            created_at=self._now, updated_at=self._now, completed_at=self._now,
        )  # fmt: skip
        stack = self.rows.insert("stacked_frames", **{
            **common, "job_id": job, "ucloud_path": f"/crowdsky/stacks/{job}.fits",
            "file_size_bytes": 37_405_440, "sha256": "0" * 64, "n_frames_input": 80,
            "n_frames_aligned": 78, "total_exptime": 780.0, "date_obs_start": start,
            "date_obs_end": end, "created_at": self._now, "verified_at": self._now,
            "visibility": "public" if public else "private", **columns,
        })  # fmt: skip
        if solved:
            assert ra is not None and dec is not None
            outline = corners(ra, dec, turn)
            wcs = {"crpix": [960.5, 540.5], "crval": [ra, dec], "cd": [-6.7e-4, 0, 0, 6.7e-4],
                   "corners": outline, "width": 1920, "height": 1080}  # fmt: skip
            figures = {"fwhm_arcsec_g": 3.7, "limiting_mag": 15.4}
            self.rows.insert(
                "stack_solutions", stack_id=stack, job_id=job, solved=1, solver="triangles",
                verdict="good", ra_center_deg=ra, dec_center_deg=dec, scale_arcsec=2.4,
                rotation_deg=turn, parity=-1, field_width_deg=FIELD[0], field_height_deg=FIELD[1],
                wcs=json.dumps(wcs), created_at=self._now,
                photometry=json.dumps({"numbers": figures, "catalogue": "Gaia DR3"}),
            )  # fmt: skip
        return stack

    def copy(self, stack: int, count: int) -> list[int]:
        """Add copies of a stack that is not solved, in one transaction, and return their ids."""
        row = self.rows.one("SELECT * FROM stacked_frames WHERE id = ?", stack)
        job = self.rows.one("SELECT * FROM stacking_jobs WHERE id = ?", row["job_id"])
        steps: list[dict[str, Any]] = []
        for more in range(1, count + 1):
            job_id = job["id"] + more
            new = {**job, "id": job_id, "group_key": f"copy-{job_id}"}
            steps.append({"insert": "stacking_jobs", "values": new})
            new = {**row, "id": stack + more, "job_id": job_id}
            steps.append({"insert": "stacked_frames", "values": new})
        self.rows.run(steps)
        return [stack + more for more in range(1, count + 1)]
