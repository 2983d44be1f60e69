"""complete_job: only a file that holds the light of its job is a stack."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from demo.services import Site
from tests.contract.jobs.support import Queue, Worker, stack_file
from tests.support.rows import Rows

PLANES = ("RED", "GREEN", "BLUE")


def changed(change: Callable[[fits.HDUList], object]) -> bytes:
    """Return a small stack after a change, with sums that are true."""
    with fits.open(io.BytesIO(stack_file())) as hdus:
        change(hdus)
        buffer = io.BytesIO()
        hdus.writeto(buffer, checksum=True)
    return buffer.getvalue()


def without_pixels(hdus: fits.HDUList) -> None:
    """Leave the planes' names, and nothing else of them."""
    for name in PLANES:
        hdus[name] = fits.ImageHDU(name=name)


def undefined_corner(hdus: fits.HDUList) -> None:
    """Write an uncovered pixel as NaN."""
    hdus["GREEN"].data = hdus["GREEN"].data.astype(np.float32)
    hdus["GREEN"].data[0, 0] = np.nan


def level(hdus: fits.HDUList) -> None:
    """Give all pixels of a plane the same value."""
    hdus["BLUE"].data = np.full((64, 64), 850.0, np.float32)


FLAWED: dict[str, Callable[[fits.HDUList], object]] = {
    "RED has 0 axes, not 2": without_pixels,
    "GREEN holds values that are no numbers": undefined_corner,
    "all pixels of BLUE have the same value": level,
    "NIMAGES = 41": lambda hdus: hdus[0].header.set("NIMAGES", 41),
    "no NIMAGES": lambda hdus: hdus[0].header.remove("NIMAGES"),
    "TOTALEXP": lambda hdus: hdus[0].header.set("TOTALEXP", 10.0),
}


@pytest.mark.parametrize("words", FLAWED)
def test_a_file_without_light_is_no_stack(
    words: str, worker: Worker, queue: Queue, rows: Rows
) -> None:
    job = queue.add_job()
    lease = worker.claim()

    refuse(worker, lease, changed(FLAWED[words]), words)

    assert rows.job(job)["status"] == "processing"
    assert rows.all("SELECT id FROM stacked_frames") == []
    raws = rows.all("SELECT delete_due_at, deleted_at FROM raw_files WHERE job_id = ?", job)
    assert raws == [{"delete_due_at": None, "deleted_at": None}]


def test_planes_have_the_size_of_the_frames(worker: Worker, queue: Queue, rows: Rows) -> None:
    queue.add_job()
    rows.execute("UPDATE raw_files SET naxis1 = 16, naxis2 = 16")
    lease = worker.claim()

    refuse(worker, lease, stack_file(), "RED has 64 x 64 pixels, not 16 x 16 as the raw frames")
    other = Worker(queue.site, worker.headers["Authorization"].removeprefix("Bearer "), "other")
    assert worker.report("release_job", lease).status_code == 200
    again = other.claim()
    fields = other.archive(again, stack_file(size=16))
    assert other.report("complete_job", again, **fields).status_code == 200


def test_a_stack_of_frames_without_colours_has_a_single_plane(
    worker: Worker, queue: Queue, rows: Rows
) -> None:
    lum = stack_file(names=("LUM",))
    job = queue.add_job(priority=9)
    rows.execute("UPDATE raw_files SET bayer_pattern = 'GRBG' WHERE job_id = ?", job)
    refuse(worker, worker.claim(), lum, "it has no extension named RED, GREEN, BLUE")
    queue.add_job(priority=99)
    both = stack_file(names=("LUM", *PLANES))
    refuse(worker, worker.claim(), both, "it has both colours and LUM, so that readers disagree")
    for body in (lum, stack_file()):  # the second as older workers write it
        queue.add_job(priority=999)
        lease = worker.claim()
        answer = worker.report("complete_job", lease, **worker.archive(lease, body))
        assert answer.status_code == 200, answer.text


def test_the_exposure_is_that_of_the_report(worker: Worker, queue: Queue) -> None:
    queue.add_job()
    lease = worker.claim()
    fields = worker.archive(lease)

    answer = worker.report("complete_job", lease, **fields, total_exptime=20.0)
    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_stack")
    assert "EXPTIME = 10" in answer.json()["error"]
    answer = worker.report("complete_job", lease, **fields, total_exptime=10.0004)
    assert answer.status_code == 200, answer.text


def test_sums_of_the_fits_convention_are_believed(
    site: Site, worker: Worker, queue: Queue, rows: Rows
) -> None:
    good = stack_file(sums=True)
    with fits.open(io.BytesIO(good)) as hdus:
        blue = hdus.fileinfo("BLUE")["datLoc"]
        primary = hdus[0].header.tostring().index("EXPTIME")
    for at, words in ((blue, "BLUE is damaged"), (primary + 40, "its primary part is damaged")):
        body = bytearray(good)
        body[at] ^= 1
        queue.add_job(priority=9)
        refuse(worker, worker.claim(), bytes(body), words)

    queue.add_job(priority=99)
    lease = worker.claim()
    answer = worker.report("complete_job", lease, **worker.archive(lease, good))
    assert answer.status_code == 200, answer.text


def refuse(worker: Worker, lease: dict[str, Any], body: bytes, words: str) -> None:
    """Report a stack that must be refused as none, with these words."""
    answer = worker.report("complete_job", lease, **worker.archive(lease, body))
    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_stack"), answer.text
    assert words in answer.json()["error"]
