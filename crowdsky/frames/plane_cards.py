"""Names of the planes of a stack, and the cards of its primary header that they repeat.

SWarp, SCAMP, Siril and DS9 read the header beside the pixels, not the empty primary. GAIN is left
out: it is the setting of the camera, and these programs would take it for electrons per ADU.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crowdsky.frames.fits_writer import Card

if TYPE_CHECKING:
    from astropy.io import fits

COLOURS = ("RED", "GREEN", "BLUE")
"""Extensions with the light of a stack in three colours."""
LUMINANCE = "LUM"
"""Extension with the light of a stack without colours, in place of the three."""

REPEATED = (
    "OBJECT", "TELESCOP", "INSTRUME", "FILTER", "RA", "DEC", "TIMESYS", "DATE-OBS", "DATE-END",
    "DATE-AVG", "MJD-OBS", "MJD-END", "MJD-AVG", "EXPTIME", "NIMAGES", "EGAIN", "SATURATE",
    "AIRMASS", "SMOOTHED", "VARSCL_R", "VARSCL_B",
)  # fmt: skip
"""Keywords of the primary header that each plane has as well, where the primary has them."""
MEASURED = ("FWHM", "FWHM_PX", "ELLIPTIC")
"""Keywords of what is measured in one plane, in its own header."""


def repeated_cards(primary: Sequence[Card]) -> list[Card]:
    """Return those of the cards of a primary header that each plane repeats."""
    by_keyword = {card[0]: card for card in primary}
    return [by_keyword[keyword] for keyword in REPEATED if keyword in by_keyword]


def repeat_cards(primary: fits.Header, plane: fits.Header) -> None:
    """Bring these cards of a plane in line with those of the primary header."""
    for keyword in REPEATED:
        plane.remove(keyword, ignore_missing=True, remove_all=True)
        if keyword in primary:
            plane[keyword] = (primary[keyword], primary.comments[keyword])
