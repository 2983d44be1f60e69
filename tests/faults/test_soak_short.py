"""One seed of the soak on each engine; `./dev bench soak` runs as many as wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.soak import Soak
from tests.faults.soak_custody import Engine
from tests.faults.soak_findings import CUSTODY_MOVES, Plan
from tests.support.mariadb import MariaDb

SHORT = Plan(seed=7, jobs=5, workers=2, storm_seconds=6.0)


@pytest.mark.slow
def test_nothing_is_lost_doubled_or_wrong(
    engine: str, sqlite_template: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    databases = None
    if engine == "mariadb":
        server: MariaDb = request.getfixturevalue("mariadb")
        databases = (server.new_database(), server.new_database())
    findings = Soak(SHORT, tmp_path, Engine(sqlite_template, databases)).run()
    assert not findings.complaints, "\n".join(findings.complaints)
    assert findings.completed + findings.failed + findings.forgotten == SHORT.jobs
    assert findings.rebuilt >= findings.completed > 0
    assert findings.injected.total() > 0, "there was no storm"
    assert set(findings.moves) == set(CUSTODY_MOVES)
