"""Observations of a field in the rows of a site, as its ingestion of stacks leaves them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from crowdsky.photometry.ensemble.tables import FieldObservations
from tests.contract.vo.archive import Archive

NOW = "2026-01-02 03:04:05"
PLANES = "rgb"


@dataclass(frozen=True)
class ArchivedField:
    """Ids of the rows: the field, and in the order of the tables the stacks, epochs and stars."""

    field: int
    stacks: list[int]
    epochs: list[int]
    stars: list[int]


def archive_field(archive: Archive, field: FieldObservations, **columns: Any) -> ArchivedField:
    """Put a field with its stacks into the archive; further columns are those of the stacks."""
    rows = archive.rows
    place = {"sky_pixel": 1, "sky_x": 1.0, "sky_y": 0.0, "sky_z": 0.0}
    field_id = rows.insert(
        "sky_fields", ra_deg=field.ra, dec_deg=field.dec, created_at=NOW, **place
    )
    stars, seen = field.stars, np.bincount(field.observations.epoch, minlength=len(field.epochs))
    star_ids = rows.run(
        [
            {
                "insert": "stars",
                "values": {
                    "ra_deg": float(stars.ra[row]), "dec_deg": float(stars.dec[row]),
                    "position_year": float(stars.year[row]), "created_at": NOW, **place,
                },
            }
            for row in range(len(stars))
        ]
    )  # fmt: skip
    stack_ids, epoch_ids = [], []
    for row in range(len(field.epochs)):
        sha256 = f"{row + 1:064x}"
        stack_ids.append(archive.add(field.ra, field.dec, solved=False, sha256=sha256, **columns))
        epoch_ids.append(
            rows.insert(
                "epochs", stack_id=stack_ids[-1], field_id=field_id, source_sha256=sha256,
                n_stars=int(seen[row]), ingested_at=NOW, **_epoch(field, row),
            )
        )  # fmt: skip
    steps = [
        {"insert": "star_observations", "values": values}
        for values in _observations(field, star_ids, epoch_ids)
    ]
    for first in range(0, len(steps), 1000):
        rows.run(steps[first : first + 1000])
    return ArchivedField(field_id, stack_ids, epoch_ids, star_ids)


def _epoch(field: FieldObservations, row: int) -> dict[str, Any]:
    epochs = field.epochs
    numbers = {
        "mjd_utc": epochs.mjd, "bjd_tdb": epochs.bjd, "airmass": epochs.airmass,
        "exposure_s": epochs.exposure_s, "fwhm_px": epochs.fwhm_px,
        "aperture_px": epochs.aperture_px, "scale_arcsec": epochs.scale_arcsec,
        "limiting_mag": epochs.limiting_mag,
    }  # fmt: skip
    values: dict[str, Any] = {name: _number(column[row]) for name, column in numbers.items()}
    for plane, letter in enumerate(PLANES):
        values[f"zero_point_{letter}"] = _number(epochs.zero_point[row, plane])
        values[f"zero_point_error_{letter}"] = _number(epochs.zero_point_error[row, plane])
    return {
        **values,
        "n_subs": int(epochs.n_subs[row]), "telescope": str(epochs.telescope[row]),
        "filter_name": str(epochs.filter_name[row]), "bands": str(epochs.bands[row]),
        "width": int(epochs.width[row]), "height": int(epochs.height[row]),
    }  # fmt: skip


def _observations(
    field: FieldObservations, star_ids: list[int], epoch_ids: list[int]
) -> list[dict[str, Any]]:
    rows = field.observations
    found = []
    for at in range(len(rows)):
        values: dict[str, Any] = {
            "star_id": star_ids[rows.star[at]], "epoch_id": epoch_ids[rows.epoch[at]],
            "x": float(rows.x[at]), "y": float(rows.y[at]), "fwhm_px": _number(rows.fwhm_px[at]),
            "flags": int(rows.flags[at]),
        }  # fmt: skip
        for plane, letter in enumerate(PLANES):
            values[f"flux_{letter}"] = _number(rows.flux[at, plane])
            values[f"error_{letter}"] = _number(rows.flux_error[at, plane])
        found.append(values)
    return found


def _number(value: np.floating[Any]) -> float | None:
    return None if np.isnan(value) else float(value)
