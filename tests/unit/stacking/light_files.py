"""Files of small light frames whose headers can be changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from astropy.io import fits

HEIGHT, WIDTH = 96, 128
KEYS = {
    "EXPTIME": 10.0,
    "BAYERPAT": "GRBG",
    "DATE-OBS": "2025-03-27T01:20:32.955368",
    "RA": 193.04166,
    "DEC": 40.970556,
    "IMAGETYP": "Light",
}


def pixels(dtype: str = "u2") -> np.ndarray:
    """A picture in which every pixel differs from its neighbours."""
    values = np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH) % 251
    return values.astype(dtype)


def write(path: Path, data: np.ndarray | None = None, **keys: object) -> Path:
    """Write a frame; underscores in the keys become hyphens, None removes one."""
    data = pixels() if data is None else data
    named = KEYS | {key.replace("_", "-"): value for key, value in keys.items()}
    header = fits.Header([(key, value) for key, value in named.items() if value is not None])
    fits.PrimaryHDU(data, header).writeto(path, output_verify="ignore")
    return path
