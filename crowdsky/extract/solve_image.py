"""Solves one picture and says so in one JSON object, the shape of `astro_extract`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from crowdsky.base.errors import BadDataError, ConfigurationError
from crowdsky.extract.capture import Capture, capture_of_fits, capture_of_photo
from crowdsky.extract.options import SolveOptions
from crowdsky.extract.picture import Picture, is_fits, read_picture
from crowdsky.measuring.instruments import open_instruments
from crowdsky.measuring.recipe import Recipe
from crowdsky.solving.catalogue import StarCatalogue
from crowdsky.solving.chain import TimedSolver, solve_plate
from crowdsky.solving.hints import parity_hint, position_hint, scale_hint
from crowdsky.solving.objects import objects_in_field
from crowdsky.solving.solution import Solution
from crowdsky.solving.solver import ScaleRange, SolveRequest, StarList
from crowdsky.sources.detection import find_stars

ARCSEC_PER_DEGREE = 3600.0

EXIT_SOLVED, EXIT_NO_IMAGE, EXIT_NOT_SOLVED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class SolveAnswer:
    """The JSON object and the exit code that goes with it; the record behind it, if solved."""

    json: dict[str, Any]
    exit_code: int
    solution: Solution | None = None


def solve_image(
    path: Path,
    solvers: Sequence[TimedSolver],
    catalogue: StarCatalogue | None,
    options: SolveOptions | None = None,
) -> SolveAnswer:
    """Solve a FITS, JPEG or PNG picture.

    Never raises for a picture that is missing, unreadable or cannot be solved: the answer says
    why, with exit code 1 (no such image) or 2 (not solved). Absent values are left out.
    """
    options = options or SolveOptions()
    try:
        capture = {} if is_fits(path) else capture_of_photo(path)
    except OSError as error:
        why = f"no such image: {path}" if not path.exists() else f"cannot read {path}: {error}"
        return _failure(path, {}, why, EXIT_NO_IMAGE)
    try:
        picture = read_picture(path, options.bin_size)
        if picture.header:
            capture = capture_of_fits(picture.header, picture.width, picture.height)
        request = _request(picture, options)
    except BadDataError as error:
        return _failure(path, capture, str(error), EXIT_NOT_SOLVED)
    result = solve_plate(request, solvers, catalogue, total_limit=options.timeout)
    if result.solution is None:
        return _failure(path, capture, result.reason, EXIT_NOT_SOLVED)
    solution = result.solution
    answer = {
        "ok": True,
        "filename": path.name,
        "image_path": str(path.resolve()),
        "capture": capture,
        "astrometry": _astrometry(solution, picture.top_down),
    }
    return SolveAnswer(answer, EXIT_SOLVED, solution)


def solve_by_recipe(path: Path, recipe: Recipe, options: SolveOptions) -> SolveAnswer:
    """Solve a picture with the instruments of a recipe; never raises, like ``solve_image``."""
    try:
        instruments = open_instruments(recipe)
    except ConfigurationError as error:
        return refusal(path, str(error))
    if not instruments.solvers and path.exists():
        return refusal(path, "; ".join(instruments.remarks) or "no solver is configured")
    return solve_image(path, instruments.solvers, instruments.catalogue, options)


def refusal(path: Path, error: str) -> SolveAnswer:
    """The answer about a picture that was not even opened."""
    return _failure(path, {}, error, EXIT_NOT_SOLVED)


def _request(picture: Picture, options: SolveOptions) -> SolveRequest:
    """The picture's stars in the pixels of the file, and what header and caller say of it."""
    covered = np.ones(picture.plane.shape, dtype=np.uint8)
    sources = find_stars(picture.plane[np.newaxis], covered)
    size, middle = picture.bin_size, (picture.bin_size - 1) / 2.0
    stars = StarList.sorted(
        sources["x"] * size + middle,
        sources["y"] * size + middle,
        sources["flux"],
        picture.width,
        picture.height,
    )
    scale = scale_hint(picture.header)
    if options.width_low is not None and options.width_high is not None:
        per_pixel = ARCSEC_PER_DEGREE / picture.width
        scale = ScaleRange(options.width_low * per_pixel, options.width_high * per_pixel)
    header = picture.header
    return SolveRequest(stars, position_hint(header), scale, parity_hint(header))


def _astrometry(solution: Solution, top_down: bool) -> dict[str, Any]:
    ra, dec = solution.center
    cd = solution.wcs.cd
    # "Up" is where the last row is shown for FITS and where the first one is for photos.
    up = solution.rotation_deg + (180.0 if top_down else 0.0)
    return {
        "ra_center": ra,
        "dec_center": dec,
        "fov_deg": list(solution.field_deg),
        "pixscale_arcsec": solution.scale_arcsec,
        "orientation_deg": up % 360.0,
        "cd_matrix": dict(zip(("CD1_1", "CD1_2", "CD2_1", "CD2_2"), cd, strict=True)),
        "objects": [
            {
                "name": found.sky.name,
                "catalog": found.sky.catalog,
                "id": found.sky.number,
                "ra_deg": round(found.sky.ra, 6),
                "dec_deg": round(found.sky.dec, 6),
                "sep_arcmin": round(found.distance_arcmin, 3),
            }
            for found in objects_in_field(solution)
        ],
    }


def _failure(path: Path, capture: Capture, error: str, exit_code: int) -> SolveAnswer:
    answer = {"ok": False, "error": error, "image": str(path), "capture": capture}
    return SolveAnswer(answer, exit_code)
