"""A worker's side of a calibration: the raw calls, and results that are only plausible."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import requests

from crowdsky.photometry.ensemble.table_files import read_observations, write_calibration
from crowdsky.photometry.ensemble.tables import (
    FieldCalibration,
    FieldObservations,
    StarMagnitudes,
    Variables,
    ZeroPoints,
)
from tests.contract.jobs.support import Worker

WRITTEN = datetime(2026, 1, 2, tzinfo=UTC)
KINDS = "stack,calibrate"


class Calibrator(Worker):
    """Claims calibrations, downloads their observations and sends results."""

    def take(self) -> dict[str, Any]:
        """Claim a calibration, which must be there."""
        lease = self.claim(kinds=KINDS)
        assert lease["kind"] == "calibrate"
        return lease

    def fetch(self, lease: dict[str, Any], **headers: str) -> Any:
        """Download the observations of a lease."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.get(
            "job_observations",
            headers={"X-Lease-Token": lease["lease_token"], **named},
            job_id=lease["job_id"],
        )

    def observations(self, lease: dict[str, Any], folder: Path) -> FieldObservations:
        """Download the observations of a lease and read them."""
        answer = self.fetch(lease)
        assert answer.status_code == 200, answer.text
        path = folder / "observations.fits"
        path.write_bytes(answer.content)
        return read_observations(path)

    def send(self, lease: dict[str, Any], body: bytes, sha256: str = "") -> Any:
        """Send a result."""
        return requests.put(
            f"{self.api}/upload_calibration.php",
            params={"job_id": lease["job_id"]},
            data=body,
            headers={
                **self.headers,
                "X-Lease-Token": lease["lease_token"],
                "X-SHA256": sha256 or hashlib.sha256(body).hexdigest(),
            },
            timeout=60,
        )

    def publish(self, folder: Path) -> dict[str, Any]:
        """Do a whole job with a plausible result, and return its lease."""
        lease = self.take()
        result = plausible(self.observations(lease, folder))
        answer = self.send(lease, as_file(result, folder))
        assert answer.status_code == 200, answer.text
        return lease


def plausible(field: FieldObservations) -> FieldCalibration:
    """Return a calibration that has the form of one: the stacks' own zero points in all bands."""
    epochs, stars = field.epochs, field.stars
    named = [(row, band) for row in range(len(epochs)) for band in epochs.bands[row]]
    plane = {"R": 0, "G": 1, "B": 2, "L": 1}
    rows = np.array([row for row, _ in named])
    zero = np.zeros(len(named), np.float32)
    seen = np.bincount(field.observations.star, minlength=len(stars)).astype(np.int32)
    each, nothing = np.ones(len(stars), np.float32), np.full(len(stars), np.nan, np.float32)
    return FieldCalibration(
        field_id=field.field_id,
        version=field.version,
        catalogue="V of Tycho-2",
        software="1.0",
        model={"method": "none", "note": "it's only plausible, " * 10},
        zero_points=ZeroPoints(
            epochs.epoch_id[rows], np.array([band for _, band in named]),
            np.array([epochs.zero_point[row, plane[band]] for row, band in named], np.float64),
            zero + np.float32(0.01), zero, zero, zero, zero, zero, zero,
            zero + np.float32(0.004), np.full(len(named), 7, np.int32),
        ),
        stars=StarMagnitudes(
            stars.star_id, np.full(len(stars), "G"), np.linspace(8.0, 14.0, len(stars)),
            each * np.float32(0.01), nothing, seen, each * np.float32(0.02), nothing,
            each * 0, np.full(len(stars), 64, np.int32),
        ),
        variables=one_variable(field),
    )  # fmt: skip


def one_variable(field: FieldObservations) -> Variables:
    """Return the first star as a candidate without a period."""
    single, ids = np.float32, field.epochs.epoch_id
    unknown = np.array([np.nan])
    return Variables(
        field.stars.star_id[:1], np.array(["G"]), np.array(["irregular"]), np.array([4.5]),
        np.array([0.05], single), np.array([9], np.int32), np.array([3], np.int32),
        np.array([0.2], single), unknown, unknown, unknown, unknown, unknown.astype(single),
        unknown.astype(single), unknown.astype(single), ids[:1], np.zeros(1, np.int64),
        np.array([0.03], single), np.array(["only 2 cycles have points; a period needs 3"]),
    )  # fmt: skip


def as_file(calibration: FieldCalibration, folder: Path) -> bytes:
    """Return the file of a calibration."""
    path = folder / "calibration.fits"
    write_calibration(path, calibration, WRITTEN)
    return path.read_bytes()


def changed(calibration: FieldCalibration, table: str, **columns: Any) -> FieldCalibration:
    """Return the calibration with other first values in columns of a table."""
    record = getattr(calibration, table)
    new = {}
    for name, value in columns.items():
        array = getattr(record, name).copy()
        if array.dtype.kind == "U":
            array = array.astype("U20")
        array[0] = value
        new[name] = array
    return replace(calibration, **{table: replace(record, **new)})
