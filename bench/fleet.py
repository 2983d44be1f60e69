"""How large a fleet one host carries: thousands of idle workers, and a hundred that claim.

`./dev bench fleet` runs nginx and PHP-FPM as docs/deployment.md configures them, with a MariaDB
that flushes every commit, all on loopback with their files in a temporary folder. The clients run
on the same machine and take their share of it; the processor time that the servers themselves spend
on an answer is therefore told too. See docs/scaling.md.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.contract.jobs.support import NOW, Queue, job_columns
from tests.end_to_end.test_documented_deployment import Nginx, PhpFpm
from tests.faults.quick_rows import QuickRows
from tests.support.mariadb import MariaDb
from worker.daemon import Pace
from worker.demo.background import BackgroundServer
from worker.demo.services import Site

POLL_INTERVAL = 30.0
PATIENCE_SECONDS = 30.0
KEYS_AT_ONCE = 500
PROGRAMS = ("nginx", "php-fpm*")


class DurableMariaDb(MariaDb):
    """The tests' server without their shortcuts: a commit is on the disk when it is answered."""

    def command(self, port: int) -> Sequence[str]:
        """Return the server with MariaDB's own defaults for flushing."""
        return [part for part in super().command(port) if not part.startswith("--innodb-flush")]


class BusyNginx(Nginx):
    """The documented server inside a main file for many connections; Debian's allows 768 each."""

    def command(self, port: int) -> Sequence[str]:
        """Return nginx with one process a core and room for everybody."""
        command = super().command(port)
        main = Path(command[command.index("-c") + 1])
        text = main.read_text().replace("events {}", "events { worker_connections 4096; }")
        main.write_text(f"worker_processes auto;\n{text}")
        return command


@dataclass
class Latencies:
    """What the clients saw."""

    milliseconds: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)

    def percentile(self, part: float) -> float:
        """The latency that ``part`` (0..1) of the answers stayed below."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0

    def line(self, seconds: float) -> str:
        """Rate, percentiles and statuses in words."""
        statuses = ", ".join(f"{count} x {name}" for name, count in self.statuses.items())
        p50, p99, slowest = (self.percentile(part) for part in (0.5, 0.99, 1.0))
        return (
            f"{len(self.milliseconds) / seconds:.0f} answers/s;"
            f" p50 {p50:.1f} ms, p99 {p99:.1f} ms, slowest {slowest:.0f} ms; {statuses}"
        )


@dataclass(frozen=True)
class Host:
    """The running site."""

    port: int
    rows: QuickRows
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
    parser.add_argument("--workers", type=int, default=10_000, help="idle workers")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to watch them")
    parser.add_argument("--busy", type=int, default=100, help="workers that claim")
    parser.add_argument("--jobs", type=int, default=3000, help="jobs they find")
    options = parser.parse_args(argv)
    for program in PROGRAMS:
        if not (shutil.which(program) or list(Path("/usr/sbin").glob(program))):
            parser.error(f"{program.rstrip('*')} is not installed; ./dev test installs it")
    # What was started is stopped also when this is told to stop.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    with running_host() as host:
        keys = add_keys(host.rows, options.workers)
        # Every worker has been seen once before the clock starts: the first visit is a longer one.
        asyncio.run(poll(host.port, keys, POLL_INTERVAL))
        before = host.processor_seconds()
        idle = asyncio.run(poll(host.port, keys, options.seconds))
        print(f"{options.workers} idle workers: {idle.line(options.seconds)}")
        print(cost(before, host.processor_seconds(), len(idle.milliseconds)), flush=True)
        add_jobs(host, options.jobs)
        before, began = host.processor_seconds(), time.monotonic()
        busy, claimed = asyncio.run(claim_all(host.port, keys[: options.busy]))
        seconds = time.monotonic() - began
        doubles = len(claimed) - len(set(claimed))
        print(f"{options.busy} busy workers: {busy.line(seconds)}")
        print(cost(before, host.processor_seconds(), len(busy.milliseconds)))
        print(f"{len(claimed)} of {options.jobs} jobs claimed, {len(claimed) / seconds:.0f}/s")
        print(f"{doubles} jobs handed out twice")
    return int(doubles > 0)


def cost(before: dict[str, float], after: dict[str, float], answers: int) -> str:
    """Processor time of each server for one answer."""
    spent = {name: 1000 * (after[name] - before[name]) / max(answers, 1) for name in after}
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
            BusyNginx(folder) as front,
            QuickRows(site) as rows,
        ):
            yield Host(front.port, rows, site, (front, pool, server))
    finally:
        server.remove()
        shutil.rmtree(folder)


def add_keys(rows: QuickRows, count: int) -> list[str]:
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


async def poll(port: int, keys: Sequence[str], seconds: float) -> Latencies:
    """Let every worker ask for work as an idle daemon does, and watch for a while."""
    seen = Latencies()
    end = time.monotonic() + seconds
    await asyncio.gather(*(_idle_worker(port, key, end, seen) for key in keys))
    return seen


async def _idle_worker(port: int, key: str, end: float, seen: Latencies) -> None:
    pace = Pace(POLL_INTERVAL)
    while pace.idle() < POLL_INTERVAL / 2:
        pass  # by now it has been idle for a while
    pause = random.uniform(0.0, POLL_INTERVAL)
    while time.monotonic() + pause < end:
        await asyncio.sleep(pause)
        await _ask(port, key, seen)
        pause = pace.idle()


async def claim_all(port: int, keys: Sequence[str]) -> tuple[Latencies, list[int]]:
    """All workers claim one job after the other until there is none; the jobs they were given."""
    seen = Latencies()
    claimed: list[int] = []

    async def worker(key: str) -> None:
        while True:
            status, body = await _ask(port, key, seen)
            if status == "200":
                claimed.append(json.loads(body)["job_id"])
            elif status == "204":
                return

    await asyncio.gather(*(worker(key) for key in keys))
    return seen, claimed


async def _ask(port: int, key: str, seen: Latencies) -> tuple[str, bytes]:
    """One question for work over a connection of its own."""
    claim = uuid.uuid4().hex
    request = (
        f"GET /api/next_job.php?worker_id={key[4:20]}&claim_id={claim}&version=0.1.0 HTTP/1.1\r\n"
        f"Host: crowdsky.example.org\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\r\n"
    )
    began = time.monotonic()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            answer = await _exchange(port, request.encode())
        head, _, body = answer.partition(b"\r\n\r\n")
        status = head.split(b" ", 2)[1].decode() if head else "an empty answer"
    except (OSError, TimeoutError) as error:
        status, body = type(error).__name__, b""
    seen.milliseconds.append(1000 * (time.monotonic() - began))
    seen.statuses[status] += 1
    return status, body


async def _exchange(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        return await reader.read(-1)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
