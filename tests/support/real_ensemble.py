"""The observations of a field from measured stacks, as the site gathers them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from astropy.io import fits
from scipy.spatial import cKDTree

from crowdsky.measuring.measure_stack import measure
from crowdsky.photometry.ensemble.flags import StarFlag
from crowdsky.photometry.ensemble.tables import (
    Epochs,
    FieldCalibration,
    FieldObservations,
    Observations,
    Stars,
)
from crowdsky.photometry.measurement import Measurement
from crowdsky.stacking.stack_files import stack_files

REACH_ARCSEC = 4.0
PER_STACK = 4
DISTURBED = StarFlag.SATURATED | StarFlag.BLENDED | StarFlag.EDGE | StarFlag.AMBIGUOUS


@dataclass(frozen=True)
class MeasuredField:
    """Stacks, and what was observed in them."""

    paths: list[Path]
    observations: FieldObservations


def measure_in_fours(nights: Sequence[Sequence[Path]], folder: Path) -> MeasuredField:
    """Stack each night in groups of four subs, solve and measure them; a rest is left out."""
    paths, measured = [], []
    for night, subs in enumerate(nights):
        for first in range(0, len(subs) - PER_STACK + 1, PER_STACK):
            path = folder / f"night{night}_{first:02d}.fits"
            stack_files(subs[first : first + PER_STACK], path, engine="native")
            paths.append(path)
            measured.append(measure(path, write=True))
    return gather(paths, measured)


def gather(paths: list[Path], measured: list[Measurement]) -> MeasuredField:
    """Make the observations of solved stacks."""
    solution = measured[0].solution
    if solution is None:
        raise ValueError(f"{paths[0].name} is not solved: {measured[0].plate.reason}")
    centre = np.array(solution.center)
    places = np.zeros((0, 2))
    parts: list[Observations] = []
    for epoch, one in enumerate(measured):
        table = one.stars
        spot = _arcsec(table["ra"], table["dec"], centre)
        known = np.flatnonzero(np.isfinite(spot).all(axis=1))
        star = np.full(len(table), -1)
        if len(places):
            star = _paired(places, spot, known)
        new = known[star[known] < 0]
        star[new] = len(places) + np.arange(len(new))
        places = np.concatenate([places, spot[new]])
        single = np.float32
        flux, error = (
            np.stack([table[f"{stem}_{colour}"] for colour in "rgb"], axis=1)[known].astype(single)
            for stem in ("flux", "flux_err")
        )
        parts.append(
            Observations(
                star[known].astype(np.int32), np.full(len(known), epoch, np.int32),
                table["x"][known].astype(single), table["y"][known].astype(single), flux, error,
                table["fwhm"][known].astype(single), _flags(table)[known].astype(np.int16),
            )
        )  # fmt: skip
    joined = Observations(
        **{
            part.name: np.concatenate([getattr(one, part.name) for one in parts])
            for part in fields(Observations)
        }
    )
    count = len(places)
    sky = places / 3600.0 / np.array([np.cos(np.radians(centre[1])), 1.0]) + centre
    stars = Stars(
        np.arange(count) + 1, sky[:, 0], sky[:, 1], np.full(count, 2025.2),
        np.zeros(count, np.int64), np.zeros(count, bool), np.zeros(count, bool),
    )  # fmt: skip
    field = FieldObservations(
        1, float(centre[0]), float(centre[1]), 0, 1, _epochs(paths, measured), stars, joined
    )
    return MeasuredField(paths, field)


def with_fluxes(field: FieldObservations, flux: np.ndarray) -> FieldObservations:
    """Return the observations with fluxes of another program, which may leave out light.

    Errors are scaled as the fluxes of each epoch and plane are.
    """
    rows = field.observations
    error = rows.flux_error.copy()
    for epoch in range(len(field.epochs)):
        mine = np.flatnonzero(rows.epoch == epoch)
        for plane in range(3):
            bright = mine[np.argsort(-rows.flux[mine, plane])][:20]
            error[mine, plane] *= np.median(flux[bright, plane] / rows.flux[bright, plane])
    changed = replace(rows, flux=flux.astype(np.float32), flux_error=error)
    return replace(field, observations=changed)


def _arcsec(ra: np.ndarray, dec: np.ndarray, centre: np.ndarray) -> np.ndarray:
    cosine = np.cos(np.radians(centre[1]))
    return np.stack([(ra - centre[0]) * cosine, dec - centre[1]], axis=1) * 3600.0


def _paired(places: np.ndarray, spot: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Pair rows with known places, each other's nearest within reach; -1 without a partner."""
    star = np.full(len(spot), -1)
    distance, nearest = cKDTree(places).query(spot[known])
    _, back = cKDTree(spot[known]).query(places)
    mutual = (back[nearest] == np.arange(len(known))) & (distance < REACH_ARCSEC)
    star[known[mutual]] = nearest[mutual]
    return star


def _flags(table: np.ndarray) -> np.ndarray:
    flags = np.where(table["saturated"], int(StarFlag.SATURATED), 0)
    flags |= np.where(table["blended"], int(StarFlag.BLENDED), 0)
    flags |= np.where(table["edge"], int(StarFlag.EDGE), 0)
    flags |= np.where((table["flag"] & ~2) != 0, int(StarFlag.DETECTION), 0)
    return np.asarray(flags)


def _epochs(paths: list[Path], measured: list[Measurement]) -> Epochs:
    headers = [fits.getheader(path) for path in paths]

    def column(keyword: str) -> np.ndarray:
        return np.array([float(header.get(keyword, np.nan)) for header in headers])

    def planes(stem: str) -> np.ndarray:
        return np.stack([column(f"{stem}{letter}") for letter in "RGB"], axis=1)

    count, single = len(paths), np.float32
    # FWHMG of the primary header is in arcseconds.
    widths = np.array([float(fits.getheader(path, "GREEN")["FWHM_PX"]) for path in paths])
    return Epochs(
        np.arange(count) + 1, column("MJD-AVG"), column("BJD_TDB"),
        column("AIRMASS").astype(single), column("EXPTIME").astype(single),
        np.full(count, PER_STACK, np.int32),
        np.array([str(header.get("TELESCOP", "")) for header in headers]),
        np.array([str(header.get("FILTER", "")) for header in headers]), np.full(count, "RGB"),
        np.array([one.width for one in measured], np.int32),
        np.array([one.height for one in measured], np.int32), planes("ZP").astype(single),
        planes("ZPERR").astype(single), widths.astype(single),
        column("APRADG").astype(single), np.full(count, 2.4, single),
        column("LIMMAGG").astype(single), np.zeros(count, bool),
    )  # fmt: skip


@dataclass(frozen=True)
class ConstantStar:
    """A star in a band that is neither disturbed nor off the model."""

    mag: float
    scatter_mag: float
    chi2: float


def constant_stars(calibration: FieldCalibration, band: str) -> dict[int, ConstantStar]:
    """Return the stars of a band with three observations or more that count as constant, by id."""
    stars = calibration.stars
    disturbed = int(DISTURBED | StarFlag.OFF_MODEL)
    good = (stars.band == band) & (stars.n_epochs >= 3) & ((stars.flags & disturbed) == 0)
    return {
        int(stars.star_id[row]): ConstantStar(
            float(stars.mag[row]), float(stars.scatter_mag[row]), float(stars.chi2[row])
        )
        for row in np.flatnonzero(good & np.isfinite(stars.chi2))
    }
