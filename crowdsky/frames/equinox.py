"""Of which equinox the pointing in a header is, and where on the sky (ICRS) it is.

Keys of chunks follow the header, as other programs of the family compute them. Everything else
follows the sky: a pointing of date is up to 0.35 degrees off the sky of J2000 in 2025.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import partial

from crowdsky.frames.angles import pointing
from crowdsky.frames.cards import Cards, card, number, text
from crowdsky.frames.frame_time import frame_time
from crowdsky.frames.precession import J2000_YEAR, Place, julian_year, to_j2000

KEPT_POINTING = {"RA": "RA-SUB", "DEC": "DEC-SUB"}
"""Cards of a stack of ours for the pointing as its subs have it; its RA and DEC are of the sky."""
OF_DATE = re.compile(r"seestar|\bS[35]0", re.IGNORECASE)
"""Telescopes whose headers are of date, in TELESCOP or INSTRUME."""
EQUINOX_OF_FK4 = 1950.0
YEARS = (1850.0, 2150.0)
"""Equinoxes that are no mistake."""


def pointing_equinox(header: Cards, begun: datetime | None) -> float | None:
    """Return the equinox of RA and DEC as a Julian year, 2000 for ICRS; None if it is unknown.

    A card decides where there is one: RADESYS (or RADECSYS), EQUINOX (or EPOCH). Seestars write
    none, and positions of their date; programs without a card write J2000, the default of FITS.
    ``begun`` is when the frame was begun, if need be by a clock of unknown zone.
    """
    if card(header, KEPT_POINTING["RA"]) is not None:
        return J2000_YEAR
    system = (text(header, "RADESYS") or text(header, "RADECSYS") or "").upper()
    if system == "ICRS":
        return J2000_YEAR
    if system == "GAPPT":
        return _of_date(begun)
    stated = _stated_year(header)
    if stated is not None:
        return stated
    if system.startswith("FK"):
        return EQUINOX_OF_FK4 if system.startswith("FK4") else J2000_YEAR
    return equinox_of_dialect(header, begun)


def equinox_of_dialect(header: Cards, begun: datetime | None) -> float | None:
    """Return the equinox of a pointing that no card states, by the telescope; None if unknown."""
    words = f"{text(header, 'INSTRUME') or ''} {text(header, 'TELESCOP') or ''}"
    return _of_date(begun) if OF_DATE.search(words) else J2000_YEAR


def sky_pointing(header: Cards) -> Place | tuple[None, None]:
    """Read where on the sky a header points, ICRS in degrees; (None, None) if that is unknown."""
    ra, dec = pointing(partial(card, header))
    if ra is None or dec is None:
        return None, None
    time = frame_time(header, 0.0)
    return on_sky(ra, dec, pointing_equinox(header, time.start or time.local))


def pointing_of_subs(
    header: Cards, begun: datetime | None
) -> tuple[float | None, float | None, float | None]:
    """Return RA, DEC (degrees) and equinox of the subs of a stack of ours; None if unknown.

    ``begun`` is when the sub was begun. A solved stack of an older version whose subs
    had no pointing has the solved centre in RA and DEC.
    """
    if card(header, KEPT_POINTING["RA"]) is None:
        ra, dec = pointing(partial(card, header))
        return ra, dec, pointing_equinox(header, begun)
    ra, dec = (number(header, key) for key in KEPT_POINTING.values())
    return ra, dec, equinox_of_dialect(header, begun)


def on_sky(ra_deg: float, dec_deg: float, equinox: float | None) -> Place | tuple[None, None]:
    """Convert a position, degrees, of an equinox to ICRS; (None, None) if that is unknown."""
    if equinox is None:
        return None, None
    return (ra_deg, dec_deg) if equinox == J2000_YEAR else to_j2000(ra_deg, dec_deg, equinox)


def _of_date(begun: datetime | None) -> float | None:
    if begun is None:
        return None
    # Pointings move by 0.14 arcsec a day: the time zone does not matter.
    return julian_year(begun.replace(tzinfo=begun.tzinfo or UTC))


def _stated_year(header: Cards) -> float | None:
    """Read EQUINOX or EPOCH, a number or a text such as J2000; None without one."""
    for key in ("EQUINOX", "EPOCH"):
        written = re.fullmatch(r"[JB]?(\d{4}(?:\.\d*)?)", text(header, key) or "", re.IGNORECASE)
        year = number(header, key) if written is None else float(written[1])
        if year is not None and YEARS[0] <= year <= YEARS[1]:
            return year
    return None
