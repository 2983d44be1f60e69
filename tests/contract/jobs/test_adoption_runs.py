"""Runs of cleanup --adopt that overlap, or are killed."""

from __future__ import annotations

import os
import signal
import subprocess

from demo.services import PHP_API, php_command
from tests.contract.jobs.adopting import Observatory
from tests.contract.jobs.measured import measurement, solution
from tests.support.described import archive_of, lose_database
from tests.support.sites import SiteUnderTest


def start_adoption(site: SiteUnderTest) -> subprocess.Popen[str]:
    """Start an adoption, without the lock that keeps a second one on this machine away."""
    (site.data_dir / "adopt.lock").unlink(missing_ok=True)
    return subprocess.Popen(
        [*php_command(), str(PHP_API / "bin" / "cleanup.php"), "--adopt"],
        env={**os.environ, **site.environment()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_runs_at_once_adopt_every_stack_once(plain: Observatory) -> None:
    for _ in range(8):
        plain.complete(**measurement())
    before = archive_of(plain.rows)
    lose_database(plain.rows)

    runs = [start_adoption(plain.site) for _ in range(2)]
    said = [run.communicate(timeout=120) for run in runs]

    assert [run.returncode for run in runs] == [0, 0], said
    assert archive_of(plain.rows) == before
    adopted = sum(line.startswith("adopted\t") for out, _ in said for line in out.splitlines())
    assert adopted == 8


def test_a_killed_run_is_finished_by_the_next(plain: Observatory) -> None:
    for _ in range(8):
        plain.complete(**measurement(solution=solution()))
    before = archive_of(plain.rows)
    lose_database(plain.rows)

    run = start_adoption(plain.site)
    assert run.stdout is not None
    assert run.stdout.readline().startswith("adopted\t")
    run.send_signal(signal.SIGKILL)
    run.communicate(timeout=60)
    plain.adopt()

    assert archive_of(plain.rows) == before
    assert len(plain.rows.all("SELECT id FROM stacking_jobs")) == 8
