"""A field of calibrated stars as rows alone: one that varies, constant ones, several telescopes."""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from crowdsky.pictures.stack_pictures import draw_pictures
from crowdsky.solving.tan import TanWcs
from tests.support.archive_rows import CREATED, SkyRow, insert
from tests.support.rows import Rows
from tests.support.synthetic_stack import Light, write_stack

RA, DEC = 250.4, 36.46
SIDE = 300
SCALE = 2.37
MJD_ZERO = datetime(1858, 11, 17)  # noqa: DTZ001 - UTC, as the site stores it
UTC_TO_BJD = 2_400_000.5 + 0.0031
TELESCOPES = ("Seestar S50", "Seestar S30", "DWARF mini")
BLENDED, COMPARISON, VARIABLE = 2, 256, 512
BANDS = {"R": 0.35, "G": 0.0, "B": -0.45}
"""Magnitude in a band minus that in green."""

FIELD = (
    "INSERT INTO sky_fields (id, ra_deg, dec_deg, sky_pixel, sky_x, sky_y, sky_z, created_at)"
    " VALUES (1, ?, ?, 0, 1.0, 0.0, 0.0, ?)"
)


PATH = "UPDATE stacked_frames SET {column} = ? WHERE id = ?"


@dataclass(frozen=True)
class PlantedStar:
    """A star of the field; x and y in pixels of each stack."""

    id: int
    x: float
    y: float
    mag: float
    change: Callable[[float], float] = lambda _: 0.0
    """Magnitudes to add at a BJD."""


@dataclass(frozen=True)
class PlantedEpoch:
    """A stack of the field, with the same number as its epoch."""

    id: int
    mjd: float
    telescope: str
    zero_point: float
    is_calibrated: bool = True

    @property
    def bjd(self) -> float:
        """Mid-exposure, TDB at the barycentre."""
        return self.mjd + UTC_TO_BJD


def sine(period: float, amplitude: float, epoch: float = 2_461_000.0) -> Callable[[float], float]:
    """A star that is faintest half a period after its epoch; amplitude is from peak to peak."""
    return lambda bjd: 0.5 * amplitude * (1 - math.cos(2 * math.pi * (bjd - epoch) / period))


def plate(turn_deg: float = 0.0) -> TanWcs:
    """The solution of every stack, turned around its middle."""
    turn, step = math.radians(turn_deg), SCALE / 3600.0
    middle = (SIDE - 1) / 2
    cd = (
        -step * math.cos(turn),
        step * math.sin(turn),
        step * math.sin(turn),
        step * math.cos(turn),
    )
    return TanWcs(ra0=RA, dec0=DEC, x0=middle, y0=middle, cd=cd)


def stars(count: int, varying: Callable[[float], float], seed: int = 4) -> list[PlantedStar]:
    """Stars whose first one varies and stands near the middle."""
    rng = random.Random(seed)
    others = [
        PlantedStar(n, rng.uniform(20, SIDE - 20), rng.uniform(20, SIDE - 20), rng.uniform(11, 14))
        for n in range(2, count + 1)
    ]
    return [PlantedStar(1, 150.0, 148.0, 12.2, varying), *others]


def epochs(count: int, nights: int, uncalibrated: int = 0, seed: int = 5) -> list[PlantedEpoch]:
    """Stacks of a quarter of an hour in so many nights; the last ones are not calibrated."""
    rng = random.Random(seed)
    times = sorted(
        61_200.85 + 2 * rng.randrange(nights) + rng.randrange(28) * 0.0104 for _ in range(count)
    )
    return [
        PlantedEpoch(
            number,
            mjd,
            TELESCOPES[number % len(TELESCOPES)],
            21.0 + rng.gauss(0.0, 0.2),
            number <= count - uncalibrated,
        )
        for number, mjd in enumerate(times, 1)
    ]


def plant(
    rows: Rows, owner: int, field: Sequence[PlantedStar], visits: Sequence[PlantedEpoch]
) -> None:
    """Write a field: its stars, what stacks saw of them, and the first public calibration."""
    rows.execute(FIELD, RA, DEC, CREATED)
    rows.run([_inserted("stars", _star(star)) for star in field])
    add(rows, owner, field, visits)
    calibrate(rows, field, [visit for visit in visits if visit.is_calibrated])


