"""Reads the header of a light frame within bounds, checks it, and turns it into facts."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from crowdsky.base.errors import UnreadableFrameError
from crowdsky.frames.angles import POINTINGS, first_angle, pointing
from crowdsky.frames.card_facts import (
    FACTS,
    combined_before,
    exposure_s,
    is_odd,
    other_kind_of_frame,
    pattern_name,
    temperature_c,
)
from crowdsky.frames.cards import card, number, remarks_on_cards, text
from crowdsky.frames.equinox import on_sky, pointing_equinox
from crowdsky.frames.frame_time import frame_time
from crowdsky.frames.header_clock import NOTHING_TOLD, ToldClock
from crowdsky.frames.plain_header import Header, plain_header
from crowdsky.frames.precession import J2000_YEAR, Place

if TYPE_CHECKING:
    from astropy.io import fits

BLOCK_BYTES = 2880
MAX_HEADER_BLOCKS = 36
MONO = "MONO"
OPTIONAL_CARDS = (
    "DATE-OBS", "GAIN", "TELESCOP", "INSTRUME", "FILTER", "OBJECT", "EQMODE", "XPIXSZ", "YPIXSZ",
    "FOCALLEN", "SATURATE", "DATAMAX", *itertools.chain(*POINTINGS), *FACTS.temperature,
    *FACTS.latitude, *FACTS.longitude,
)  # fmt: skip
"""Cards of a sub whose facts are used but may be unknown."""
ENDS_OF_SCALE = (1.0, *(float(2**bits - 1) for bits in range(8, 17)))
"""Highest numbers of converters with 8 to 16 bits, and of frames that are scaled to 1."""
START_BYTES = 80
"""Number of bytes at the start of a file that ``other_kind`` needs."""
PRINTABLE = bytes(byte if 32 <= byte < 127 else ord("?") for byte in range(256))
"""Table that replaces bytes which FITS does not allow, such as a degree sign in a comment."""


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """What the header of a light frame says; None where it says nothing.

    Units are in the names of the fields: seconds, degrees, micrometres, millimetres; ``width`` and
    ``height`` are pixels. ``gain`` is the camera's setting, ``eq_mode`` 0 for alt-az and 1 for
    equatorial mounts.
    """

    width: int
    height: int
    pattern: str
    """Colours of the 2x2 cell at the first pixel that ``LightFrame.rows`` returns, or MONO."""
    exptime_s: float
    date_obs: datetime | None
    """Start of the exposure, aware, UTC."""
    ra_deg: float | None
    dec_deg: float | None
    gain: float | None
    ccd_temp_c: float | None
    telescope: str | None
    instrument: str | None
    filter_name: str | None
    object_name: str | None
    eq_mode: int | None
    site_lat_deg: float | None
    site_long_deg: float | None
    x_pixel_um: float | None
    y_pixel_um: float | None
    focal_length_mm: float | None
    local_start: datetime | None = None
    """Start by the telescope's clock, without a zone; only where the zone is unknown."""
    is_wide: bool = False
    """Whether it is from the wide-angle camera of a telescope that has two."""
    saturation_adu: float | None = None
    """Value at which a pixel saturates, as the header says."""
    equinox: float | None = J2000_YEAR
    """Julian year of the equinox of ra_deg and dec_deg; 2000 for ICRS."""
    remarks: tuple[str, ...] = ()
    """What people should know about this header."""

    @property
    def clock_start(self) -> datetime | None:
        """Start by the clock that the header shows; for the order of frames and to compare them."""
        return self.date_obs or self.local_start

    @property
    def sky(self) -> Place | None:
        """Where it points, ICRS in degrees; None if that is unknown."""
        if self.ra_deg is None or self.dec_deg is None:
            return None
        ra, dec = on_sky(self.ra_deg, self.dec_deg, self.equinox)
        return None if ra is None or dec is None else (ra, dec)


def unreadable(path: Path, why: str, hint: str) -> UnreadableFrameError:
    """Build the error for a file that is not a usable light frame."""
    return UnreadableFrameError("this file cannot be stacked", where=path.name, why=why, hint=hint)


def is_fits(start: bytes) -> bool:
    """Whether a file starts like FITS, whatever its name; ``start`` are its first bytes."""
    return start.startswith(b"SIMPLE  =")


def other_kind(start: bytes) -> tuple[str, str] | None:
    """Recognise a file that is not FITS: what it is instead, and what to try; None if unknown.

    ``start`` are its first START_BYTES bytes. The kinds are those that people upload by mistake.
    """
    if not start:
        return "empty", "download it again"
    known = {b"\x1f\x8b": "a gzip file", b"BZh": "a bzip2 file", b"PK": "a zip file"}
    for magic, what in known.items():
        if start.startswith(magic):
            return what, "unpack it first"
    if start.lstrip().startswith(b"<"):
        return "a web page", "download it again"
    return None


def pixels_of(hdu: fits.PrimaryHDU | fits.ImageHDU | fits.CompImageHDU) -> int:
    """Return the number of pixels of an image, 0 if it has none; ``hdu.size`` counts bytes."""
    return math.prod(hdu.shape) if hdu.shape else 0


