"""Coordinates of a synthetic night: sky, reference frame, and pixels of the subs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Affine = tuple[float, float, float, float, float, float]
"""Coefficients (a, b, c, d, e, f) of x' = a x + b y + c and y' = d x + e y + f."""


def sky_to_plane(
    ra_deg: np.ndarray, dec_deg: np.ndarray, ra0_deg: float, dec0_deg: float
) -> tuple[np.ndarray, np.ndarray]:
    """Project gnomonically (TAN) about ra0, dec0: degrees towards east and north."""
    ra, dec = np.radians(ra_deg) - np.radians(ra0_deg), np.radians(dec_deg)
    dec0 = np.radians(dec0_deg)
    depth = np.sin(dec) * np.sin(dec0) + np.cos(dec) * np.cos(dec0) * np.cos(ra)
    east = np.cos(dec) * np.sin(ra) / depth
    north = (np.sin(dec) * np.cos(dec0) - np.cos(dec) * np.sin(dec0) * np.cos(ra)) / depth
    return np.degrees(east), np.degrees(north)


def plane_to_sky(
    east_deg: np.ndarray, north_deg: np.ndarray, ra0_deg: float, dec0_deg: float
) -> tuple[np.ndarray, np.ndarray]:
    """Invert ``sky_to_plane``: J2000 degrees."""
    east, north, dec0 = np.radians(east_deg), np.radians(north_deg), np.radians(dec0_deg)
    ra = np.arctan2(east, np.cos(dec0) - north * np.sin(dec0))
    distance = np.sqrt(1.0 + east * east + north * north)
    dec = np.arcsin((np.sin(dec0) + north * np.cos(dec0)) / distance)
    return (np.degrees(ra) + ra0_deg) % 360.0, np.degrees(dec)


@dataclass(frozen=True, slots=True)
class SkyGrid:
    """A pixel grid in TAN projection: the ideal frame that all subs of a night refer to.

    At position angle 0, north is towards row 0 and east to the left: det(CD) > 0, as in real subs.
    """

    ra_deg: float
    dec_deg: float
    width: int
    height: int
    scale_arcsec: float
    position_angle_deg: float

    @property
    def middle(self) -> np.ndarray:
        """Pixel coordinates of the centre, (2,)."""
        return np.array([(self.width - 1) / 2.0, (self.height - 1) / 2.0])

    @property
    def axes(self) -> np.ndarray:
        """Degrees towards east and north per pixel along x and y, (2, 2): the CD matrix."""
        angle = np.radians(self.position_angle_deg)
        cos, sin = np.cos(angle), np.sin(angle)
        return np.array([[-cos, sin], [-sin, -cos]]) * (self.scale_arcsec / 3600.0)

    def to_pixels(self, ra_deg: np.ndarray, dec_deg: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Convert sky positions (n,) in degrees to x and y, 0-based pixels."""
        plane = np.stack(sky_to_plane(ra_deg, dec_deg, self.ra_deg, self.dec_deg))
        dx, dy = np.linalg.inv(self.axes) @ plane
        return self.middle[0] + dx, self.middle[1] + dy

    def to_sky(self, x: float, y: float) -> tuple[float, float]:
        """Convert a pixel, 0-based, to right ascension and declination in degrees."""
        east, north = self.axes @ (np.array([x, y]) - self.middle)
        ra, dec = plane_to_sky(east, north, self.ra_deg, self.dec_deg)
        return float(ra), float(dec)

    def direction(self, position_angle_deg: float) -> np.ndarray:
        """Return the unit vector in pixels towards a position angle (from north to east), (2,)."""
        angle = np.radians(position_angle_deg)
        step = np.linalg.solve(self.axes, np.array([np.sin(angle), np.cos(angle)]))
        return np.asarray(step / np.hypot(step[0], step[1]))


def matrix(affine: Affine) -> np.ndarray:
    """Return an affine transform as a (3, 3) matrix for (x, y, 1)."""
    return np.array([affine[:3], affine[3:], (0.0, 0.0, 1.0)])


def turn(middle: np.ndarray, angle_deg: float, shift_px: np.ndarray) -> Affine:
    """Return a rotation about ``middle`` (2,), followed by a shift (2,)."""
    cos, sin = float(np.cos(np.radians(angle_deg))), float(np.sin(np.radians(angle_deg)))
    x, y = float(middle[0]), float(middle[1])
    dx, dy = float(shift_px[0]), float(shift_px[1])
    return (cos, -sin, x - cos * x + sin * y + dx, sin, cos, y - sin * x - cos * y + dy)
