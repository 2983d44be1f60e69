"""Plans when telescopes look at a field, and the sky they find: nights, clouds, Moon, seeing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

EXTINCTION_MAG = 0.16
SYNODIC_MONTH_D = 29.530588
NEW_MOON_JD = 2451550.1
SIDEREAL_DAY_D = 0.99726957
SUB_S = 10.0
LATITUDE_DEG, DECLINATION_DEG = 45.0, 41.0


@dataclass(frozen=True, slots=True)
class Telescope:
    """A unit with its colours, scale and electronics.

    zero_points     -- magnitude of 1 ADU in a sub for the three bands, at airmass 0
    colour_terms    -- magnitudes per B - V by which its bands differ from the standard ones
    full_well_mag   -- V of the faintest star that saturates, at FWHM 2.8 px
    midnight        -- fraction of a BJD at which it is midnight
    fwhm_px         -- width of stars in median seeing
    """

    name: str
    zero_points: np.ndarray
    colour_terms: np.ndarray
    midnight: float
    width: int = 1080
    height: int = 1920
    scale_arcsec: float = 2.374
    aperture_cm: float = 5.0
    full_well_mag: float = 7.5
    adu_per_electron: float = 14.0
    read_noise: float = 1.5
    fwhm_px: float = 3.0
    efficiency: float = 0.85


@dataclass(frozen=True, slots=True)
class Visits:
    """Epochs in order of time; arrays of one length.

    telescope       -- row of `telescopes`
    bjd             -- middle of the exposure, BJD (TDB)
    exposure_s, n_subs -- of all subs, and their number
    airmass, fwhm_px, angle_deg -- as observed; position angle of the field
    shift_px        -- pointing error, (n, 2)
    sky             -- brightness relative to a dark one
    cloud_mag       -- mean loss in clouds
    loss_mag        -- extinction and clouds together
    scintillation_mag -- scatter of a star's light in the whole exposure
    night           -- number of the night
    """

    telescopes: tuple[Telescope, ...]
    telescope: np.ndarray
    bjd: np.ndarray
    exposure_s: np.ndarray
    n_subs: np.ndarray
    airmass: np.ndarray
    fwhm_px: np.ndarray
    angle_deg: np.ndarray
    shift_px: np.ndarray
    sky: np.ndarray
    cloud_mag: np.ndarray
    loss_mag: np.ndarray
    scintillation_mag: np.ndarray
    night: np.ndarray

    def __len__(self) -> int:
        return len(self.bjd)


def three_telescopes(rng: np.random.Generator) -> tuple[Telescope, ...]:
    """Make two of one class and one of another, in Europe and in America."""
    return tuple(
        Telescope(
            name=name,
            zero_points=23.2 + gain + rng.normal(0.0, 0.03, 3),
            colour_terms=rng.normal(terms, 0.01),
            midnight=midnight,
            scale_arcsec=scale,
            aperture_cm=aperture,
            fwhm_px=fwhm,
        )
        for name, gain, terms, midnight, scale, aperture, fwhm in (
            ("Seestar S50 0a1b2c3d", 0.0, (0.05, -0.03, 0.08), 0.45, 2.374, 5.0, 3.0),
            ("Seestar S50 4e5f6071", 0.05, (0.07, -0.02, 0.06), 0.49, 2.374, 5.0, 3.3),
            ("Dwarf 3 8293a4b5", -0.7, (-0.10, 0.06, -0.12), 0.78, 2.75, 3.5, 2.7),
        )
    )


def observing_plan(
    rng: np.random.Generator,
    n_epochs: int = 200,
    n_nights: int = 30,
    *,
    first_day: int = 2461000,
    every_days: int = 1,
    exposure_s: float = 900.0,
    telescopes: tuple[Telescope, ...] | None = None,
) -> Visits:
    """Plan stacks on the nights that follow BJD ``first_day``.

    In every night one to three telescopes look for some hours without a gap, so that the stacks of
    a night follow each other, or overlap if two telescopes observe.
    """
    telescopes = telescopes or three_telescopes(rng)
    night, unit, moment = _timetable(rng, n_epochs, n_nights, telescopes, exposure_s)
    midnight = np.array([one.midnight for one in telescopes])[unit]
    bjd = first_day + night * every_days + midnight + moment
    order = np.lexsort((unit, bjd))
    night, unit, moment, bjd = (values[order] for values in (night, unit, moment, bjd))
    efficiency = np.array([one.efficiency for one in telescopes])[unit]
    n_subs = np.maximum(1, rng.binomial(int(exposure_s / SUB_S), efficiency))
    hour_angle = (moment / SIDEREAL_DAY_D + rng.normal(0.0, 0.01, len(unit))) * 2.0 * np.pi
    airmass = _airmass(hour_angle)
    cloud = _clouds(rng, night, unit)
    scale = 1.0 / np.sqrt(2.0 * n_subs * SUB_S)
    aperture = np.array([one.aperture_cm for one in telescopes])[unit]
    return Visits(
        telescopes=telescopes,
        telescope=unit,
        bjd=bjd,
        exposure_s=n_subs * SUB_S,
        n_subs=n_subs,
        airmass=airmass,
        fwhm_px=_seeing(rng, night, unit, airmass, telescopes),
        angle_deg=np.degrees(hour_angle) * 0.6,
        shift_px=rng.normal(0.0, 15.0, (len(unit), 2)),
        sky=_moonlight(bjd, hour_angle),
        cloud_mag=cloud,
        loss_mag=(EXTINCTION_MAG * airmass + cloud)[:, None] * np.ones(3),
        # Young 1967 for sea level, with the factor 1.5 of Osborn et al. 2015.
        scintillation_mag=1.5 * 0.09 * 1.0857 * aperture ** (-2.0 / 3.0) * airmass**1.75 * scale,
        night=night,
    )


def _timetable(
    rng: np.random.Generator,
    n_epochs: int,
    n_nights: int,
    telescopes: tuple[Telescope, ...],
    exposure_s: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share epochs out: their nights, telescopes, and days from midnight."""
    share = rng.multinomial(n_epochs - n_nights, np.full(n_nights, 1.0 / n_nights)) + 1
    rows = []
    for night, count in enumerate(share):
        units = rng.permutation(len(telescopes))[: rng.integers(1, len(telescopes) + 1)]
        for unit, part in zip(units, np.array_split(np.arange(count), len(units)), strict=True):
            begin = rng.uniform(-0.17, 0.1)
            rows += [(night, unit, begin + k * exposure_s / 86400.0) for k in range(len(part))]
    nights, units_, moments = zip(*rows, strict=True)
    return np.array(nights), np.array(units_), np.array(moments)


