"""Measures a stack from its file: solution, star table and photometry, in `measure_stack`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from crowdsky.base.attempts import Attempts
from crowdsky.frames.cards import number
from crowdsky.frames.fits_header import plain_ascii
from crowdsky.photometry.calibrate import calibrate
from crowdsky.photometry.calibration import OUTDATED_KEYWORDS, Calibration
from crowdsky.photometry.colours import DEFAULT_SATURATED_ADU, ColourPhotometry, measure_colours
from crowdsky.photometry.references import (
    Cover,
    Matches,
    Reference,
    choose_reference,
    gaia_name,
    use_better,
)
from crowdsky.photometry.stack_file import (
    StackPicture,
    exposures_of,
    pointing_cards,
    read_stack,
    write_measured,
)
from crowdsky.photometry.star_table import build_star_table, star_file
from crowdsky.photometry.times import observation_times
from crowdsky.solving.catalogue import Catalogue
from crowdsky.solving.chain import DEFAULT_TOTAL_LIMIT, PlateResult, TimedSolver, solve_plate
from crowdsky.solving.hints import parity_hint, position_hint, scale_hint
from crowdsky.solving.objects import FieldObject, name_mismatch, objects_in_field
from crowdsky.solving.solution import OUTDATED_WCS_KEYWORDS, HeaderCard, Solution
from crowdsky.solving.solver import Parity, SolveOutcome, SolveRequest, StarList
from crowdsky.sources.apertures import Plane, moment_fwhm, subtract_sky
from crowdsky.sources.detection import find_stars, windowed_places
from crowdsky.sources.star_columns import star_table_hdu

Progress = Callable[[str, int, int], None]

OBJECT_CARDS = 20
BRIGHT_STARS = 60


@dataclass(frozen=True, slots=True)
class Measurement:
    """Everything measured on a stack.

    plate       -- the solution, or the reasons why there is none
    stars       -- STAR-TAB, brightest first; see `star_table`
    calibration -- photometry of the planes
    objects     -- deep-sky objects in the picture, nearest to the middle first; None if unknown
    mismatch    -- a sentence if the object that the frames name is not in the picture, else ""
    missing     -- what else could not be measured, and why, for people to read
    width, height -- size of the stack, pixels
    gaia_catalogue -- name of the catalogue behind the columns named after Gaia, "" without any
    """

    plate: PlateResult
    stars: np.ndarray
    calibration: Calibration
    objects: tuple[FieldObject, ...] | None
    mismatch: str
    missing: tuple[str, ...]
    width: int
    height: int
    gaia_catalogue: str = ""

    @property
    def solution(self) -> Solution | None:
        """The plate solution; None if there is none."""
        return self.plate.solution

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks for people: why not solved, or another object than named; and what is missing."""
        first = self.plate.reason or self.mismatch
        return (first, *self.missing) if first else self.missing

    def header_cards(self) -> list[HeaderCard]:
        """Return all cards for the primary header; what is not known is left out."""
        cards = self.calibration.header_cards()
        if self.solution is not None:
            cards += self.solution.header_cards()
        cards += [
            (f"OBJ{place:03d}", _object_card(found), "name, arcmin, type")
            for place, found in enumerate((self.objects or ())[:OBJECT_CARDS], start=1)
        ]
        if self.solution is not None and self.objects is not None:
            cards.append(("NOBJ", len(self.objects), "OpenNGC objects in the picture"))
        return [card for card in cards if _is_known(card)]

    def star_file(self) -> dict[str, Any]:
        """Return the JSON object of the star file beside the stack."""
        return star_file(self.stars, self.width, self.height)


def _silent(step: str, done: int, total: int) -> None:
    """Report nothing."""


def measure_stack(
    path: Path,
    solvers: Sequence[TimedSolver],
    catalogue: Catalogue | None,
    better: Sequence[Catalogue] = (),
    *,
    total_limit: float = DEFAULT_TOTAL_LIMIT,
    progress: Progress = _silent,
) -> Measurement:
    """Solve and measure a stack; the file is only read.

    Args:
        path: a stack in colour planes.
        solvers: in the order in which they are asked.
        catalogue: Tycho-2, for verification and zero points; None leaves solutions unverified.
        better: the user's own stars, Gaia; the first that covers the field replaces Tycho-2 for
            zero points and positions.
        total_limit: seconds for all solvers together.
        progress: called with (step, done, total): "solve", then "measure".

    Raises:
        UnreadableStackError, TooManySourcesError: there are no planes, or stars cannot be told
            apart, so that there is nothing to measure. Any step after that may fail without costing
            the others their results; the measurement says what is missing.
    """
    progress("solve", 0, 3)
    attempt = Attempts()
    picture = read_stack(path)
    progress("solve", 1, 3)
    sources = find_stars(picture.planes, ~picture.uncovered)
    times = attempt("times", lambda: observation_times(exposures_of(picture.stamps)))
    mean = attempt("sky of the picture", lambda: _mean_plane(picture))
    stars = _star_list(attempt, picture, mean, sources)
    year = times.year if times else None
    progress("solve", 2, 3)
    plate = _solve(attempt, picture, stars, solvers, catalogue, year, total_limit)
    progress("measure", 0, 3)
    plate, cover = use_better(attempt, plate, stars, better, year)
    solution, reference = plate.solution, choose_reference(plate, catalogue, cover)
    electrons = _electrons_per_adu(picture)
    end = number(picture.header, "SATURATE") or DEFAULT_SATURATED_ADU
    progress("measure", 1, 3)
    colours = measure_colours(
        attempt, picture.planes, mean, picture.uncovered, sources, electrons, end,
        picture.variances,
    )  # fmt: skip
    progress("measure", 2, 3)
    return Measurement(
        plate=plate,
        stars=_table(attempt, sources, stars, colours, solution, reference, cover),
        calibration=calibrate(attempt, picture, colours, solution, reference, times),
        objects=attempt("objects", lambda: objects_in_field(solution) if solution else ()),
        mismatch=attempt("comparison with OBJECT", lambda: _mismatch(picture, solution)) or "",
        missing=tuple(attempt.notes),
        width=stars.width,
        height=stars.height,
        gaia_catalogue=gaia_name(cover, better),
    )


