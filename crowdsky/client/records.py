"""The stacks of the archive as records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from crowdsky.base.json_fields import Fields


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack of the archive; None where something is not known.

    Attributes:
        id: number of the stack, by which everything else is asked for.
        chunk_key: time block and HEALPix pixel; other stacks may have the same.
        ra_deg, dec_deg: its centre, ICRS.
        sqm: brightness of the sky, mag/arcsec^2.
        total_exptime: seconds of exposure of all its subs together.
        eq_mode: 0 for an alt-az, 1 for an equatorial mount.
        date_obs_start, date_obs_end: begin of its first and end of its last sub, aware, UTC.
        telescope: model and unit; of others' stacks only where it is a known one.
        limiting_mag: of the faintest star that was measured.
        is_solved: whether its stars say where it points; else its subs do.
        width_deg, height_deg: size of its field; None unless it is solved.
        rotation_deg: position angle of the +y axis, east of north.
        scale_arcsec: of a pixel.
        sha256: of its file, for this reader; None if nobody has asked for it yet.
        is_own: whether it belongs to the owner of the key.
        download_url, page_url: where its FITS file and its page are.
    """

    id: int
    chunk_key: str
    object_name: str | None
    filter_name: str | None
    ra_deg: float | None
    dec_deg: float | None
    sqm: float | None
    total_exptime: float | None
    eq_mode: int | None
    n_frames_input: int | None
    n_frames_aligned: int | None
    n_stars_detected: int | None
    file_size_bytes: int | None
    date_obs_start: datetime | None
    date_obs_end: datetime | None
    telescope: str | None
    limiting_mag: float | None
    is_solved: bool
    width_deg: float | None
    height_deg: float | None
    rotation_deg: float | None
    scale_arcsec: float | None
    sha256: str | None
    is_own: bool
    download_url: str
    page_url: str

    @classmethod
    def from_json(cls, data: object) -> Stack:
        """Read what the site says about a stack; raises UnexpectedAnswerError with the field."""
        fields = Fields("stack", data)
        return cls(
            id=fields.integer("id", minimum=1),
            chunk_key=fields.text("chunk_key"),
            object_name=fields.optional_text("object_name") or None,
            filter_name=fields.optional_text("filter_name"),
            ra_deg=fields.optional_number("ra_deg"),
            dec_deg=fields.optional_number("dec_deg"),
            sqm=fields.optional_number("sqm"),
            total_exptime=fields.optional_number("total_exptime"),
            eq_mode=fields.optional_integer("eq_mode"),
            n_frames_input=fields.optional_integer("n_frames_input"),
            n_frames_aligned=fields.optional_integer("n_frames_aligned"),
            n_stars_detected=fields.optional_integer("n_stars_detected"),
            file_size_bytes=fields.optional_integer("file_size_bytes"),
            date_obs_start=_time(fields, "date_obs_start"),
            date_obs_end=_time(fields, "date_obs_end"),
            telescope=fields.optional_text("telescope"),
            limiting_mag=fields.optional_number("limiting_mag"),
            is_solved=fields.boolean("solved"),
            width_deg=fields.optional_number("field_width_deg"),
            height_deg=fields.optional_number("field_height_deg"),
            rotation_deg=fields.optional_number("rotation_deg"),
            scale_arcsec=fields.optional_number("scale_arcsec"),
            sha256=fields.optional_text("sha256"),
            is_own=fields.boolean("own"),
            download_url=fields.text("download_url"),
            page_url=fields.text("page_url"),
        )


@dataclass(frozen=True, slots=True)
class StackPage:
    """A part of a list of stacks; ``next`` is where it goes on, None at its end."""

    stacks: tuple[Stack, ...]
    next: str | None


def _time(fields: Fields, name: str) -> datetime | None:
    text = fields.optional_text(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise fields.problem(name, f"{text[:40]!r} is no time") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
