"""The photometry of a stack as a record and as header cards."""

from __future__ import annotations

import math
from dataclasses import dataclass

from crowdsky.photometry.sky import SkyShape, bortle_class
from crowdsky.photometry.times import Times
from crowdsky.photometry.zero_points import REFERENCE_COLOUR, ColourTerm, ZeroPoint
from crowdsky.solving.solution import HeaderCard

LETTERS = ("R", "G", "B")
LIMIT_SNR = 5.0

STEMS = (
    "ZP", "ZPSCT", "ZPERR", "ZPCT", "ZPCTE", "FWHM", "SKYRMS", "SKYLVL", "APRAD", "LIMMAG", "ELLIP",
)  # fmt: skip

OUTDATED_KEYWORDS = (
    *(f"{stem}{letter}" for stem in STEMS for letter in LETTERS),
    *(f"BGPOLY{k}" for k in range(6)),
    "ZPNSTAR", "ZPMAGLO", "ZPMAGHI", "ZPCAT", "ZPCATERR", "ZPCREF", "BGRESSTD", "SQMPHOT",
    "BORTEFST", "DATE-AVG", "MJD-AVG", "BJD_TDB", "AIRMASS",
)  # fmt: skip
"""Keywords of this record, which are removed before a new measurement is written."""


@dataclass(frozen=True, slots=True)
class PlaneCalibration:
    """The photometry of one colour plane; numbers are NaN if it could not be measured.

    zero_point   -- None if not solved, or if too few stars matched
    fwhm_px      -- seeing, pixels
    sky_adu      -- sky level, ADU
    sky_rms_adu  -- sky noise of a pixel, ADU
    aperture_px  -- radius of the aperture for fluxes, pixels
    noise_adu    -- error of the flux of a faint star, ADU
    ellipticity  -- median 1 - b/a of bright stars
    """

    zero_point: ZeroPoint | None
    fwhm_px: float
    sky_adu: float
    sky_rms_adu: float
    aperture_px: float
    noise_adu: float
    ellipticity: float

    @classmethod
    def unknown(cls) -> PlaneCalibration:
        """Return the record of a plane that could not be measured."""
        return cls(None, *(math.nan,) * 6)

    @property
    def limiting_mag(self) -> float | None:
        """Magnitude of a star with five times the noise; None without a zero point."""
        if self.zero_point is None or not self.noise_adu > 0:
            return None
        return self.zero_point.value - 2.5 * math.log10(LIMIT_SNR * self.noise_adu)


