"""Precession from the mean equator and equinox of a date to J2000.

J2000 stands for ICRS here: the two differ by 0.02 arcsec. Nutation and aberration, 0.01 degrees
together, are less than the error of a telescope's pointing and are left out.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)
J2000_YEAR = 2000.0
DAYS_OF_YEAR = 365.25
Place = tuple[float, float]
"""Right ascension, 0 to 360, and declination in degrees."""


def julian_year(moment: datetime) -> float:
    """Convert a moment, aware, to a year such as 2025.24."""
    return J2000_YEAR + (moment - J2000) / timedelta(days=DAYS_OF_YEAR)


def to_j2000(ra_deg: float, dec_deg: float, year: float) -> Place:
    """Convert a position of the mean equinox of a Julian year, degrees, to J2000."""
    zeta, z, theta = _angles(year)
    ra, dec = math.radians(ra_deg) - z, math.radians(dec_deg)
    x = math.cos(theta) * math.cos(dec) * math.cos(ra) + math.sin(theta) * math.sin(dec)
    y = math.cos(dec) * math.sin(ra)
    sine = math.cos(theta) * math.sin(dec) - math.sin(theta) * math.cos(dec) * math.cos(ra)
    ra_2000 = math.degrees(math.atan2(y, x) - zeta)
    return ra_2000 % 360.0 % 360.0, math.degrees(math.atan2(sine, math.hypot(x, y)))


def _angles(year: float) -> tuple[float, float, float]:
    """Return zeta, z and theta in radians: IAU 2006, Capitaine et al. 2003, A&A 412, 567."""
    t = (year - J2000_YEAR) / 100.0
    zeta = 2.650545 + t * (2306.083227 + t * (0.2988499 + t * 0.01801828))
    z = -2.650545 + t * (2306.077181 + t * (1.0927348 + t * 0.01826837))
    theta = t * (2004.191903 - t * (0.4294934 + t * 0.04182264))
    to_radians = math.pi / 180.0 / 3600.0
    return zeta * to_radians, z * to_radians, theta * to_radians
