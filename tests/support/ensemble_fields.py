"""Observations of a field with known truth, drawn without pixels, for tests of the calibration."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from crowdsky.photometry.ensemble.tables import Epochs, FieldObservations, Observations, Stars

TELESCOPES = ("Seestar S50_aaaa1111", "Seestar S30_bbbb2222", "DWARF 3_cccc3333")
APERTURES_MM = (50.0, 30.0, 35.0)
WIDTH, HEIGHT = 1080, 1920
ELECTRONS = 2000.0
"""Electrons of a star of 10 mag in a second and a plane of the 50 mm telescope."""

SKY_ELECTRONS = 60.0
"""Electrons of the sky in the aperture in a second."""

GAIN = 100.0
"""Electrons per ADU of a stack."""


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """What is observed.

    n_telescopes    -- number of telescopes, used in turn
    coverage        -- share of the stars that an epoch sees, at random
    mono_share      -- share of the epochs of a monochrome camera
    faint_mag       -- magnitude of the faintest star
    clouds_mag      -- extinction of epochs by clouds, up to
    colour_terms    -- whether telescopes differ in colour
    flat_mag        -- amplitude of slow errors of the flat field
    gradient_mag    -- of each epoch, mag from the middle to the edge
    noise_free      -- whether observations have no noise
    """

    n_epochs: int = 60
    n_stars: int = 120
    n_telescopes: int = 1
    coverage: float = 1.0
    mono_share: float = 0.0
    faint_mag: float = 15.0
    clouds_mag: float = 0.3
    colour_terms: bool = True
    flat_mag: float = 0.0
    gradient_mag: float = 0.0
    floor_mag: float = 0.0
    noise_free: bool = False


@dataclass(frozen=True, slots=True)
class ObservedField:
    """Observations and their truth.

    mag         -- of the stars in the planes R, G, B, (n_stars, 3)
    colour      -- B - R of the stars
    zero_point  -- of the epochs, (n_epochs, 3)
    colour_term -- of the epochs, (n_epochs, 3)
    flat        -- coefficients of u, v, uu, uv, vv of each telescope, (n_telescopes, 5)
    telescope   -- of each epoch
    """

    observations: FieldObservations
    mag: NDArray[np.float64]
    colour: NDArray[np.float64]
    zero_point: NDArray[np.float64]
    colour_term: NDArray[np.float64]
    flat: NDArray[np.float64]
    telescope: NDArray[np.intp] = field(repr=False)


def observed_field(plan: FieldPlan, seed: int) -> ObservedField:
    """Draw a field."""
    rng = np.random.default_rng(seed)
    n_epochs, n_stars = plan.n_epochs, plan.n_stars
    green = np.sort(plan.faint_mag - rng.exponential(1.4, n_stars).clip(0.0, plan.faint_mag - 7.5))
    colour = rng.normal(1.0, 0.4, n_stars).clip(-0.2, 2.5)
    mag = green[:, None] + colour[:, None] * np.array([-0.55, 0.0, 0.45])
    telescope = np.arange(n_epochs) % plan.n_telescopes
    mono = rng.random(n_epochs) < plan.mono_share
    exposure = np.full(n_epochs, 900.0)
    area = (np.array(APERTURES_MM) / 50.0)[telescope] ** 2
    base = 10.0 + 2.5 * np.log10(ELECTRONS / GAIN * area)
    zero_point = base[:, None] - plan.clouds_mag * rng.random(n_epochs)[:, None] ** 3
    zero_point = zero_point + rng.normal(0.0, 0.05, (n_epochs, 1)) + np.array([-0.3, 0.0, -0.5])
    slopes = rng.normal(0.0, 0.08, (plan.n_telescopes, 3)) * plan.colour_terms
    colour_term = slopes[telescope]
    flat = rng.normal(0.0, 1.0, (plan.n_telescopes, 5)) * plan.flat_mag
    gradient = rng.normal(0.0, 1.0, (n_epochs, 2)) * plan.gradient_mag

    star, epoch = np.nonzero(rng.random((n_stars, n_epochs)) < plan.coverage)
    sky_x, sky_y = rng.uniform(60, WIDTH - 60, n_stars), rng.uniform(60, HEIGHT - 60, n_stars)
    shift = rng.uniform(-50, 50, (n_epochs, 2))
    x, y = sky_x[star] + shift[epoch, 0], sky_y[star] + shift[epoch, 1]
    u, v = 2.0 * x / (WIDTH - 1) - 1.0, 2.0 * y / (HEIGHT - 1) - 1.0
    place = np.stack([u, v, u * u, u * v, v * v], axis=1)
    sent = mag[star] - zero_point[epoch] - colour_term[epoch] * (colour[star, None] - 1.0)
    sent = sent - (np.sum(place * flat[telescope[epoch]], axis=1))[:, None]
    sent = sent - (u * gradient[epoch, 0] + v * gradient[epoch, 1])[:, None]
    light = 10.0 ** (-0.4 * sent)
    electrons = light * GAIN * exposure[epoch, None]
    sky = SKY_ELECTRONS * area[epoch] * exposure[epoch]
    noise = np.sqrt(electrons + sky[:, None]) / (GAIN * exposure[epoch, None])
    flux = light
    if not plan.noise_free:
        scint = scintillation(APERTURES_MM, telescope, exposure)[epoch]
        grey = rng.normal(size=len(star)) * np.hypot(scint, plan.floor_mag) / 1.0857
        flux = light * (1.0 + grey[:, None]) + rng.normal(size=light.shape) * noise
    flux[mono[epoch]] *= np.array([np.nan, 1.0, np.nan])
    return ObservedField(
        FieldObservations(
            42, 192.7, 41.1, 0, 1,
            _epochs(telescope, mono, exposure, zero_point),
            Stars(
                np.arange(n_stars) + 1001, 192.7 + sky_x / 1e4, 41.1 + sky_y / 1e4,
                np.full(n_stars, 2016.0), np.zeros(n_stars, np.int64),
                np.zeros(n_stars, bool), np.zeros(n_stars, bool),
            ),
            Observations(
                star.astype(np.int32), epoch.astype(np.int32), x.astype(np.float32),
                y.astype(np.float32), flux.astype(np.float32), noise.astype(np.float32),
                np.full(len(star), 3.0, np.float32), np.zeros(len(star), np.int16),
            ),
        ),
        mag, colour, zero_point, colour_term, flat, telescope,
    )  # fmt: skip


def scintillation(
    apertures_mm: tuple[float, ...], telescope: NDArray[np.intp], exposure: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return magnitudes of scintillation at airmass 1.2, sea level (Young 1967, Osborn 2015)."""
    diameter = np.array(apertures_mm)[telescope] / 1000.0
    variance = 1e-5 * 1.5**2 * diameter ** (-4 / 3) / exposure * 1.2**3
    return np.asarray(1.0857 * np.sqrt(variance))


def _epochs(
    telescope: NDArray[np.intp],
    mono: NDArray[np.bool_],
    exposure: NDArray[np.float64],
    zero_point: NDArray[np.float64],
) -> Epochs:
    count = len(telescope)
    single = np.float32
    mjd = 61000.0 + np.arange(count) // 8 + 0.01 * (np.arange(count) % 8)
    return Epochs(
        np.arange(count) + 501, mjd, mjd + 2400000.5, np.full(count, 1.2, single),
        exposure.astype(single), np.full(count, 90, np.int32), np.array(TELESCOPES)[telescope],
        np.full(count, "IRCUT"), np.where(mono, "L", "RGB"), np.full(count, WIDTH, np.int32),
        np.full(count, HEIGHT, np.int32), zero_point.astype(single),
        np.full((count, 3), 0.1, single), np.full(count, 3.0, single), np.full(count, 4.0, single),
        np.full(count, 2.4, single), np.full(count, 15.5, single),
        np.zeros(count, bool),
    )  # fmt: skip
