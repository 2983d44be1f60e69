"""Reads when, where and how a picture was taken, from its FITS header or its EXIF data.

Values that are missing or not numbers are left out: a missing focal length must not look like 0.
Lenses and cameras that do not know write 0, which counts as missing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from PIL import ExifTags

from crowdsky.frames.angles import first_angle
from crowdsky.frames.card_facts import FACTS, binning, exposure_s, temperature_c
from crowdsky.frames.dates import utc_time
from crowdsky.frames.header_clock import header_clock

Capture = dict[str, Any]

EXIF, GPS = ExifTags.Base, ExifTags.GPS
LOCAL = "local"
"""Zone of a time of which only the clock of the place is known."""


def capture_of_fits(header: Mapping[str, object], width: int, height: int) -> Capture:
    """Read capture data from FITS cards; width and height are in pixels."""
    binned = binning(header)
    gps = {
        "lat": first_angle(header.get, FACTS.latitude),
        "lon": first_angle(header.get, FACTS.longitude),
        "alt": _number(header.get("SITEELEV")),
    }
    return _known(
        {
            **_dated(_start_in_fits(header), _zone_of_fits(header)),
            "exposure": exposure_s(header),
            "gain": _number(header.get("GAIN")),
            "filter": _text(header.get("FILTER")),
            "object": _text(header.get("OBJECT")),
            "telescope": _text(header.get("TELESCOP")),
            "camera_model": _text(header.get("INSTRUME")),
            "focal_length_mm": _positive(header.get("FOCALLEN")),
            "binning": None if binned is None else list(binned),
            "sensor_temp_c": temperature_c(header),
            "gps": _place(gps),
            "image_width": width,
            "image_height": height,
        }
    )


def capture_of_exif(
    base: Mapping[int, Any], shot: Mapping[int, Any], place: Mapping[int, Any]
) -> Capture:
    """Read capture data from the EXIF of a photo: its own tags, those of the shot, and GPS."""
    taken, zone = shot.get(EXIF.DateTimeOriginal), shot.get(EXIF.OffsetTimeOriginal)
    if not taken:
        taken, zone = base.get(EXIF.DateTime), shot.get(EXIF.OffsetTime)
    gps = {
        "lat": _degrees(place.get(GPS.GPSLatitude), place.get(GPS.GPSLatitudeRef), "S"),
        "lon": _degrees(place.get(GPS.GPSLongitude), place.get(GPS.GPSLongitudeRef), "W"),
        "alt": _altitude(place.get(GPS.GPSAltitude), place.get(GPS.GPSAltitudeRef)),
    }
    return _known(
        {
            **_dated(_text(taken), _text(zone) or LOCAL),
            "exposure": _positive(shot.get(EXIF.ExposureTime)),
            "iso": _positive(shot.get(EXIF.ISOSpeedRatings)),
            "f_number": _positive(shot.get(EXIF.FNumber)),
            "focal_length_mm": _positive(shot.get(EXIF.FocalLength)),
            "camera_make": _text(base.get(EXIF.Make)),
            "camera_model": _text(base.get(EXIF.Model)),
            "gps": _place(gps),
        }
    )


def _dated(moment: str | None, zone: str) -> Capture:
    """Return the time with its zone: "UTC", a difference such as "+02:00", or "local"."""
    return {} if moment is None else {"datetime": moment, "datetime_zone": zone}


def _zone_of_fits(header: Mapping[str, object]) -> str:
    """Return the time scale of DATE-OBS: UTC, as FITS has it, unless the header says otherwise."""
    return LOCAL if header_clock(header).is_local else _text(header.get("TIMESYS")) or "UTC"


def _start_in_fits(header: Mapping[str, object]) -> str | None:
    """Return DATE-OBS without the exposure if it is the end of one; None if that is unknown."""
    written = _text(header.get("DATE-OBS"))
    if written is None or not header_clock(header).at_end:
        return written
    end, length = utc_time(written), exposure_s(header)
    if end is None or length is None:
        return None
    return (end - timedelta(seconds=length)).replace(tzinfo=None).isoformat()


def _place(gps: Mapping[str, float | None]) -> Capture | None:
    """Return the position, or None if latitude or longitude is missing or both are exactly 0."""
    if gps["lat"] is None or gps["lon"] is None or gps["lat"] == gps["lon"] == 0:
        return None
    return _known(gps)


def _known(values: Mapping[str, Any]) -> Capture:
    return {key: value for key, value in values.items() if value is not None}


def _text(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    return value.replace("\x00", "").strip() or None


def _number(value: Any) -> float | int | None:
    """Convert to a finite number, or None: EXIF rationals may divide by zero, and cards be text."""
    if isinstance(value, tuple | list):
        value = value[0] if value else None
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) else None


def _positive(value: Any) -> float | int | None:
    """Convert to a finite number above 0, or None."""
    number = _number(value)
    return number if number is not None and number > 0 else None


def _degrees(parts: Any, reference: Any, negative: str) -> float | None:
    """Convert degrees, minutes and seconds with N, S, E or W to degrees."""
    if not isinstance(parts, tuple | list) or len(parts) != 3:
        return None
    numbers = [_number(part) for part in parts]
    if None in numbers:
        return None
    degrees, minutes, seconds = (float(number or 0.0) for number in numbers)
    value = degrees + minutes / 60.0 + seconds / 3600.0
    return round(-value if _text(reference) == negative else value, 7)


def _altitude(value: Any, reference: Any) -> float | None:
    """Convert an altitude to metres; reference 1 means below sea level."""
    number = _number(value)
    below = reference in (1, b"\x01")
    return None if number is None else float(-number if below else number)