@dataclass(frozen=True, slots=True)
class Calibration:
    """The photometry of a stack; planes in the order red, green, blue.

    scale_arcsec    -- solved pixel scale, arcsec per pixel; None if not solved
    reference       -- band and catalogue of the zero points, e.g. "VT Tycho-2"; "" without any
    sky_shape       -- shape of the sky in the green plane
    sky_mag         -- sky brightness from the green plane, mag/arcsec²
    camera_offset   -- value in ADU of a pixel without light; if it is not known (None), the sky may
                       be darker than sky_mag, which counts the offset as sky
    times           -- start, middle and end of the exposures, UTC
    bjd_tdb         -- time of mid-exposure; None if site, pointing or times are missing
    airmass         -- at mid-exposure in the middle of the picture; None likewise
    """

    planes: tuple[PlaneCalibration, ...]
    scale_arcsec: float | None
    reference: str
    sky_shape: SkyShape | None
    sky_mag: float | None
    camera_offset: float | None
    times: Times | None
    bjd_tdb: float | None
    airmass: float | None

    @property
    def bortle(self) -> int | None:
        """Bortle class of the sky; None if its brightness or the camera's offset is not known."""
        if self.sky_mag is None or self.camera_offset is None:
            return None
        return bortle_class(self.sky_mag)

    def header_cards(self) -> list[HeaderCard]:
        """Return cards of everything that is known; the rest is left out."""
        cards: list[HeaderCard] = []
        for letter, plane in zip(LETTERS, self.planes, strict=True):
            cards += self._plane_cards(letter, plane)
        green = self.planes[1].zero_point
        if green is not None:
            cards += [
                ("ZPNSTAR", green.n_stars, "stars behind the green zero point"),
                ("ZPMAGLO", green.mag_low, "[mag] brightest of them"),
                ("ZPMAGHI", green.mag_high, "[mag] faintest of them"),
                ("ZPCAT", self.reference, "band and catalogue of the zero points"),
                ("ZPCATERR", green.catalogue_error, "[mag] error of a star of that catalogue"),
            ]
        if any(plane.zero_point and plane.zero_point.colour_term for plane in self.planes):
            cards.append(("ZPCREF", REFERENCE_COLOUR, "[mag] BP-RP that zero points hold for"))
        if self.sky_shape is not None:
            for k, value in enumerate(self.sky_shape.coefficients):
                cards.append((f"BGPOLY{k}", value, "[adu] green sky: 1 u v u2 uv v2, -1..1"))
            cards.append(("BGRESSTD", self.sky_shape.residual, "[adu] sky minus polynomial"))
        if self.sky_mag is not None:
            offset_known = "[mag/arcsec2] sky, bias as in BIAS"
            only_a_bound = "[mag/arcsec2] or darker: offset not known"
            comment = only_a_bound if self.camera_offset is None else offset_known
            cards.append(("SQMPHOT", self.sky_mag, comment))
        if self.bortle is not None:
            cards.append(("BORTEFST", self.bortle, "Bortle class of SQMPHOT"))
        return cards + self._time_cards()

    def cards_of_planes(self) -> tuple[list[HeaderCard], ...]:
        """Return the cards of the headers of the planes, red, green and blue."""
        return tuple(self._cards_beside_pixels(plane) for plane in self.planes)

    def _cards_beside_pixels(self, plane: PlaneCalibration) -> list[HeaderCard]:
        cards: list[HeaderCard] = [
            ("FWHM_PX", plane.fwhm_px, "[pix] median FWHM of stars"),
            ("ELLIPTIC", plane.ellipticity, "median ellipticity of stars, 1 - b/a"),
        ]
        if self.scale_arcsec is not None:
            seeing = plane.fwhm_px * self.scale_arcsec
            cards.append(("FWHM", seeing, "[arcsec] median FWHM of stars"))
        return [card for card in cards if math.isfinite(float(card[1]))]

    def _plane_cards(self, letter: str, plane: PlaneCalibration) -> list[HeaderCard]:
        values: list[tuple[str, float | None, str]] = [
            (f"SKYLVL{letter}", plane.sky_adu, "[adu] sky level"),
            (f"SKYRMS{letter}", plane.sky_rms_adu, "[adu] sky noise of a pixel"),
            (f"APRAD{letter}", plane.aperture_px, "[px] aperture radius"),
            (f"ELLIP{letter}", plane.ellipticity, "median ellipticity of stars, 1 - b/a"),
        ]
        if self.scale_arcsec is not None:
            seeing = plane.fwhm_px * self.scale_arcsec
            values.append((f"FWHM{letter}", seeing, "[arcsec] median FWHM of stars"))
        if plane.zero_point is not None:
            zero_point = plane.zero_point
            values += [
                (f"ZP{letter}", zero_point.value, "[mag] of 1 adu, whole light of a star"),
                (f"ZPSCT{letter}", zero_point.scatter, "[mag] scatter of one star"),
                (f"ZPERR{letter}", zero_point.error, "[mag] error of the zero point"),
                *_colour_cards(letter, zero_point.colour_term),
                (f"LIMMAG{letter}", plane.limiting_mag, "[mag] star 5 times above the noise"),
            ]
        return [
            (key, value, comment)
            for key, value, comment in values
            if value is not None and math.isfinite(value)
        ]

    def _time_cards(self) -> list[HeaderCard]:
        if self.times is None:
            return []
        middle = self.times.middle.replace(tzinfo=None).isoformat(timespec="milliseconds")
        cards: list[HeaderCard] = [
            ("DATE-AVG", middle, "UTC of mid-exposure, weighted"),
            ("MJD-AVG", self.times.mjd, "[d] the same, UTC"),
        ]
        if self.bjd_tdb is not None:
            cards.append(("BJD_TDB", self.bjd_tdb, "[d] the same at the barycentre"))
        if self.airmass is not None:
            cards.append(("AIRMASS", self.airmass, "at mid-exposure, middle of the picture"))
        return cards


def _colour_cards(letter: str, term: ColourTerm | None) -> list[tuple[str, float | None, str]]:
    if term is None:
        return []
    return [
        (f"ZPCT{letter}", term.value, "colour term, times BP-RP minus ZPCREF"),
        (f"ZPCTE{letter}", term.error, "error of the colour term"),
    ]
