"""Pictures as an engine returns them, for tests of the file that is written of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np

from crowdsky.frames.dates import iso_time
from crowdsky.frames.fits_header import FrameHeader
from crowdsky.stacking.engine import FrameRecord, StackedPicture, StackOptions
from crowdsky.stacking.product.product import Provenance
from crowdsky.stacking.records import FrameReport, StackResult

HEIGHT, WIDTH = 128, 96
START = datetime(2025, 3, 27, 1, 20, 32, 955368, tzinfo=UTC)


PROVENANCE = Provenance(datetime(2025, 3, 28, 12, 0, tzinfo=UTC), "17.a1", ("numpy 2.0",))


def header(index: int = 0, **changes: object) -> FrameHeader:
    """The facts of sub ``index``, eleven seconds after the one before."""
    values: dict[str, object] = {
        "width": WIDTH,
        "height": HEIGHT,
        "pattern": "GRBG",
        "exptime_s": 10.0,
        "date_obs": START + timedelta(seconds=11 * index),
        "ra_deg": 193.0,
        "dec_deg": 41.0,
        "gain": 80.0,
        "ccd_temp_c": 25.0 + index,
        "telescope": "S50_c0ffee01",
        "instrument": "Seestar S50",
        "filter_name": "IRCUT",
        "object_name": "M 94",
        "eq_mode": 0,
        "site_lat_deg": 45.0,
        "site_long_deg": 10.0,
        "x_pixel_um": 2.9,
        "y_pixel_um": 2.9,
        "focal_length_mm": 250.0,
    }
    return FrameHeader(**(values | changes))  # type: ignore[arg-type]


def record(index: int, used: bool = True, reason: str = "", **changes: object) -> FrameRecord:
    """Sub ``index`` as an engine reports it."""
    facts = header(index, **changes)
    report = FrameReport(
        filename=f"Light_M 94_{index}.fit",
        sha256=f"{index:064x}",
        date_obs=iso_time(facts.date_obs),
        exptime=facts.exptime_s,
        n_stars=20 + index,
        fwhm_px=3.5,
        ellipticity=0.07 + index / 100,
        sky_adu=900.0,
        transform=(1.0, 0.0, 2.5, 0.0, 1.0, -1.5) if used else None,
        weight=1.0 if used else 0.0,
        used=used,
        reason=reason,
    )
    return FrameRecord(report, facts)


def picture(*frames: FrameRecord, **changes: object) -> StackedPicture:
    """A sky with one star and an uncovered corner, different in each colour."""
    rng = np.random.default_rng(1)
    planes = rng.normal(900, 5, (3, HEIGHT, WIDTH)).astype(np.float32)
    planes += np.array([0, 100, 200], dtype=np.float32)[:, None, None]
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    planes += 3000 * np.exp(-((rows - 40.0) ** 2 + (columns - 60.0) ** 2) / 4).astype(np.float32)
    planes += 800 * np.exp(-((rows - 90.0) ** 2 + (columns - 30.0) ** 2) / 4).astype(np.float32)
    footprint = np.full((HEIGHT, WIDTH), len(frames))
    footprint[:10, :10] = 0
    planes[:, :10, :10] = 0
    values: dict[str, object] = {
        "planes": planes,
        "footprint": footprint,
        "frames": frames,
        "engine": "test 1.0",
        "options": StackOptions("mean", 3.0),
        "notes": ("one remark",),
    }
    return StackedPicture(**(values | changes))  # type: ignore[arg-type]


Write = Callable[[StackedPicture], StackResult]
