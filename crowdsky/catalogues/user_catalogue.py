"""The user's own star catalogue, usually a part of Gaia, from one file.

Its columns are those of `star_rows`; V is computed from G and BP - RP where it is not given. Stars
without a position or V are left out: they could neither be matched nor calibrate anything.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from crowdsky.catalogues.star_files import read_star_file
from crowdsky.solving.catalogue import (
    CatalogueUnavailableError,
    GaiaColumns,
    StarCatalogue,
    encode_stars,
)


def open_user_catalogue(path: Path) -> StarCatalogue:
    """Read a catalogue of the user; magnitudes are V.

    Raises:
        CatalogueUnavailableError: the file cannot be read, lacks required columns, or has ids that
            were rounded.
        ConfigurationError: it is Parquet, and the extra that reads it is not installed.
    """
    rows = read_star_file(path).rows
    rows = rows.take(np.isfinite(rows.v_or_computed))
    if not len(rows):
        raise CatalogueUnavailableError(
            "could not use the star catalogue",
            where=str(path),
            why="no star in it has a position and a V magnitude (G with bp_rp, or v_mag)",
        )
    epoch = float(np.median(rows.ref_epoch))
    rows = rows.moved_to(epoch)
    codes, order = encode_stars(rows.ra, rows.dec, rows.v_or_computed)
    rows = rows.take(order)
    gaia = GaiaColumns(
        rows.source_id, rows.phot_g_mean_mag, rows.pmra, rows.pmdec, rows.bp_rp, rows.v_error
    )
    return StarCatalogue("Gaia", "V", epoch, codes, gaia)
