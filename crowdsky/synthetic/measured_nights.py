"""Many measured stacks of one field with known truth, as tables, without a pixel.

Three telescopes with colour terms and flat fields of their own observe a field on many nights, with
clouds, moonlight, scintillation, changing seeing and everything that spoils single points. What a
star list would contain is computed star by star, so that hundreds of stacks take seconds. Columns
are named as in the tables of a calibration. The sky is that of `crowdsky.synthetic.scenes`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from crowdsky.synthetic.scenes import Stars
from crowdsky.synthetic.variables import LightCurve
from crowdsky.synthetic.visit_light import (
    BAND_LIGHT,
    SKY_ADU,
    FlatField,
    StarTruth,
    star_truth,
    visit_light,
)
from crowdsky.synthetic.visits import Telescope, Visits, observing_plan

SATURATED, BLENDED, EDGE, DETECTION, NOT_POSITIVE = 1, 2, 4, 8, 16
DETECTION_SNR = 5.0


@dataclass(frozen=True, slots=True)
class Spoilers:
    """How much goes wrong.

    bad_points      -- share of observations that are off by up to half a magnitude, without a flag
    flat_mag        -- scatter of the flat fields' errors at the scale of a hundred pixels
    cloud_patches   -- loss that differs from star to star, relative to the loss of a cloud
    blended         -- share of stars with a neighbour whose light leaks in with the seeing
    flagged_blends  -- share of these that carry the flag
    error_scatter   -- relative error of the stated errors, per stack
    lost            -- share of stars that a stack misses for no reason
    """

    bad_points: float = 0.05
    flat_mag: float = 0.003
    cloud_patches: float = 0.01
    blended: float = 0.02
    flagged_blends: float = 0.5
    error_scatter: float = 0.05
    lost: float = 0.01


NOTHING_SPOILT = Spoilers(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class MeasuredNights:
    """Tables of a field, and the truth behind them.

    ra_deg, dec_deg -- centre of the field
    epochs, stars, observations -- structured arrays, named as the records of
                    `crowdsky.photometry.ensemble.tables`
    visits          -- the true conditions of the epochs
    mags            -- true mean magnitudes of the stars without their variation, (n, 3)
    changes         -- true variation in magnitudes, (stars, epochs, 3)
    zero_points     -- true zero points of the epochs for a star of B - V 0.65 at the middle, (n, 3)
    blended         -- bool (stars,): with a neighbour in the aperture
    bad             -- bool (observations, 3): spoilt planes
    """

    ra_deg: float
    dec_deg: float
    epochs: np.ndarray
    stars: np.ndarray
    observations: np.ndarray
    visits: Visits
    mags: np.ndarray
    changes: np.ndarray
    zero_points: np.ndarray
    blended: np.ndarray
    bad: np.ndarray


@dataclass(frozen=True, slots=True)
class _Field:
    """What belongs to the stars and stays the same in all epochs."""

    truth: StarTruth
    neighbour_light: np.ndarray
    flagged_blend: np.ndarray
    spoilers: Spoilers = field(default_factory=Spoilers)


def measured_nights(
    stars: Stars,
    centre: tuple[float, float],
    curves: dict[int, LightCurve],
    rng: np.random.Generator,
    *,
    visits: Visits | None = None,
    spoilers: Spoilers | None = None,
    known_variables: tuple[int, ...] = (),
    asked: tuple[int, ...] = (),
) -> MeasuredNights:
    """Measure a field on many nights.

    Args:
        stars: the field's stars; their rows are those of the table.
        centre: right ascension and declination of the telescopes' pointing, degrees.
        curves: how the variable ones vary, by row; all others are constant.
        rng: source of everything random.
        visits: when and under which sky; by default 200 stacks of 30 nights by three telescopes.
        spoilers: what goes wrong.
        known_variables, asked: rows with these marks in the table of stars.
    """
    visits = visits or observing_plan(rng)
    spoilers = spoilers or Spoilers()
    count = len(stars.v_mag)
    truth = star_truth(stars, curves, visits)
    blended = rng.random(count) < spoilers.blended
    blended[list(curves)] = False
    neighbour = np.where(blended, rng.uniform(0.05, 0.6, count), 0.0)
    flagged = blended & (rng.random(count) < spoilers.flagged_blends)
    sky = _Field(truth, neighbour, flagged, spoilers)
    flats = {one.name: FlatField(rng, spoilers.flat_mag) for one in visits.telescopes}
    parts, bad, zero_points = [], [], []
    for row in range(len(visits)):
        seen, spoilt, zero_point = _observe(sky, centre, visits, row, flats, rng)
        parts.append(seen)
        bad.append(spoilt)
        zero_points.append(zero_point)
    observations = np.concatenate(parts)
    return MeasuredNights(
        ra_deg=centre[0],
        dec_deg=centre[1],
        epochs=_epoch_table(visits, np.array(zero_points), rng),
        stars=_star_table(stars, known_variables, asked),
        observations=observations,
        visits=visits,
        mags=truth.mags,
        changes=truth.changes,
        zero_points=np.array(zero_points),
        blended=blended,
        bad=np.concatenate(bad),
    )


def _observe(
    sky: _Field,
    centre: tuple[float, float],
    visits: Visits,
    row: int,
    flats: dict[str, FlatField],
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Measure all stars in one epoch: rows of the table, spoilt planes, true zero points (3,)."""
    telescope, spoilers = visits.telescopes[visits.telescope[row]], sky.spoilers
    flat = flats[telescope.name]
    light = visit_light(sky.truth, centre, visits, row, flat, spoilers.cloud_patches, rng)
    inside, x, y, zero_point = light.rows, light.x, light.y, light.zero_point
    fwhm = visits.fwhm_px[row]
    leak = sky.neighbour_light[inside] * _leaking_share(fwhm)
    steady = BAND_LIGHT * 10.0 ** (-0.4 * (sky.truth.mags[inside] - zero_point))
    flux = light.flux + leak[:, None] * steady
    error = _noise(flux, telescope, visits, row)
    flux = flux + rng.normal(0.0, 1.0, flux.shape) * error
    bad = _spoil(flux, spoilers.bad_points, rng)
    stated = error * np.exp(rng.normal(0.0, spoilers.error_scatter))
    seen = flux.sum(axis=1) > DETECTION_SNR * np.sqrt((stated**2).sum(axis=1))
    seen &= rng.random(len(inside)) >= spoilers.lost
    v_mag = sky.truth.stars.v_mag[inside]
    peak = 10.0 ** (0.4 * (telescope.full_well_mag - v_mag)) * (2.8 / fwhm) ** 2
    border = np.minimum(
        np.minimum(x, telescope.width - 1 - x), np.minimum(y, telescope.height - 1 - y)
    )
    flags = SATURATED * (peak > 1.0) + BLENDED * sky.flagged_blend[inside] + EDGE * (border < 8.0)
    flags = flags + NOT_POSITIVE * (flux <= 0.0).any(axis=1)
    table = np.zeros(len(inside), dtype=_OBSERVATION)
    table["star"], table["epoch"], table["x"], table["y"] = inside, row, x, y
    table["flux"], table["flux_error"] = flux, stated
    table["fwhm_px"] = fwhm * np.exp(rng.normal(0.0, 0.02, len(inside)))
    table["flags"] = flags
    return table[seen], bad[seen], zero_point + 2.5 * np.log10(BAND_LIGHT)


