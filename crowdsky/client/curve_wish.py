"""Which light curve is wanted, as parameters of the site's call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crowdsky.client.data_calls import query_of

if TYPE_CHECKING:
    from astropy.coordinates import SkyCoord


@dataclass(frozen=True, slots=True)
class CurveWish:
    """A light curve that is wanted; see `Client.light_curve`.

    Attributes:
        star, near: its number, or a place (RA and Dec in degrees, ICRS).
        band: TR, TG, TB or CV.
        version: name of a published calibration.
        field: number of the only field that counts.
        series: seconds of the intervals of a series.
        quality: ``all`` or ``good``.
    """

    star: int | None = None
    near: tuple[float, float] | SkyCoord | None = None
    band: str | None = None
    version: int | str | None = None
    field: int | None = None
    series: int | None = None
    quality: str | None = None

    def query(self) -> dict[str, str]:
        """Return the parameters."""
        ra, dec = (None, None) if self.near is None else degrees_of(self.near)
        return query_of(
            star=self.star,
            ra=ra,
            dec=dec,
            band=self.band,
            version=self.version,
            field=self.field,
            series=self.series,
            quality=self.quality,
        )


def degrees_of(place: tuple[float, float] | SkyCoord) -> tuple[float, float]:
    """Return RA and Dec of a place in degrees (ICRS)."""
    if isinstance(place, tuple):
        return place
    return float(place.icrs.ra.deg), float(place.icrs.dec.deg)
