"""Solves the fields of a mosaic: the plates that place those which share no stars with others."""

from __future__ import annotations

import logging

import numpy as np

from crowdsky.frames.dates import modified_julian_date
from crowdsky.frames.fits_header import FrameHeader
from crowdsky.measuring.instruments import Instruments, open_instruments
from crowdsky.measuring.recipe import Recipe
from crowdsky.solving.chain import solve_plate
from crowdsky.solving.hints import HINT_RADIUS_DEG, parity_hint, scale_hint
from crowdsky.solving.solver import PositionHint, SolveRequest, StarList
from crowdsky.stacking.engine import FindPlate, PlateStars

MJD_2000 = 51_544.5

log = logging.getLogger(__name__)


def plate_finder(recipe: Recipe) -> FindPlate:
    """Return the function that solves fields as the recipe solves stacks.

    Catalogues are opened when the first field has to be solved.
    """
    opened: list[Instruments] = []

    def find(
        x: np.ndarray, y: np.ndarray, light: np.ndarray, size: tuple[int, int], header: FrameHeader
    ) -> PlateStars | None:
        if not opened:
            opened.append(open_instruments(recipe))
        stars = StarList.sorted(x, y, light, size[1], size[0])
        plate = solve_plate(
            _request(stars, header),
            opened[0].solvers,
            opened[0].catalogue,
            year=_year(header),
            total_limit=recipe.solve_timeout,
        )
        refined = plate.refined
        if plate.solution is None or refined is None:
            log.info("a field of the mosaic was not solved: %s", plate.reason or "not verified")
            return None
        pixels = np.stack([stars.x[refined.detections], stars.y[refined.detections]], axis=1)
        known = refined.catalogue.take(refined.partners)
        wcs = plate.solution.wcs
        return PlateStars(pixels, known.ra, known.dec, wcs.scale_arcsec, wcs.parity)

    return find


def _year(header: FrameHeader) -> float | None:
    """Return the epoch of a sub, for proper motions; None if its time is unknown."""
    day = modified_julian_date(header.date_obs)
    return None if day is None else 2000.0 + (day - MJD_2000) / 365.25


def _request(stars: StarList, header: FrameHeader) -> SolveRequest:
    place = header.sky
    hint = None if place is None else PositionHint(*place, HINT_RADIUS_DEG)
    facts = {
        "FOCALLEN": header.focal_length_mm,
        "XPIXSZ": header.x_pixel_um,
        "INSTRUME": header.instrument,
        "TELESCOP": header.telescope,
    }
    return SolveRequest(stars, hint, scale_hint(facts), parity_hint(facts))
