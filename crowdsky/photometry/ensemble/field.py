"""Calibrates a field: all its epochs on one scale, in every band."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from crowdsky import __version__
from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.photometry.ensemble import band as bands
from crowdsky.photometry.ensemble.anchor import Partners, find_partners, reference_colour
from crowdsky.photometry.ensemble.band import BandData, BandSolution, band_data, bands_of
from crowdsky.photometry.ensemble.calibrated import CalibratedBand, Solved
from crowdsky.photometry.ensemble.coverage import often_missed
from crowdsky.photometry.ensemble.flags import StarFlag
from crowdsky.photometry.ensemble.gradients import gradient_priors
from crowdsky.photometry.ensemble.light import Light, measured_light
from crowdsky.photometry.ensemble.model import describe
from crowdsky.photometry.ensemble.noise import (
    DEFAULT_FLAT_MAG,
    Floor,
    aperture_mm,
    fit_floor,
    scintillation_mag,
)
from crowdsky.photometry.ensemble.off_model import comparison, mostly, off_model
from crowdsky.photometry.ensemble.parts import fit_parts, split
from crowdsky.photometry.ensemble.problem import Index
from crowdsky.photometry.ensemble.stars import (
    Scatter,
    expectations,
    extra_errors,
    observe_means,
)
from crowdsky.photometry.ensemble.tables import (
    MONO_BANDS,
    FieldCalibration,
    FieldObservations,
    StarMagnitudes,
    ZeroPoints,
)
from crowdsky.photometry.ensemble.tie import Tied, tie
from crowdsky.solving.catalogue import Catalogue

PASSES = 3
"""Solutions one after the other: without colours, with those of the first, with the floors, too."""

COLOUR_ERROR_MAG = 0.1
"""Error of B - R up to which the colour of a star is known."""

OF_STARS = StarFlag.SATURATED | StarFlag.BLENDED | StarFlag.EDGE | StarFlag.AMBIGUOUS
"""Flags that a star has if half of its observations have them."""


def calibrate_field(
    observations: FieldObservations, catalogue: Catalogue | None
) -> FieldCalibration:
    """Calibrate a field; a search for variables is left to the caller.

    Args:
        observations: the epochs, stars and fluxes of the field.
        catalogue: the stars that give the scale; None takes that of the stacks' own zero points.

    Epochs that are only fitted get zero points at the end and change nothing else, see `parts`.
    An epoch that shares too few stars, or whose component has neither catalogue stars nor a zero
    point of its own, has no row in the zero points; the model says why. Nothing is refused: a field
    without any usable star gives a calibration without rows.
    """
    observations, parts = split(observations)
    stars = observations.stars
    partners = find_partners(stars, catalogue, (observations.ra, observations.dec))
    data = {name: band_data(observations, name) for name in bands_of(observations)}
    calibrated = _passes(observations, data, partners)
    by_catalogue = any(
        part.solved is not None and part.solved.tied.anchors.any() for part in calibrated.values()
    )
    name = f"{catalogue.band} {catalogue.name}" if catalogue is not None and by_catalogue else ""
    return FieldCalibration(
        field_id=observations.field_id,
        version=observations.version,
        catalogue=name,
        software=__version__,
        model=describe(observations, calibrated, name),
        zero_points=_joined(
            _zero_points(observations, calibrated),
            fit_parts(parts, observations, calibrated, _scintillation(parts)),
        ),
        stars=_star_magnitudes(observations, calibrated),
    )


def _passes(
    observations: FieldObservations, data: dict[str, BandData], partners: Partners
) -> dict[str, CalibratedBand]:
    """Solve all bands several times, as colours and floors become known."""
    air = _scintillation(observations)
    sizes = (len(observations.stars), len(observations.epochs))
    floors = {name: [Floor(DEFAULT_FLAT_MAG, 0)] * len(part.names) for name, part in data.items()}
    colour: FloatArray | None = None
    found: dict[str, CalibratedBand] = {}
    for _ in range(PASSES):
        for name, part in data.items():
            of_band = None if name == MONO_BANDS else colour
            floor = np.hypot(air, _of_epochs(floors[name], part.group))
            light, last = _light(part, found.get(name))
            rows = bands.choose_rows(part, light.sigma, *sizes)
            tied = None
            if rows.size:
                gradients = gradient_priors(last, part.group, len(part.names))
                solution = bands.solve_band(
                    part, light, rows, sizes, of_band, floor, gradients, last
                )
                tied = tie(part, solution, observations, partners, of_band)
            found[name] = _calibrated(part, tied, floors[name], floor, of_band, sizes[0])
            if tied is not None:
                disturbed = np.hypot(air, np.nan_to_num(tied.solution.epoch_extra))
                floors[name] = _fitted_floors(part, tied.solution, light, disturbed)
        colour = _colours(found, partners)
    return found


def _light(data: BandData, found: CalibratedBand | None) -> tuple[Light, BandSolution | None]:
    """Return magnitudes by what the last pass expects, and its solution; as measured at first."""
    if found is None or found.solved is None:
        return measured_light(data.flux, data.error), None
    solution = found.solved.tied.solution
    added = bands.corrections(data, solution, found.colour)
    return expectations(data, found.solved.statistics, added, found.floor_mag), solution


def _calibrated(
    data: BandData,
    tied: Tied | None,
    floors: list[Floor],
    floor: FloatArray,
    colour: FloatArray | None,
    n_stars: int,
) -> CalibratedBand:
    if tied is None:
        return CalibratedBand(data, floors, floor, colour, None)
    whole = np.hypot(floor, np.nan_to_num(tied.solution.epoch_extra))
    added = bands.corrections(data, tied.solution, colour)
    statistics, _ = observe_means(data, tied.solution, added, whole, n_stars)
    return CalibratedBand(data, floors, whole, colour, Solved(tied, statistics))


def _scintillation(observations: FieldObservations) -> FloatArray:
    epochs = observations.epochs
    millimetres = np.array([aperture_mm(name)[0] for name in epochs.telescope.tolist()])
    return scintillation_mag(
        millimetres, epochs.exposure_s.astype(float), epochs.airmass.astype(float)
    )


def _of_epochs(floors: list[Floor], group: Index) -> FloatArray:
    known = np.array([*(floor.mag for floor in floors), 0.0])
    return np.asarray(known[group])  # -1, an epoch without this band, is the 0 at the end


def _fitted_floors(
    data: BandData, solution: BandSolution, light: Light, disturbed: FloatArray
) -> list[Floor]:
    epoch = data.epoch[solution.rows]
    sigma = np.hypot(light.sigma[solution.rows], disturbed[epoch])
    return fit_floor(data.group[epoch], len(data.names), solution.residual, sigma, solution.free)


def _colours(found: dict[str, CalibratedBand], partners: Partners) -> FloatArray | None:
    """Return B - R of the stars minus that of the reference; None if nothing has both bands."""
    blue, red = found.get("B"), found.get("R")
    if blue is None or red is None or blue.solved is None or red.solved is None:
        return None
    of_blue, of_red = blue.solved.statistics, red.solved.statistics
    error = np.hypot(of_blue.mag_error, of_red.mag_error)
    colour = np.where(error <= COLOUR_ERROR_MAG, of_blue.mag - of_red.mag, np.nan)
    return np.asarray(colour - reference_colour(colour, partners.bp_rp))


def _zero_points(
    observations: FieldObservations, calibrated: dict[str, CalibratedBand]
) -> ZeroPoints:
    single = np.float32
    parts = []
    for name, part in calibrated.items():
        if part.solved is None:
            continue
        solution = part.solved.tied.solution
        rows = np.flatnonzero(np.isfinite(solution.zero_point))
        terms = solution.terms[rows].astype(single)
        parts.append(
            (
                observations.epochs.epoch_id[rows], np.full(len(rows), name),
                solution.zero_point[rows], solution.zero_point_error[rows].astype(single),
                *terms.T, part.floor_mag[rows].astype(single),
                solution.n_stars[rows].astype(np.int32),
            )
        )  # fmt: skip
    if not parts:
        none = np.zeros(0, single)
        empty = (np.zeros(0, np.int64), np.zeros(0, "U1"), np.zeros(0))
        return ZeroPoints(*empty, *(none,) * 8, np.zeros(0, np.int32))
    return ZeroPoints(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _joined(one: ZeroPoints, other: ZeroPoints) -> ZeroPoints:
    names = [column.name for column in fields(ZeroPoints)]
    return ZeroPoints(*(np.concatenate([getattr(one, n), getattr(other, n)]) for n in names))


def _star_magnitudes(
    observations: FieldObservations, calibrated: dict[str, CalibratedBand]
) -> StarMagnitudes:
    single = np.float32
    parts = []
    missed = often_missed(observations)
    for name, part in calibrated.items():
        if part.solved is None:
            continue
        known = observations.stars.known_variable
        # Once more, band by band: the scatter of all bands together is large.
        solution = part.solved.tied.solution
        added = bands.corrections(part.data, solution, part.colour)
        statistics, scatter = observe_means(part.data, solution, added, part.floor_mag, len(known))
        off = off_model(part.data, statistics, scatter, observations.epochs, known)
        extra = extra_errors(scatter, off)
        flags = _flags(part, part.solved, scatter, off, known)
        flags |= np.where(missed, int(StarFlag.OFTEN_MISSED), 0).astype(np.int32)
        colour = np.full(len(known), np.nan) if part.colour is None else part.colour
        rows = np.flatnonzero(np.isfinite(statistics.mag))
        columns: tuple[np.ndarray, ...] = (
            observations.stars.star_id, np.full(len(known), name), statistics.mag,
            statistics.mag_error.astype(single), colour.astype(single),
            statistics.n.astype(np.int32), statistics.scatter_mag.astype(single),
            statistics.chi2.astype(single), extra.astype(single), flags,
        )  # fmt: skip
        parts.append(tuple(column[rows] for column in columns))
    if not parts:
        none, whole = np.zeros(0, single), np.zeros(0, np.int32)
        empty = (np.zeros(0, np.int64), np.zeros(0, "U1"), np.zeros(0), none, none)
        return StarMagnitudes(*empty, whole, none, none, none, whole)
    return StarMagnitudes(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _flags(
    part: CalibratedBand, solved: Solved, scatter: Scatter, off: BoolArray, known: BoolArray
) -> np.ndarray:
    """Return the flags of the stars in a band, (n_stars,)."""
    n_stars = len(known)
    # Readers count on it that the zero points follow comparison stars.
    candidates = np.isfinite(solved.tied.solution.mag) & ~known
    flags = np.zeros(n_stars, np.int32)
    for flag in OF_STARS:
        flags |= np.where(mostly(part.data, scatter, int(flag), n_stars), int(flag), 0)
    marks = [
        (StarFlag.CATALOGUE, solved.tied.anchors),
        (StarFlag.OFF_MODEL, off),
        (
            StarFlag.COMPARISON,
            comparison(part.data, solved.statistics, scatter, candidates),
        ),
    ]
    if part.colour is not None:
        marks.append((StarFlag.COLOUR_UNKNOWN, np.isnan(part.colour)))
    for flag, has in marks:
        flags |= np.where(has, int(flag), 0)
    return flags.astype(np.int32)
