"""Reads back from the file of a stack what ``stack_files`` returned when it was made."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crowdsky.base.errors import BadDataError
from crowdsky.frames.damaged import damage_as
from crowdsky.frames.equinox import sky_pointing
from crowdsky.frames.plane_cards import COLOURS, LUMINANCE
from crowdsky.stacking.records import FrameReport, StackResult

if TYPE_CHECKING:
    from astropy.io import fits


class NotAStackError(BadDataError):
    """A file is not a stack of ours, or it is incomplete."""


def unreadable_stack(path: Path, why: str) -> NotAStackError:
    """Build the error for a file that cannot be read as a stack of ours."""
    return NotAStackError("could not read the stack", where=path.name, why=why)


def read_result(path: Path) -> StackResult:
    """Describe a stack that was made earlier, from its header and its FRAMES table.

    Values of single-precision columns have lost digits; the notes are only in HISTORY.

    Raises:
        NotAStackError: the file cannot be read, or lacks what every stack has.
    """
    from astropy.io import fits

    with (
        damage_as(lambda why: unreadable_stack(path, why)),
        path.open("rb") as stream,
        fits.open(stream, memmap=False) as hdus,
    ):
        header = hdus[0].header
        height, width = hdus[names_of_planes(hdus)[0]].shape
        rows = hdus["FRAMES"].data
        is_shaped = "ELLIPTIC" in rows.names
        frames = tuple(_frame(row, is_shaped) for row in rows)
        ra_deg, dec_deg = sky_pointing(header)
        return StackResult(
            output_path=path,
            n_frames_input=int(header["NINPUT"]),
            n_frames_aligned=int(header["NIMAGES"]),
            total_exptime=float(header["EXPTIME"]),
            date_obs_start=str(header.get("DATE-OBS", "")),
            date_obs_end=str(header.get("DATE-END", "")),
            ra_deg=ra_deg,
            dec_deg=dec_deg,
            n_stars_detected=len(hdus["STAR-TAB"].data),
            width=width,
            height=height,
            engine=str(header["STACKENG"]),
            method=str(header["STACKMET"]).split(",")[0],
            sigma_clip=header.get("SIGCLIP"),
            frames=frames,
            notes=(),
        )


def names_of_planes(hdus: fits.HDUList) -> tuple[str, ...]:
    """Return the extensions with the light of a stack of ours: LUM, or red, green and blue."""
    return (LUMINANCE,) if LUMINANCE in hdus else COLOURS


def _frame(row: Mapping[str, Any], is_shaped: bool) -> FrameReport:
    """Read a row; ``is_shaped``: whether the table has ELLIPTIC, which older ones lack."""
    a, b, c, d, e, f = (float(value) for value in row["TRANSFORM"])
    return FrameReport(
        filename=str(row["FILENAME"]),
        sha256=str(row["SHA256"]),
        date_obs=str(row["DATE_OBS"]) or None,
        exptime=float(row["EXPTIME"]),
        n_stars=int(row["NSTARS"]),
        fwhm_px=float(row["FWHM"]),
        ellipticity=float(row["ELLIPTIC"]) if is_shaped else math.nan,
        sky_adu=float(row["SKY"]),
        transform=None if math.isnan(a) else (a, b, c, d, e, f),
        weight=float(row["WEIGHT"]),
        used=bool(row["USED"]),
        reason=str(row["REASON"]),
    )
