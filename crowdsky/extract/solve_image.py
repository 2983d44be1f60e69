"""Solves one picture: `solve` for Python, `solve_image` for programs that want one JSON object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.errors import (
    BadDataError,
    ConfigurationError,
    NoSolverError,
    NotSolvedError,
    ServiceUnreachableError,
)
from crowdsky.extract.capture import Capture
from crowdsky.extract.options import SolveOptions
from crowdsky.extract.photo import UPRIGHT, capture_of_photo
from crowdsky.extract.picture import Picture, as_picture, is_fits, read_picture
from crowdsky.extract.unreadable import UnreadablePictureError
from crowdsky.measuring.instruments import Instruments, open_instruments
from crowdsky.measuring.recipe import Recipe
from crowdsky.solving.catalogue import StarCatalogue
from crowdsky.solving.chain import TimedSolver, solve_plate
from crowdsky.solving.hints import parity_hint, position_hint, scale_hint
from crowdsky.solving.objects import objects_in_field
from crowdsky.solving.solution import Solution
from crowdsky.solving.solver import ScaleRange, SolveRequest, StarList
from crowdsky.sources.detection import find_stars

ARCSEC_PER_DEGREE = 3600.0

EXIT_SOLVED, EXIT_NO_IMAGE, EXIT_NOT_SOLVED, EXIT_UNREADABLE = 0, 1, 2, 3
NO_SUCH_IMAGE, UNREADABLE, NOT_SOLVED = "no_such_image", "unreadable_picture", "not_solved"
NO_SOLVER, CONFIGURATION, NO_MEMORY = "no_solver", "configuration", "no_memory"
EXIT_CODES = {NO_SUCH_IMAGE: EXIT_NO_IMAGE, UNREADABLE: EXIT_UNREADABLE}
"""Exit codes of the codes in an answer; EXIT_NOT_SOLVED for all others."""


@dataclass(frozen=True, slots=True)
class SolveAnswer:
    """The JSON object of `astro-extract`, its exit code, and the record behind it if solved."""

    json: dict[str, Any]
    exit_code: int
    solution: Solution | None = None


def solve(
    picture: Path | str | NDArray[Any],
    *,
    header: Mapping[str, object] | None = None,
    options: SolveOptions | None = None,
    recipe: Recipe | None = None,
) -> Solution:
    """Find out where a picture points.

    Args:
        picture: a FITS, JPEG, PNG or TIFF file; or an array (height, width), or a cube with up to
            four colours first or last, of any number type, row 0 of which is y = 0.
        header: FITS cards of an array, for its hints: RA and DEC in degrees, FOCALLEN in mm, XPIXSZ
            in micrometres, INSTRUME, BAYERPAT. A file has its own, and this is ignored.
        options: field width in degrees, binning and time limit; by default the header's hints and
            300 seconds.
        recipe: solvers and index files; by default those of ``Recipe()``. Settings of the
            environment are not read.

    Returns:
        The solution. Its pixels are 0-based and those of the picture, also when it was binned; a
        photo counts as viewers show it, turned as its EXIF Orientation says. Angles are in degrees
        (ICRS). It is verified against Tycho-2, and ``verdict`` says how well; without Tycho-2 in
        ``recipe.index_dir`` it is "unverified".

    Raises:
        UnreadablePictureError, TooManySourcesError: not a picture of the night sky; both are
            BadDataErrors.
        NotSolvedError: no solver found it; the text has the reason of each.
        ServiceUnreachableError: not solved, and the nova server could not be asked.
        NoSolverError: none of the recipe's solvers can be used on this machine.
        ConfigurationError: the recipe names a solver that does not exist.
        OSError: the file cannot be opened.
    """
    options, recipe = options or SolveOptions(), recipe or Recipe()
    if isinstance(picture, str | Path):
        opened = read_picture(Path(picture), options.bin_size)
    else:
        opened = as_picture(picture, header or {}, options.bin_size)
    instruments = open_instruments(recipe)
    if not instruments.solvers:
        raise NoSolverError("could not solve the picture", why=_no_solver(instruments))
    request = _request(opened, options)
    result = solve_plate(
        request, instruments.solvers, instruments.catalogue, total_limit=options.timeout
    )
    if result.solution is None:
        error = ServiceUnreachableError if result.passing else NotSolvedError
        raise error("could not solve the picture", why=result.reason)
    return result.solution


def solve_image(
    path: Path,
    solvers: Sequence[TimedSolver],
    catalogue: StarCatalogue | None,
    options: SolveOptions | None = None,
) -> SolveAnswer:
    """Solve a FITS, JPEG, PNG or TIFF picture.

    Never raises for a picture that is missing, unreadable or cannot be solved: the answer says why,
    with a code of its own and exit code 1 (no such image), 2 (not solved) or 3 (unreadable). Values
    that are not known are left out.
    """
    options = options or SolveOptions()
    try:
        is_photo = not is_fits(path)
    except OSError as error:
        why = f"no such image: {path}" if not path.exists() else f"cannot read {path}: {error}"
        return _failure(path, {}, why, NO_SUCH_IMAGE)
    capture: Capture = {}
    try:
        picture = read_picture(path, options.bin_size)
        capture = picture.capture
        request = _request(picture, options)
    except UnreadablePictureError as error:
        known = capture_of_photo(path) if is_photo else {}
        return _failure(path, known, str(error), UNREADABLE)
    except BadDataError as error:
        return _failure(path, capture, str(error), NOT_SOLVED)
    result = solve_plate(request, solvers, catalogue, total_limit=options.timeout)
    if result.solution is None:
        return _failure(path, capture, result.reason, NOT_SOLVED)
    solution = result.solution
    answer = {
        "ok": True,
        "filename": path.name,
        "image_path": str(path.resolve()),
        "capture": capture,
        "astrometry": _astrometry(solution, picture),
    }
    return SolveAnswer(answer, EXIT_SOLVED, solution)


def solve_by_recipe(path: Path, recipe: Recipe, options: SolveOptions) -> SolveAnswer:
    """Solve a picture with the instruments of a recipe; never raises, like ``solve_image``."""
    try:
        instruments = open_instruments(recipe)
    except ConfigurationError as error:
        return refusal(path, str(error))
    if not instruments.solvers and path.exists():
        return _failure(path, {}, _no_solver(instruments), NO_SOLVER)
    return solve_image(path, instruments.solvers, instruments.catalogue, options)


def refusal(path: Path, error: str) -> SolveAnswer:
    """Return the answer about a picture that was not opened because of a wrong setting."""
    return _failure(path, {}, error, CONFIGURATION)


def too_large(path: Path) -> SolveAnswer:
    """Return the answer about a picture for which this machine has not enough memory."""
    why = f"not enough memory to solve {path.name}; try a machine with more, or a smaller picture"
    return _failure(path, {}, why, NO_MEMORY)


def _no_solver(instruments: Instruments) -> str:
    """Return why there is no solver."""
    return "; ".join(instruments.remarks) or "no solver is configured"


def _request(picture: Picture, options: SolveOptions) -> SolveRequest:
    """Detect stars, in pixels of the file, and add the hints of the header and of the caller."""
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


def _astrometry(solution: Solution, picture: Picture) -> dict[str, Any]:
    ra, dec = solution.center
    cd = solution.wcs.cd
    # The top is the last row of a FITS picture, but the first row of a photo.
    up = solution.rotation_deg + (180.0 if picture.top_down else 0.0)
    return {
        "ra_center": ra,
        "dec_center": dec,
        "fov_deg": list(solution.field_deg),
        "pixscale_arcsec": solution.scale_arcsec,
        "orientation_deg": up % 360.0,
        "parity": solution.parity,
        "pixels": _pixels(picture),
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


def _pixels(picture: Picture) -> str:
    """Say of which pixels width, angle, parity and matrix are."""
    if not picture.top_down:
        return "as stored, last row on top"
    if picture.orientation == UPRIGHT:
        return "as shown, first row on top"
    return f"as shown, turned by EXIF Orientation {picture.orientation}, first row on top"


def _failure(path: Path, capture: Capture, error: str, code: str) -> SolveAnswer:
    answer = {
        "ok": False,
        "code": code,
        "error": error,
        "image": str(path),
        "capture": capture,
    }
    return SolveAnswer(answer, EXIT_CODES.get(code, EXIT_NOT_SOLVED))
