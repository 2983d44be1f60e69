"""Gaia as a catalogue: cones from the tiles of a folder, moved to the date of the observation."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from crowdsky.base.extras import require_extra
from crowdsky.catalogues.healpix import pixels_in_cone
from crowdsky.catalogues.star_files import READ_EXTRA
from crowdsky.catalogues.star_rows import StarRows, joined
from crowdsky.catalogues.tile_folder import (
    ID_REACH_DEG,
    ORDER,
    RELEASE,
    TileFolder,
    without_repeats,
)
from crowdsky.solving.catalogue import CatalogueStars
from crowdsky.solving.tan import separation

FASTEST_DEG_PER_YEAR = 10.5 / 3600.0
"""Proper motion of Barnard's star, which no other exceeds."""


class GaiaTiles:
    """The stars of a folder of tiles; magnitudes are V, NaN where there is none.

    Args:
        path: the folder, see `tile_folder`; it may still be empty, and has no stars then.

    Raises:
        ConfigurationError: the extra that reads them is not installed.
    """

    name = RELEASE
    band = "V"
    has_motions = True
    epoch = 2016.0

    def __init__(self, path: Path) -> None:
        require_extra(READ_EXTRA, "the Gaia catalogue", "pyarrow")
        self.folder = TileFolder(path)
        self.pixels = frozenset(self.folder.files())

    def missing(self, ra_deg: float, dec_deg: float, radius_deg: float) -> tuple[int, ...]:
        """Return the tiles of a cone that are not there."""
        wanted = pixels_in_cone(ORDER, ra_deg, dec_deg, radius_deg)
        return tuple(int(pixel) for pixel in wanted if int(pixel) not in self.pixels)

    def cone(
        self, ra_deg: float, dec_deg: float, radius_deg: float, year: float | None = None
    ) -> CatalogueStars:
        """Return the stars within `radius_deg` of a position, brightest (in G) first.

        Positions are ICRS in degrees; with `year` they are those of that year, else of 2016.0.

        Raises:
            CatalogueUnavailableError: a tile cannot be read.
        """
        moment = self.epoch if year is None else year
        reach = radius_deg + ID_REACH_DEG + abs(moment - self.epoch) * FASTEST_DEG_PER_YEAR
        parts = []
        for pixel in pixels_in_cone(ORDER, ra_deg, dec_deg, reach):
            rows = self.folder.read(int(pixel))
            close = separation(ra_deg, dec_deg, rows.ra, rows.dec) <= reach
            parts.append(rows.take(close).moved_to(moment))
        rows = without_repeats(joined(parts))
        rows = rows.take(separation(ra_deg, dec_deg, rows.ra, rows.dec) <= radius_deg)
        return _as_stars(rows)


def _as_stars(rows: StarRows) -> CatalogueStars:
    """Return rows as stars of a catalogue, brightest first; those without G by their V."""
    g_mag, v_mag = rows.phot_g_mean_mag, rows.v_or_computed
    order = np.argsort(np.where(np.isfinite(g_mag), g_mag, v_mag), kind="stable")
    return CatalogueStars(
        rows.ra, rows.dec, v_mag, rows.source_id, g_mag, rows.bp_rp, rows.v_error, rows.pmra,
        rows.pmdec,
    ).take(order)  # fmt: skip
