"""A synthetic Seestar night with known truth, for ``./dev demo`` and for tests.

``plan`` decides everything random about a night except the pixel noise: where the mount points, how
the field rotates, which pixels are hot, where trails run. ``render`` renders one sub, and
``write_night`` writes all of them as FITS files like those of a real Seestar S50 (levels, noise,
header keywords and file names are those of real subs of M 94).

Coordinates: x runs along NAXIS1, y along NAXIS2, both 0-based with the centre of the first pixel at
0. The *reference frame* is an ideal sub: the centre of the scene is in the middle of the sensor,
rotated by the position angle of the night. All randomness comes from the generator that the caller
passes in.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from astropy.io import fits

from crowdsky.synthetic.geometry import matrix
from crowdsky.synthetic.plan import plan
from crowdsky.synthetic.records import (
    SEESTAR_S30_PRO,
    SEESTAR_S50,
    Camera,
    Defects,
    Night,
    SubTruth,
    Trail,
    Truth,
)
from crowdsky.synthetic.render_kernels import (
    add_glow,
    add_stars,
    add_trail,
    digitise,
    expose,
    flat_sky,
    mosaic_colours,
)
from crowdsky.synthetic.scenes import Glow, Scene, reflection_nebula, spiral_galaxy, star_field

__all__ = [
    "SEESTAR_S30_PRO",
    "SEESTAR_S50",
    "Camera",
    "Defects",
    "Glow",
    "Night",
    "Scene",
    "SubTruth",
    "Trail",
    "Truth",
    "demo_nights",
    "header",
    "plan",
    "render",
    "star_field",
    "write_night",
]


def render(truth: Truth, index: int, rng: np.random.Generator) -> np.ndarray:
    """Render sub ``index`` as the camera would store it: a (height, width) uint16 mosaic."""
    night, sub, camera = truth.night, truth.subs[index], truth.night.camera
    sky = np.array(night.sky_adu) * sub.sky_factor
    light = flat_sky((camera.height, camera.width), camera.pattern, sky, night.gradient_adu)
    star_x, star_y = truth.stars_in(index)
    flux = truth.star_flux * sub.transparency
    red, green, blue = night.fwhm_px
    blur = night.soft_factor if index in night.soft else 1.0
    widths = (blur * red, blur * green, blur * blue)
    add_stars(light, camera.pattern, star_x, star_y, flux, widths, sub.smear_px)
    colours = mosaic_colours(camera.pattern)
    for glow in night.scene.glows:
        _add_glow(light, colours, truth, index, glow)
    for trail in sub.trails:
        ends = (trail.x0, trail.y0, trail.x1, trail.y1)
        add_trail(light, colours, *ends, np.array(trail.peak_adu), trail.sigma_px)
    exposed = expose(light, camera.adu_per_electron, camera.read_noise_electrons, rng)
    exposed += np.float32(camera.bias_adu)
    for defects in (truth.hot_pixels, truth.warm_pixels, sub.cosmic_rays):
        exposed[defects.y, defects.x] += defects.adu
    return digitise(exposed, camera.adc_step_adu)


def header(truth: Truth, index: int) -> fits.Header:
    """Build the header of sub ``index``, with the keywords of a real sub in their order."""
    night, sub, camera = truth.night, truth.subs[index], truth.night.camera
    cards: list[tuple[str, object, str]] = [
        ("CREATOR", f"ZWO {camera.instrument}", "Capture software"),
        ("PRODUCER", "ZWO", ""),
        ("XORGSUBF", 0, "Subframe X position in binned pixels"),
        ("YORGSUBF", 0, "Subframe Y position in binned pixels"),
        ("FOCALLEN", camera.focal_length_mm, "Focal length of telescope in mm"),
        ("APERTURE", 5.0, "Name of field of view aperture"),
        ("PROGRAM", "4.27", "The name of the software task that created the"),
        ("XBINNING", 1, "Camera X Bin"),
        ("YBINNING", 1, "Camera Y Bin"),
        ("CCDXBIN", 1, "Camera X Bin"),
        ("CCDYBIN", 1, "Camera Y Bin"),
        ("XPIXSZ", camera.pixel_size_um, "pixel size in microns (with binning)"),
        ("YPIXSZ", camera.pixel_size_um, "pixel size in microns (with binning)"),
        ("IMAGETYP", "Light", "Type of image"),
        ("EXPOSURE", night.exposure_s, "Exposure time in seconds"),
        ("EXPTIME", night.exposure_s, "Exposure time in seconds"),
        ("CCD-TEMP", sub.ccd_temp_c, "sensor temperature in C"),
        ("RA", round(sub.header_ra_deg, 6), "Object Right Ascension in degrees"),
        ("DEC", round(sub.header_dec_deg, 6), "Object Declination in degrees"),
        ("SITELONG", night.site_long_deg, "made up"),
        ("SITELAT", night.site_lat_deg, "made up"),
        ("DATE-OBS", sub.start.strftime("%Y-%m-%dT%H:%M:%S.%f"), "Image created time"),
        ("FILTER", night.filter_name, "Filter used when taking image"),
        ("INSTRUME", camera.instrument, "Camera model"),
        ("BAYERPAT", camera.pattern, "Bayer pattern"),
        ("GAIN", camera.gain_setting, "Gain Value"),
        ("FOCUSPOS", 1555, "Focuser position in steps"),
        ("TELESCOP", camera.telescope, "Telescope name"),
        ("OBJECT", night.scene.name, "name or catalog number of object being imaged"),
        ("TOTALEXP", night.exposure_s, "Total Exposure Time in seconds"),
        ("EQMODE", night.eq_mode, "Equatorial mode"),
    ]
    absent = {"BAYERPAT"} if camera.pattern == "MONO" else set()
    return fits.Header([card for card in cards if card[1] is not None and card[0] not in absent])


def write_night(folder: Path, night: Night, rng: np.random.Generator) -> Truth:
    """Render a night into ``folder``, created if missing, and return the truth about it."""
    truth = replace(plan(night, rng), folder=folder)
    folder.mkdir(parents=True, exist_ok=True)
    for index, path in enumerate(truth.paths):
        hdu = fits.PrimaryHDU(render(truth, index, rng), header(truth, index))
        hdu.writeto(path, overwrite=True)
    return truth


def demo_nights(
    rng: np.random.Generator, n_subs: int = 15, camera: Camera = SEESTAR_S50
) -> tuple[Night, ...]:
    """Plan the evening of the demo: two targets, 15 minutes apart, with the usual mishaps.

    With 15 subs each target takes less than four minutes, so each becomes one chunk of 15 minutes.
    """
    begin = datetime(2025, 3, 27, 1, 15, 20, 955368, tzinfo=UTC)
    first = Night(
        spiral_galaxy(rng),
        camera,
        n_subs,
        begin,
        jump_at=n_subs // 2 if n_subs >= 6 else None,
        satellites=(n_subs // 3,) if n_subs >= 3 else (),
        cloudy=(n_subs - 2,) if n_subs >= 6 else (),
        trailed=(1,) if n_subs >= 4 else (),
    )
    second = Night(
        reflection_nebula(rng),
        camera,
        n_subs,
        begin + timedelta(minutes=15),
        position_angle_deg=-35.0,
        satellites=(n_subs // 2,) if n_subs >= 3 else (),
    )
    return (first, second)


def _add_glow(light: np.ndarray, colours: np.ndarray, truth: Truth, index: int, glow: Glow) -> None:
    night, sub, grid = truth.night, truth.subs[index], truth.night.grid
    x, y = grid.to_pixels(np.array([glow.ra_deg]), np.array([glow.dec_deg]))
    axis = grid.direction(glow.position_angle_deg)
    to_major = np.array([[axis[0], axis[1]], [-axis[1], axis[0]]])
    offset = -to_major @ [x[0], y[0]]
    frame = np.column_stack([to_major, offset]) @ matrix(sub.to_reference)
    radius = glow.radius_arcsec / grid.scale_arcsec
    total = 10.0 ** (0.4 * (night.camera.zero_point_mag - glow.v_mag)) * night.exposure_s / 10.0
    peak = sub.transparency * total * glow.share_at_radius() / radius**2
    add_glow(
        light,
        colours,
        frame,
        radius,
        glow.axis_ratio,
        glow.sersic,
        peak * np.array(glow.colour),
        glow.arms,
        np.radians(glow.pitch_deg),
        glow.contrast,
    )
