"""A verified plate solution, and how it is reported to header, site and pages."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from crowdsky.solving.refine import AFFINE_MIN_STARS, Refined
from crowdsky.solving.tan import TanWcs

HeaderCard = tuple[str, str | int | float | bool, str]

WCS_KEYWORDS = (
    "WCSAXES", "CTYPE1", "CTYPE2", "CUNIT1", "CUNIT2", "RADESYS", "EQUINOX", "LONPOLE", "LATPOLE",
    "CRVAL1", "CRVAL2", "CRPIX1", "CRPIX2", "CD1_1", "CD1_2", "CD2_1", "CD2_2",
    "PC1_1", "PC1_2", "PC2_1", "PC2_2", "CDELT1", "CDELT2", "CROTA1", "CROTA2",
)  # fmt: skip
"""Keywords of the celestial coordinates themselves, in all forms that a header may have."""

OUTDATED_WCS_KEYWORDS = (
    *WCS_KEYWORDS,
    "PLTSOLVD", "PIXSCALE", "PLTSCALE", "PLTROT", "PLTPARIT", "PLTFOVW", "PLTFOVH", "PLTSOLVR",
    "PLTQUAL", "PLTTIME", "PLTCAT", "PLTNSTAR", "PLTNCAT", "PLTRMS",
)  # fmt: skip
"""Keywords of an earlier solution, which are removed before a new one is written."""

GOOD_MIN_MATCHES = 8
GOOD_RMS_PX = 0.6


@dataclass(frozen=True, slots=True)
class Solution:
    """Where a picture points, and how well that is known.

    wcs             -- the plate; its tangent point is the middle of the picture
    width, height   -- size of the picture, pixels
    solver          -- name of the solver whose proposal was verified
    seconds         -- time from the request to the verified answer
    n_matched       -- number of catalogue stars that meet a detected star
    n_catalogue     -- number of catalogue stars inside the picture
    rms_arcsec      -- two-dimensional RMS of the matched stars; NaN if not verified here
    log_chance      -- natural logarithm of the chance that a wrong plate agrees as well
    catalogue       -- name of the catalogue, "" if not verified here
    verdict         -- good, fair, weak or unverified; see `judge`
    """

    wcs: TanWcs
    width: int
    height: int
    solver: str
    seconds: float
    n_matched: int
    n_catalogue: int
    rms_arcsec: float
    log_chance: float
    catalogue: str
    verdict: str

    @property
    def center(self) -> tuple[float, float]:
        """RA and Dec of the middle of the picture, degrees."""
        ra, dec = self.wcs.sky((self.width - 1) / 2.0, (self.height - 1) / 2.0)
        return float(ra), float(dec)

    @property
    def corners(self) -> tuple[tuple[float, float], ...]:
        """RA and Dec of the outer corners, degrees: (0, 0), (w, 0), (w, h), (0, h)."""
        right, top = self.width - 0.5, self.height - 0.5
        ra, dec = self.wcs.sky([-0.5, right, right, -0.5], [-0.5, -0.5, top, top])
        return tuple((float(a), float(d)) for a, d in zip(ra, dec, strict=True))

    @property
    def scale_arcsec(self) -> float:
        """Pixel scale in the middle, arcsec per pixel."""
        return self.wcs.scale_arcsec

    @property
    def rotation_deg(self) -> float:
        """Position angle of the +y axis, degrees east of north."""
        return self.wcs.rotation_deg

    @property
    def parity(self) -> int:
        """Sign of det(CD)."""
        return self.wcs.parity

    @property
    def field_deg(self) -> tuple[float, float]:
        """Width and height of the field, degrees."""
        cd = self.wcs.cd
        across, up = math.hypot(cd[0], cd[2]), math.hypot(cd[1], cd[3])
        return self.width * across, self.height * up

    def header_cards(self) -> list[HeaderCard]:
        """Return the FITS cards of the solution: celestial WCS (CRPIX 1-based) and its quality."""
        wcs = self.wcs
        cards: list[HeaderCard] = [
            ("WCSAXES", 2, "number of world coordinate axes"),
            ("CTYPE1", "RA---TAN", "gnomonic projection"),
            ("CTYPE2", "DEC--TAN", "gnomonic projection"),
            ("CUNIT1", "deg", "unit of axis 1"),
            ("CUNIT2", "deg", "unit of axis 2"),
            ("RADESYS", "ICRS", "reference system"),
            ("EQUINOX", 2000.0, "equinox of the coordinates"),
            ("CRVAL1", wcs.ra0, "[deg] RA at the reference pixel"),
            ("CRVAL2", wcs.dec0, "[deg] Dec at the reference pixel"),
            ("CRPIX1", wcs.x0 + 1.0, "reference pixel, first pixel is 1"),
            ("CRPIX2", wcs.y0 + 1.0, "reference pixel, first pixel is 1"),
            ("CD1_1", wcs.cd[0], "[deg/px]"),
            ("CD1_2", wcs.cd[1], "[deg/px]"),
            ("CD2_1", wcs.cd[2], "[deg/px]"),
            ("CD2_2", wcs.cd[3], "[deg/px]"),
            ("PLTSOLVD", True, "plate-solved from the stars in this picture"),
            ("PIXSCALE", self.scale_arcsec, "[arcsec/px] solved scale"),
            ("PLTSCALE", self.scale_arcsec, "[arcsec/px] solved scale"),
            ("PLTROT", self.rotation_deg, "[deg] position angle of +y, E of N"),
            ("PLTPARIT", self.parity, "sign of det(CD)"),
            ("PLTFOVW", self.field_deg[0], "[deg] field width"),
            ("PLTFOVH", self.field_deg[1], "[deg] field height"),
            ("PLTSOLVR", self.solver, "solver that found the plate"),
            ("PLTQUAL", self.verdict, "verdict on the solution"),
            ("PLTTIME", round(self.seconds, 3), "[s] time to solve"),
        ]
        if self.catalogue:
            cards += [
                ("PLTCAT", self.catalogue, "catalogue it was fitted to"),
                ("PLTNSTAR", self.n_matched, "catalogue stars matched"),
                ("PLTNCAT", self.n_catalogue, "catalogue stars in the picture"),
            ]
        if math.isfinite(self.rms_arcsec):
            cards.append(("PLTRMS", self.rms_arcsec, "[arcsec] RMS of matched stars, 2-D"))
        return cards

    def to_json(self) -> dict[str, Any]:
        """Return the solution as a JSON object; values that do not exist are null."""
        center, field = self.center, self.field_deg
        return {
            "ra_deg": center[0],
            "dec_deg": center[1],
            "corners": [list(corner) for corner in self.corners],
            "scale_arcsec": self.scale_arcsec,
            "rotation_deg": self.rotation_deg,
            "parity": self.parity,
            "field_deg": list(field),
            "crpix": [self.wcs.x0 + 1.0, self.wcs.y0 + 1.0],
            "crval": [self.wcs.ra0, self.wcs.dec0],
            "cd": list(self.wcs.cd),
            "width": self.width,
            "height": self.height,
            "solver": self.solver,
            "seconds": round(self.seconds, 4),
            "n_matched": self.n_matched,
            "n_catalogue": self.n_catalogue,
            "rms_arcsec": self.rms_arcsec if math.isfinite(self.rms_arcsec) else None,
            "catalogue": self.catalogue or None,
            "verdict": self.verdict,
        }


def judge(refined: Refined) -> str:
    """Return the quality verdict of a believed plate.

    good -- eight or more stars, at least half of those of the catalogue, within 0.6 pixels
    fair -- an affine fit, but with fewer stars, or more scatter than in a sharp picture
    weak -- so few stars that only shift, rotation and scale were fitted
    """
    matched = len(refined.detections)
    if matched < AFFINE_MIN_STARS:
        return "weak"
    sharp = refined.rms_arcsec <= GOOD_RMS_PX * refined.wcs.scale_arcsec
    complete = 2 * matched >= refined.n_in_picture
    return "good" if matched >= GOOD_MIN_MATCHES and sharp and complete else "fair"
