"""How large a fleet one host carries: thousands of idle workers, and a hundred that claim.

`./dev bench fleet` runs nginx and PHP-FPM as docs/deployment.md configures them, with a MariaDB
that flushes every commit, all on loopback with their files in a temporary folder. The clients run
on the same machine and take their share of it, which is told, and so is the processor time that the
servers themselves spend on an answer. See docs/scaling.md.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.fleet_load import NO_CONTENT, Client, Fleet, Latencies, job_of
from demo.loopback_server import BackgroundServer
from demo.services import Site
from tests.contract.jobs.support import NOW, Queue, job_columns
from tests.end_to_end.test_documented_deployment import Nginx, PhpFpm
from tests.support.mariadb import MariaDb
from tests.support.rows import Rows
from worker.loop.claims import Pace

POLL_INTERVAL = 30.0
CLAIM_SECONDS = 300.0
KEYS_AT_ONCE = 500
PROGRAMS = ("nginx", "php-fpm*")


class DurableMariaDb(MariaDb):
    """The tests' server without their shortcuts: a commit is on the disk when it is answered."""

    def command(self, port: int) -> Sequence[str]:
        """Return the server with MariaDB's own defaults for flushing."""
        return [part for part in super().command(port) if not part.startswith("--innodb-flush")]


@dataclass(frozen=True)
class Host:
    """The running site."""

    port: int
    rows: Rows
    site: Site
    servers: tuple[BackgroundServer, ...]

    def processor_seconds(self) -> dict[str, float]:
        """Processor time that each server and all its children have used so far."""
        tick = os.sysconf("SC_CLK_TCK")
        used = dict.fromkeys((server.name for server in self.servers), 0.0)
        sessions = {server._process.pid: server.name for server in self.servers if server._process}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(FileNotFoundError, ProcessLookupError):
                fields = stat.read_text().rpartition(")")[2].split()
                if (session := int(fields[3])) in sessions:
                    # The leader also answers for the children that have ended.
                    columns = fields[11:15] if stat.parent.name == str(session) else fields[11:13]
                    used[sessions[session]] += sum(map(int, columns)) / tick
        return used


def main(argv: Sequence[str]) -> int:
    """Measure and print; 1 when a job was handed out twice."""
    parser = argparse.ArgumentParser(prog="bench fleet", description=__doc__)
    parser.add_argument(
        "--workers", type=int, nargs="+", default=[2000, 5000, 10_000], help="idle workers"
    )
    parser.add_argument("--seconds", type=float, default=45.0, help="how long to watch them")
    parser.add_argument("--busy", type=int, default=100, help="workers that claim")
    parser.add_argument("--jobs", type=int, default=3000, help="jobs they find")
    options = parser.parse_args(argv)
    for program in PROGRAMS:
        if not (shutil.which(program) or list(Path("/usr/sbin").glob(program))):
            parser.error(f"{program.rstrip('*')} is not installed; ./dev test installs it")
    # What was started is stopped also when this is told to stop.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    allow_many_connections()
    with running_host() as host:
        keys = add_keys(host.rows, max(options.workers))
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start", flush=True)
        rows = [measure_idle(host, keys[:count], options.seconds) for count in options.workers]
        row, doubles = measure_busy(host, keys[: options.busy], options.jobs)
    print("\n".join(("The rows of docs/scaling.md:", *rows, row)))
    return int(doubles > 0)


def measure_idle(host: Host, keys: Sequence[str], seconds: float) -> str:
    """Print how long idle workers wait for their answer and what it costs; returns the row."""
    with closing(Fleet(host.port, keys)) as fleet:
        # Every worker has been seen once before the clock starts: the first visit is a longer one.
        poll(fleet, POLL_INTERVAL)
        before = host.processor_seconds()
        seen = poll(fleet, seconds)
    spent = cost(before, host.processor_seconds(), len(seen.milliseconds))
    print(f"{len(keys)} idle workers: {seen.line(seconds)}\n{told(spent)}", flush=True)
    return (
        f"| {len(keys):,} | {len(seen.milliseconds) / seconds:.0f} | {seen.percentile(0.5):.0f} ms"
        f" | {seen.percentile(0.99):.0f} ms | {sum(spent.values()):.2f} ms"
        f" | {seen.generator_seconds / seconds:.0%} |"
    )