def _leaking_share(fwhm_px: float) -> float:
    """Compute the share of a neighbour's light in the aperture: it grows with the seeing."""
    return float(1.0 / (1.0 + np.exp(-(fwhm_px - 3.6) / 0.6)))


def _noise(flux: np.ndarray, telescope: Telescope, visits: Visits, row: int) -> np.ndarray:
    """Compute the error of the fluxes in ADU of one sub: photons, sky and reading of all subs."""
    n_subs = visits.n_subs[row]
    aperture = np.pi * (0.9 * visits.fwhm_px[row]) ** 2
    sky = SKY_ADU * visits.sky[row] / telescope.adu_per_electron + telescope.read_noise**2
    electrons = np.maximum(flux, 0.0) / telescope.adu_per_electron + aperture * sky
    return np.asarray(telescope.adu_per_electron * np.sqrt(electrons / n_subs))


def _spoil(flux: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Spoil fluxes in place, a third of them in one plane alone; return which, bool (n, 3)."""
    rows = np.flatnonzero(rng.random(len(flux)) < share)
    planes = np.ones((len(rows), 3), dtype=bool)
    single = rng.random(len(rows)) < 1.0 / 3.0
    planes[single] = np.arange(3) == rng.integers(0, 3, single.sum())[:, None]
    sizes = rng.uniform(0.02, 0.5, len(rows)) * rng.choice([-1.0, 1.0], len(rows))
    bad = np.zeros(flux.shape, dtype=bool)
    bad[rows] = planes
    flux[rows] *= np.where(planes, 10.0 ** (0.4 * sizes)[:, None], 1.0)
    return bad


def _epoch_table(visits: Visits, zero_points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    table = np.zeros(len(visits), dtype=_EPOCH)
    telescopes = [visits.telescopes[index] for index in visits.telescope]
    table["epoch_id"] = np.arange(len(visits)) + 1001
    table["mjd"], table["bjd"] = visits.bjd - 2400000.5 - 0.003, visits.bjd
    for name in ("airmass", "exposure_s", "n_subs", "fwhm_px"):
        table[name] = getattr(visits, name)
    table["telescope"] = [one.name for one in telescopes]
    table["filter_name"], table["bands"] = "IRCUT", "RGB"
    table["width"] = [one.width for one in telescopes]
    table["height"] = [one.height for one in telescopes]
    table["scale_arcsec"] = [one.scale_arcsec for one in telescopes]
    # The catalogue's stars are few and their magnitudes poor, as those of Tycho-2 are.
    table["zero_point"] = zero_points + rng.normal(0.0, 0.08, (len(visits), 1))
    table["zero_point_error"] = 0.08
    table["aperture_px"] = 0.9 * visits.fwhm_px
    table["limiting_mag"] = 15.5 - visits.loss_mag[:, 1]
    return table


def _star_table(
    stars: Stars, known_variables: tuple[int, ...], asked: tuple[int, ...]
) -> np.ndarray:
    table = np.zeros(len(stars.v_mag), dtype=_STAR)
    table["star_id"] = np.arange(len(table)) + 1
    table["ra"], table["dec"], table["year"] = stars.ra_deg, stars.dec_deg, 2026.0
    table["known_variable"][list(known_variables)] = True
    table["search"][list(asked)] = True
    return table


_EPOCH = np.dtype([
    ("epoch_id", "i8"), ("mjd", "f8"), ("bjd", "f8"), ("airmass", "f4"), ("exposure_s", "f4"),
    ("n_subs", "i4"), ("telescope", "U80"), ("filter_name", "U16"), ("bands", "U3"),
    ("width", "i4"), ("height", "i4"), ("zero_point", "f4", 3), ("zero_point_error", "f4", 3),
    ("fwhm_px", "f4"), ("aperture_px", "f4"), ("scale_arcsec", "f4"), ("limiting_mag", "f4"),
])  # fmt: skip
_STAR = np.dtype([
    ("star_id", "i8"), ("ra", "f8"), ("dec", "f8"), ("year", "f8"), ("gaia_id", "i8"),
    ("known_variable", "?"), ("search", "?"),
])  # fmt: skip
_OBSERVATION = np.dtype([
    ("star", "i4"), ("epoch", "i4"), ("x", "f4"), ("y", "f4"), ("flux", "f4", 3),
    ("flux_error", "f4", 3), ("fwhm_px", "f4"), ("flags", "i2"),
])  # fmt: skip
