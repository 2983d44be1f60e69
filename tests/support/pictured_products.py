"""Drawn stacks as the products that a worker makes of subs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from crowdsky.frames.dates import iso_time
from crowdsky.frames.fits_header import FrameHeader
from crowdsky.photometry.times import Site, barycentric_time
from crowdsky.sources.detection import find_stars
from crowdsky.stacking.engine import FrameRecord, PixelNoise, StackedPicture, StackOptions
from crowdsky.stacking.product.product import Provenance, write_product
from crowdsky.stacking.records import FrameReport
from crowdsky.synthetic.visit_pictures import VisitPicture
from crowdsky.synthetic.visits import LATITUDE_DEG, SUB_S, Telescope, Visits

PIXEL_UM = 2.9
Centre = tuple[float, float]
"""Right ascension and declination of the pointing, degrees."""


def write_visit(path: Path, drawn: VisitPicture, visits: Visits, row: int, centre: Centre) -> None:
    """Write a drawn stack as the product that a worker makes of subs."""
    rejected = np.zeros(drawn.footprint.shape, dtype=np.uint8)
    picture = StackedPicture(
        planes=drawn.planes,
        footprint=drawn.footprint,
        frames=_frames(visits, row, centre),
        engine="drawn",
        options=StackOptions(),
        saturated_adu=drawn.saturated_adu,
        noise=PixelNoise(drawn.variance, drawn.correlation, rejected),
    )
    sources = find_stars(picture.planes, picture.footprint > 0)
    write_product(path, picture, sources, Provenance(datetime(2026, 1, 1, tzinfo=UTC)))


def _frames(visits: Visits, row: int, centre: Centre) -> tuple[FrameRecord, ...]:
    """Spread the subs evenly about the middle of the visit."""
    telescope = visits.telescopes[visits.telescope[row]]
    count = int(visits.n_subs[row])
    site = Site(LATITUDE_DEG, 360.0 * (0.5 - telescope.midnight))
    middle = _utc(float(visits.bjd[row]), site, centre)
    step = SUB_S / telescope.efficiency
    records = []
    for index in range(count):
        start = middle + timedelta(seconds=(index - 0.5 * (count - 1)) * step - 0.5 * SUB_S)
        header = _frame_header(telescope, start, site, centre)
        report = FrameReport(
            f"sub{index}.fit", f"{row * 1000 + index:064x}", iso_time(start), SUB_S, 100,
            float(visits.fwhm_px[row]), 0.05, 900.0, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0), 1.0, True, "",
        )  # fmt: skip
        records.append(FrameRecord(report, header))
    return tuple(records)


def _utc(bjd: float, site: Site, centre: Centre) -> datetime:
    """Find the moment whose light from the field has this barycentric time."""
    zero = datetime(2000, 1, 1, 12, tzinfo=UTC)
    moment = zero + timedelta(days=bjd - 2451545.0)
    for _ in range(2):
        moment += timedelta(days=bjd - barycentric_time(moment, *centre, site))
    return moment


def _frame_header(telescope: Telescope, start: datetime, site: Site, centre: Centre) -> FrameHeader:
    return FrameHeader(
        width=telescope.width,
        height=telescope.height,
        pattern="GRBG",
        exptime_s=SUB_S,
        date_obs=start,
        ra_deg=centre[0],
        dec_deg=centre[1],
        gain=80.0,
        ccd_temp_c=10.0,
        telescope=telescope.name,
        instrument=telescope.name.rsplit(" ", 1)[0],
        filter_name="IRCUT",
        object_name=None,
        eq_mode=0,
        site_lat_deg=site.latitude,
        site_long_deg=site.longitude,
        x_pixel_um=PIXEL_UM,
        y_pixel_um=PIXEL_UM,
        focal_length_mm=206.265 * PIXEL_UM / telescope.scale_arcsec,
    )