def write_measurement(path: Path, measurement: Measurement) -> None:
    """Write header cards and star table of a measurement into the file of its stack.

    The file is replaced whole or not at all; raises OSError when that fails. A caller that measures
    again keeps the old solution by not calling this if the new measurement has none.
    """
    outdated = (*OUTDATED_WCS_KEYWORDS, *OUTDATED_KEYWORDS, "NOBJ",
                *(f"OBJ{number:03d}" for number in range(1, OBJECT_CARDS + 1)))  # fmt: skip
    cards = measurement.header_cards()
    if measurement.solution is not None:
        cards += pointing_cards(measurement.solution)
    table = star_table_hdu(measurement.stars, measurement.gaia_catalogue)
    beside_pixels = measurement.calibration.cards_of_planes()
    write_measured(path, cards, outdated, table, beside_pixels, measurement.notes)


def _mean_plane(picture: StackPicture) -> Plane:
    return subtract_sky(picture.planes.mean(axis=0, dtype=np.float32), picture.uncovered)


def _star_list(
    attempt: Attempts, picture: StackPicture, mean: Plane | None, sources: np.ndarray
) -> StarList:
    """List the stars with windowed centres, or with isophotal ones if those failed."""
    places = None
    if mean is not None:
        width_px = moment_fwhm(sources[:BRIGHT_STARS])
        places = attempt("windowed centres", lambda: windowed_places(mean.data, sources, width_px))
    x, y = places or (sources["x"], sources["y"])
    height, width = picture.uncovered.shape
    return StarList(x, y, sources["flux"], width, height)


def _solve(
    attempt: Attempts,
    picture: StackPicture,
    stars: StarList,
    solvers: Sequence[TimedSolver],
    catalogue: Catalogue | None,
    year: float | None,
    total_limit: float,
) -> PlateResult:
    header = picture.header
    request = SolveRequest(
        stars,
        attempt("hint of the position", lambda: position_hint(header)),
        attempt("hint of the scale", lambda: scale_hint(header)),
        attempt("hint of the handedness", lambda: parity_hint(header)) or Parity.EITHER,
    )
    plate = attempt(
        "plate",
        lambda: solve_plate(request, solvers, catalogue, year=year, total_limit=total_limit),
    )
    if plate is None:
        failed = SolveOutcome("solving", reason=attempt.notes.pop())
        return PlateResult(None, None, (failed,), len(stars))
    return plate


def _electrons_per_adu(picture: StackPicture) -> float | None:
    """Return the gain of a stack pixel: that of the camera times the number of subs."""
    gain = number(picture.header, "EGAIN")
    return gain * picture.depth if gain is not None and gain > 0.0 else None


def _table(
    attempt: Attempts,
    sources: np.ndarray,
    stars: StarList,
    colours: ColourPhotometry,
    solution: Solution | None,
    reference: Reference | None,
    cover: Cover | None,
) -> np.ndarray:
    """Build STAR-TAB, without our own columns if that failed."""
    wcs = solution.wcs if solution else None
    fluxes = [None if plane is None else plane.flux for plane in colours.planes]
    matches: Matches | None = reference.matches if reference else None
    own_matches = cover.matches if cover else None
    table = attempt(
        "columns of the star table beyond SEP's",
        lambda: build_star_table(sources, stars, colours.shapes, fluxes, wcs, matches, own_matches),
    )
    return sources if table is None else table


def _mismatch(picture: StackPicture, solution: Solution | None) -> str:
    name = picture.header.get("OBJECT")
    return name_mismatch(name, solution) if solution and isinstance(name, str) else ""


def _object_card(found: FieldObject) -> str:
    return plain_ascii(f"{found.sky.name}, {found.distance_arcmin:.1f}, {found.sky.kind}"[:48])


def _is_known(card: HeaderCard) -> bool:
    """Whether a value is known: it is not if it is NaN, which FITS headers cannot have."""
    value = card[1]
    return not isinstance(value, float | np.floating) or math.isfinite(value)
