"""Solves and measures the file of a stack, and makes the files beside it: overlay and star file.

Used by the child process of a job, and by the command ``stack``; ``measure`` is for everybody. A
stack that cannot be solved is a result like any other.
"""

from __future__ import annotations

import json
import logging
import math
from dataclasses import replace
from pathlib import Path

from PIL import Image

from crowdsky.base.json_fields import JsonObject
from crowdsky.catalogues.gaia_tiles import GaiaTiles
from crowdsky.measuring.instruments import Instruments, open_instruments
from crowdsky.measuring.measured import Measured
from crowdsky.measuring.recipe import Recipe
from crowdsky.photometry.calibration import LETTERS, Calibration
from crowdsky.photometry.measurement import (
    Measurement,
    Progress,
    measure_stack,
    write_measurement,
)
from crowdsky.photometry.zero_points import ZeroPoint
from crowdsky.pictures.overlay import draw_overlay
from crowdsky.solving.catalogue import CatalogueStars
from crowdsky.solving.objects import FieldObject
from crowdsky.solving.solution import Solution

log = logging.getLogger(__name__)

MAX_OBJECTS = 200
"""Number of objects that the site accepts; a field of a small telescope has a few dozen."""

OVERLAY_NAME = "overlay.png"
STARS_NAME = "stars.json"


def measure(
    stack: Path | str,
    *,
    recipe: Recipe | None = None,
    write: bool = False,
    progress: Progress | None = None,
) -> Measurement:
    """Solve and measure a stack.

    Args:
        stack: the file of a stack in colour planes, as ``stack_files`` writes it.
        recipe: solvers, catalogues and time limit; by default those of ``Recipe()``. Settings of
            the environment are not read.
        write: whether the header cards and the star table also go into the file, which is replaced
            whole or not at all. By default it is only read.
        progress: called with (stage, done, total) at the stages "solve" and "measure"; an exception
            that it raises ends the work.

    Returns:
        The measurement: the solution (``solution``, None if not solved; ``plate.reason`` then says
        why), the star table (``stars``: pixels 0-based, fluxes in ADU, angles in degrees ICRS), the
        photometry of the planes (``calibration``: magnitudes, seeing in pixels, sky in ADU and
        mag/arcsec2, times in UTC) and the deep-sky objects in the picture (``objects``). What could
        not be measured is named in ``notes``; it raises nothing.

    Raises:
        UnreadableStackError, TooManySourcesError: not a stack that can be measured; both are
            BadDataErrors.
        ConfigurationError: the recipe names a solver that does not exist.
        OSError: the file cannot be written.
    """
    recipe, path = recipe or Recipe(), Path(stack)
    instruments = open_instruments(recipe)
    report = progress or _silent
    if write:
        measurement = measure_file(path, instruments, recipe.solve_timeout, report)
    else:
        measurement = _measured(path, instruments, recipe.solve_timeout, report)
    return replace(measurement, missing=(*measurement.missing, *instruments.remarks))


def measure_file(
    path: Path, instruments: Instruments, solve_timeout: float, progress: Progress
) -> Measurement:
    """Solve and measure a stack, and write the measurement into its file.

    Raises:
        BadDataError: the file is not a stack that can be measured.
        OSError: it cannot be written.
    """
    measurement = _measured(path, instruments, solve_timeout, progress)
    write_measurement(path, measurement)
    return measurement


def _measured(
    path: Path, instruments: Instruments, solve_timeout: float, progress: Progress
) -> Measurement:
    measurement = measure_stack(
        path,
        instruments.solvers,
        instruments.catalogue,
        instruments.better,
        total_limit=solve_timeout,
        progress=progress,
    )
    if measurement.solution is not None and instruments.gaia is not None:
        _note_missing_tiles(measurement.solution, instruments.gaia)
    return measurement


def _note_missing_tiles(solution: Solution, gaia: GaiaTiles) -> None:
    """Leave a note of tiles that this field lacks, for `crowdsky catalogue fetch`."""
    missing = gaia.missing(*solution.center, math.hypot(*solution.field_deg) / 2.0)
    for pixel in missing:
        gaia.folder.want(pixel)
    if missing:
        log.info("%d tiles of Gaia are missing here: crowdsky catalogue fetch", len(missing))


