"""An archive of many stacks as rows alone, for the queries that have to find some of them."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from tests.support.rows import Rows

CREATED = "2026-01-02 03:04:05"
BEGIN = datetime(2024, 1, 1)  # noqa: DTZ001 - UTC, as the site stores it
AT_ONCE = 500
FILTERS = ("LP", "IRCUT", None)
TELESCOPES = ("S50_8a95aa90", "S50_11111111", "Seestar S30", None)


@dataclass(frozen=True)
class SkyRow:
    """One stack; angles in degrees (ICRS), times in seconds."""

    id: int
    owner: int
    ra: float
    dec: float
    begin: str
    exposure: float
    filter_name: str | None
    telescope: str | None
    visibility: str = "inherit"


def scattered(first: int, count: int, owners: list[int], seed: int = 1) -> Iterator[SkyRow]:
    """Make stacks all over the sky and over two years; the same for the same seed."""
    rng = random.Random(f"{seed}:{first}")
    for number in range(first, first + count):
        begin = BEGIN + timedelta(seconds=rng.randrange(63_000_000))
        yield SkyRow(
            number,
            owners[number % len(owners)],
            rng.uniform(0.0, 360.0),
            math.degrees(math.asin(rng.uniform(-1.0, 1.0))),
            begin.isoformat(),
            float(rng.randrange(10, 900)),
            FILTERS[number % len(FILTERS)],
            TELESCOPES[number % len(TELESCOPES)],
        )


def insert(rows: Rows, stacks: Iterator[SkyRow]) -> None:
    """Put them into the archive, each with the job that stands for it."""
    if not rows.all("SELECT id FROM upload_sessions WHERE id = 1"):
        owner = rows.one("SELECT MIN(id) AS id FROM users")["id"]
        rows.insert(
            "upload_sessions",
            id=1,
            user_id=owner,
            session_token="stands-for-all",
            status="complete",
            created_at=CREATED,
            last_activity_at=CREATED,
        )
    while some := list(islice(stacks, AT_ONCE)):
        rows.execute(_insertion("stacking_jobs", JOB, [_job(stack) for stack in some]))
        rows.execute(_insertion("stacked_frames", STACK, [_stack(stack) for stack in some]))


JOB = (
    "id, user_id, upload_session_id, status, chunk_key, chunk_key_hp, time_block, group_key,"
    " frame_count, total_bytes, created_at, updated_at"
)
STACK = (
    "id, job_id, user_id, chunk_key, chunk_key_hp, ucloud_path, file_size_bytes, sha256,"
    " n_frames_input, n_frames_aligned, total_exptime, date_obs_start, date_obs_end, ra_deg,"
    " dec_deg, telescope, filter_name, visibility, created_at, verified_at"
)


def _job(stack: SkyRow) -> tuple[object, ...]:
    key = _key(stack)
    names = (key, key, key.split("_")[0], f"group-{stack.id}")
    return (stack.id, stack.owner, 1, "completed", *names, 1, 3000, CREATED, CREATED)


def _stack(stack: SkyRow) -> tuple[object, ...]:
    key = _key(stack)
    end = (datetime.fromisoformat(stack.begin) + timedelta(seconds=stack.exposure)).isoformat()
    path = f"/crowdsky/stacks/{stack.id}.fits"
    start = (stack.id, stack.id, stack.owner, key, key, path, 2880, f"{stack.id:064x}", 1, 1)
    place = (stack.exposure, stack.begin, end, stack.ra, stack.dec)
    chosen = (stack.telescope, stack.filter_name, stack.visibility)
    return (*start, *place, *chosen, CREATED, CREATED)


def _key(stack: SkyRow) -> str:
    return f"{stack.begin[:10].replace('-', '')}.{stack.id % 96:02d}_HP{stack.id % 196608:06d}"


def _insertion(table: str, columns: str, values: list[tuple[object, ...]]) -> str:
    rows = ", ".join("(" + ", ".join(_literal(value) for value in row) + ")" for row in values)
    return f"INSERT INTO {table} ({columns}) VALUES {rows}"  # noqa: S608 - all from here


def _literal(value: object) -> str:
    return "NULL" if value is None else f"'{value}'" if isinstance(value, str) else f"{value!r}"
