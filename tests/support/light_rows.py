"""Stars, epochs and calibrations as rows alone, for light curves without pixels."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from astropy_healpix import HEALPix

from tests.support.archive_rows import SkyRow, insert
from tests.support.rows import Rows

CREATED = "2026-01-02 03:04:05"
PIXELS = HEALPix(nside=128, order="ring")
ZERO_POINT_COLUMNS = (
    "zero_point",
    "zero_point_error",
    "colour_term",
    "u_term",
    "v_term",
    "uu_term",
    "uv_term",
    "vv_term",
    "floor_mag",
)


def place(ra: float, dec: float) -> dict[str, Any]:
    """Return the columns of a position in degrees (ICRS)."""
    from astropy import units as u

    a, d = math.radians(ra), math.radians(dec)
    vector = (math.cos(d) * math.cos(a), math.cos(d) * math.sin(a), math.sin(d))
    pixel = int(PIXELS.lonlat_to_healpix(ra * u.deg, dec * u.deg))
    return {
        "ra_deg": ra,
        "dec_deg": dec,
        "sky_pixel": pixel,
        **dict(zip(("sky_x", "sky_y", "sky_z"), vector, strict=True)),
    }


@dataclass
class LightRows:
    """Fills the tables of light curves; ids count from the first free one."""

    rows: Rows
    stacks: int = 0
    sky: dict[int, tuple[float, float]] = field(default_factory=dict)

    def field(self, ra: float = 192.72, dec: float = 41.12) -> int:
        """Add a field and return its id."""
        number = self.rows.insert("sky_fields", **place(ra, dec), created_at=CREATED)
        self.sky[number] = (ra, dec)
        return number

    def star(self, ra: float, dec: float, **more: Any) -> int:
        """Add a star and return its id."""
        values = {"position_year": 2016.0, "created_at": CREATED, **place(ra, dec), **more}
        return self.rows.insert("stars", **values)

    def epoch(self, field_id: int, owner: int, mjd: float, **more: Any) -> int:
        """Add a stack with its epoch and return the epoch's id; ``visibility`` is the stack's."""
        self.stacks += 1
        ra, dec = self.sky[field_id]
        visibility = more.pop("visibility", "public")
        telescope = more.get("telescope", "S50_8a95aa90")
        stack = SkyRow(
            self.stacks,
            owner,
            ra,
            dec,
            "2026-01-01T00:00:00",
            900.0,
            "IRCUT",
            telescope,
            visibility,
        )
        insert(self.rows, iter([stack]))
        return self.epoch_of(self.stacks, field_id, mjd, **more)

    def epoch_of(self, stack: int, field_id: int | None, mjd: float, **more: Any) -> int:
        """Add a further epoch of a stack and return its id."""
        ra, dec = (None, None) if field_id is None else self.sky[field_id]
        values: dict[str, Any] = {
            "stack_id": stack,
            "field_id": field_id,
            "source_sha256": f"{stack:064x}",
            "mjd_utc": mjd,
            "bjd_tdb": mjd + 2400000.5 + 0.00123456789,
            "ra_deg": ra,
            "dec_deg": dec,
            "airmass": 1.234567,
            "exposure_s": 840.0,
            "n_subs": 84,
            "telescope": "S50_8a95aa90",
            "filter_name": "IRCUT",
            "bands": "RGB",
            "width": 1080,
            "height": 1920,
            "catalogue": "Tycho-2",
            "scale_arcsec": 2.37,
            "ingested_at": CREATED,
        }
        for band in "rgb":
            values[f"zero_point_{band}"] = 20.0
            values[f"zero_point_error_{band}"] = 0.15
        return self.rows.insert("epochs", **{**values, **more})

    def observe(self, star: int, epoch: int, flux: float | None = 1000.0, **more: Any) -> None:
        """Add what an epoch saw of a star, the same light in all bands."""
        values: dict[str, Any] = {"star_id": star, "epoch_id": epoch, "x": 270.0, "y": 1440.0}
        for band in "rgb":
            values[f"flux_{band}"] = flux
            values[f"error_{band}"] = None if flux is None else 5.0
        self.rows.insert("star_observations", **{**values, **more})

    def calibration(
        self,
        field_id: int,
        version: int,
        epochs: Mapping[int, float],
        stars: Iterable[int] = (),
        *,
        owner: int = 0,
        **more: Any,
    ) -> int:
        """Add a calibration with the zero points of epochs and return its id.

        In every band the terms are those of ``TERMS``, and stars have the colour 0.5 and an extra
        error of 0.003 mag.
        """
        number = self.rows.insert(
            "calibrations",
            **{
                "field_id": field_id,
                "owner_id": owner,
                "version": version,
                "job_id": 1,
                "fingerprint": f"{field_id}-{owner}-{version}",
                "path": f"/crowdsky/calibrations/{field_id}/{owner}/{version}.fits",
                "file_size_bytes": 2880,
                "sha256": "0" * 64,
                "sent_sha256": "0" * 64,
                "catalogue": "V of Tycho-2",
                "n_epochs": len(epochs),
                "n_stars": 1,
                "model": "{}",
                "created_at": CREATED,
                **more,
            },
        )
        terms = ", ".join(f"{term!r}" for term in TERMS)
        many = ", ".join(
            f"({number}, {epoch}, '{band}', 9, {zero_point!r}, {terms})"
            for epoch, zero_point in epochs.items()
            for band in "RGB"
        )
        if many:
            columns = ", ".join(
                ("calibration_id", "epoch_id", "band", "n_stars", *ZERO_POINT_COLUMNS)
            )
            self.rows.execute(f"INSERT INTO epoch_zero_points ({columns}) VALUES {many}")  # noqa: S608
        for star in stars:
            for band in "RGB":
                keys = {"calibration_id": number, "star_id": star, "band": band}
                values = {"mag": 13.25, "mag_error": 0.002, "colour": 0.5, "n_epochs": len(epochs)}
                more_values = {"scatter_mag": 0.01, "chi2": 1.1, "extra_mag": 0.003, "flags": 256}
                self.rows.insert("star_calibrations", **keys, **values, **more_values)
        return number

    def fill(self, field_id: int, owner: int, *, stars: int, epochs: int, mjd: float) -> list[int]:
        """Add many stars, all of them in many epochs of their own stacks, and return their ids.

        The field must be the last one that was added to; nothing is calibrated.
        """
        ra, dec = self.sky[field_id]
        first = self.stacks + 1
        self.stacks += epochs
        sky = [
            SkyRow(number, owner, ra, dec, "2026-01-01T00:00:00", 900.0, "IRCUT", None, "public")
            for number in range(first, first + epochs)
        ]
        insert(self.rows, iter(sky))
        ids = [self.star(ra + 0.3 * math.sin(n), dec + 0.3 * math.cos(n)) for n in range(stars)]
        keys = "stack_id, field_id, source_sha256, mjd_utc, bands, ingested_at, width, height"
        many = ", ".join(
            f"({s.id}, {field_id}, 'x', {mjd + s.id / 96}, 'RGB', 'now', 1080, 1920)" for s in sky
        )
        self.rows.execute(f"INSERT INTO epochs ({keys}) VALUES {many}")  # noqa: S608 - all ours
        values = "5, 5, 900, 1000, 800, 5, 5, 5, 0"
        keys = "star_id, epoch_id, x, y, flux_r, flux_g, flux_b, error_r, error_g, error_b, flags"
        self.rows.execute(
            f"INSERT INTO star_observations ({keys}) SELECT t.id, e.id, {values}"  # noqa: S608
            f" FROM stars t, epochs e WHERE t.id >= {ids[0]} AND e.stack_id >= {first}"
        )
        return ids


TERMS = (0.004, 0.1, 0.02, -0.03, 0.01, 0.005, -0.002, 0.006)
"""Error of the zero point, colour term, u, v, uu, uv and vv term, and floor of every epoch."""
