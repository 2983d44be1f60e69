"""Plans a synthetic night: everything random about it except the noise of the pixels."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
from astropy import units
from astropy.coordinates import FK5, SkyCoord
from astropy.time import Time

from crowdsky.synthetic.geometry import turn
from crowdsky.synthetic.records import Camera, Defects, Night, SubTruth, Trail, Truth


def plan(night: Night, rng: np.random.Generator) -> Truth:
    """Draw pointings, defects and trails of a night at random, and place its stars in pixels."""
    camera, scene = night.camera, night.scene
    star_x, star_y = night.grid.to_pixels(scene.stars.ra_deg, scene.stars.dec_deg)
    flux = scene.stars.flux(camera.zero_point_mag) * (night.exposure_s / 10.0)
    return Truth(
        night=night,
        star_x=star_x,
        star_y=star_y,
        star_flux=flux,
        hot_pixels=_defects(camera, night.n_hot_pixels, 800.0, 20000.0, rng),
        warm_pixels=_defects(camera, night.n_warm_pixels, 60.0, 700.0, rng),
        subs=tuple(_plan_sub(night, index, rng) for index in range(night.n_subs)),
    )


def _plan_sub(night: Night, index: int, rng: np.random.Generator) -> SubTruth:
    grid = night.grid
    start = night.start + timedelta(seconds=index * night.cadence_s)
    hours = index * night.cadence_s / 3600.0
    jumped = night.jump_at is not None and index >= night.jump_at
    jump = np.array(night.jump_px if jumped else (0.0, 0.0))
    shift = rng.normal(0.0, night.dither_px, 2) + jump
    to_reference = turn(grid.middle, night.rotation_deg_per_hour * hours, shift)
    ra, dec = grid.to_sky(*(grid.middle + shift))
    header_ra, header_dec = _of_date(*grid.to_sky(*(grid.middle + jump)), night.start)
    cloudy = index in night.cloudy
    drift = 1.0 + night.sky_drift * index / max(night.n_subs - 1, 1)
    angle = rng.uniform(0.0, 2.0 * np.pi)
    smear = night.smear_px * np.array([np.cos(angle), np.sin(angle)])
    return SubTruth(
        filename=_filename(night, start),
        start=start,
        to_reference=to_reference,
        ra_deg=ra,
        dec_deg=dec,
        header_ra_deg=header_ra,
        header_dec_deg=header_dec,
        transparency=night.cloud_transparency if cloudy else 1.0,
        sky_factor=drift * (1.25 if cloudy else 1.0),
        smear_px=(float(smear[0]), float(smear[1])) if index in night.trailed else (0.0, 0.0),
        trails=(_satellite(night, rng),) if index in night.satellites else (),
        cosmic_rays=_cosmic_rays(night, rng),
        ccd_temp_c=round(25.0 + rng.normal(0.0, 0.2), 3),
    )


def _of_date(ra: float, dec: float, date: datetime) -> tuple[float, float]:
    """Precess a position, degrees, to the equinox of a date, of which a Seestar's headers are."""
    sky = SkyCoord(ra * units.deg, dec * units.deg)
    there = sky.transform_to(FK5(equinox=Time(date)))
    return float(there.ra.deg), float(there.dec.deg)


def _filename(night: Night, start: datetime) -> str:
    # A Seestar names a sub after the local time at which it was saved.
    saved = start + timedelta(seconds=night.exposure_s + 3.0, hours=night.utc_offset_h)
    stamp = saved.strftime("%Y%m%d-%H%M%S")
    return f"Light_{night.scene.name}_{night.exposure_s:.1f}s_{night.filter_name}_{stamp}.fit"


def _defects(
    camera: Camera, count: int, faintest: float, brightest: float, rng: np.random.Generator
) -> Defects:
    """Scatter defects over the sensor, with equal numbers per decade of brightness."""
    return Defects(
        x=rng.integers(0, camera.width, count),
        y=rng.integers(0, camera.height, count),
        adu=np.exp(rng.uniform(np.log(faintest), np.log(brightest), count)).astype(np.float32),
    )


def _cosmic_rays(night: Night, rng: np.random.Generator) -> Defects:
    """Draw short tracks of one to five pixels in a row, each with the same charge per pixel."""
    x, y, adu = [], [], []
    for _ in range(rng.poisson(night.cosmic_rays_per_sub)):
        length = int(rng.integers(1, 6))
        column = int(rng.integers(0, night.camera.width - length))
        x += list(range(column, column + length))
        y += [int(rng.integers(0, night.camera.height))] * length
        adu += [float(rng.uniform(1500.0, 9000.0))] * length
    return Defects(np.array(x, dtype=int), np.array(y, dtype=int), np.array(adu, dtype=np.float32))


def _satellite(night: Night, rng: np.random.Generator) -> Trail:
    """Draw a trail from the left to the right edge, in the white of sunlight."""
    left, right = rng.uniform(0.1, 0.9, 2) * night.camera.height
    peak = night.satellite_adu
    return Trail(0.0, left, night.camera.width - 1.0, right, (0.8 * peak, peak, 0.7 * peak))
