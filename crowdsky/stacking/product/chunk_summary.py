"""Summarises the subs of a stack: exposure, times, pointing and instrument.

Only the subs that were really combined count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import numpy as np

from crowdsky.frames.fits_header import FrameHeader

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class ChunkSummary:
    """Facts of a stack; None if no header has them. Units are in the names of the fields."""

    n_images: int
    total_exptime_s: float
    start: datetime | None
    """Start of the first exposure, aware, UTC."""
    end: datetime | None
    """End of the last exposure, aware, UTC."""
    ra_deg: float | None
    """Mean pointing on the sky, ICRS."""
    dec_deg: float | None
    sub_ra_deg: float | None
    """Mean pointing as the headers have it, of whatever equinox."""
    sub_dec_deg: float | None
    ccd_temp_c: float | None
    gain: float | None
    telescope: str | None
    instrument: str | None
    object_name: str | None
    filter_name: str | None
    eq_mode: int | None
    site_lat_deg: float | None
    site_long_deg: float | None
    x_pixel_um: float | None
    y_pixel_um: float | None
    focal_length_mm: float | None
    local_start: datetime | None = None
    """Start of the first exposure by the telescope's clock; only where its zone is unknown."""
    is_wide: bool = False
    """Whether it is from the wide-angle camera of a telescope that has two."""


def summarise(used: Sequence[FrameHeader]) -> ChunkSummary:
    """Summarise the headers of the combined subs.

    Exposures are added, temperature and pointing averaged; of the times the earliest start and the
    latest end count, and of everything else the commonest value. The times are those of all subs or
    of none: of a part of them they would be wrong.
    """
    begun = [(frame.date_obs, frame.exptime_s) for frame in used if frame.date_obs is not None]
    if len(begun) < len(used):
        begun = []
    local = [frame.local_start for frame in used if frame.local_start is not None]
    temperatures = [frame.ccd_temp_c for frame in used if frame.ccd_temp_c is not None]
    ra_deg, dec_deg = mean_pointing(frame.sky for frame in used if frame.sky is not None)
    sub_ra_deg, sub_dec_deg = mean_pointing(
        (frame.ra_deg, frame.dec_deg)
        for frame in used
        if frame.ra_deg is not None and frame.dec_deg is not None
    )
    return ChunkSummary(
        n_images=len(used),
        total_exptime_s=round(sum(frame.exptime_s for frame in used), 6),
        start=min((start for start, _ in begun), default=None),
        end=max((start + timedelta(seconds=length) for start, length in begun), default=None),
        ra_deg=ra_deg,
        dec_deg=dec_deg,
        sub_ra_deg=sub_ra_deg,
        sub_dec_deg=sub_dec_deg,
        ccd_temp_c=float(np.mean(temperatures)) if temperatures else None,
        gain=_commonest(frame.gain for frame in used),
        telescope=_commonest(frame.telescope for frame in used),
        instrument=_commonest(frame.instrument for frame in used),
        object_name=_commonest(frame.object_name for frame in used),
        filter_name=_commonest(frame.filter_name for frame in used),
        eq_mode=_commonest(frame.eq_mode for frame in used),
        site_lat_deg=_commonest(frame.site_lat_deg for frame in used),
        site_long_deg=_commonest(frame.site_long_deg for frame in used),
        x_pixel_um=_commonest(frame.x_pixel_um for frame in used),
        y_pixel_um=_commonest(frame.y_pixel_um for frame in used),
        focal_length_mm=_commonest(frame.focal_length_mm for frame in used),
        is_wide=any(frame.is_wide for frame in used),
        local_start=min(local) if local and len(local) == len(used) else None,
    )


def mean_pointing(
    pointings: Iterable[tuple[float, float]],
) -> tuple[float, float] | tuple[None, None]:
    """Average (RA, DEC) pairs in degrees as directions, so that 359.9 and 0.1 give 0."""
    radians = np.radians(list(pointings))
    if radians.size == 0:
        return None, None
    ra, dec = radians.T
    x, y, z = (
        float(np.mean(part))
        for part in (np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec))
    )
    mean_dec = float(np.degrees(np.arctan2(z, np.hypot(x, y))))
    # Rounded first, so that just below 0 becomes 0 and not 360.
    return round(float(np.degrees(np.arctan2(y, x))), 9) % 360.0, mean_dec


def _commonest(values: Iterable[Value | None]) -> Value | None:
    """Return the most frequent value that is not None; the first of them on a tie."""
    counts = Counter(value for value in values if value is not None)
    return counts.most_common(1)[0][0] if counts else None
