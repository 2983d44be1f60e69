"""A rescan carries the pictures of its stack, bit for bit, or changes nothing."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from demo.services import Site
from tests.contract.jobs.measured import complete, measurement
from tests.contract.jobs.rescans import ask, claim_rescan, on_disk, stack_row
from tests.contract.jobs.support import Queue, Worker, stack_file
from tests.support.rows import Rows

Change = Callable[[fits.HDUList], object]


def rewritten(stack: bytes, change: Change) -> bytes:
    """Return a stack after a change, with sums that are true."""
    with fits.open(io.BytesIO(stack), do_not_scale_image_data=True) as hdus:
        change(hdus)
        buffer = io.BytesIO()
        hdus.writeto(buffer, checksum=True)
    return buffer.getvalue()


def with_footprint(hdus: fits.HDUList) -> None:
    """Add a footprint with a place that not all frames cover."""
    covered = np.full((64, 64), 6, np.uint8)
    covered[0, 0] = 5
    hdus.append(fits.ImageHDU(covered, name="FOOTPRINT"))


def other_pixel(hdus: fits.HDUList) -> None:
    """Change one bit of one pixel."""
    hdus["GREEN"].data[63, 63] ^= 1


def exchange_planes(hdus: fits.HDUList) -> None:
    """Exchange the names of two planes."""
    red, blue = hdus["RED"], hdus["BLUE"]
    red.name, blue.name = "BLUE", "RED"


def uncover(hdus: fits.HDUList) -> None:
    """Claim coverage where there was none."""
    hdus["FOOTPRINT"].data[0, 0] = 6


CHANGES: dict[str, Change] = {
    "its GREEN is not that of the archived stack": other_pixel,
    "its RED is not that of the archived stack": exchange_planes,
    "its FOOTPRINT is not that": uncover,
    "it lacks FOOTPRINT": lambda hdus: hdus.pop("FOOTPRINT"),
    "it has MASK, which the archived stack lacks": lambda hdus: hdus.append(
        fits.ImageHDU(np.eye(64, dtype=np.uint8), name="MASK")
    ),
    "its BLUE is not that": lambda hdus: hdus["BLUE"].header.set("BZERO", 0),
    "NIMAGES": lambda hdus: hdus[0].header.set("NIMAGES", 2),
}


@pytest.fixture
def archived(worker: Worker, queue: Queue) -> tuple[int, bytes]:
    """A stack with a footprint: its id and bytes."""
    queue.add_job()
    lease = worker.claim()
    body = rewritten(stack_file(), with_footprint)
    fields = {**worker.archive(lease, body), **measurement(), "total_exptime": 10.0}
    answer = worker.report("complete_job", lease, **fields)
    assert answer.status_code == 200, answer.text
    return answer.json()["stack_id"], body


@pytest.mark.parametrize("is_older", [False, True], ids=["with fingerprints", "from before"])
def test_a_rescan_with_other_pictures_is_refused(
    is_older: bool,
    site: Site,
    worker: Worker,
    operator: Worker,
    archived: tuple[int, bytes],
    rows: Rows,
) -> None:
    stack_id, body = archived
    if is_older:
        rows.execute("UPDATE stacked_frames SET image_hashes = NULL")
    before = stack_row(rows, stack_id)

    for words, change in CHANGES.items():
        lease = rescan(worker, operator, stack_id)
        answer = report(worker, lease, rewritten(body, change))
        assert (answer.status_code, answer.json()["code"]) == (422, "not_a_stack"), answer.text
        assert words in answer.json()["error"]
        assert worker.report("fail_job", lease, error_message="x", retryable=False).ok

    assert stack_row(rows, stack_id) == before
    assert on_disk(site, before)[0].read_bytes() == body
    assert rows.all("SELECT path FROM replaced_objects") == []


@pytest.mark.parametrize("is_older", [False, True], ids=["with fingerprints", "from before"])
def test_a_rescan_with_the_same_pictures_is_archived(
    is_older: bool, worker: Worker, operator: Worker, archived: tuple[int, bytes], rows: Rows
) -> None:
    stack_id, _ = archived
    hashes = json.loads(stack_row(rows, stack_id)["image_hashes"])
    assert sorted(hashes) == ["BLUE", "FOOTPRINT", "GREEN", "RED"]
    if is_older:
        rows.execute("UPDATE stacked_frames SET image_hashes = NULL")

    assert complete(worker, rescan(worker, operator, stack_id))[0] == stack_id

    assert json.loads(stack_row(rows, stack_id)["image_hashes"]) == hashes


def test_nothing_replaces_an_older_stack_that_does_not_read_back(
    site: Site, worker: Worker, operator: Worker, archived: tuple[int, bytes], rows: Rows
) -> None:
    stack_id, body = archived
    rows.execute("UPDATE stacked_frames SET image_hashes = NULL")
    row = stack_row(rows, stack_id)
    lease = rescan(worker, operator, stack_id)
    place = on_disk(site, row)[0]

    same = rewritten(body, lambda hdus: None)
    for damage in (lambda: place.write_bytes(body[:-2880]), place.unlink):
        damage()
        answer = report(worker, lease, same)
        assert (answer.status_code, answer.json()["code"]) == (422, "not_a_stack")
        assert "does not read back" in answer.json()["error"]
    assert stack_row(rows, stack_id) == row


def rescan(worker: Worker, operator: Worker, stack_id: int) -> dict[str, Any]:
    """Ask for a rescan and claim it."""
    ask(operator, stack_id)
    return claim_rescan(worker)


def report(worker: Worker, lease: dict[str, Any], body: bytes) -> Any:
    """Store and report the result of a rescan."""
    fields = {**worker.archive(lease, body), **measurement()}
    return worker.report("complete_job", lease, **fields)