def read_header(path: Path, stream: BinaryIO) -> Header:
    """Read the header at the position of ``stream``, and leave the stream after its last block.

    Reads at most MAX_HEADER_BLOCKS blocks. Raises UnreadableFrameError when the file ends before
    the header does, when the header has no END within that limit, or when it is not valid FITS.
    """
    raw = bytearray()
    for _ in range(MAX_HEADER_BLOCKS):
        block = stream.read(BLOCK_BYTES)
        if len(block) < BLOCK_BYTES:
            raise unreadable(path, "the file ends inside its header", "send it again")
        raw += block
        cards = (block[start : start + 80] for start in range(0, BLOCK_BYTES, 80))
        if any(card.rstrip() == b"END" for card in cards):
            return _parse(path, bytes(raw))
    raise unreadable(
        path,
        f"its header has no END within {MAX_HEADER_BLOCKS} blocks",
        "check that it is a FITS file",
    )


def _parse(path: Path, raw: bytes) -> Header:
    written = raw.translate(PRINTABLE).decode("ascii")
    plain = plain_header(written)
    if plain is not None:
        return plain
    from astropy.io import fits

    try:
        # Cards are parsed when they are asked for: see ``cards``.
        header: Header = fits.Header.fromstring(written)
    except (ValueError, fits.VerifyError) as error:
        raise unreadable(path, f"its header is not valid FITS: {error}", "send it again") from error
    return header


def facts(
    path: Path, header: Header, size: tuple[int, int], told: ToldClock = NOTHING_TOLD
) -> FrameHeader:
    """Check the header of a light frame and extract its facts.

    Args:
        path: the file, for the text of errors.
        header: its header.
        size: width and height of the picture in pixels.
        told: what is known of the telescope's clock besides.

    Raises UnreadableFrameError when it is not a raw light frame with an exposure time and a known
    Bayer pattern.
    """
    other_kind = other_kind_of_frame(header)
    if other_kind is not None:
        raise unreadable(path, f"it is no light frame ({other_kind})", "leave it out")
    exptime = exposure_s(header)
    if exptime is None:
        cards = ", ".join(FACTS.exposure[:-1])
        why = f"its header has no {cards} or {FACTS.exposure[-1]} above 0"
        raise unreadable(path, why, "add EXPTIME in seconds")
    combined = combined_before(header, exptime)
    if combined:
        why = f"it is no raw frame but a finished stack ({combined})"
        raise unreadable(path, why, "stack the raw frames it was made of")
    return described(header, size, exptime, bayer_pattern(path, header), told)


def described(
    header: fits.Header,
    size: tuple[int, int],
    exptime_s: float,
    pattern: str = MONO,
    told: ToldClock = NOTHING_TOLD,
) -> FrameHeader:
    """Extract the facts of any picture's header, without checks.

    Args:
        header: the header.
        size: width and height of the picture in pixels.
        exptime_s: seconds of one exposure.
        pattern: Bayer pattern, or MONO for a picture without one.
        told: what is known of the telescope's clock besides.
    """
    ra_deg, dec_deg = pointing(partial(card, header))
    eq_mode = card(header, "EQMODE")
    time = frame_time(header, exptime_s, told)
    remarks = remarks_on_cards(header, OPTIONAL_CARDS)
    return FrameHeader(
        width=size[0],
        height=size[1],
        pattern=pattern,
        exptime_s=exptime_s,
        date_obs=time.start,
        local_start=time.local,
        ra_deg=ra_deg,
        dec_deg=dec_deg,
        gain=number(header, "GAIN"),
        ccd_temp_c=temperature_c(header),
        telescope=text(header, "TELESCOP"),
        instrument=text(header, "INSTRUME"),
        filter_name=text(header, "FILTER"),
        object_name=text(header, "OBJECT"),
        eq_mode=int(eq_mode) if eq_mode in (0, 1) else None,
        site_lat_deg=first_angle(partial(card, header), FACTS.latitude),
        site_long_deg=first_angle(partial(card, header), FACTS.longitude),
        x_pixel_um=number(header, "XPIXSZ"),
        y_pixel_um=number(header, "YPIXSZ"),
        focal_length_mm=number(header, "FOCALLEN"),
        is_wide=card(header, "WIDECAM") in (1, "T", "1") or text(header, "CAMERA") == "WIDE",
        saturation_adu=saturation(header),
        equinox=pointing_equinox(header, time.start or time.local),
        remarks=(*remarks, time.remark) if time.remark else remarks,
    )


def saturation(header: Header) -> float | None:
    """Read the value at which a pixel saturates from SATURATE or DATAMAX; None if unknown.

    DATAMAX is often just the brightest pixel of the frame. It counts only where it is the end of a
    converter's scale: 1, or one less than a power of two.
    """
    stated = number(header, "SATURATE")
    if stated is not None and stated > 0.0:
        return stated
    highest = number(header, "DATAMAX")
    return highest if highest in ENDS_OF_SCALE else None


def plain_ascii(line: str) -> str:
    """Escape everything but printable ASCII, as FITS requires."""
    escaped = line.encode("ascii", "backslashreplace").decode("ascii")
    return "".join(character if character.isprintable() else " " for character in escaped)


def bayer_pattern(path: Path, header: Header) -> str:
    """Read the Bayer pattern at the top left pixel, shifted by XBAYROFF and YBAYROFF, or MONO.

    Raises UnreadableFrameError when the pattern is unknown.
    """
    pattern, unknown = pattern_name(header)
    if unknown is not None:
        raise unreadable(
            path,
            f"its Bayer pattern {unknown!r} is unknown",
            f"the known ones are {', '.join(FACTS.patterns)}",
        )
    if pattern is None:
        return MONO
    if is_odd(header, "XBAYROFF"):
        pattern = pattern[1] + pattern[0] + pattern[3] + pattern[2]
    if is_odd(header, "YBAYROFF"):
        pattern = pattern[2:] + pattern[:2]
    return pattern
