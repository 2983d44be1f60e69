"""Brings a finished stack that another program made into the layout of our own stacks.

Its pixels stay as they are. What it does not say is not in the result either: no FOOTPRINT,
VARIANCE or REJECTED, no end of the last exposure, and SMOOTHED has no value.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
from astropy.io import fits

from crowdsky.base.errors import BadDataError
from crowdsky.frames.cards import card
from crowdsky.frames.damaged import damage_as
from crowdsky.frames.dates import utc_time
from crowdsky.frames.fits_header import described, plain_ascii
from crowdsky.frames.fits_writer import Card, primary
from crowdsky.frames.frames import sha256_of
from crowdsky.frames.header_clock import NOTHING_TOLD, ToldClock
from crowdsky.sources.detection import find_stars
from crowdsky.sources.star_columns import star_table
from crowdsky.stacking.engine import StackedPicture, StackOptions
from crowdsky.stacking.product.chunk_summary import ChunkSummary, summarise
from crowdsky.stacking.product.product import (
    Provenance,
    footprint_hdu,
    frames_table,
    plane_hdu,
    primary_cards,
    write_whole,
)
from crowdsky.stacking.product.read_result import read_result
from crowdsky.stacking.records import StackResult, UploadedFigures

ENGINE = "uploaded"
"""Stands for the name of the engine, which is not known."""
UNKNOWN = "unknown"
COLOURS = (("RED", "R"), ("GREEN", "G"), ("BLUE", "B"))
MAPS = ("FOOTPRINT", "MASK", "WEIGHT", "REJECTED", "VARIANCE")
"""Extensions without light; VARIANCE begins several names."""
CAMERA_SCALE = 2.0
"""Largest value in a picture that was scaled to 1, with room for what was interpolated."""


class UploadedStackError(BadDataError):
    """An uploaded file is not a finished stack in three colours."""


@dataclass(frozen=True, slots=True)
class _Light:
    """Planes (3, height, width) float32, footprint or None, and the header that describes them."""

    planes: np.ndarray
    footprint: np.ndarray | None
    header: fits.Header


def convert_stack(
    path: Path,
    output: Path,
    figures: UploadedFigures,
    made: datetime,
    *,
    job_label: str = "",
    told: ToldClock = NOTHING_TOLD,
) -> StackResult:
    """Write an uploaded stack to ``output`` in our layout and describe it.

    Args:
        path: a cube with the colours first or last, or a file with an extension for each colour.
        output: appears whole or not at all.
        figures: what is known of its frames.
        made: time of the conversion, aware, UTC.
        job_label: for its header.
        told: what is known of the telescope's clock besides the header.

    Raises:
        UploadedStackError: the file cannot be read, or is no such stack.
        TooManySourcesError: it is no picture of the night sky.
        OSError: ``output`` cannot be written.
    """
    light = _read(path)
    notes = _remarks(light)
    picture = StackedPicture(
        planes=light.planes,
        footprint=np.empty(0),
        frames=(),
        engine=ENGINE,
        options=StackOptions(sigma_clip=None),
        notes=(f"uploaded as a finished stack, SHA-256 {sha256_of(path)}", *notes),
    )
    summary = _summary(light, figures, told)
    cards = _corrected(
        primary_cards(picture, summary, Provenance(made, job_label)), light.header, figures
    )
    covered = (light.planes != 0.0).any(axis=0) if light.footprint is None else light.footprint > 0
    stars = find_stars(light.planes, covered.astype(np.int32))
    hdus = [
        primary(cards, [plain_ascii(note) for note in picture.notes]),
        *(plane_hdu(picture, index, cards) for index in range(len(COLOURS))),
        *([] if light.footprint is None else [footprint_hdu(light.footprint)]),
        star_table(stars),
        frames_table(()),
    ]
    write_whole(output, hdus, made)
    return replace(read_result(output), notes=notes)


def _read(path: Path) -> _Light:
    with (
        damage_as(lambda why: _unusable(path, why)),
        path.open("rb") as stream,
        fits.open(stream, memmap=False) as hdus,
    ):
        planes = _cube(hdus[0])
        named = _named(hdus) if planes is None else []
        if planes is None:
            planes = np.stack([np.asarray(hdu.data, dtype=np.float32) for hdu in named])
        if planes.ndim != 3 or len(planes) != len(COLOURS):
            raise _unusable(path, "it has no planes for three colours")
        footprint = hdus["FOOTPRINT"].data if "FOOTPRINT" in hdus else None
        if footprint is not None and footprint.shape != planes.shape[1:]:
            footprint = None
        header = hdus[0].header.copy()
    bad = ~np.isfinite(planes)
    if footprint is not None:
        footprint = np.where(bad.any(axis=0), 0, footprint).astype(np.int64)
        bad |= footprint == 0
    planes[bad] = 0.0
    return _Light(planes, footprint, header)


def _cube(primary: fits.PrimaryHDU) -> np.ndarray | None:
    """Return the planes of a cube, colours first; None without a picture in the primary."""
    if not primary.shape:
        return None
    pixels = np.asarray(primary.data, dtype=np.float32)
    if pixels.ndim == 3 and len(pixels) != len(COLOURS) and pixels.shape[2] == len(COLOURS):
        return np.ascontiguousarray(np.moveaxis(pixels, 2, 0))
    return pixels


def _named(hdus: fits.HDUList) -> list[fits.ImageHDU]:
    """Return the extensions of the colours, by name, or else the first three with light."""
    pictures = [hdu for hdu in hdus[1:] if hdu.is_image and len(hdu.shape) == 2]
    by_name = {hdu.name.upper(): hdu for hdu in reversed(pictures)}
    found = [next((by_name[name] for name in names if name in by_name), None) for names in COLOURS]
    if all(hdu is not None for hdu in found):
        return found
    return [hdu for hdu in pictures if not hdu.name.upper().startswith(MAPS)][: len(COLOURS)]


def _summary(light: _Light, figures: UploadedFigures, told: ToldClock) -> ChunkSummary:
    """Summarise the header; of the times, only those that it has count."""
    height, width = light.planes.shape[1:]
    exposure = figures.total_exptime / figures.frames_aligned
    facts = described(light.header, (width, height), exposure, told=told)
    # Not OB-END: in stacks of the first CrowdSky it is the start of the last sub.
    said = card(light.header, "DATE-END")
    end = utc_time(said) if isinstance(said, str) else None
    start = facts.date_obs
    return replace(
        summarise([facts]),
        n_images=figures.frames_aligned,
        total_exptime_s=figures.total_exptime,
        end=end if start is not None and end is not None and end > start else None,
    )


def _corrected(cards: list[Card], source: fits.Header, figures: UploadedFigures) -> list[Card]:
    """Replace what a stack of ours says of its stacking by what is known of this one."""
    said = card(source, "SMOOTHED")
    known: dict[str, Card] = {
        "NINPUT": ("NINPUT", figures.frames_input, "number of subs given"),
        "STACKMET": ("STACKMET", UNKNOWN, "how the subs were combined"),
        "SMOOTHED": (
            "SMOOTHED",
            said if isinstance(said, bool) else None,
            "noise was smoothed; no value: unknown",
        ),
    }
    return [known.get(one[0], one) for one in cards]


def _remarks(light: _Light) -> tuple[str, ...]:
    notes = ["This stack was uploaded as a finished one: how its subs were combined is not known."]
    if light.planes.max() <= CAMERA_SCALE:
        notes.append(
            "Its values are scaled to 1 instead of those of a camera, so that saturated stars are"
            " not recognised."
        )
    return tuple(notes)


def _unusable(path: Path, why: str) -> UploadedStackError:
    return UploadedStackError("could not take over the stack", where=path.name, why=why)
