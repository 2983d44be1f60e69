"""A stack of subs with local times has times in UTC once the owner has set the time zone."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copy

import pytest
from astropy.io import fits

from tests.support.observatory import Observatory

pytestmark = pytest.mark.slow

ZONE = "Asia/Kathmandu"
AHEAD = timedelta(hours=5, minutes=45)
"""All year round."""


def as_dwarf(subs: list[Path], folder: Path) -> tuple[list[Path], datetime]:
    """Copy subs as a Dwarf 3 would write them; returns the copies and the first start in UTC."""
    copies, starts = [], []
    for sub in subs:
        copies.append(Path(copy(sub, folder)))
        with fits.open(copies[-1], mode="update") as hdus:
            header = hdus[0].header
            starts.append(datetime.fromisoformat(header["DATE-OBS"]))
            shown = starts[-1] + timedelta(seconds=header["EXPTIME"]) + AHEAD
            header["DATE-OBS"] = (shown.isoformat(), "Time end of exposure")
            header["TELESCOP"] = "DWARF 3"
    return copies, min(starts)


@pytest.mark.parametrize("zone", [ZONE, pytest.param("", marks=pytest.mark.every)])
def test_local_times_become_utc(
    observatory: Observatory, subs: list[Path], tmp_path: Path, zone: str
) -> None:
    paths, first = as_dwarf(subs, tmp_path)
    job = observatory.add_job(paths)
    rows = observatory.rows
    local = (first + AHEAD).replace(microsecond=0).isoformat(" ")
    rows.execute(
        "UPDATE raw_files SET telescope = 'DWARF 3', header_clock = 'local-end', fits_date_obs = ?",
        local,
    )
    rows.execute("UPDATE stacking_jobs SET header_clock = 'local-end'")
    if zone:
        user = rows.job(job)["user_id"]
        rows.execute("INSERT INTO telescope_zones VALUES (?, 'DWARF 3', ?)", user, zone)

    worker = observatory.start("dome", "--once")

    assert worker.exit_code() == 0, worker.log
    row = rows.one("SELECT ucloud_path, date_obs_start FROM stacked_frames")
    content = (observatory.share.root / row["ucloud_path"][1:]).read_bytes()
    header = fits.getheader(io.BytesIO(content))
    if zone:
        assert header["DATE-OBS"] == first.isoformat(timespec="milliseconds")
        stored = datetime.fromisoformat(row["date_obs_start"])
        assert abs(stored - first) < timedelta(seconds=1)
    else:
        assert not {"DATE-OBS", "MJD-OBS", "TIMESYS", "BJD_TDB", "DATE-LOC"} & set(header)
        assert row["date_obs_start"] is None