def describe(measurement: Measurement, instruments: Instruments) -> Measured:
    """Convert a measurement to the record that is sent to the site, without any files."""
    solution = measurement.solution
    reason, notes = None, (*measurement.notes, *instruments.remarks)
    if solution is None:
        reason = measurement.plate.reason
        if not instruments.solvers and instruments.remarks:
            # One note is enough for a machine that is not set up for solving.
            reason = f"not solved: {'; '.join(instruments.remarks)}"
            notes = (reason, *measurement.missing)
    return Measured(
        solution=None if solution is None else solution.to_json(),
        unsolved_reason=reason,
        photometry=photometry_facts(measurement.calibration),
        objects=tuple(object_facts(found) for found in (measurement.objects or ())[:MAX_OBJECTS]),
        object_mismatch=measurement.mismatch or None,
        n_stars=len(measurement.stars),
        overlay=None,
        stars=None,
        notes=notes,
        try_again=measurement.plate.passing,
    )


def write_star_file(measurement: Measurement, path: Path) -> Path:
    """Write the JSON star file; it appears whole or not at all."""
    partial = path.with_name(path.name + ".part")
    partial.write_text(json.dumps(measurement.star_file(), allow_nan=False), "utf-8")
    return partial.replace(path)


def draw_measurement(
    picture: Image.Image, measurement: Measurement, instruments: Instruments, path: Path
) -> Path | None:
    """Draw on the picture of a stack, if it is solved. Raises what ``draw_overlay`` does."""
    solution = measurement.solution
    if solution is None:
        return None
    catalogue = instruments.catalogue or next(iter(instruments.better), None)
    near = CatalogueStars.none()
    if catalogue is not None:
        near = catalogue.cone(*solution.center, math.hypot(*solution.field_deg) / 2.0)
    return draw_overlay(picture, path, solution, measurement.stars, near, measurement.objects or ())


def photometry_facts(calibration: Calibration) -> JsonObject:
    """Return the photometry of a stack as the site stores it; what is not known is null."""
    facts: JsonObject = {}
    scale = calibration.scale_arcsec
    for letter, plane in zip(LETTERS, calibration.planes, strict=True):
        colour = letter.lower()
        zero_point = plane.zero_point
        facts |= {
            f"zero_point_{colour}": _number(zero_point.value if zero_point else None),
            f"zero_point_scatter_{colour}": _number(zero_point.scatter if zero_point else None),
            f"zero_point_error_{colour}": _number(zero_point.error if zero_point else None),
            f"zero_point_stars_{colour}": zero_point.n_stars if zero_point else None,
            f"colour_term_{colour}": _number(_colour_term(zero_point)),
            f"fwhm_arcsec_{colour}": _number(None if scale is None else plane.fwhm_px * scale),
            f"fwhm_px_{colour}": _number(plane.fwhm_px),
        }
    times, green = calibration.times, calibration.planes[1].zero_point
    return facts | {
        "limiting_mag": _number(calibration.planes[1].limiting_mag),
        "sky_mag_arcsec2": _number(calibration.sky_mag),
        "bortle": calibration.bortle,
        "camera_offset_adu": _number(calibration.camera_offset),
        "catalogue": calibration.reference or None,
        "catalogue_error": _number(green.catalogue_error if green else None),
        "mjd_mid": None if times is None else _number(times.mjd),
        "bjd_tdb_mid": _number(calibration.bjd_tdb),
    }


def object_facts(found: FieldObject) -> JsonObject:
    """Return an object in the picture as the site stores it."""
    sky = found.sky
    return {
        "name": sky.name,
        "messier": sky.name if sky.catalog == "Messier" else None,
        "other_names": list(sky.other_names),
        "type": sky.kind,
        "ra_deg": sky.ra,
        "dec_deg": sky.dec,
        "separation_arcmin": round(found.distance_arcmin, 3),
        "size_arcmin": _number(sky.size_arcmin[0]),
        "magnitude": _number(sky.mag),
    }


def _colour_term(zero_point: ZeroPoint | None) -> float | None:
    return zero_point.colour_term.value if zero_point and zero_point.colour_term else None


def _number(value: float | None) -> float | None:
    """Convert to a finite Python float, or None: JSON has no NaN, and no numbers of numpy."""
    return None if value is None or not math.isfinite(value) else float(value)


def _silent(stage: str, done: int, total: int) -> None:
    """Report nothing."""
