"""Writes astropy_tables.fits, which TableReaderTest reads; run it as a script."""

from pathlib import Path

import numpy as np
from astropy.io import fits

COLUMNS = [
    fits.Column("id", "K", array=np.array([1, -5, 2**62]), null=-5),
    fits.Column("SHORT", "I", array=np.array([-32768, 0, 32767], dtype=np.int16)),
    fits.Column("LONG", "J", array=np.array([-(2**31), 7, 2**31 - 1], dtype=np.int32), null=7),
    fits.Column("BYTE", "B", array=np.array([0, 128, 255], dtype=np.uint8)),
    fits.Column("UNSIGNED", "J", bzero=2**31, array=np.array([0, 1, 2**32 - 1], dtype=np.uint32)),
    fits.Column("BIG", "K", bzero=2**63, array=np.array([0, 1, 2**62], dtype=np.uint64)),
    fits.Column("SCALED", "I", array=np.array([0, 1, -2], dtype=np.int16)),
    fits.Column("SINGLE", "E", array=np.array([1.5, np.nan, -0.25], dtype=np.float32)),
    fits.Column("DOUBLE", "D", array=np.array([1 / 3, np.nan, 1e300])),
    fits.Column("FLAG", "L", array=np.array([True, False, True])),
    fits.Column("NAME", "8A", array=np.array(["alpha", "", "b cdefgh"])),
    fits.Column("PAIR", "2E", array=np.array([[1, 2], [3, np.nan], [5, 6]], dtype=np.float32)),
    fits.Column("LIST", "PJ()", array=np.array([[1], [1, 2], []], dtype=object)),
    fits.Column("COMPLEX", "C", array=np.array([1j, 2, 3], dtype=np.complex64)),
]

if __name__ == "__main__":
    table = fits.BinTableHDU.from_columns(COLUMNS, name="MANY")
    # Written as cards, because astropy 7 cannot scale integers on writing.
    table.header["TSCAL7"], table.header["TZERO7"] = 0.5, 10.0
    empty = fits.BinTableHDU.from_columns(
        [fits.Column("X", "E", array=np.zeros(0, np.float32))], name="EMPTY"
    )
    path = Path(__file__).with_name("astropy_tables.fits")
    fits.HDUList([fits.PrimaryHDU(), table, empty]).writeto(path, overwrite=True)