def measure_busy(host: Host, keys: Sequence[str], jobs: int) -> tuple[str, int]:
    """Print how fast jobs are claimed; returns the row and how many were handed out twice."""
    add_jobs(host, jobs)
    before, began = host.processor_seconds(), time.monotonic()
    with closing(Fleet(host.port, keys)) as fleet:
        seen, claimed = claim_all(fleet)
    seconds = time.monotonic() - began
    spent = cost(before, host.processor_seconds(), len(claimed))
    doubles = len(claimed) - len(set(claimed))
    print(f"{len(keys)} busy workers: {seen.line(seconds)}\n{told(spent)}")
    print(f"{len(claimed)} of {jobs} jobs claimed; {doubles} handed out twice")
    return (
        f"| {len(keys):,} | {len(claimed) / seconds:.0f} | {seen.percentile(0.5):.0f} ms"
        f" | {seen.percentile(0.99):.0f} ms | {sum(spent.values()):.2f} ms | {doubles or 'none'} |"
    ), doubles


def allow_many_connections() -> None:
    """Let this process and its children open as many sockets as the machine allows them."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def cost(before: dict[str, float], after: dict[str, float], answers: int) -> dict[str, float]:
    """Milliseconds of processor time that each server spent on one answer."""
    return {name: 1000 * (after[name] - before[name]) / max(answers, 1) for name in after}


def told(spent: dict[str, float]) -> str:
    """The cost of an answer in words."""
    parts = ", ".join(f"{name} {milliseconds:.2f} ms" for name, milliseconds in spent.items())
    return f"processor time of an answer: {sum(spent.values()):.2f} ms ({parts})"


@contextmanager
def running_host() -> Iterator[Host]:
    """nginx, PHP-FPM and MariaDB; all gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="crowdsky-fleet-"))
    server = DurableMariaDb()
    try:
        server.start()
        site = Site(folder / "data", server.new_database())
        site.data_dir.mkdir()
        site.run_php("migrate.php")
        settings = {k: v for k, v in site.environment().items() if k.startswith("CROWDSKY_")}
        # The pool's file takes the semicolons of a data source name for comments.
        quoted = {name: f'"{value}"' for name, value in settings.items()}
        with (
            PhpFpm(folder, quoted) as pool,
            Nginx(folder) as front,
            Rows(site) as rows,
        ):
            yield Host(front.port, rows, site, (front, pool, server))
    finally:
        server.remove()
        shutil.rmtree(folder)


def add_keys(rows: Rows, count: int) -> list[str]:
    """Give every worker a key of its own and return them."""
    keys = [f"csw_{uuid.uuid4().hex}" for _ in range(count)]
    for first in range(0, count, KEYS_AT_ONCE):
        rows.run(
            [
                {
                    "insert": "api_keys",
                    "values": {
                        "kind": "worker",
                        "name": "fleet",
                        "key_hash": hashlib.sha256(key.encode()).hexdigest(),
                        "key_hint": key[:10],
                        "scopes": "jobs",
                        "created_at": NOW,
                    },
                }
                for key in keys[first : first + KEYS_AT_ONCE]
            ]
        )
    return keys


def add_jobs(host: Host, count: int) -> None:
    """Queue jobs without files: nobody here goes further than the claim."""
    queue = Queue(host.site, host.rows)
    session = queue.add_session()
    for first in range(0, count, KEYS_AT_ONCE):
        rows = (
            job_columns(queue.user_id, session) for _ in range(min(KEYS_AT_ONCE, count - first))
        )
        host.rows.run([{"insert": "stacking_jobs", "values": values} for values in rows])


def poll(fleet: Fleet, seconds: float) -> Latencies:
    """Let every worker ask for work as a daemon that has been idle for a while, and watch."""
    paces = [_settled_pace() for _ in range(fleet.size)]

    def answered(client: Client, status: str, body: bytes) -> float:
        return paces[client.number].idle()

    # Spread over the mean pause, so that the rate is that of a long-running fleet from the start.
    return fleet.run(lambda: random.uniform(0.0, 0.75 * POLL_INTERVAL), answered, seconds)


def _settled_pace() -> Pace:
    pace = Pace(POLL_INTERVAL)
    while pace.idle() < POLL_INTERVAL / 2:
        pass
    return pace


def claim_all(fleet: Fleet) -> tuple[Latencies, list[int]]:
    """All workers claim one job after the other until there is none; the jobs they were given."""
    claimed: list[int] = []

    def answered(client: Client, status: str, body: bytes) -> float | None:
        if status == NO_CONTENT:
            return None
        if status == "200":
            claimed.append(job_of(body))
        return time.monotonic() - client.due

    return fleet.run(lambda: 0.0, answered, CLAIM_SECONDS), claimed
