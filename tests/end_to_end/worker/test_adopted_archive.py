"""A site whose database is lost is rebuilt from what the worker has stored."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from astropy.io import fits

from tests.support.described import archive_of, lose_database
from tests.support.observatory import Observatory
from tests.support.star_fields import INDEX_DIR
from tests.support.worker_process import run_worker

pytestmark = pytest.mark.slow

SECONDS = 60.0
"""Longest time between the worker's report and the moment that the site writes down."""


def created(observatory: Observatory) -> list[datetime]:
    """Return when each stack was made, and when each was measured."""
    rows = observatory.rows.all("SELECT created_at FROM stacked_frames ORDER BY ucloud_path")
    rows += observatory.rows.all("SELECT created_at FROM stack_solutions ORDER BY job_id")
    return [datetime.fromisoformat(row["created_at"]) for row in rows]


def archive_part(observatory: Observatory, row: dict[str, Any]) -> fits.Header:
    """Return the header of the part ARCHIVE of a stack."""
    with fits.open(observatory.share.root / row["ucloud_path"][1:]) as hdus:
        assert [hdu.name for hdu in hdus].count("ARCHIVE") == 1
        header: fits.Header = hdus["ARCHIVE"].header.copy()
    return header


def test_a_site_is_rebuilt_from_its_storage(solved: Observatory) -> None:
    unsolved = solved.add_job(object_name="M 42")
    worker = solved.start("attic", "--once", INDEX_DIR=str(INDEX_DIR), SOLVE_TIMEOUT="5")
    assert worker.exit_code() == 0, worker.log
    lose_and_compare(solved)

    [measured] = solved.rows.all("SELECT * FROM stacked_frames WHERE job_id <> ?", unsolved)
    key = solved.site.create_worker_key("desk", scopes=["admin"])
    settings = {**solved.settings(), "WORKER_API_KEY": key}
    folder = solved.share.root.parent
    run_worker(folder, settings, "rescan", str(measured["id"]), "--solver", "triangles")
    trusted = solved.site.create_worker_key("cellar", trusted=True)
    worker = solved.start("cellar", "--once", INDEX_DIR=str(INDEX_DIR), WORKER_API_KEY=trusted)
    assert worker.exit_code() == 0, worker.log
    rescanned = solved.rows.one("SELECT * FROM stacked_frames WHERE id = ?", measured["id"])
    assert rescanned["ucloud_path"] != measured["ucloud_path"]
    lose_and_compare(solved)


def lose_and_compare(observatory: Observatory) -> None:
    """Lose the database, adopt what is in the storage, and compare."""
    rows = observatory.rows
    before, moments = archive_of(rows), created(observatory)
    for row in before["stacked_frames"]:
        header = archive_part(observatory, row)
        assert json.loads(header["JOBFACTS"])["job_id"] == row["job_id"]
        assert observatory.key not in repr(header) and "lease_token" not in header["REPORT"]
    keys = rows.all("SELECT * FROM api_keys")

    lose_database(rows)
    said = observatory.site.cleanup("--adopt")
    for key in keys:
        rows.insert("api_keys", **key)

    assert archive_of(rows) == before, said
    apart = [abs(now - then) for now, then in zip(created(observatory), moments, strict=True)]
    assert max(gap.total_seconds() for gap in apart) < SECONDS
