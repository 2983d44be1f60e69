"""Two workers that stack the same subs come to results that the site calls the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.observatory import Observatory
from tests.support.star_fields import INDEX_DIR

pytestmark = pytest.mark.slow

SOLVING = {"INDEX_DIR": str(INDEX_DIR)}


def test_two_volunteers_agree(observatory: Observatory, starry: list[Path]) -> None:
    observatory.add_job(starry, object_name="M 81")
    for name in ("anna", "ben"):
        key = observatory.site.run_php("worker-key.php", "create", "--name", name, "--volunteer")
        worker = observatory.start(name, "--once", **SOLVING, WORKER_API_KEY=key.strip())
        assert worker.exit_code() == 0, worker.log

    rows = observatory.rows
    held = rows.one("SELECT state, finding, figures FROM held_results")
    assert (held["state"], held["finding"]) == ("agreed", None)
    for known in ('"centre":[', '"R":', '"stars":[['):
        assert known in held["figures"]
    assert rows.one("SELECT status FROM stacking_jobs")["status"] == "completed"
    assert {
        row["agreed_in_row"]
        for row in rows.all("SELECT * FROM api_keys WHERE scopes LIKE '%volunteer'")
    } == {1}


def test_a_volunteer_comes_to_the_known_answer(
    observatory: Observatory, starry: list[Path]
) -> None:
    done = observatory.add_job(starry, object_name="M 81")
    assert observatory.start("own", "--once", **SOLVING).exit_code() == 0
    waiting = observatory.add_job(starry, object_name="M 82")
    key = observatory.site.run_php("worker-key.php", "create", "--name", "anna", "--volunteer")
    worker = observatory.start("anna", "--once", **SOLVING, WORKER_API_KEY=key.strip())
    assert worker.exit_code() == 0, worker.log

    rows = observatory.rows
    check = rows.one("SELECT * FROM stacking_jobs WHERE kind = 'check'")
    assert check["checks_job_id"] == done
    held = rows.one("SELECT job_id, state, finding FROM held_results")
    assert (held["job_id"], held["state"], held["finding"]) == (check["id"], "agreed", None)
    assert rows.job(waiting)["status"] == "pending"
    assert len(rows.all("SELECT id FROM stacked_frames")) == 1
