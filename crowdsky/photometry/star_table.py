"""Builds STAR-TAB: every star of a stack with position, brightness, shape and catalogue partner.

First come the 30 columns of SEP and the six that readers of the archive know, under the names that
they know; ours follow. Positions are NaN without a solution. Where a star has no partner, numbers
are NaN and the id is 0. Pixels are 0-based, fluxes in ADU, sky positions in degrees (ICRS).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.photometry.references import Matches
from crowdsky.solving.solver import StarList
from crowdsky.solving.tan import TanWcs, separation
from crowdsky.sources.apertures import PlanePhotometry

COLOURS = ("r", "g", "b")
POSITIONS = "ra and dec are those of the windowed centres xwin, ywin, not of x, y"
JSON_COLUMNS = ("x", "y", "flux", "a", "b", "flag", "peak", "ra", "dec")


@dataclass(frozen=True, slots=True)
class StarShapes:
    """What is known of each star beside its fluxes; arrays of one length.

    fwhm_px, snr    -- width in pixels and signal-to-noise ratio, in the mean of the planes
    saturated       -- whether a plane reaches the end of its scale here
    blended         -- whether light of another star is in the aperture
    """

    fwhm_px: FloatArray
    snr: FloatArray
    saturated: BoolArray
    blended: BoolArray


def build_star_table(
    sources: np.ndarray,
    stars: StarList,
    shapes: StarShapes | None,
    planes: Sequence[PlanePhotometry | None],
    wcs: TanWcs | None,
    matches: Matches | None,
    own_matches: Matches | None,
) -> np.ndarray:
    """Build the table, a structured array of one row per source.

    Args:
        sources: rows of `sep.extract`, brightest first.
        stars: the same stars with windowed centres, from which sky positions are computed.
        shapes: widths and flags; None when they could not be measured.
        planes: photometry in red, green and blue; None for a plane that could not be measured.
        wcs: the plate; None when not solved.
        matches: partners in the catalogue behind the zero points.
        own_matches: partners in the user's own catalogue, for the columns named after Gaia.

    The numbers of what could not be measured are NaN, and the flags that depend on it are all set,
    so that nobody takes such a star for a clean one.
    """
    count = len(sources)
    columns: dict[str, np.ndarray] = {name: sources[name] for name in sources.dtype.names or ()}
    ra, dec = wcs.sky(stars.x, stars.y) if wcs else _nothing(count, 2)
    columns |= {"ra": ra, "dec": dec}
    columns |= _gaia_columns(count, ra, dec, own_matches)
    for colour, plane in zip(COLOURS, planes, strict=True):
        flux, error = _nothing(count, 2) if plane is None else (plane.flux, plane.error)
        columns |= {f"flux_{colour}": flux, f"flux_err_{colour}": error}
    columns |= {"xwin": stars.x, "ywin": stars.y}
    if shapes is None:
        unsure = np.ones(count, dtype=bool)
        fwhm, snr = _nothing(count, 2)
        shapes = StarShapes(fwhm, snr, saturated=unsure, blended=unsure)
    edges = [plane.edge for plane in planes if plane is not None]
    columns |= {
        "fwhm": shapes.fwhm_px,
        "ellipticity": 1.0 - sources["b"] / np.maximum(sources["a"], 1e-6),
        "snr": shapes.snr,
        "saturated": shapes.saturated,
        "blended": shapes.blended,
        "edge": np.any(edges, axis=0) if edges else np.ones(count, dtype=bool),
    }
    cat_mag, cat_distance = _nothing(count, 2)
    if matches is not None:
        cat_mag[matches.rows] = matches.partners.mag
        cat_distance[matches.rows] = _distance(ra, dec, matches)
    columns |= {"cat_mag": cat_mag, "cat_dist_arcsec": cat_distance}
    table = np.empty(count, dtype=[(name, values.dtype) for name, values in columns.items()])
    for name, values in columns.items():
        table[name] = values
    return table


def star_file(table: np.ndarray, width: int, height: int) -> dict[str, Any]:
    """Return the JSON object of the star file beside a stack; what is not known is null."""
    columns = [table[name].tolist() for name in JSON_COLUMNS]
    stars = [
        {name: _json_number(value) for name, value in zip(JSON_COLUMNS, values, strict=True)}
        for values in zip(*columns, strict=True)
    ]
    return {"width": width, "height": height, "positions": POSITIONS, "stars": stars}


def find_blends(sources: np.ndarray, reach_px: float) -> BoolArray:
    """Flag stars that SEP deblended, or with another of a fortieth of their flux in `reach_px`."""
    blended = (sources["flag"] & 2) != 0  # SEP's "was blended with another one"
    order = np.argsort(sources["x"], kind="stable")
    x, y, flux = (sources[name][order] for name in ("x", "y", "flux"))
    ends = np.searchsorted(x, x + reach_px, side="right")
    close = np.zeros(len(x), dtype=bool)
    for row, end in enumerate(ends):
        for other in range(row + 1, end):
            if abs(y[other] - y[row]) <= reach_px:
                close[row] |= flux[other] >= flux[row] / 40.0
                close[other] |= flux[row] >= flux[other] / 40.0
    blended[order] |= close
    return np.asarray(blended, dtype=bool)


def _gaia_columns(
    count: int, ra: FloatArray, dec: FloatArray, matches: Matches | None
) -> dict[str, np.ndarray]:
    source_id = np.zeros(count, dtype=np.int64)
    g_mag, v_mag, pm_ra, pm_dec, distance = _nothing(count, 5)
    if matches is not None:
        rows, partners = matches.rows, matches.partners
        source_id[rows], g_mag[rows], v_mag[rows] = partners.source_id, partners.g_mag, partners.mag
        pm_ra[rows], pm_dec[rows] = partners.pm_ra, partners.pm_dec
        distance[rows] = _distance(ra, dec, matches)
    return {
        "gaia_id": source_id,
        "gaia_gmag": g_mag,
        "gaia_vmag": v_mag,
        "match_dist_arcsec": distance,
        "pmra": pm_ra,
        "pmdec": pm_dec,
    }


def _distance(ra: FloatArray, dec: FloatArray, matches: Matches) -> FloatArray:
    """Compute the arcseconds between stars and their partners."""
    rows, partners = matches.rows, matches.partners
    return separation(ra[rows], dec[rows], partners.ra, partners.dec) * 3600.0


def _nothing(count: int, columns: int) -> tuple[FloatArray, ...]:
    return tuple(np.full(count, np.nan) for _ in range(columns))


def _json_number(value: float) -> float | int | None:
    return value if isinstance(value, int) or math.isfinite(value) else None
