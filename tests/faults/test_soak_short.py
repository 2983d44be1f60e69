"""One seed of the soak on each engine; `./dev bench soak` runs as many as wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.services import Database
from tests.faults.soak import Plan, Soak

SHORT = Plan(seed=7, jobs=5, workers=2, storm_seconds=6.0)


@pytest.mark.slow
def test_nothing_is_lost_doubled_or_wrong(database: Database | None, tmp_path: Path) -> None:
    findings = Soak(SHORT, tmp_path, database).run()
    assert not findings.complaints, "\n".join(findings.complaints)
    assert findings.completed + findings.failed == SHORT.jobs
    assert findings.completed > 0
    assert findings.injected.total() > 0, "there was no storm"
