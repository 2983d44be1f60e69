"""Stacks that say what they are made of, and a site's archive as rows to be compared."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits

from tests.contract.jobs.support import stack_file
from tests.support.rows import Rows
from worker.job.archive_part import write_archive_part

MADE = datetime(2026, 1, 2, 4, 5, 6, tzinfo=UTC)

NEW = {
    "stacked_frames": (
        "id",
        "created_at",
        "verified_at",
        "visibility",
        "shares_light",
        "public_rank",
    ),
    "stack_solutions": ("stack_id", "created_at"),
    "stack_objects": ("stack_id",),
    "stack_object_names": ("stack_id",),
}
"""Columns that a rebuilt database numbers or dates anew, what the owner has to decide again, and
what is known of subs only, which a stack that was adopted has no more."""


SOLUTIONS = (
    "SELECT m.* FROM stack_solutions m JOIN stacked_frames s ON s.id = m.stack_id"
    " ORDER BY s.ucloud_path"
)
OBJECTS = (
    "SELECT o.* FROM stack_objects o JOIN stacked_frames s ON s.id = o.stack_id"
    " ORDER BY s.ucloud_path, o.place"
)
NAMES = (
    "SELECT o.* FROM stack_object_names o JOIN stacked_frames s ON s.id = o.stack_id"
    " ORDER BY s.ucloud_path, o.place, o.number"
)


def described_stack(
    folder: Path,
    subs: Iterable[str],
    facts: dict[str, Any] | None,
    report: dict[str, Any] | None,
    **cards: Any,
) -> bytes:
    """Return a small stack of two combined subs with FRAMES, and with ARCHIVE if there is a report.

    Args:
        subs: SHA-256 of the subs that it says it is made of.
        facts: what the site said when the job was claimed.
        report: the body of a completion, of which only what a worker would write is taken.
    """
    hashes = list(subs)
    columns = [
        fits.Column("FILENAME", "12A", array=np.array(["Light.fit"] * len(hashes))),
        fits.Column("SHA256", "64A", array=np.array(hashes)),
    ]
    more = tuple({"NINPUT": len(hashes), **cards}.items())
    with fits.open(io.BytesIO(stack_file(frames=2, exposure=20.0, cards=more))) as hdus:
        hdus.append(fits.BinTableHDU.from_columns(columns, name="FRAMES"))
        path = folder / "described.fits"
        hdus.writeto(path, overwrite=True)
    return (
        path.read_bytes() if report is None else described(path, path.read_bytes(), facts, report)
    )


def described(
    path: Path, stack: bytes, facts: dict[str, Any] | None, report: dict[str, Any]
) -> bytes:
    """Return a stack with the part ARCHIVE, in place of one that it may have.

    Args:
        path: a file that may be overwritten.
        report: as for `described_stack`.
    """
    own = {name: value for name, value in report.items() if not name.endswith("_path")}
    path.write_bytes(stack)
    assert write_archive_part(path, facts, own, MADE)
    return path.read_bytes()


def archive_of(rows: Rows) -> dict[str, list[dict[str, Any]]]:
    """Return all that the database knows about stacks, in an order that does not depend on ids."""
    archive = {
        "stacked_frames": rows.all("SELECT * FROM stacked_frames ORDER BY ucloud_path"),
        "stack_solutions": rows.all(SOLUTIONS),
        "stack_objects": rows.all(OBJECTS),
        "stack_object_names": rows.all(NAMES),
    }
    return {
        table: [
            {name: value for name, value in row.items() if name not in NEW[table]}
            for row in content
        ]
        for table, content in archive.items()
    }


def lose_database(rows: Rows, *, knows_its_id: bool = True) -> None:
    """Empty the database and create the same users again, as if from a list of names.

    Args:
        knows_its_id: whether the archive is known to be the one from before.
    """
    users = rows.all("SELECT * FROM users ORDER BY id")
    identities = rows.all("SELECT archive_id, created_at FROM archive_ids")
    rows.clean()
    for user in users:
        rows.insert("users", **user)
    for identity in identities if knows_its_id else ():
        rows.insert("archive_ids", **identity)
