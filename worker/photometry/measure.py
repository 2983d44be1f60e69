"""From a stack's file to its solution, star table and photometry, in one function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from worker.photometry.apertures import PlanePhotometry, moment_fwhm, subtract_sky
from worker.photometry.calibration import OUTDATED_KEYWORDS, Calibration, PlaneCalibration
from worker.photometry.colours import ColourPhotometry, measure_colours
from worker.photometry.detection import find_stars, windowed_places
from worker.photometry.sky import fit_sky_shape, sky_brightness
from worker.photometry.stack_file import StackPicture, read_stack, write_measured
from worker.photometry.star_table import (
    Matches,
    build_star_table,
    star_file,
)
from worker.photometry.times import Site, Times, barycentric_time, observation_times
from worker.photometry.zero_points import ZeroPoint, fit_zero_point
from worker.solving.catalogue import StarCatalogue
from worker.solving.chain import DEFAULT_TOTAL_LIMIT, PlateResult, TimedSolver, solve_plate
from worker.solving.hints import parity_hint, position_hint, scale_hint
from worker.solving.objects import FieldObject, name_mismatch, objects_in_field
from worker.solving.refine import mutual_matches
from worker.solving.solution import OUTDATED_WCS_KEYWORDS, HeaderCard, Solution
from worker.solving.solver import SolveRequest, StarList

Progress = Callable[[str, int, int], None]

OBJECT_CARDS = 20
BRIGHT_STARS = 60
MATCH_TOLERANCE_PX = 2.0
MIN_GAIA_MATCHES = 5
"""With fewer, the user's stars do not cover this field, and Tycho-2 stays the reference."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """Everything measured on a stack.

    plate       -- the solution, or the reasons why there is none
    stars       -- STAR-TAB, brightest first
    calibration -- photometry of the planes
    objects     -- deep-sky objects in the picture, nearest to the middle first
    notes       -- remarks in words: not solved, another object than named
    """

    plate: PlateResult
    stars: np.ndarray
    calibration: Calibration
    objects: tuple[FieldObject, ...]
    notes: tuple[str, ...]
    width: int
    height: int

    @property
    def solution(self) -> Solution | None:
        """The plate solution, if there is one."""
        return self.plate.solution

    def header_cards(self) -> list[HeaderCard]:
        """All cards for the primary header."""
        cards = self.calibration.header_cards()
        if self.solution is not None:
            cards += self.solution.header_cards()
        cards += [
            (f"OBJ{number:03d}", _object_card(found), "name, arcmin, type")
            for number, found in enumerate(self.objects[:OBJECT_CARDS], start=1)
        ]
        if self.solution is not None:
            cards.append(("NOBJ", len(self.objects), "OpenNGC objects in the picture"))
        return cards

    def star_file(self) -> dict[str, Any]:
        """The JSON object of the star file beside the stack."""
        return star_file(self.stars, self.width, self.height)


def _silent(step: str, done: int, total: int) -> None:
    """No one is watching."""


def measure_stack(
    path: Path,
    solvers: Sequence[TimedSolver],
    catalogue: StarCatalogue | None,
    gaia: StarCatalogue | None = None,
    *,
    total_limit: float = DEFAULT_TOTAL_LIMIT,
    progress: Progress = _silent,
) -> Measurement:
    """Solve and measure a stack; the file is only read.

    Args:
        path: a stack in colour planes.
        solvers: in the order in which they are asked.
        catalogue: Tycho-2, for verification and zero points; None leaves solutions unverified.
        gaia: the user's own stars, which take over for cross-match and zero points.
        total_limit: seconds that solving may take altogether.
        progress: called with (step, done, total) when a step begins: solve, then measure.

    Raises UnreadableStackError and TooManySourcesError. A stack that cannot be solved is measured
    all the same.
    """
    progress("solve", 0, 1)
    picture = read_stack(path)
    sources = find_stars(picture.planes, ~picture.uncovered)
    mean = subtract_sky(picture.planes.mean(axis=0, dtype=np.float32), picture.uncovered)
    height, width = picture.uncovered.shape
    places = windowed_places(mean.data, sources, moment_fwhm(sources[:BRIGHT_STARS]))
    stars = StarList(*places, sources["flux"], width, height)
    times = observation_times(picture.exposures)
    plate = _solve(picture, stars, solvers, catalogue, times, total_limit)
    progress("measure", 0, 1)
    solution = plate.solution
    gaia_matches = _match(solution, stars, gaia, times)
    reference, reference_matches = catalogue, _refined_matches(plate)
    if gaia_matches is not None and len(gaia_matches.rows) >= MIN_GAIA_MATCHES:
        reference, reference_matches = gaia, gaia_matches
    electrons = _electrons_per_adu(picture)
    colours = measure_colours(picture.planes, mean, picture.uncovered, sources, electrons)
    table = build_star_table(
        sources,
        stars,
        colours.shapes,
        colours.fluxes,
        solution.wcs if solution else None,
        reference_matches,
        gaia_matches,
    )
    calibration = _calibrate(picture, colours, solution, reference, reference_matches, times)
    return Measurement(
        plate=plate,
        stars=table,
        calibration=calibration,
        objects=objects_in_field(solution) if solution else (),
        notes=_notes(picture, plate),
        width=width,
        height=height,
    )


def write_measurement(path: Path, measurement: Measurement) -> None:
    """Write header cards and star table of a measurement into its stack.

    The file is replaced whole or not at all. Callers that measure again keep the old solution by
    not calling this when the new measurement has none.
    """
    outdated = (*OUTDATED_WCS_KEYWORDS, *OUTDATED_KEYWORDS, "NOBJ",
                *(f"OBJ{number:03d}" for number in range(1, OBJECT_CARDS + 1)))  # fmt: skip
    write_measured(path, measurement.header_cards(), outdated, measurement.stars)


def _solve(
    picture: StackPicture,
    stars: StarList,
    solvers: Sequence[TimedSolver],
    catalogue: StarCatalogue | None,
    times: Times | None,
    total_limit: float,
) -> PlateResult:
    request = SolveRequest(
        stars,
        position_hint(picture.header),
        scale_hint(picture.header),
        parity_hint(picture.header),
    )
    year = times.year if times else None
    return solve_plate(request, solvers, catalogue, year=year, total_limit=total_limit)


def _refined_matches(plate: PlateResult) -> Matches | None:
    """The pairs behind a verified solution."""
    refined = plate.refined
    if refined is None:
        return None
    return Matches(refined.detections, refined.catalogue.take(refined.partners))


def _match(
    solution: Solution | None,
    stars: StarList,
    catalogue: StarCatalogue | None,
    times: Times | None,
) -> Matches | None:
    """Pairs of the table's stars with those of another catalogue."""
    if solution is None or catalogue is None:
        return None
    radius = float(np.hypot(*solution.field_deg)) / 2.0
    near = catalogue.cone(*solution.center, radius, times.year if times else None)
    rows, partners, _ = mutual_matches(solution.wcs, stars, near, MATCH_TOLERANCE_PX)
    return Matches(rows, near.take(partners))


