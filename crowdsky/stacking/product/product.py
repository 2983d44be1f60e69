"""Writes a stack as a multi-extension FITS file with planes, footprint and tables.

HDU by HDU: an empty primary with all metadata; RED, GREEN and BLUE (float32, ADU), or LUM from a
monochrome sensor; FOOTPRINT (subs per pixel); VARIANCE and REJECTED where the noise is known
(``noise_planes``); STAR-TAB (sources, brightest first); and FRAMES (one row per input sub). The
primary has NIMAGES and a total EXPTIME. TOTALEXP, STACKCNT and BAYERPAT must not be in it, because
readers take them as signs of other file formats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from crowdsky import __version__
from crowdsky.base.file_arrays import give_back_file_arrays
from crowdsky.frames.dates import iso_time, modified_julian_date
from crowdsky.frames.equinox import KEPT_POINTING
from crowdsky.frames.fits_header import plain_ascii
from crowdsky.frames.fits_writer import Card, Column, Hdu, image, primary, table, write_fits
from crowdsky.frames.plane_cards import COLOURS, LUMINANCE, repeated_cards
from crowdsky.sources.star_columns import star_table
from crowdsky.stacking.engine import FrameRecord, StackedPicture, StackOptions
from crowdsky.stacking.framings import REFERENCE
from crowdsky.stacking.product.chunk_summary import (
    ChunkSummary,
    summarise,
)
from crowdsky.stacking.product.noise_planes import (
    SCALE_RED,
    correlation_card,
    noise_cards,
    noise_hdus,
)
from crowdsky.stacking.records import StackResult


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a product comes from, for its header: what is needed to make it again."""

    processed: datetime
    """Time at which the stack was made, aware, UTC."""
    job_label: str = ""
    """Job and attempt, empty outside the queue."""
    software: tuple[str, ...] = ()
    """Names and versions of the libraries that were used."""


def write_product(
    path: Path, picture: StackedPicture, stars: np.ndarray, provenance: Provenance
) -> StackResult:
    """Write a stack to ``path`` and describe it.

    ``stars`` is the structured array of STAR-TAB. The file appears whole or not at all: it is
    written under the name with ``.part`` added and then renamed. Raises ValueError when the picture
    violates the rules of ``StackedPicture``, OSError when it cannot be written.
    """
    _check(picture)
    summary = summarise([frame.header for frame in picture.used if frame.header is not None])
    cards = primary_cards(picture, summary, provenance)
    scaled = any(keyword == SCALE_RED for keyword, _, _ in cards)
    history = [plain_ascii(line) for line in (*provenance.software, *picture.notes)]
    hdus = [
        primary(cards, history),
        *(plane_hdu(picture, index, cards) for index in range(len(picture.planes))),
        footprint_hdu(picture.footprint),
        *([] if picture.noise is None else noise_hdus(picture.noise, scaled)),
        star_table(stars),
        frames_table(picture.frames),
    ]
    write_whole(path, hdus, provenance.processed)
    return _result(path, picture, summary, len(stars))


