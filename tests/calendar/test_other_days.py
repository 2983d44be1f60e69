"""Times, leases, sessions and certificates on other days; `./dev bench calendar` runs everything.

Each test starts the tests with the marker ``calendar`` once more, with the clock of everything
that runs set to that day.
"""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.other_days import OtherDay, other_days, start_on
from tests.support.set_clock import missing_libraries

DAYS = other_days(datetime.now(UTC))
COMMAND = (sys.executable, "-m", "pytest", "-m", "calendar", "-q", "-p", "no:cacheprovider",
           "-p", "no:hypothesispytest")  # fmt: skip
MARKER = "pytest.mark." + "calendar"  # in two parts, so that this file does not contain it
TESTS = Path(__file__).parents[1]
FIRST_TIER = "eighteen months ahead"
"""The furthest day: most of what ages has aged by then."""
NOT_INHERITED = "PYTEST_"
"""Variables by which pytest and its plugins know that they run inside a test."""

pytestmark = pytest.mark.slow


def marked_files() -> list[str]:
    """Return the files in which something has the marker: importing all others takes longer."""
    return [str(path) for path in sorted(TESTS.rglob("test_*.py")) if MARKER in path.read_text()]


def _variant(day: OtherDay) -> Any:
    """Leave all days but one to the second tier."""
    marks = () if day.name == FIRST_TIER else (pytest.mark.every,)
    return pytest.param(day, id=day.name, marks=marks)


@pytest.mark.parametrize("day", [_variant(day) for day in DAYS])
def test_the_day_breaks_nothing(
    day: OtherDay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if missing := missing_libraries():
        pytest.skip(f"{', '.join(missing)} is not installed; ./dev test installs it")
    for name in [name for name in os.environ if name.startswith(NOT_INHERITED)]:
        monkeypatch.delenv(name)
    output = tmp_path / "output"

    command = [*COMMAND, f"--basetemp={tmp_path / 'tests'}", *marked_files()]
    with start_on(day, command, tmp_path, output) as run:
        code = run.wait()

    said = output.read_text()
    assert code == 0, said[-8000:]
    assert " passed" in said
    assert " skipped" not in said, "a part that was skipped here would not be missed"


def test_the_clock_is_that_of_the_day(tmp_path: Path) -> None:
    """Else the tests above would show nothing."""
    if missing := missing_libraries():
        pytest.skip(f"{', '.join(missing)} is not installed; ./dev test installs it")
    program = "import datetime, time; time.sleep(0.1); print(datetime.date.today())"
    output = tmp_path / "output"
    day = DAYS[2]
    with start_on(day, [sys.executable, "-c", program], tmp_path, output) as run:
        assert run.wait() == 0
    assert output.read_text().strip() == str(day.start.date())
