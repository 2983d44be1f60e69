"""Owners see of every sub whether it is in the stack, why not, and how good it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits

from crowdsky.frames.fits_writer import primary, write_fits
from crowdsky.stacking.engine import FrameRecord
from crowdsky.stacking.product.product import frames_table
from crowdsky.stacking.records import FrameReport
from tests.contract.jobs.support import Worker, stack_file
from tests.contract.site.subs import taken_at
from tests.contract.site.support import Browser, claim_first
from tests.support.rows import Rows

NAN = float("nan")
HOSTILE = "<script>alert(1)</script>.fit"
BLOCK = 2880


def report(name: str, second: int, **values: Any) -> FrameReport:
    """A sub that was used, unless the values say otherwise."""
    usual = {
        "n_stars": 120,
        "fwhm_px": 2.5,
        "ellipticity": 0.125,
        "sky_adu": 900.0,
        "transform": (1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
        "weight": 1.0,
        "used": True,
        "reason": "",
    }
    date = f"2025-03-27T01:20:{second:02d}.250"
    return FrameReport(name, "ab" * 32, date, 10.0, **{**usual, **values})


REPORTS = (
    report("Light_0.fit", 10),
    report(
        "Light_1.fit", 21, fwhm_px=3.25, ellipticity=0.0, n_stars=1080, sky_adu=1234.5, weight=0.62
    ),
    report(
        HOSTILE, 32, used=False, transform=None, weight=NAN, reason="its stars are blurred, 7.1 px"
    ),
    report(
        "Light_3.fit",
        43,
        used=False,
        n_stars=0,
        fwhm_px=NAN,
        ellipticity=NAN,
        sky_adu=NAN,
        weight=0.0,
    ),
)


def stack_with(folder: Path, reports: tuple[FrameReport, ...], *, without: str = "") -> bytes:
    """A stack whose table FRAMES was written as the stacker does; it may lack a column."""
    path = folder / "frames.fits"
    records = tuple(FrameRecord(one, None) for one in reports)
    write_fits(path, [primary(()), frames_table(records)], datetime(2025, 3, 28, tzinfo=UTC))
    if without:
        with fits.open(path, mode="update") as hdus:
            hdus["FRAMES"].columns.del_col(without)
    return stack_file() + path.read_bytes()[BLOCK:]


@pytest.fixture
def stacked(
    user: Browser, rows: Rows, worker: Worker, tmp_path: Path
) -> Callable[[bytes | None], int]:
    """Have a chunk stacked and return its job."""

    def stack(body: bytes | None = None) -> int:
        job: int = user.upload(taken_at("2025-03-27T01:20:10"))["job_ids"][0]
        lease = claim_first(rows, worker, job)
        body = stack_with(tmp_path, REPORTS) if body is None else body
        answer = worker.report("complete_job", lease, **worker.archive(lease, body))
        assert answer.status_code == 200, answer.text
        return job

    return stack


def cells(page: str) -> list[list[str]]:
    """Rows of the table of subs without tags."""
    table = page.split("<tbody>")[1].split("</tbody>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    return [[c.strip() for c in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)] for row in rows]


def test_each_sub_has_a_row_with_what_is_known(user: Browser, stacked: Callable[..., int]) -> None:
    job = stacked()
    assert f"job.php?id={job}&amp;view=subs" in user.get("job.php", id=job).text
    assert f"job.php?id={job}&amp;view=subs" in user.get("status.php").text

    page = user.get("job.php", id=job, view="subs").text

    assert "2 of 4 subs are in the stack." in page
    name = HOSTILE.replace("<", "&lt;").replace(">", "&gt;")
    assert cells(page) == [
        ["Light_0.fit", "2025-03-27 01:20:10", "yes", "2.50", "0.13", "120", "900.0", "1.00"],
        ["Light_1.fit", "2025-03-27 01:20:21", "yes", "3.25", "0.00", "1,080", "1,234.5", "0.62"],
        [
            name,
            "2025-03-27 01:20:32",
            "no: its stars are blurred, 7.1 px",
            "2.50",
            "0.13",
            "120",
            "900.0",
            "–",
        ],
        ["Light_3.fit", "2025-03-27 01:20:43", "no", "–", "–", "0", "–", "–"],
    ]


def test_plots_show_the_subs_over_time(user: Browser, stacked: Callable[..., int]) -> None:
    page = user.get("job.php", id=stacked(), view="subs").text

    plots = re.findall(r'<svg class="plot small-plot sub-plot".*?</svg>', page, re.DOTALL)
    circles = [re.findall(r'<circle class="(used|open)" cx="([\d.]+)%"', plot) for plot in plots]
    assert [len(found) for found in circles] == [3, 3, 4, 3, 2], (
        "a value that is not known is no point"
    )
    assert [kind for kind, _ in circles[2]] == ["used", "used", "open", "open"]
    places = [float(place) for _, place in circles[2]]
    assert places == sorted(places)
    assert places[1] - places[0] == pytest.approx(places[3] - places[2], abs=0.1)
    assert "Width of stars (FWHM, pixels), 2.5 to 3.3" in page
    assert "Ellipticity of stars (0: round), 0.00 to 0.13" in page
    assert "style=" not in page


@pytest.mark.one_database
def test_a_stack_of_older_versions_says_nothing_of_ellipticity(
    user: Browser, stacked: Callable[..., int], tmp_path: Path
) -> None:
    job = stacked(stack_with(tmp_path, REPORTS, without="ELLIPTIC"))

    page = user.get("job.php", id=job, view="subs").text

    assert [row[3:6] for row in cells(page)][:2] == [["2.50", "–", "120"], ["3.25", "–", "1,080"]]
    assert page.count("<svg") == 4
    assert "Ellipticity of stars" not in page


def test_a_stack_without_a_report_says_so(user: Browser, stacked: Callable[..., int]) -> None:
    page = user.get("job.php", id=stacked(stack_file()), view="subs")

    assert page.status_code == 200
    assert "does not say what became of its subs" in page.text


def test_only_the_owner_reads_names_and_reasons(
    user: Browser, admin: Browser, new_user: Callable[..., Browser], stacked: Callable[..., int]
) -> None:
    job = stacked()
    for reader in (admin, new_user()):
        answer = reader.get("job.php", id=job, view="subs")
        assert answer.status_code == 404
        assert "Light_0" not in answer.text
    assert "view=subs" not in admin.get("job.php", id=job).text


def test_a_chunk_that_is_not_stacked_has_no_report(user: Browser) -> None:
    job = user.upload(taken_at("2025-03-27T01:20:10"))["job_ids"][0]

    assert user.get("job.php", id=job, view="subs").status_code == 404
