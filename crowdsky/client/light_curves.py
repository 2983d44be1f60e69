"""Light curves of the archive as records, and lists of stars as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from astropy import units as u
from astropy.table import Table, vstack
from astropy.time import Time

from crowdsky.base.arrays import FloatArray
from crowdsky.base.json_fields import Fields

if TYPE_CHECKING:
    from astropy.timeseries import TimeSeries

COLUMNS = (
    "bjd_tdb", "mjd_utc", "band", "mag", "mag_error", "flux", "flux_error", "quality", "stack_id",
    "part", "telescope", "filter", "airmass", "exptime", "calibration", "zero_point_error", "field",
)  # fmt: skip
"""Columns of a light curve that every site answers with."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """A calibration that a light curve is made with.

    Attributes:
        field: number of the field; each field counts its versions by itself.
        version: its name, by which ``light_curve`` gets it again.
        created_at: time of its publication, ISO 8601, UTC.
        catalogue: to which it is tied; None if to none, but to the stacks' own zero points.
    """

    field: int
    version: str
    created_at: str
    catalogue: str | None


@dataclass(frozen=True, slots=True)
class LightCurve:
    """How bright a star was, in the order of time.

    Attributes:
        star: number of the star in the archive's list.
        ra_deg, dec_deg: its position, ICRS, in ``position_year``.
        gaia_id: its number in Gaia DR3; None if it is in no catalogue.
        calibrations: those that the curve is made with.
        points: a row per stack and band, with units; what is not known is masked. A masked
            ``calibration`` says that a point has the zero point of its stack alone, which may be
            off by 0.15 mag. ``quality`` is a sum of flags, see docs/data-api.md.
    """

    star: int
    ra_deg: float
    dec_deg: float
    position_year: float
    gaia_id: int | None
    calibrations: tuple[Calibration, ...]
    points: Table

    @classmethod
    def of_table(cls, table: Table) -> LightCurve:
        """Read a table of `light_curve.php`; raises UnexpectedAnswerError with what it lacks."""
        meta = Fields("light curve", dict(table.meta))
        star = Fields("star", meta.optional_object("star"))
        missing = [name for name in COLUMNS if name not in table.colnames]
        if missing:
            raise meta.problem("points", f"there is no column {missing[0]}")
        gaia = star.optional_text("gaia_id")
        return cls(
            star=star.integer("id", minimum=1),
            ra_deg=star.number("ra_deg"),
            dec_deg=star.number("dec_deg"),
            position_year=star.number("position_year"),
            gaia_id=int(gaia) if gaia else None,
            calibrations=tuple(_calibration(row) for row in meta.objects("calibrations")),
            points=table,
        )

    @property
    def bands(self) -> tuple[str, ...]:
        """Bands with points: of TR, TG, TB and CV."""
        return tuple(sorted(set(self.points["band"])))

    def arrays(self, band: str) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return BJD (TDB), magnitudes and their errors of a band, shape (n,) each.

        Only points of which all three are known, and which are calibrated, are in them.
        """
        points = self.points
        numbers = [
            np.ma.filled(np.ma.asarray(points[name], dtype=np.float64), np.nan)
            for name in ("bjd_tdb", "mag", "mag_error")
        ]
        is_calibrated = ~np.broadcast_to(
            np.ma.getmaskarray(np.ma.asarray(points["calibration"])), (len(points),)
        )
        chosen = np.asarray(points["band"] == band) & is_calibrated
        chosen &= np.all(np.isfinite(numbers), axis=0)
        times, mags, errors = (values[chosen] for values in numbers)
        return times, mags, errors

    def time_series(self, band: str) -> TimeSeries:
        """Return a band as a series of astropy in TDB at the barycentre: ``mag``, ``mag_error``."""
        from astropy.timeseries import TimeSeries

        times, mags, errors = self.arrays(band)
        moments = Time(times, format="jd", scale="tdb")
        return TimeSeries(time=moments, data={"mag": mags * u.mag, "mag_error": errors * u.mag})


def all_pages(read: Callable[[Mapping[str, str]], Table]) -> Table:
    """Join the pages of a list; ``read`` gets the further parameters of each."""
    return vstack(list(_pages(read)), metadata_conflicts="silent")


def _pages(read: Callable[[Mapping[str, str]], Table]) -> Iterator[Table]:
    after: Mapping[str, str] | None = {}
    while after is not None:
        page = read(after)
        following = page.meta.pop("next", None)
        yield page
        after = None if following is None else {"after": str(following)}


def _calibration(row: dict[str, Any]) -> Calibration:
    fields = Fields("calibration", row)
    return Calibration(
        field=fields.integer("field", minimum=1),
        version=fields.text("version"),
        created_at=fields.text("created_at"),
        catalogue=fields.optional_text("catalogue"),
    )