def write_whole(path: Path, hdus: Sequence[Hdu], written: datetime) -> None:
    """Write a file, which appears whole or not at all; ``written`` is for its checksums."""
    partial = path.with_name(path.name + ".part")
    try:
        write_fits(partial, hdus, written)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def primary_cards(
    picture: StackedPicture, summary: ChunkSummary, provenance: Provenance
) -> list[Card]:
    """Return the metadata of the product for its primary header, without unknown values."""
    options = picture.options
    cards: list[Card] = [
        ("TELESCOP", summary.telescope, "telescope and its serial number"),
        ("INSTRUME", summary.instrument, "camera"),
        ("WIDECAM", 1 if summary.is_wide else None, "from the wide-angle camera of two"),
        ("OBJECT", summary.object_name, "target as named by the observer"),
        ("FILTER", summary.filter_name, "filter"),
        ("RA", summary.ra_deg, "[deg] ICRS, mean pointing of the combined subs"),
        ("DEC", summary.dec_deg, "[deg] ICRS, mean pointing of the combined subs"),
        (KEPT_POINTING["RA"], summary.sub_ra_deg, "[deg] the same as the subs have it"),
        (KEPT_POINTING["DEC"], summary.sub_dec_deg, "[deg] the same as the subs have it"),
        ("TIMESYS", "UTC" if summary.start else None, "time system of all dates"),
        ("DATE-OBS", iso_time(summary.start), "start of the first exposure"),
        ("DATE-END", iso_time(summary.end), "end of the last exposure"),
        # Without these, readers of coordinates compute them and warn that they have.
        ("MJD-OBS", modified_julian_date(summary.start), "[d] DATE-OBS as modified Julian date"),
        ("MJD-END", modified_julian_date(summary.end), "[d] DATE-END as modified Julian date"),
        ("OB-START", iso_time(summary.start), "start of the first exposure"),
        ("OB-END", iso_time(summary.end), "end of the last exposure"),
        ("DATE-LOC", iso_time(summary.local_start), "local start of the first exposure, no zone"),
        ("OBSTOTAL", _span_s(summary), "[s] OB-END minus OB-START"),
        ("NIMAGES", summary.n_images, "number of combined subs"),
        ("NINPUT", len(picture.frames), "number of subs given"),
        ("EXPTIME", summary.total_exptime_s, "[s] total exposure of the combined subs"),
        ("EXPOSURE", summary.total_exptime_s, "[s] total exposure of the combined subs"),
        ("CCD-TEMP", _rounded(summary.ccd_temp_c, 3), "[degC] mean sensor temperature"),
        ("GAIN", _whole(summary.gain), "gain setting, most frequent"),
        ("EQMODE", summary.eq_mode, "0 alt-az, 1 equatorial"),
        ("XPIXSZ", _rounded(summary.x_pixel_um, 6), "[um] pixel size"),
        ("YPIXSZ", _rounded(summary.y_pixel_um, 6), "[um] pixel size"),
        ("FOCALLEN", summary.focal_length_mm, "[mm] focal length"),
        ("STACKMET", describe_method(options), "how the subs were combined"),
        ("WEIGHTS", options.weights, "what the subs are weighed for"),
        ("FRAMING", framing_of(options), "what the picture shows of its subs"),
        ("NFIELDS", picture.n_fields if picture.n_fields > 1 else None, "fields of the mosaic"),
        ("STACKENG", picture.engine, "stacking engine and version"),
        ("SIGCLIP", options.sigma_clip, "[sigma] rejection threshold"),
        ("CLIPLOSS", _percent(picture.star_loss), "[%] light of stars lost by rejection"),
        *noise_cards(picture.noise, picture.smoothed),
        ("SATURATE", _rounded(picture.saturated_adu, 4), "[adu] pixels above are saturated"),
        ("CREATOR", f"CrowdSky {__version__}", "software that made this file"),
        ("PROCDATE", iso_time(provenance.processed), "UTC when this file was made"),
        ("JOBID", provenance.job_label or None, "job that made this file"),
        # Also without a pointing: the solution gives one, and then the barycentric time.
        ("SITELAT", summary.site_lat_deg, "[deg] latitude of the site"),
        ("SITELONG", summary.site_long_deg, "[deg] longitude of the site"),
    ]
    return [
        (key, _card_value(value), comment) for key, value, comment in cards if value is not None
    ]


def frames_table(frames: tuple[FrameRecord, ...]) -> Hdu:
    """Build the FRAMES table: one row per input sub, in input order.

    TRANSFORM has a, b, c, d, e, f of x' = a x + b y + c, y' = d x + e y + f from sub to stack
    pixels (0-based), all NaN for a sub that was not aligned. ELLIPTIC is the median 1 - b/a of
    the stars of a sub, NaN where no star could be measured; older stacks lack it.
    """
    reports = [frame.report for frame in frames]
    unaligned = (np.nan,) * 6
    transforms = np.array([report.transform or unaligned for report in reports], np.float64)
    columns = [
        _text_column("FILENAME", [report.filename for report in reports]),
        _text_column("SHA256", [report.sha256 for report in reports]),
        _text_column("DATE_OBS", [report.date_obs or "" for report in reports]),
        _column("EXPTIME", np.float64, [report.exptime for report in reports], "s"),
        _column("NSTARS", np.int32, [report.n_stars for report in reports]),
        _column("FWHM", np.float32, [report.fwhm_px for report in reports], "pixel"),
        _column("ELLIPTIC", np.float32, [report.ellipticity for report in reports]),
        _column("SKY", np.float32, [report.sky_adu for report in reports], "adu"),
        Column("TRANSFORM", transforms.reshape(-1, 6)),
        _column("WEIGHT", np.float32, [report.weight for report in reports]),
        _column("USED", np.bool_, [report.used for report in reports]),
        _text_column("REASON", [report.reason for report in reports]),
    ]
    return table(columns, "FRAMES")