def add(
    rows: Rows, owner: int, field: Sequence[PlantedStar], visits: Sequence[PlantedEpoch]
) -> None:
    """Write solved stacks, their epochs and what they saw of stars of the field."""
    rng = random.Random(6)
    insert(rows, (_stack(visit, owner) for visit in visits))
    rows.run([_inserted("stack_solutions", _solution(visit.id)) for visit in visits])
    rows.run([_inserted("epochs", _epoch(visit)) for visit in visits])
    rows.run(
        [
            _inserted("star_observations", _observation(star, visit, rng))
            for star in field
            for visit in visits
        ]
    )


def calibrate(
    rows: Rows,
    field: Sequence[PlantedStar],
    visits: Sequence[PlantedEpoch],
    version: int = 1,
    owner: int = 0,
) -> int:
    """Publish a calibration of these epochs, and return its id."""
    found = rows.insert("calibrations", **_calibration(len(field), len(visits), version, owner))
    zero_points = [_zero_point(found, visit, band) for visit in visits for band in BANDS]
    means = [_mean(found, star, band) for star in field for band in BANDS]
    rows.run([_inserted("epoch_zero_points", row) for row in zero_points])
    rows.run([_inserted("star_calibrations", row) for row in means])
    return found


def write_pixels(
    rows: Rows,
    data_dir: Path,
    field: Sequence[PlantedStar],
    visits: Sequence[PlantedEpoch],
) -> None:
    """Put the files of these stacks into the storage, with the light that the rows say."""
    for visit in visits:
        path = data_dir / "stacks" / "crowdsky" / "stacks" / f"{visit.id}.fits"
        path.parent.mkdir(parents=True, exist_ok=True)
        mags = np.array([star.mag + star.change(visit.bjd) for star in field])
        light = Light(
            np.array([star.x for star in field]),
            np.array([star.y for star in field]),
            10 ** (-0.4 * (mags - visit.zero_point)),
        )
        rng = np.random.default_rng(visit.id)
        write_stack(path, light, plate(), rng, shape=(SIDE, SIDE), gradient=0.0)
        body = path.read_bytes()
        rows.execute(
            "UPDATE stacked_frames SET sha256 = ?, file_size_bytes = ? WHERE id = ?",
            hashlib.sha256(body).hexdigest(),
            len(body),
            visit.id,
        )


def draw(rows: Rows, data_dir: Path, visit: PlantedEpoch) -> None:
    """Make the pictures of a stack whose pixels are written, as its worker would have done."""
    folder = data_dir / "stacks" / "crowdsky" / "stacks"
    beside = folder / f"{visit.id}"
    beside.mkdir()
    drawn = draw_pictures(folder / f"{visit.id}.fits", beside)
    for kind, path in drawn.files.items():
        stored = f"/crowdsky/stacks/{visit.id}/{path.name}"
        rows.execute(PATH.format(column=f"{kind}_path"), stored, visit.id)
    rows.execute("UPDATE stacked_frames SET stars_path = 'none' WHERE id = ?", visit.id)


def _inserted(table: str, values: dict[str, Any]) -> dict[str, Any]:
    return {"insert": table, "values": values}


def _stack(visit: PlantedEpoch, owner: int) -> SkyRow:
    begin = (MJD_ZERO + timedelta(days=visit.mjd, seconds=-450)).isoformat(timespec="seconds")
    return SkyRow(visit.id, owner, RA, DEC, begin, 900.0, "IRCUT", visit.telescope, "public")


def _solution(stack: int) -> dict[str, Any]:
    wcs = plate()
    side = SIDE * SCALE / 3600.0
    return {
        "stack_id": stack,
        "job_id": stack,
        "solved": 1,
        "solver": "triangles",
        "verdict": "good",
        "ra_center_deg": RA,
        "dec_center_deg": DEC,
        "scale_arcsec": SCALE,
        "rotation_deg": 0.0,
        "parity": -1,
        "field_width_deg": side,
        "field_height_deg": side,
        "notes": "[]",
        "wcs": json.dumps(
            {
                "crpix": [wcs.x0 + 1, wcs.y0 + 1],
                "crval": [RA, DEC],
                "cd": list(wcs.cd),
                "corners": [list(map(float, wcs.sky(x, y))) for x in (0, SIDE) for y in (0, SIDE)],
                "width": SIDE,
                "height": SIDE,
            }
        ),
        "created_at": CREATED,
    }


