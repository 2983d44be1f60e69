"""The gnomonic (TAN) plate: a linear map of pixels onto the tangent plane of the sky.

Written in numpy instead of astropy.wcs, because a solve projects a few hundred stars some hundred
times, and setting up a general WCS object would take most of that time. The tests compare every
function with astropy. Conventions are those of FITS (Calabretta and Greisen 2002), but pixels are
0-based.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from crowdsky.base.arrays import FloatArray

ARCSEC_PER_DEGREE = 3600.0

LEAST_ANGLE = 1e-9
"""Sine of the angle between the steps of x and y that a plate needs; rounding makes less."""


def project(
    ra_deg: ArrayLike, dec_deg: ArrayLike, ra0_deg: float, dec0_deg: float
) -> tuple[FloatArray, FloatArray]:
    """Project positions onto the plane that touches the sky at (`ra0_deg`, `dec0_deg`).

    Returns xi (towards east) and eta (towards north) in degrees; NaN for positions 90 degrees or
    more away, which have no image on the plane.
    """
    ra = np.radians(np.asarray(ra_deg, dtype=np.float64) - ra0_deg)
    dec = np.radians(np.asarray(dec_deg, dtype=np.float64))
    sin_dec0, cos_dec0 = math.sin(math.radians(dec0_deg)), math.cos(math.radians(dec0_deg))
    sin_dec, cos_dec = np.sin(dec), np.cos(dec)
    cos_ra = np.cos(ra)
    depth = sin_dec0 * sin_dec + cos_dec0 * cos_dec * cos_ra
    depth = np.where(depth > 0.0, depth, np.nan)
    xi = cos_dec * np.sin(ra) / depth
    eta = (cos_dec0 * sin_dec - sin_dec0 * cos_dec * cos_ra) / depth
    return np.degrees(xi), np.degrees(eta)


def deproject(
    xi_deg: ArrayLike, eta_deg: ArrayLike, ra0_deg: float, dec0_deg: float
) -> tuple[FloatArray, FloatArray]:
    """Convert tangent-plane coordinates (degrees) to RA (0..360) and Dec in degrees."""
    xi = np.radians(np.asarray(xi_deg, dtype=np.float64))
    eta = np.radians(np.asarray(eta_deg, dtype=np.float64))
    sin_dec0, cos_dec0 = math.sin(math.radians(dec0_deg)), math.cos(math.radians(dec0_deg))
    across = cos_dec0 - eta * sin_dec0
    ra = np.degrees(np.arctan2(xi, across)) + ra0_deg
    dec = np.degrees(np.arctan2(sin_dec0 + eta * cos_dec0, np.hypot(xi, across)))
    return np.mod(ra, 360.0), dec


def separation(
    ra1_deg: ArrayLike, dec1_deg: ArrayLike, ra2_deg: ArrayLike, dec2_deg: ArrayLike
) -> FloatArray:
    """Compute the angle between positions in degrees, accurate at any size (haversine)."""
    dec1, dec2 = np.radians(dec1_deg), np.radians(dec2_deg)
    half_ra = np.radians(np.subtract(ra2_deg, ra1_deg)) / 2.0
    half_dec = (dec2 - dec1) / 2.0
    square = np.sin(half_dec) ** 2 + np.cos(dec1) * np.cos(dec2) * np.sin(half_ra) ** 2
    return np.asarray(np.degrees(2.0 * np.arcsin(np.minimum(1.0, np.sqrt(square)))))


@dataclass(frozen=True, slots=True)
class TanWcs:
    """A plate: where the reference pixel points, and how pixels step across the tangent plane.

    ra0, dec0   -- position of the tangent point, degrees
    x0, y0      -- its pixel, 0-based (CRPIX is 1 more)
    cd          -- (cd11, cd12, cd21, cd22) in degrees per pixel: xi = cd11 dx + cd12 dy,
                   eta = cd21 dx + cd22 dy
    """

    ra0: float
    dec0: float
    x0: float
    y0: float
    cd: tuple[float, float, float, float]

    @classmethod
    def from_header(cls, header: Mapping[str, object]) -> TanWcs:
        """Read CRVAL, CRPIX (1-based) and CD (or CDELT with PC or CROTA2) from header cards.

        Raises KeyError when a card is missing, and ValueError when one is not a number or when the
        steps of x and y do not span the sky.
        """

        def number(key: str, default: float | None = None) -> float:
            value = header.get(key, default)
            if value is None:
                raise KeyError(key)
            found = float(value)  # type: ignore[arg-type]
            if not math.isfinite(found):
                raise ValueError(f"{key} of this plate is not a number")
            return found

        if "CD1_1" in header:
            cd = tuple(number(key, 0.0) for key in ("CD1_1", "CD1_2", "CD2_1", "CD2_2"))
        else:
            dx, dy = number("CDELT1"), number("CDELT2")
            if dx == 0.0 or dy == 0.0:
                raise ValueError("the pixels of this plate have no size")
            turn = math.radians(number("CROTA2", 0.0))
            pc = (math.cos(turn), -math.sin(turn) * dy / dx, math.sin(turn) * dx / dy,
                  math.cos(turn))  # fmt: skip
            cd = (
                dx * number("PC1_1", pc[0]), dx * number("PC1_2", pc[1]),
                dy * number("PC2_1", pc[2]), dy * number("PC2_2", pc[3]),
            )  # fmt: skip
        plate = cls(
            ra0=number("CRVAL1"),
            dec0=number("CRVAL2"),
            x0=number("CRPIX1") - 1.0,
            y0=number("CRPIX2") - 1.0,
            cd=(cd[0], cd[1], cd[2], cd[3]),
        )
        steps = math.hypot(cd[0], cd[2]) * math.hypot(cd[1], cd[3])
        if not abs(plate.determinant) > LEAST_ANGLE * steps:
            raise ValueError("the steps of x and y of this plate lie on one line")
        return plate

    @property
    def determinant(self) -> float:
        """Determinant of CD; its sign is the parity."""
        return self.cd[0] * self.cd[3] - self.cd[1] * self.cd[2]

    @property
    def parity(self) -> int:
        """+1 if the picture is mirrored, compared with the sky (det CD > 0), else -1."""
        return 1 if self.determinant > 0 else -1

    @property
    def scale_arcsec(self) -> float:
        """Pixel scale at the tangent point, arcsec per pixel (side of a square of equal area)."""
        return math.sqrt(abs(self.determinant)) * ARCSEC_PER_DEGREE

    @property
    def rotation_deg(self) -> float:
        """Position angle of the +y axis, degrees east of north, 0..360."""
        return math.degrees(math.atan2(self.cd[1], self.cd[3])) % 360.0

    def sky(self, x: ArrayLike, y: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Convert 0-based pixel positions to RA and Dec in degrees."""
        dx = np.asarray(x, dtype=np.float64) - self.x0
        dy = np.asarray(y, dtype=np.float64) - self.y0
        xi = self.cd[0] * dx + self.cd[1] * dy
        eta = self.cd[2] * dx + self.cd[3] * dy
        return deproject(xi, eta, self.ra0, self.dec0)

    def pixel(self, ra_deg: ArrayLike, dec_deg: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Convert sky positions in degrees to 0-based pixels; NaN on the far side of the sky."""
        xi, eta = project(ra_deg, dec_deg, self.ra0, self.dec0)
        det = self.determinant
        x = (self.cd[3] * xi - self.cd[1] * eta) / det + self.x0
        y = (self.cd[0] * eta - self.cd[2] * xi) / det + self.y0
        return x, y

    def moved_to(self, x: float, y: float) -> TanWcs:
        """Return the same plate with its tangent point at another pixel, CD rotated accordingly.

        Solvers choose any tangent point; results are comparable only if all have it in the middle
        of the picture. This is exact near the new tangent point, and the refinement that follows
        removes the small error elsewhere.
        """
        ra, dec = (float(value) for value in self.sky(x, y))
        step = 1.0
        ra_steps, dec_steps = self.sky([x - step, x + step, x, x], [y, y, y - step, y + step])
        xi, eta = project(ra_steps, dec_steps, ra, dec)
        half = 2.0 * step
        cd = ((xi[1] - xi[0]) / half, (xi[3] - xi[2]) / half,
              (eta[1] - eta[0]) / half, (eta[3] - eta[2]) / half)  # fmt: skip
        return TanWcs(ra, dec, x, y, (float(cd[0]), float(cd[1]), float(cd[2]), float(cd[3])))
