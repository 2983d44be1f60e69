"""Archives of stars with a thousand epochs each, and what is asked of them.

Every field has 100 stars and 1,000 epochs; the large archive has more fields. The stacks of a field
are not stored beside each other, as nights mix fields in a real archive.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from demo.services import Database, Site
from tests.support.archive_rows import CREATED, insert, scattered
from tests.support.rows import Rows
from tests.support.star_rows import StarField, insert_fields

STARS = 100
EPOCHS = 1000
IN_FIELD = STARS * EPOCHS
RADIUS = 0.25
MOST_GROWTH = 1.5
PASSWORD = "correct horse"  # noqa: S105 - of a site that lives for minutes
BANDS = ("R", "G", "B")


@dataclass(frozen=True)
class StarArchive:
    """A site with that many fields."""

    site: Site
    fields: int
    key: str

    def rows_of(self, call: str, name: str, **query: Any) -> int:
        """Make a call of the API; return the number of rows in its answer."""
        headers = {"Authorization": f"Bearer {self.key}"}
        url = f"{self.site.api_url}/{call}"
        answer = requests.get(url, params=query, headers=headers, timeout=600)
        answer.raise_for_status()
        return len(answer.json()[name])

    def field(self, number: int) -> StarField:
        """The field that a call asks about: each time another one, if there are more."""
        return field_of(1 + number * 37 % self.fields)


def field_of(number: int) -> StarField:
    """Return the field with this number, counted from 1."""
    ra, dec = (number * 137.508) % 360.0, -70.0 + (number * 17.3) % 140.0
    return StarField(number, ra, dec, 1 + (number - 1) * STARS, STARS, (), seed=1)


def cone(archive: StarArchive, number: int) -> int:
    """All stars around a place in a field."""
    field = archive.field(number)
    return archive.rows_of("stars.php", "stars", ra=field.ra, dec=field.dec, radius=RADIUS)


def light_curve(archive: StarArchive, number: int) -> int:
    """The light curve of a star in green, calibrated, of 1,000 epochs."""
    star = archive.field(number).stars[number % STARS]
    return archive.rows_of("light_curve.php", "points", star=star, band="TG")


def all_bands(archive: StarArchive, number: int) -> int:
    """The same in red, green and blue."""
    star = archive.field(number).stars[number % STARS]
    return archive.rows_of("light_curve.php", "points", star=star)


CALLS = {
    "cone of stars": (cone, "stars"),
    "light curve": (light_curve, "points"),
    "light curve, three bands": (all_bands, "points"),
}


class filled_with_stars:  # noqa: N801 - a context manager that reads like a function
    """A running site with that many observations, all public."""

    def __init__(self, folder: Path, database: Database | None, observations: int) -> None:
        self._site = Site(folder, database)
        self._fields = max(1, observations // IN_FIELD)

    def __enter__(self) -> StarArchive:
        site = self._site.__enter__()
        began = time.monotonic()
        with Rows(site) as rows:
            owner = rows.add_user("ann", PASSWORD)
            rows.execute("UPDATE users SET stacks_public = 1")
            insert(rows, scattered(1, self._fields * EPOCHS, [owner]))
            insert_fields(rows, (field_of(number + 1) for number in range(self._fields)))
            rows.execute(EPOCH_ROWS, self._fields)
            for number in range(1, self._fields + 1):
                stars = field_of(number).stars
                rows.execute(OBSERVATION_ROWS, stars[0], stars[-1], number)
                calibrate(rows, number)
            key = rows.add_data_key()
        print(
            f"# {self._fields * IN_FIELD} observations written in {time.monotonic() - began:.0f} s",
            flush=True,
        )
        return StarArchive(site, self._fields, key)

    def __exit__(self, *error: Any) -> None:
        self._site.__exit__(*error)


EPOCH_ROWS = f"""
  INSERT INTO epochs (id, stack_id, field_id, source_sha256, mjd_utc, bjd_tdb, ra_deg, dec_deg,
    airmass, exposure_s, n_subs, telescope, filter_name, bands, width, height,
    zero_point_g, zero_point_error_g, limiting_mag, fwhm_px, aperture_px, scale_arcsec, n_stars,
    ingested_at)
  SELECT s.id, s.id, f.id, s.sha256, 60000.0 + s.id * 0.1, 2460000.5 + s.id * 0.1, f.ra_deg,
    f.dec_deg, 1.2, 800.0, 80, s.telescope, s.filter_name, 'RGB', 1080, 1920,
    20.5, 0.01, 16.0, 2.5, 4.0, 2.37, {STARS}, '{CREATED}'
  FROM stacked_frames s JOIN sky_fields f ON f.id = 1 + s.id % ? ORDER BY s.id"""  # noqa: S608
OBSERVATION_ROWS = """
  INSERT INTO star_observations (star_id, epoch_id, x, y, flux_r, flux_g, flux_b,
    error_r, error_g, error_b, fwhm_px, flags)
  SELECT t.id, e.id, 100.5, 200.5, 900.0 + e.id % 7, 1000.0 + t.id % 97 + e.id % 7,
    1100.0 + e.id % 7, 3.0, 3.0, 3.0, 2.5, 0
  FROM stars t CROSS JOIN epochs e WHERE t.id BETWEEN ? AND ? AND e.field_id = ?
  ORDER BY t.id, e.id"""


def calibrate(rows: Rows, number: int) -> None:
    """Write a public calibration of a field with all of its epochs and stars."""
    rows.insert(
        "calibrations", id=number, field_id=number, owner_id=0, version=1, job_id=number,
        fingerprint=f"{number:064x}", path=f"/crowdsky/calibrations/{number}.fits",
        file_size_bytes=2880, sha256=f"{number:064x}", sent_sha256=f"{number:064x}",
        catalogue="V Gaia DR3", n_epochs=EPOCHS, n_stars=STARS, model="{}", created_at=CREATED,
    )  # fmt: skip
    for band in BANDS:
        rows.execute(
            """INSERT INTO epoch_zero_points (calibration_id, epoch_id, band, zero_point,
                zero_point_error, colour_term, u_term, v_term, uu_term, uv_term, vv_term, floor_mag,
                n_stars)
              SELECT field_id, id, ?, 20.5, 0.003, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.004, 90
              FROM epochs WHERE field_id = ? ORDER BY id""",
            band, number,
        )  # fmt: skip
        rows.execute(
            """INSERT INTO star_calibrations (calibration_id, star_id, band, mag, mag_error, colour,
                n_epochs, scatter_mag, chi2, extra_mag, flags)
              SELECT ?, id, ?, 12.5, 0.002, 0.3, ?, 0.01, 1.0, 0.0, 0
              FROM stars WHERE id BETWEEN ? AND ? ORDER BY id""",
            number, band, EPOCHS, field_of(number).stars[0], field_of(number).stars[-1],
        )  # fmt: skip
