"""Epochs and stars of many fields as rows alone, for queries that have to find some of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from astropy_healpix import HEALPix

from tests.support.archive_rows import CREATED
from tests.support.rows import Rows

AT_ONCE = 400
PIXELS = HEALPix(nside=128, order="ring", frame="icrs")
FIELD = "id, ra_deg, dec_deg, sky_pixel, sky_x, sky_y, sky_z, created_at"
STAR = "id, ra_deg, dec_deg, sky_pixel, sky_x, sky_y, sky_z, position_year, created_at"
EPOCH = (
    "id, stack_id, field_id, source_sha256, mjd_utc, bjd_tdb, ra_deg, dec_deg, bands, width,"
    " height, zero_point_g, zero_point_error_g, limiting_mag, n_stars, ingested_at"
)
OBSERVATION = (
    "star_id, epoch_id, x, y, flux_r, flux_g, flux_b, error_r, error_g, error_b, fwhm_px, flags"
)


@dataclass(frozen=True)
class StarField:
    """A field with its stars (ids from `first_star` on) and epochs, which are stacks of that id.

    Fields of the same seed have their stars at the same places around the centre.
    """

    id: int
    ra: float
    dec: float
    first_star: int
    n_stars: int
    epochs: Sequence[int]
    seed: int | None = None

    @property
    def stars(self) -> range:
        """Ids of its stars."""
        return range(self.first_star, self.first_star + self.n_stars)

    def positions(self) -> SkyCoord:
        """Return where its stars are, within half a degree of its centre."""
        rng = np.random.default_rng(self.id if self.seed is None else self.seed)
        centre = SkyCoord(self.ra, self.dec, unit=u.deg)
        angles = rng.uniform(0.0, 360.0, self.n_stars) * u.deg
        return centre.directional_offset_by(
            angles, 0.5 * np.sqrt(rng.uniform(0, 1, self.n_stars)) * u.deg
        )


def insert_fields(rows: Rows, fields: Iterable[StarField]) -> None:
    """Put fields, stars, epochs and observations into the database; the stacks must be there."""
    for field in fields:
        centre = SkyCoord([field.ra], [field.dec], unit=u.deg)
        _insert(rows, "sky_fields", FIELD, ((field.id, *place, CREATED) for place in _at(centre)))
        places = _at(field.positions())
        stars = zip(field.stars, places, strict=True)
        _insert(rows, "stars", STAR, ((star, *place, 2024.0, CREATED) for star, place in stars))
        _insert(rows, "epochs", EPOCH, (_epoch(field, epoch) for epoch in field.epochs))
        pairs = itertools.product(field.stars, field.epochs)
        _insert(rows, "star_observations", OBSERVATION, (_seen(*pair) for pair in pairs))


def _at(places: SkyCoord) -> Iterator[tuple[float, ...]]:
    pixels = PIXELS.skycoord_to_healpix(places)
    for ra, dec, pixel, vector in zip(
        places.ra.deg, places.dec.deg, pixels, places.cartesian.xyz.value.T, strict=True
    ):
        yield (float(ra), float(dec), int(pixel), *map(float, vector))


def _epoch(field: StarField, epoch: int) -> tuple[object, ...]:
    mjd = 60000.0 + epoch
    times = (mjd, mjd + 2400000.5)
    place = (field.ra, field.dec, "RGB", 1080, 1920)
    measured = (20.5, 0.01, 16.0, field.n_stars)
    return (epoch, epoch, field.id, f"{epoch:064x}", *times, *place, *measured, CREATED)


def _seen(star: int, epoch: int) -> tuple[object, ...]:
    flux = 1000.0 + star % 97 + epoch % 7
    return (star, epoch, 100.5, 200.5, flux, flux, flux, 3.0, 3.0, 3.0, 2.5, 0)


def _insert(rows: Rows, table: str, columns: str, values: Iterator[tuple[object, ...]]) -> None:
    while some := list(itertools.islice(values, AT_ONCE)):
        text = ", ".join("(" + ", ".join(_literal(cell) for cell in row) + ")" for row in some)
        rows.execute(f"INSERT INTO {table} ({columns}) VALUES {text}")  # noqa: S608 - all from here


def _literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else f"{value!r}"