def framing_of(options: StackOptions) -> str | None:
    """Return the framing for the header; None for that of the reference, as ever."""
    return None if options.framing == REFERENCE else options.framing


def describe_method(options: StackOptions) -> str:
    """Describe the combination, e.g. "mean, 3 sigma clip"."""
    if options.sigma_clip is None:
        return options.method
    return f"{options.method}, {options.sigma_clip:g} sigma clip"


def _card_value(value: object) -> object:
    return plain_ascii(value) if isinstance(value, str) else value


def _check(picture: StackedPicture) -> None:
    planes, footprint = picture.planes, picture.footprint
    if planes.ndim != 3 or planes.shape[0] not in (1, 3) or planes.shape[1:] != footprint.shape:
        raise ValueError(f"planes {planes.shape} and footprint {footprint.shape} do not fit")
    if not picture.used:
        raise ValueError("a product needs at least one used sub")
    uncovered = footprint == 0
    # Plane by plane, because a mosaic is larger than the memory that it may take.
    for plane in planes:
        if not np.isfinite(plane).all():
            raise ValueError("the planes of a product must be finite")
        if plane[uncovered].any():
            raise ValueError("uncovered pixels of a product must be 0")
        give_back_file_arrays()
    for variance in () if picture.noise is None else picture.noise.variance:
        if not np.isfinite(variance).all():
            raise ValueError("the variance of a product must be finite")
        give_back_file_arrays()


def plane_hdu(picture: StackedPicture, index: int, of_primary: list[Card]) -> Hdu:
    """Build the extension of a plane, with the cards of the primary that it repeats."""
    pixels = picture.planes[index].astype(np.float32, copy=False)
    cards: list[Card] = [("BUNIT", "adu", "on the scale of one sub"), *repeated_cards(of_primary)]
    correlation = correlation_card(picture.noise, index)
    if correlation[1] is not None:
        cards.append(correlation)
    if len(picture.planes) == 1:
        return image(pixels, LUMINANCE, cards)
    channel: Card = ("CHANNEL", index, "colour channel: 0 red, 1 green, 2 blue")
    return image(pixels, COLOURS[index], [channel, *cards])


def footprint_hdu(footprint: np.ndarray) -> Hdu:
    """Build FOOTPRINT, in the smallest type that holds its counts."""
    smallest = np.uint8 if footprint.max() <= np.iinfo(np.uint8).max else np.uint16
    return image(footprint.astype(smallest), "FOOTPRINT")


def _column(name: str, dtype: type[np.generic], values: Sequence[object], unit: str = "") -> Column:
    return Column(name, np.array(values, dtype), (("TUNIT", unit),) if unit else ())


def _text_column(name: str, texts: list[str]) -> Column:
    return Column(name, np.array([plain_ascii(text).encode("ascii") for text in texts], "S"))


def _result(
    path: Path, picture: StackedPicture, summary: ChunkSummary, n_stars: int
) -> StackResult:
    height, width = picture.footprint.shape
    return StackResult(
        output_path=path,
        n_frames_input=len(picture.frames),
        n_frames_aligned=summary.n_images,
        total_exptime=summary.total_exptime_s,
        date_obs_start=iso_time(summary.start) or "",
        date_obs_end=iso_time(summary.end) or "",
        ra_deg=summary.ra_deg,
        dec_deg=summary.dec_deg,
        n_stars_detected=n_stars,
        width=width,
        height=height,
        engine=picture.engine,
        method=picture.options.method,
        sigma_clip=picture.options.sigma_clip,
        frames=tuple(frame.report for frame in picture.frames),
        notes=picture.notes,
    )


def _span_s(summary: ChunkSummary) -> float | None:
    if summary.start is None or summary.end is None:
        return None
    return round((summary.end - summary.start).total_seconds(), 3)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100.0 * share, 3)


def _whole(value: float | None) -> float | int | None:
    return int(value) if value is not None and value.is_integer() else value
