"""The whole service under faults, seed after seed; what is lost, doubled or wrong is a complaint.

`./dev bench soak --seeds 100 --database both`; tests run a short one. See docs/reliability.md.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from demo.services import Site
from tests.faults.soak import Soak
from tests.faults.soak_custody import Engine
from tests.faults.soak_findings import Findings, Plan
from tests.support.mariadb import MariaDb
from tests.support.sites import SQLITE_FILE

DATABASES = ("sqlite", "mariadb")


def main(argv: Sequence[str]) -> int:
    """Run the seeds and print what came of them; 1 when anything was wrong."""
    parser = argparse.ArgumentParser(prog="bench soak", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--database", choices=[*DATABASES, "both"], default="both")
    parser.add_argument("--storm-seconds", type=float, default=10.0)
    options = parser.parse_args(argv)
    # What was started is stopped also when this is told to stop.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    engines = DATABASES if options.database == "both" else (options.database,)
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    wrong = False
    for engine in engines:
        plans = [Plan(seed, storm_seconds=options.storm_seconds) for seed in seeds]
        results = list(run_seeds(engine, plans))
        wrong |= any(findings.complaints for findings in results)
        print(summary(engine, results), flush=True)
    return int(wrong)


def run_seeds(engine: str, plans: Sequence[Plan]) -> Iterator[Findings]:
    """Run one seed after the other on one engine; the folder of a bad one is kept."""
    with _engine(engine) as databases:
        for plan in plans:
            folder = Path(tempfile.mkdtemp(prefix=f"crowdsky-soak-{engine}-{plan.seed}-"))
            findings = Soak(plan, folder, databases).run()
            print(line(engine, findings), flush=True)
            if findings.complaints:
                print("\n".join(f"  {complaint}" for complaint in findings.complaints))
                print(f"  everything of this seed is in {folder}", flush=True)
            else:
                shutil.rmtree(folder)
            yield findings


def line(engine: str, findings: Findings) -> str:
    """One seed in one line."""
    return (
        f"{engine} seed {findings.seed}: {findings.completed} completed, {findings.failed} failed,"
        f" {findings.forgotten} forgotten by a restore,"
        f" {findings.attempts} attempts, {findings.injected.total()} faults,"
        f" {' '.join(sorted(findings.moves))}, {findings.delivered_late} delivered late,"
        f" {findings.confirmed} stacks confirmed, {findings.rebuilt} rebuilt,"
        f" {findings.raws_deleted} raws cleaned up, {findings.orphans} orphans,"
        f" {len(findings.complaints)} wrong, {findings.seconds:.0f} s"
    )


def summary(engine: str, results: Sequence[Findings]) -> str:
    """All seeds of an engine in a few lines."""
    injected: Counter[str] = sum((findings.injected for findings in results), Counter())
    moves: Counter[str] = sum((findings.moves for findings in results), Counter())
    faults = ", ".join(f"{kind} {count}" for kind, count in sorted((injected + moves).items()))
    return (
        f"{engine}: {len(results)} seeds, {sum(f.completed for f in results)} jobs completed,"
        f" {sum(f.failed for f in results)} failed with a reason,"
        f" {sum(f.forgotten for f in results)} forgotten by a restore,"
        f" {sum(f.confirmed for f in results)} stacks confirmed,"
        f" {sum(f.rebuilt for f in results)} rebuilt from the storage,"
        f" {sum(f.attempts for f in results)} attempts,"
        f" {sum(f.delivered_late for f in results)} completions delivered late,"
        f" {sum(f.raws_deleted for f in results)} raws cleaned up,"
        f" {sum(f.orphans for f in results)} orphan files,"
        f" {sum(len(f.complaints) for f in results)} things wrong\n"
        f"faults: {faults}"
    )


@contextmanager
def _engine(name: str) -> Iterator[Engine]:
    """The databases that one seed after the other uses."""
    with tempfile.TemporaryDirectory(prefix="crowdsky-soak-schema-") as folder:
        Site(Path(folder)).run_php("migrate.php")
        template = Path(folder) / SQLITE_FILE
        if name == "sqlite":
            yield Engine(template)
            return
        server = MariaDb()
        try:
            server.start()
            yield Engine(template, (server.new_database(), server.new_database()))
        finally:
            server.remove()