def _electrons_per_adu(picture: StackPicture) -> float | None:
    """Of a stack pixel: the camera's gain times the subs whose mean it is."""
    gain = picture.header.get("EGAIN")
    if not isinstance(gain, int | float) or not gain > 0:
        return None
    return float(gain) * picture.depth


def _calibrate(
    picture: StackPicture,
    colours: ColourPhotometry,
    solution: Solution | None,
    reference: StarCatalogue | None,
    matches: Matches | None,
    times: Times | None,
) -> Calibration:
    scale = solution.scale_arcsec if solution else None
    planes = []
    for plane, growth, flux in zip(colours.planes, colours.growths, colours.fluxes, strict=True):
        zero_point = None
        if reference is not None and matches is not None:
            zero_point = _zero_point(colours, flux, matches, reference.band)
        planes.append(
            PlaneCalibration(
                zero_point, growth.fwhm_px, plane.sky, plane.sky_rms, flux.aperture_px, flux.noise
            )
        )
    green = planes[1]
    offset = picture.header.get("BIAS")
    bias = float(offset) if isinstance(offset, int | float) else None
    sky_mag = None
    if green.zero_point is not None and scale is not None:
        sky_mag = sky_brightness(green.zero_point.value, green.sky_adu, bias or 0.0, scale)
    return Calibration(
        planes=tuple(planes),
        scale_arcsec=scale,
        reference=f"{reference.band} {reference.name}" if reference else "",
        sky_shape=fit_sky_shape(colours.planes[1].mesh, picture.uncovered),
        sky_mag=sky_mag,
        camera_offset=bias,
        times=times,
        bjd_tdb=_bjd(picture, solution, times),
    )


def _zero_point(
    colours: ColourPhotometry, flux: PlanePhotometry, matches: Matches, band: str
) -> ZeroPoint | None:
    shapes = colours.shapes
    usable = ~(shapes.saturated | shapes.blended | flux.edge)
    rows = matches.rows
    return fit_zero_point(
        flux.flux[rows], flux.error[rows], matches.partners.mag, usable[rows], band
    )


def _bjd(picture: StackPicture, solution: Solution | None, times: Times | None) -> float | None:
    """Mid-exposure at the barycentre.

    A stack whose site was left out keeps the time that was measured while the site was known.
    """
    latitude, longitude = picture.header.get("SITELAT"), picture.header.get("SITELONG")
    if solution is None or times is None:
        return None
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        kept = picture.header.get("BJD_TDB")
        return float(kept) if isinstance(kept, int | float) else None
    site = Site(float(latitude), float(longitude))
    return barycentric_time(times.middle, *solution.center, site)


def _notes(picture: StackPicture, plate: PlateResult) -> tuple[str, ...]:
    if plate.solution is None:
        return (plate.reason,)
    name = picture.header.get("OBJECT")
    mismatch = name_mismatch(name, plate.solution) if isinstance(name, str) else ""
    return (mismatch,) if mismatch else ()


def _object_card(found: FieldObject) -> str:
    return f"{found.sky.name}, {found.distance_arcmin:.1f}, {found.sky.kind}"[:48]
