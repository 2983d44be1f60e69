"""How rescans are asked for and claimed, and what is known of their stacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from demo.services import Site
from tests.contract.jobs.measured import measured_stack
from tests.contract.jobs.support import Queue, Worker
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

CRASH = "measuring failed: conf.auto_max_age = None"
"""What workers kept of astropy's message from 2026-11-22 on."""

REASON = f"not measured: {CRASH}"
NOTHING: dict[str, Any] = {"solution": None, "photometry": None, "objects": []}

PICTURES = ("thumbnail_path", "picture_path", "full_path", "preview_path")
"""Columns of files that a rescan need not renew: they show the same pixels."""
FILES = ("ucloud_path", *PICTURES, "overlay_path", "stars_path")


def new_operator(site: SiteUnderTest) -> Worker:
    """Return somebody with a new key for everything."""
    return Worker(site, site.create_worker_key("op", scopes=["admin"]), name="operator")


def ask(operator: Worker, *stack_ids: int, **fields: Any) -> dict[str, Any]:
    """Ask for rescans, which must be taken; return the answer."""
    answer = operator.post("rescan", stack_ids=list(stack_ids), **fields)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def claim_rescan(worker: Worker) -> dict[str, Any]:
    """Claim a rescan, which must be there."""
    lease = worker.claim(kinds="stack,rescan")
    assert lease["kind"] == "rescan"
    return lease


def add_unmeasured(worker: Worker, queue: Queue, reason: str = REASON, **more: Any) -> int:
    """Archive a stack that its worker could not measure; return its id."""
    report = {**NOTHING, "unsolved_reason": reason, "notes": [reason], **more}
    return measured_stack(worker, queue, **report)[0]


def stack_row(rows: Rows, stack_id: int) -> dict[str, Any]:
    """Return a stack's row."""
    return rows.one("SELECT * FROM stacked_frames WHERE id = ?", stack_id)


def on_disk(site: Site, row: dict[str, Any]) -> list[Path]:
    """Return where the files that a stack's row names are on disk."""
    return [site.data_dir / "stacks" / row[name].lstrip("/") for name in FILES if row[name]]