def _epoch(visit: PlantedEpoch) -> dict[str, Any]:
    return {
        "id": visit.id,
        "stack_id": visit.id,
        "field_id": 1,
        "source_sha256": f"{visit.id:064x}",
        "mjd_utc": visit.mjd,
        "bjd_tdb": visit.bjd,
        "ra_deg": RA,
        "dec_deg": DEC,
        "airmass": 1.2,
        "exposure_s": 900.0,
        "n_subs": 90,
        "telescope": visit.telescope,
        "filter_name": "IRCUT",
        "bands": "RGB",
        "width": SIDE,
        "height": SIDE,
        **{f"zero_point_{band.lower()}": visit.zero_point + 0.03 for band in BANDS},
        **{f"zero_point_error_{band.lower()}": 0.04 for band in BANDS},
        "limiting_mag": 16.0 + 0.001 * visit.id,
        "fwhm_px": 3.0,
        "scale_arcsec": SCALE,
        "ingested_at": CREATED,
    }


def _star(star: PlantedStar) -> dict[str, Any]:
    ra, dec = (math.radians(float(angle)) for angle in plate().sky(star.x, star.y))
    return {
        "id": star.id,
        "ra_deg": math.degrees(ra),
        "dec_deg": math.degrees(dec),
        "position_year": 2016.0,
        "gaia_id": 1_328_057_763_000_000_000 + star.id,
        "sky_pixel": 0,
        "sky_x": math.cos(dec) * math.cos(ra),
        "sky_y": math.cos(dec) * math.sin(ra),
        "sky_z": math.sin(dec),
        "created_at": CREATED,
    }


def _observation(star: PlantedStar, visit: PlantedEpoch, rng: random.Random) -> dict[str, Any]:
    mag = star.mag + star.change(visit.bjd)
    error = 0.008 * 10 ** (0.25 * (star.mag - 11))
    seen: dict[str, Any] = {"star_id": star.id, "epoch_id": visit.id, "x": star.x, "y": star.y}
    for band, colour in BANDS.items():
        flux = 10 ** (-0.4 * (mag + colour + rng.gauss(0.0, error) - visit.zero_point))
        seen[f"flux_{band.lower()}"] = flux
        seen[f"error_{band.lower()}"] = flux * error / 1.0857
    return {**seen, "fwhm_px": 3.0, "flags": BLENDED if (star.id + visit.id) % 50 == 0 else 0}


def _calibration(n_stars: int, n_epochs: int, version: int, owner: int) -> dict[str, Any]:
    return {
        "field_id": 1,
        "owner_id": owner,
        "version": version,
        "job_id": 1,
        "fingerprint": f"{version:064x}",
        "path": f"/crowdsky/calibrations/field_1/{owner}/{version}.fits",
        "file_size_bytes": 2880,
        "sha256": f"{version:064x}",
        "sent_sha256": f"{version:064x}",
        "catalogue": "V Gaia DR3",
        "n_epochs": n_epochs,
        "n_stars": n_stars,
        "model": "{}",
        "created_at": f"2026-07-{version:02d} 03:04:05",
    }


def _zero_point(calibration: int, visit: PlantedEpoch, band: str) -> dict[str, Any]:
    flat = dict.fromkeys(("colour_term", "u_term", "v_term", "uu_term", "uv_term", "vv_term"), 0.0)
    return {
        "calibration_id": calibration,
        "epoch_id": visit.id,
        "band": band,
        "zero_point": visit.zero_point,
        "zero_point_error": 0.003,
        **flat,
        "floor_mag": 0.005,
        "n_stars": 40,
    }


def _mean(calibration: int, star: PlantedStar, band: str) -> dict[str, Any]:
    varies = star.id == 1
    return {
        "calibration_id": calibration,
        "star_id": star.id,
        "band": band,
        "mag": star.mag + BANDS[band],
        "mag_error": 0.001,
        "colour": 0.1,
        "n_epochs": 200,
        "scatter_mag": 0.2 if varies else 0.012,
        "chi2": 300.0 if varies else 1.02,
        "flags": VARIABLE if varies else COMPARISON,
    }
