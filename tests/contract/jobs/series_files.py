"""Small files of series, as a worker writes them."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from astropy.io import fits

SERIES_COLUMNS = (
    ("PART", "J"), ("DATE_AVG", "23A"), ("MJD_AVG", "D"), ("BJD_TDB", "D"), ("EXPTIME", "E"),
    ("NSUBS", "J"), ("FWHM", "E"), ("ZP_R", "E"), ("ZPERR_R", "E"), ("ZP_G", "E"),
    ("ZPERR_G", "E"), ("ZP_B", "E"), ("ZPERR_B", "E"),
)  # fmt: skip
STAR_COLUMNS = (
    ("PART", "J"), ("STAR", "J"), ("X", "E"), ("Y", "E"), ("RA", "D"), ("DEC", "D"),
    ("GAIA_ID", "K"), ("FLUX_R", "E"), ("ERR_R", "E"), ("FLUX_G", "E"), ("ERR_G", "E"),
    ("FLUX_B", "E"), ("ERR_B", "E"), ("FLAGS", "J"),
)  # fmt: skip


def series_file(
    seconds: int = 60,
    parts: int = 3,
    stars: int = 2,
    *,
    cards: tuple[tuple[str, float | str], ...] = (),
    star_rows: int | None = None,
    without: str = "",
    places: Sequence[tuple[float, float]] = (),
) -> bytes:
    """Return a series of random pixels.

    Args:
        seconds: of a part, as its header reports them.
        parts, stars: likewise.
        cards: more for its primary header.
        star_rows: rows of SERIES-STARS; None for as many as there have to be.
        without: a column of SERIES-STARS that is missing.
        places: RA and Dec of the stars, degrees, in place of their number; the flux of star n in
            part k is 1000 (n + 1) + k, and its time that of the part.
    """
    rng = np.random.default_rng()
    stars = len(places) or stars
    given: dict[str, float | str] = {"NIMAGES": 12, "EXPTIME": 120.0, "SERIES": float(seconds)}
    given |= {"NPARTS": parts, "NSTARS": stars, "BANDS": "RGB", **dict(cards)}
    rows = parts * stars if star_rows is None else star_rows
    light = rng.normal(0.0, 30.0, (parts, 64, 64)).astype(np.int16)
    pictures = fits.CompImageHDU(
        light, name="PARTS", compression_type="RICE_1", tile_shape=(1, 1, 64)
    )
    hdus = fits.HDUList([
        fits.PrimaryHDU(header=fits.Header(given.items())),
        _table("SERIES", SERIES_COLUMNS, parts),
        _table("SERIES-STARS", [c for c in STAR_COLUMNS if c[0] != without], rows),
        pictures,
    ])  # fmt: skip
    if places:
        _fill(hdus, parts, places)
    buffer = io.BytesIO()
    hdus.writeto(buffer, checksum=True)
    return buffer.getvalue()


def _fill(hdus: fits.HDUList, parts: int, places: Sequence[tuple[float, float]]) -> None:
    times, light = hdus["SERIES"].data, hdus["SERIES-STARS"].data
    times["PART"] = np.arange(1, parts + 1)
    times["MJD_AVG"] = 60761.0 + times["PART"] * 60.0 / 86400.0
    times["BJD_TDB"] = times["MJD_AVG"] + 2400000.503
    times["ZP_G"], times["ZP_R"], times["ZP_B"] = 20.5, np.nan, np.nan
    light["PART"] = np.repeat(times["PART"], len(places))
    light["STAR"] = np.tile(np.arange(len(places)), parts)
    light["RA"], light["DEC"] = np.tile(np.array(places).T, parts)
    light["FLUX_G"] = 1000.0 * (light["STAR"] + 1) + light["PART"]
    light["GAIA_ID"], light["FLAGS"] = 0, 8


def _table(name: str, columns: Sequence[tuple[str, str]], rows: int) -> fits.BinTableHDU:
    made = [
        fits.Column(column, form, array=[""] * rows if form.endswith("A") else np.ones(rows))
        for column, form in columns
    ]
    return fits.BinTableHDU.from_columns(made, name=name)
