"""Deep-sky objects in the field, and whether the target that the observer named is among them.

They are from OpenNGC, which the package `pyongc` ships as an SQLite file of 14,000 objects. It is
read once into arrays (40 ms), because every field needs all of them anyway.
"""

from __future__ import annotations

import math
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np

from crowdsky.base.arrays import FloatArray
from crowdsky.solving.solution import Solution
from crowdsky.solving.tan import separation

NOT_OBJECTS = ("Dup", "NonEx", "*", "**", "Nova")
"""Types that are left out: errors of the old catalogues, and stars. Messier's objects always count,
because people observe them."""

UNKNOWN_TYPE, UNKNOWN_KIND = "Other", "Unknown type"

QUERY = """
    SELECT o.name, t.typedesc, o.type, o.ra, o.dec, o.majax, o.minax, o.vmag, o.bmag,
           o.messier, o.commonnames
    FROM objects o JOIN objTypes t ON t.type = o.type
    WHERE o.ra IS NOT NULL AND o.dec IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class SkyObject:
    """A deep-sky object.

    name        -- the usual name: "M 94", "NGC 7023", "IC 1396"
    catalog     -- Messier, NGC, IC, or the word of another catalogue
    number      -- its number there, as text ("7023", "2399A")
    other_names -- e.g. ("NGC 4736",) for M 94, and common names
    kind        -- type in words, e.g. "Galaxy"
    ra, dec     -- degrees (J2000)
    size_arcmin -- longest and shortest diameter; NaN if not known
    mag         -- V, else B magnitude; NaN if not known
    """

    name: str
    catalog: str
    number: str
    other_names: tuple[str, ...]
    kind: str
    ra: float
    dec: float
    size_arcmin: tuple[float, float]
    mag: float


@dataclass(frozen=True, slots=True)
class FieldObject:
    """An object in a picture: its pixel (0-based), and its distance from the middle, arcminutes."""

    sky: SkyObject
    x: float
    y: float
    distance_arcmin: float

    def to_json(self) -> dict[str, Any]:
        """Return the object as JSON values; what is not known is null."""
        sky = self.sky
        return {
            "name": sky.name,
            "catalog": sky.catalog,
            "id": sky.number,
            "other_names": list(sky.other_names),
            "type": sky.kind,
            "ra_deg": round(sky.ra, 6),
            "dec_deg": round(sky.dec, 6),
            "sep_arcmin": round(self.distance_arcmin, 2),
            "size_arcmin": [_or_none(size) for size in sky.size_arcmin],
            "mag": _or_none(sky.mag),
            "x": round(self.x, 1),
            "y": round(self.y, 1),
        }


@dataclass(frozen=True, slots=True)
class _Catalogue:
    objects: tuple[SkyObject, ...]
    ra: FloatArray
    dec: FloatArray
    by_name: dict[str, SkyObject]


def objects_in_field(solution: Solution) -> tuple[FieldObject, ...]:
    """Return the objects whose middle is in the picture, nearest to its middle first."""
    catalogue = _open_ngc()
    ra0, dec0 = solution.center
    radius = math.hypot(*solution.field_deg) / 2.0
    distance = separation(ra0, dec0, catalogue.ra, catalogue.dec)
    found = []
    for row in np.flatnonzero(distance <= radius):
        sky = catalogue.objects[row]
        x, y = (float(value) for value in solution.wcs.pixel(sky.ra, sky.dec))
        if -0.5 <= x <= solution.width - 0.5 and -0.5 <= y <= solution.height - 0.5:
            found.append(FieldObject(sky, x, y, float(distance[row]) * 60.0))
    return tuple(sorted(found, key=lambda item: item.distance_arcmin))


def find_object(name: str) -> SkyObject | None:
    """Find the object meant by "M94", "m 94", "NGC7023" or "Whirlpool Galaxy"; else None."""
    return _open_ngc().by_name.get(_plain(name))


def name_mismatch(name: str, solution: Solution) -> str:
    """Return a sentence if the named object is not in the picture; empty if it is, or is unknown.

    An object counts if any part of it may be in the picture: large nebulae are framed off-centre.
    """
    target = find_object(name)
    if target is None:
        return ""
    x, y = (float(value) for value in solution.wcs.pixel(target.ra, target.dec))
    size = target.size_arcmin[0]
    reach = (size / 2.0 if math.isfinite(size) else 0.0) * 60.0 / solution.scale_arcsec
    inside_x = -reach <= x <= solution.width + reach
    inside_y = -reach <= y <= solution.height + reach
    if inside_x and inside_y:
        return ""
    ra0, dec0 = solution.center
    away = float(separation(ra0, dec0, target.ra, target.dec))
    return (
        f"the frames are named {name.strip()}, but {target.name} is {away:.1f} degrees from the"
        f" middle of the picture, which is at RA {ra0:.3f}, Dec {dec0:+.3f}"
    )


@lru_cache(maxsize=1)
def _open_ngc() -> _Catalogue:
    path = resources.files("pyongc") / "ongc.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        rows = database.execute(QUERY).fetchall()
    objects: list[SkyObject] = []
    by_name: dict[str, SkyObject] = {}
    for row in rows:
        sky = _sky_object(row)
        if row[2] in NOT_OBJECTS and sky.catalog != "Messier":
            for name in (sky.name, *sky.other_names):
                by_name.setdefault(_plain(name), sky)  # still a position, under a known name
            continue
        objects.append(sky)
        for name in (sky.name, *sky.other_names):
            by_name[_plain(name)] = sky
    ra = np.array([sky.ra for sky in objects])
    dec = np.array([sky.dec for sky in objects])
    return _Catalogue(tuple(objects), ra, dec, by_name)


def _sky_object(row: tuple[Any, ...]) -> SkyObject:
    name, kind, type_, ra, dec, major, minor, v_mag, b_mag, messier, common = row
    own_catalog, own_number = _split(name)
    names = [f"{own_catalog} {own_number}"]
    catalog, number = own_catalog, own_number
    if messier:
        catalog, number = "Messier", messier.lstrip("0")
        names.insert(0, f"M {number}")
    names += [text.strip() for text in (common or "").split(",") if text.strip()]
    return SkyObject(
        name=names[0],
        catalog=catalog,
        number=number,
        other_names=tuple(names[1:]),
        kind=UNKNOWN_KIND if type_ == UNKNOWN_TYPE else kind,
        ra=math.degrees(ra),
        dec=math.degrees(dec),
        size_arcmin=(_number(major), _number(minor if minor is not None else major)),
        mag=_number(v_mag if v_mag is not None else b_mag),
    )


def _split(name: str) -> tuple[str, str]:
    """Split "NGC0205" into ("NGC", "205"), and other names into letters and rest."""
    parts = re.fullmatch(r"(NGC|IC)0*(\d+.*)", name)
    if parts:
        return parts[1], parts[2]
    letters = re.match(r"[A-Za-z]+", name)
    catalog = letters[0] if letters else name
    return catalog, name[len(catalog) :].strip().lstrip("0")


def _plain(name: str) -> str:
    """Normalise a name: no blanks, no case, no leading zeros, and "m" for Messier."""
    text = re.sub(r"[\s_]+", "", name).casefold()
    text = re.sub(r"^messier(?=\d)", "m", text)
    return re.sub(r"^(m|ngc|ic)0+(?=\d)", r"\1", text)


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
