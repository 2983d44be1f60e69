"""Big files pass through PHP in pieces: 40 MB in and out with a memory limit of 16 MB."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from crowdsky.stacking.product.cube import write_cube
from demo.services import Site
from tests.contract.jobs.support import Worker, stack_file
from tests.contract.site.subs import sub
from tests.contract.site.support import PASSWORD, Browser
from tests.support.rows import Rows

SIDE = 3200


class TightSite(Site):
    """A site on a host that gives PHP 16 MB of memory."""

    def command(self, port: int) -> Sequence[str]:
        """Return PHP's server with that limit."""
        php, *arguments = super().command(port)
        server = arguments.index("-S")
        return [php, *arguments[:server], "-d", "memory_limit=16M", *arguments[server:]]


@pytest.fixture
def user(tmp_path: Path) -> Iterator[Browser]:
    """A browser logged in to a site with little memory."""
    with TightSite(tmp_path / "site") as site:
        site.create_user("owner", PASSWORD)
        browser = Browser(site)
        assert browser.log_in("owner").status_code == 302
        yield browser


def test_forty_megabytes_in_and_out(user: Browser, tmp_path: Path) -> None:
    cards = {"BITPIX": f"{32:>20}", "NAXIS1": f"{SIDE:>20}", "NAXIS2": f"{SIDE:>20}"}
    raw = sub(dict(cards), data_bytes=4 * SIDE**2)
    session = user.start()
    assert user.put(session, raw, "big.fit").status_code == 200
    again = user.send_form(session, raw, "big.fit")
    assert again.json()["duplicate"] is True
    user.finalize(session)

    worker = Worker(user.site, user.site.create_worker_key("stacker"))
    lease = worker.claim()
    (file,) = worker.get("job_files", job_id=lease["job_id"]).json()["files"]
    assert worker.get("download_raw", file_id=file["id"]).content == raw

    stack = stack_file(size=SIDE)
    assert len(stack) > 40_000_000
    done = worker.report("complete_job", lease, **worker.archive(lease, stack)).json()
    assert user.get("download.php", id=done["stack_id"]).content == stack

    with Rows(user.site) as rows:
        check_cut_outs(user, done["stack_id"], rows)

    (tmp_path / "stack.fits").write_bytes(stack)
    cube = write_cube(tmp_path / "stack.fits", tmp_path / "cube.fits").read_bytes()
    assert user.get("download.php", id=done["stack_id"], form="cube").content == cube


def check_cut_outs(user: Browser, stack: int, rows: Rows) -> None:
    """Cut the widest square and the largest picture from a stack whose scale is 1" per pixel."""
    degrees = 1 / 3600
    wcs = {"crpix": [SIDE / 2] * 2, "crval": [10.0, 20.0], "cd": [-degrees, 0, 0, degrees]}
    rows.insert(
        "stack_solutions",
        stack_id=stack,
        job_id=1,
        solved=1,
        solver="by hand",
        verdict="good",
        ra_center_deg=10.0,
        dec_center_deg=20.0,
        scale_arcsec=1.0,
        rotation_deg=0.0,
        parity=-1,
        field_width_deg=SIDE * degrees,
        field_height_deg=SIDE * degrees,
        wcs=json.dumps({**wcs, "width": SIDE, "height": SIDE}),
        created_at="2026-01-02 03:04:05",
    )
    key = {"Authorization": f"Bearer {rows.add_data_key(1)}"}
    query: dict[str, Any] = {"id": stack, "ra": 10, "dec": 20}
    whole = user.get("api/cutout.php", size=60, headers=key, **query)
    assert whole.status_code == 200, whole.text
    assert len(whole.content) > 40_000_000
    side = math.isqrt(1 << 19)
    picture = user.get("api/cutout.php", size=side / 60, format="png", headers=key, **query)
    assert picture.headers["Content-Type"] == "image/png", picture.text
    copy = {"Authorization": f"Bearer {rows.add_data_key(reads_all=True)}"}
    assert len(user.get("api/download_frame.php", id=stack, headers=copy).content) > 40_000_000
