"""Finished stacks as people's programs upload them: cubes, and files with an extension a colour."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import requests
from astropy.io import fits

from tests.contract.jobs.support import PNG, Worker

SHAPE = (96, 64)
"""Height and width in pixels."""
NATIVE: dict[str, Any] = {
    "TELESCOP": "S50_8a95aa90",
    "INSTRUME": "Seestar S50",
    "OBJECT": "M 81",
    "FILTER": "LP",
    "RA": 148.9,
    "DEC": 69.06,
    "DATE-OBS": "2026-02-27T21:45:01.5",
    "STACKCNT": 38,
    "EXPTIME": 20.0,
    "TOTALEXP": 760.0,
    "EQMODE": 1,
    "GAIN": 80,
    "CCD-TEMP": 12.5,
    "SITELAT": 48.2,
    "SITELONG": 16.4,
}
"""The header of a stack that the telescope made."""
KINDS = {"kinds": "stack,rescan,uploaded", "clocks": "1"}
FIGURES = {"n_frames_input": 38, "n_frames_aligned": 38, "total_exptime": 760.0}
KEY = "20260227.87_HP006478"
NAME = f"CrowdSky_38_M 81_20.0s_LP_{KEY}.fit"


def planes(seed: int = 1) -> np.ndarray:
    """Return (3, height, width) uint16 with noise of the sky."""
    noise = np.random.default_rng(seed).normal(1000.0, 20.0, (3, *SHAPE))
    return noise.astype(np.uint16)


def header_of(**changes: Any) -> fits.Header:
    """Return the header of the telescope's stack; a card whose value is None is left out."""
    cards = {**NATIVE, **{name.replace("_", "-"): value for name, value in changes.items()}}
    return fits.Header([(key, value) for key, value in cards.items() if value is not None])


def native_cube(seed: int = 1, *, colours_last: bool = False, **changes: Any) -> bytes:
    """Return a stack as the telescope writes it."""
    cube = planes(seed)
    if colours_last:
        cube = np.ascontiguousarray(np.moveaxis(cube, 0, 2)).astype(np.float32)
    return written(fits.PrimaryHDU(cube, header_of(**changes)))


def crowdsky_file(seed: int = 1, *, footprint: bool = True, **changes: Any) -> bytes:
    """Return a stack with an extension for each colour, as CrowdSky's programs write it."""
    names = ("RED", "GREEN", "BLUE")
    dialect = {"STACKCNT": None, "TOTALEXP": None, "NIMAGES": 38, "EXPTIME": 760.0}
    hdus: list[Any] = [fits.PrimaryHDU(header=header_of(**{**dialect, **changes}))]
    hdus += [
        fits.ImageHDU(plane, name=name) for plane, name in zip(planes(seed), names, strict=True)
    ]
    if footprint:
        hdus.append(fits.ImageHDU(np.full(SHAPE, 38, np.uint8), name="FOOTPRINT"))
    return written(*hdus)


def written(*hdus: Any) -> bytes:
    """Return the bytes of a FITS file with these parts."""
    buffer = io.BytesIO()
    fits.HDUList(list(hdus)).writeto(buffer)
    return buffer.getvalue()


def product(body: bytes, **cards: Any) -> bytes:
    """Return what a worker makes of an uploaded stack, as far as the site looks at it."""
    with fits.open(io.BytesIO(body)) as hdus:
        cube = hdus[0].data if hdus[0].shape else np.stack([hdu.data for hdu in hdus[1:4]])
    counts = {"NIMAGES": 38, "NINPUT": 38, "EXPTIME": 760.0, **cards}
    names = ("RED", "GREEN", "BLUE")
    return written(
        fits.PrimaryHDU(header=fits.Header(counts.items())),
        *(fits.ImageHDU(plane, name=name) for plane, name in zip(cube, names, strict=True)),
    )


def finish(worker: Worker, body: bytes, **report: Any) -> requests.Response:
    """Claim the next uploaded stack, store a product and report it."""
    lease = worker.claim(**KINDS)
    assert lease["kind"] == "uploaded"
    thumbnail = worker.upload(lease, PNG, kind="thumbnail").json()["path"]
    fields = {**worker.archive(lease, body), "thumbnail_path": thumbnail, **FIGURES, **report}
    answer: requests.Response = worker.report("complete_job", lease, **fields)
    return answer