def _airmass(hour_angle: np.ndarray) -> np.ndarray:
    lat, dec = np.radians([LATITUDE_DEG, DECLINATION_DEG])
    sine = np.sin(lat) * np.sin(dec) + np.cos(lat) * np.cos(dec) * np.cos(hour_angle)
    return np.asarray(1.0 / np.maximum(sine, 0.3))


def _clouds(rng: np.random.Generator, night: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Draw the loss in clouds: none in most nights, up to a magnitude in some stacks of others."""
    cloudy = rng.random((night.max() + 1, unit.max() + 1)) < 0.25
    loss = rng.exponential(0.3, len(night)) * (rng.random(len(night)) < 0.6)
    return np.asarray(np.where(cloudy[night, unit], np.minimum(loss, 1.2), 0.0))


def _seeing(
    rng: np.random.Generator,
    night: np.ndarray,
    unit: np.ndarray,
    airmass: np.ndarray,
    telescopes: tuple[Telescope, ...],
) -> np.ndarray:
    typical = np.array([one.fwhm_px for one in telescopes])[unit]
    of_night = np.exp(rng.normal(0.0, 0.12, (night.max() + 1, unit.max() + 1)))[night, unit]
    wander = np.exp(rng.normal(0.0, 0.05, len(night)))
    return np.asarray(typical * of_night * wander * airmass**0.3)


def _moonlight(bjd: np.ndarray, hour_angle: np.ndarray) -> np.ndarray:
    """Compute the sky's brightness: up to four times a dark one near full Moon."""
    phase = 2.0 * np.pi * (bjd - NEW_MOON_JD) / SYNODIC_MONTH_D
    lit = 0.5 * (1.0 - np.cos(phase))
    return np.asarray(1.0 + 3.0 * lit**2 + 0.1 * (1.0 - np.cos(hour_angle)))
