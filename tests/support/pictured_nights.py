"""Many nights of one field as products with pixels, solved and measured as a worker does it.

Stacks are drawn one at a time in a few processes and deleted when they are measured, so that
hundreds of them need no more room than two.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from astropy.io import fits
from scipy.spatial import cKDTree

from crowdsky.photometry.ensemble.flags import StarFlag
from crowdsky.photometry.ensemble.tables import Epochs, FieldObservations, Observations, Stars
from crowdsky.photometry.measurement import measure_stack, write_measurement
from crowdsky.solving.catalogue import GaiaColumns, StarCatalogue, encode_stars
from crowdsky.solving.chain import TimedSolver
from crowdsky.solving.triangles import TriangleSolver
from crowdsky.synthetic import scenes
from crowdsky.synthetic.geometry import sky_to_plane
from crowdsky.synthetic.variables import LightCurve
from crowdsky.synthetic.visit_light import FlatField, StarLight, StarTruth, star_truth
from crowdsky.synthetic.visit_pictures import render_visit
from crowdsky.synthetic.visits import Visits, observing_plan, three_telescopes
from tests.support.pictured_products import write_visit

CENTRE = (50.0, 41.0)
YEAR = 2026.0
FAINTEST_LISTED = 16.5
FAINTEST_SOLVED = 12.5
ONE_STAR_ARCSEC, REACH_ARCSEC = 6.0, 4.0
CATALOGUE_ERROR_MAG = 0.02
FLAT_MAG = 0.003
FIRST_EPOCH_ID = 1001
COLUMNS = (
    "ra", "dec", "x", "y", "flux_r", "flux_g", "flux_b", "flux_err_r", "flux_err_g", "flux_err_b",
    "fwhm", "flag", "saturated", "blended", "edge",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PicturedPlan:
    """What is observed; the same plan gives the same pictures.

    truth       -- the stars of the field
    curves      -- those that vary, by row
    listed      -- rows of the stars that a list of the field has
    wanted      -- rows whose period somebody asks for
    flats       -- errors of the flat fields, one per telescope
    seed        -- of everything random in the pictures
    """

    truth: StarTruth
    curves: dict[int, LightCurve]
    listed: np.ndarray
    wanted: tuple[int, ...]
    visits: Visits
    flats: tuple[FlatField, ...]
    seed: int


def plan_pictures(
    seed: int,
    n_visits: int,
    n_nights: int,
    curves: list[LightCurve],
    *,
    size: tuple[int, int] = (1080, 1920),
    density: float = 350.0,
    asked: tuple[int, ...] = (),
) -> PicturedPlan:
    """Plan visits of three telescopes to a field.

    Args:
        seed: of everything random.
        n_visits, n_nights: number of stacks, and of the nights that they share.
        curves: of the variable stars, which are the bright and lone ones of the middle.
        size: width and height of the pictures.
        density: stars per square degree to magnitude 15.
        asked: places in `curves` of stars whose period is asked for.
    """
    rng = np.random.default_rng(seed)
    width, height = size
    telescopes = tuple(
        replace(one, width=width, height=height, full_well_mag=8.2) for one in three_telescopes(rng)
    )
    reach = max(one.scale_arcsec for one in telescopes) * np.hypot(*size) / 7200.0
    stars = scenes.random_stars(
        *CENTRE, 1.05 * float(reach), density, rng, brightest=8.5, faintest=17.0
    )
    visits = observing_plan(rng, n_visits, n_nights, telescopes=telescopes)
    east, north = sky_to_plane(stars.ra_deg, stars.dec_deg, *CENTRE)
    listed = _listed(np.stack([east, north], axis=1) * 3600.0, stars.v_mag)
    rows = _lone_stars(east, north, stars.v_mag, 0.3 * width * 2.374 / 3600.0)
    chosen = dict(zip(rows.tolist(), curves, strict=False))
    return PicturedPlan(
        truth=star_truth(stars, chosen, visits),
        curves=chosen,
        listed=listed,
        wanted=tuple(list(chosen)[place] for place in asked),
        visits=visits,
        flats=tuple(FlatField(rng, FLAT_MAG) for _ in telescopes),
        seed=seed,
    )


def _listed(places: np.ndarray, v_mag: np.ndarray) -> np.ndarray:
    """Return the rows that a list has: of stars too close to be told apart, the brightest."""
    bright = np.flatnonzero(v_mag < FAINTEST_LISTED)
    bright = bright[np.argsort(v_mag[bright])]
    near = cKDTree(places[bright]).query_ball_point(places[bright], ONE_STAR_ARCSEC)
    return bright[[min(others) == row for row, others in enumerate(near)]]


def _lone_stars(
    east: np.ndarray, north: np.ndarray, v_mag: np.ndarray, reach_deg: float
) -> np.ndarray:
    """Return rows near the middle from magnitude 10.5, brightest first, without a neighbour."""
    places = np.stack([east, north], axis=1) * 3600.0
    near = cKDTree(places).query_ball_point(places, 45.0)
    rows = [
        row
        for row in np.argsort(v_mag)
        if v_mag[row] > 10.5
        and max(abs(east[row]), abs(north[row])) < reach_deg
        and all(other == row or v_mag[other] > v_mag[row] + 4.0 for other in near[row])
    ]
    return np.array(rows)


@dataclass(frozen=True, slots=True)
class MeasuredVisit:
    """A stack as a site keeps it: its row of the epochs, and columns of STAR-TAB. And the truth."""

    epoch: dict[str, object]
    stars: dict[str, np.ndarray]
    light: StarLight


@dataclass(frozen=True, slots=True)
class PicturedField:
    """What was measured, and the light in ADU that was drawn, of each observation, (n, 3)."""

    observations: FieldObservations
    true_flux: np.ndarray


def observe(plan: PicturedPlan, processes: int = 1) -> PicturedField:
    """Draw, solve and measure all visits, and gather what they saw of the listed stars.

    Raises ValueError for a stack that is not solved.
    """
    work = partial(measure_visit, plan)
    rows = range(len(plan.visits))
    if processes == 1:
        return gather(plan, [work(row) for row in rows])
    # Forked children would inherit the locks of other threads.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        return gather(plan, list(pool.map(work, rows)))


def measure_visit(plan: PicturedPlan, row: int) -> MeasuredVisit:
    """Draw a stack as a product, measure its file, and read what the site reads of it."""
    visits = plan.visits
    telescope = int(visits.telescope[row])
    rng = np.random.default_rng([plan.seed, row])
    drawn = render_visit(plan.truth, CENTRE, visits, row, plan.flats[telescope], rng)
    catalogue = truth_catalogue(plan)
    with tempfile.TemporaryDirectory(prefix="crowdsky-pictures-") as folder:
        path = Path(folder) / f"visit{row:03d}.fits"
        write_visit(path, drawn, visits, row, CENTRE)
        solvers = [TimedSolver(TriangleSolver(catalogue))]
        measured = measure_stack(path, solvers, catalogue)
        if measured.solution is None:
            raise ValueError(f"{path.name} is not solved: {measured.plate.reason}")
        write_measurement(path, measured)
        with fits.open(path, memmap=False) as hdus:
            header, rows = hdus[0].header, hdus["STAR-TAB"].data
            table = {name: np.array(rows[name]) for name in COLUMNS}
    seeing = {
        "scale_arcsec": measured.solution.scale_arcsec,
        "fwhm_px": measured.calibration.planes[1].fwhm_px,
    }
    return MeasuredVisit(_epoch(row, header, drawn.planes.shape) | seeing, table, drawn.light)


def truth_catalogue(plan: PicturedPlan) -> StarCatalogue:
    """Make the catalogue that stacks are solved with and magnitudes tied to."""
    stars = plan.truth.stars
    rows = plan.listed[stars.v_mag[plan.listed] < FAINTEST_SOLVED]
    error = np.random.default_rng([plan.seed, 10**6]).normal(0.0, CATALOGUE_ERROR_MAG, len(rows))
    mag = stars.v_mag[rows] + error
    codes, order = encode_stars(stars.ra_deg[rows], stars.dec_deg[rows], mag)
    # Like the Sun in both colours.
    bp_rp = 0.82 + 1.2 * (stars.b_minus_v[rows] - 0.65)
    still, errors = np.zeros(len(rows)), np.full(len(rows), CATALOGUE_ERROR_MAG)
    gaia = GaiaColumns(rows[order] + 1, mag[order], still, still, bp_rp[order], errors)
    return StarCatalogue("truth", "V", YEAR, codes, gaia)


def _epoch(row: int, header: fits.Header, shape: tuple[int, ...]) -> dict[str, object]:
    def planes(stem: str) -> list[float]:
        return [float(header.get(f"{stem}{letter}", np.nan)) for letter in "RGB"]

    return {
        "epoch_id": row + FIRST_EPOCH_ID,
        "mjd": header["MJD-AVG"],
        "bjd": header["BJD_TDB"],
        "airmass": header["AIRMASS"],
        "exposure_s": header["EXPTIME"],
        "n_subs": header["NIMAGES"],
        "telescope": header["TELESCOP"],
        "filter_name": header["FILTER"],
        "bands": "RGB",
        "width": shape[2],
        "height": shape[1],
        "zero_point": planes("ZP"),
        "zero_point_error": planes("ZPERR"),
        "aperture_px": header["APRADG"],
        "limiting_mag": header["LIMMAGG"],
        "fit_only": False,
    }


def gather(plan: PicturedPlan, visits: list[MeasuredVisit]) -> PicturedField:
    """Match the stars of all stacks with the true list, by place."""
    truth = plan.truth.stars
    listed = plan.listed
    places = _arcsec(truth.ra_deg[listed], truth.dec_deg[listed])
    parts = [_matched(visit.stars, row, places) for row, visit in enumerate(visits)]
    names = Observations.__dataclass_fields__
    wanted = np.isin(listed, plan.wanted)
    observations = FieldObservations(
        field_id=1,
        ra=CENTRE[0],
        dec=CENTRE[1],
        scope=0,
        version=1,
        epochs=_epochs([visit.epoch for visit in visits]),
        stars=Stars(
            star_id=listed.astype(np.int64) + 1,
            ra=truth.ra_deg[listed],
            dec=truth.dec_deg[listed],
            year=np.full(len(listed), YEAR),
            gaia_id=np.zeros(len(listed), np.int64),
            known_variable=np.zeros(len(listed), bool),
            search=wanted,
        ),
        observations=Observations(
            **{name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
        ),
    )
    true_flux = [
        _true_flux(visit.light, listed[part.star])
        for visit, part in zip(visits, parts, strict=True)
    ]
    return PicturedField(observations, np.concatenate(true_flux))


def _true_flux(light: StarLight, rows: np.ndarray) -> np.ndarray:
    """Return what was drawn of stars; NaN of one that is not in the picture."""
    place = np.minimum(np.searchsorted(light.rows, rows), len(light.rows) - 1)
    return np.where((light.rows[place] == rows)[:, None], light.flux[place], np.nan)


def _arcsec(ra_deg: np.ndarray, dec_deg: np.ndarray) -> np.ndarray:
    return np.stack(sky_to_plane(ra_deg, dec_deg, *CENTRE), axis=1) * 3600.0


def _matched(table: dict[str, np.ndarray], epoch: int, places: np.ndarray) -> Observations:
    """Pair STAR-TAB with the list: each other's nearest within reach."""
    spots = _arcsec(table["ra"], table["dec"])
    distance, star = cKDTree(places).query(spots)
    _, back = cKDTree(spots).query(places)
    rows = np.flatnonzero((distance < REACH_ARCSEC) & (back[star] == np.arange(len(spots))))
    flux, error = (
        np.stack([table[f"{stem}_{colour}"] for colour in "rgb"], axis=1)[rows].astype(np.float32)
        for stem in ("flux", "flux_err")
    )
    flags = np.where((flux <= 0.0).any(axis=1), int(StarFlag.NOT_POSITIVE), 0)
    for column, flag in (
        ("saturated", StarFlag.SATURATED), ("blended", StarFlag.BLENDED), ("edge", StarFlag.EDGE)
    ):  # fmt: skip
        flags |= np.where(table[column][rows], int(flag), 0)
    flags |= np.where((table["flag"][rows] & ~2) != 0, int(StarFlag.DETECTION), 0)
    return Observations(
        star=star[rows].astype(np.int32),
        epoch=np.full(len(rows), epoch, np.int32),
        x=table["x"][rows].astype(np.float32),
        y=table["y"][rows].astype(np.float32),
        flux=flux,
        flux_error=error,
        fwhm_px=table["fwhm"][rows].astype(np.float32),
        flags=flags.astype(np.int16),
    )


def _epochs(rows: list[dict[str, object]]) -> Epochs:
    kinds = {
        "epoch_id": "i8", "mjd": "f8", "bjd": "f8", "n_subs": "i4", "telescope": "U80",
        "filter_name": "U16", "bands": "U3", "width": "i4", "height": "i4", "fit_only": "?",
    }  # fmt: skip
    return Epochs(
        **{
            name: np.array([row[name] for row in rows], dtype=kinds.get(name, "f4"))
            for name in Epochs.__dataclass_fields__
        }
    )
