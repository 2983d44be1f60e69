"""Calibrates the measurements of a stack: magnitudes, sky brightness, barycentric time."""

from __future__ import annotations

from functools import partial

from crowdsky.base.attempts import Attempts
from crowdsky.base.errors import BadDataError
from crowdsky.frames.angles import angle
from crowdsky.frames.cards import card, number
from crowdsky.photometry.calibration import Calibration, PlaneCalibration
from crowdsky.photometry.colours import COLOUR_NAMES, ColourPhotometry, MeasuredPlane
from crowdsky.photometry.references import Matches, Reference
from crowdsky.photometry.sky import SkyShape, fit_sky_shape, sky_brightness
from crowdsky.photometry.stack_file import StackPicture
from crowdsky.photometry.star_table import StarShapes
from crowdsky.photometry.times import (
    Site,
    Times,
    airmass,
    barycentric_time,
    leap_seconds_known_until,
)
from crowdsky.photometry.zero_points import ZeroPoint, fit_zero_point
from crowdsky.solving.solution import Solution
from crowdsky.sources.apertures import PlanePhotometry


class NoSuchSiteError(BadDataError):
    """The site in the header of a stack is not on Earth."""


def calibrate(
    attempt: Attempts,
    picture: StackPicture,
    colours: ColourPhotometry,
    solution: Solution | None,
    reference: Reference | None,
    times: Times | None,
) -> Calibration:
    """Calibrate a stack; what cannot be measured is left unknown, with a note in `attempt`.

    Args:
        attempt: runs each step on its own and collects the notes.
        picture: the stack, for its header and its footprint.
        colours: what was measured in its planes.
        solution: its plate; None when not solved.
        reference: the catalogue behind the zero points; None without any.
        times: when it was exposed; None when not known.
    """
    planes = tuple(
        PlaneCalibration.unknown()
        if plane is None
        else _plane(attempt, name, plane, colours.shapes, reference)
        for name, plane in zip(COLOUR_NAMES, colours.planes, strict=True)
    )
    return Calibration(
        planes=planes,
        scale_arcsec=solution.scale_arcsec if solution else None,
        reference=reference.name if reference else "",
        sky_shape=attempt("shape of the sky", lambda: _sky_shape(colours, picture)),
        sky_mag=attempt("sky brightness", lambda: _sky_mag(planes[1], picture, solution)),
        camera_offset=number(picture.header, "BIAS"),
        times=times,
        bjd_tdb=_barycentric(attempt, picture, solution, times),
        airmass=_airmass(attempt, picture, solution, times),
    )


def _plane(
    attempt: Attempts,
    name: str,
    measured: MeasuredPlane,
    shapes: StarShapes | None,
    reference: Reference | None,
) -> PlaneCalibration:
    plane, growth, flux = measured.plane, measured.growth, measured.flux
    zero_point = None
    # Without the flags of the stars it is not known which of them are fit for it.
    if reference is not None and reference.matches is not None and shapes is not None:
        fit = partial(_zero_point, shapes, flux, reference.matches)
        zero_point = attempt(f"zero point in {name}", fit)
    return PlaneCalibration(
        zero_point,
        growth.fwhm_px,
        plane.sky,
        plane.sky_rms,
        flux.aperture_px,
        flux.noise,
        measured.ellipticity,
    )


def _zero_point(shapes: StarShapes, flux: PlanePhotometry, matches: Matches) -> ZeroPoint | None:
    usable = ~(shapes.saturated | shapes.blended | flux.edge)
    rows = matches.rows
    return fit_zero_point(flux.flux[rows], flux.error[rows], matches.partners, usable[rows])


def _sky_shape(colours: ColourPhotometry, picture: StackPicture) -> SkyShape | None:
    green = colours.planes[1]
    return None if green is None else fit_sky_shape(green.plane.mesh, picture.uncovered)


def _sky_mag(
    green: PlaneCalibration, picture: StackPicture, solution: Solution | None
) -> float | None:
    if green.zero_point is None or solution is None:
        return None
    offset = number(picture.header, "BIAS") or 0.0
    return sky_brightness(green.zero_point.value, green.sky_adu, offset, solution.scale_arcsec)


def _barycentric(
    attempt: Attempts, picture: StackPicture, solution: Solution | None, times: Times | None
) -> float | None:
    """Compute the time of mid-exposure at the barycentre.

    A stack without a site keeps the time that was computed when its site was known.
    """
    if solution is None or times is None:
        return None
    if not _has_site(picture):
        return number(picture.header, "BJD_TDB")
    found = attempt(
        "barycentric time",
        lambda: barycentric_time(times.middle, *solution.center, _site(picture)),
        is_private=True,
    )
    if found is not None:
        attempt("check of its leap seconds", lambda: _note_leap_seconds(attempt, times))
    return found


def _airmass(
    attempt: Attempts, picture: StackPicture, solution: Solution | None, times: Times | None
) -> float | None:
    """Compute the airmass at mid-exposure; a stack without a site keeps the one that it has."""
    if not _has_site(picture):
        return number(picture.header, "AIRMASS")
    if solution is None or times is None:
        return None

    def measure() -> float | None:
        try:
            site = _site(picture)
        except NoSuchSiteError:
            return None  # the barycentric time has a note about it
        return airmass(times.middle, *solution.center, site)

    return attempt("airmass", measure, is_private=True)


def _has_site(picture: StackPicture) -> bool:
    return None not in _place(picture)


def _site(picture: StackPicture) -> Site:
    """Return where the telescope stands; raises NoSuchSiteError when that is not on Earth."""
    latitude, longitude = _place(picture)
    if latitude is None or longitude is None or abs(latitude) > 90.0 or abs(longitude) > 360.0:
        raise NoSuchSiteError("SITELAT and SITELONG of the stack are no place on Earth")
    return Site(latitude, longitude)


def _place(picture: StackPicture) -> tuple[float | None, float | None]:
    latitude, longitude = (card(picture.header, key) for key in ("SITELAT", "SITELONG"))
    return angle(latitude), angle(longitude)


def _note_leap_seconds(attempt: Attempts, times: Times) -> None:
    until = leap_seconds_known_until()
    if times.end > until:
        attempt.notes.append(
            f"the barycentric time counts no leap second after {until:%Y-%m-%d}, up to which they "
            "are known here; each one that was announced since makes it a second too early"
        )
