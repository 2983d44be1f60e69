"""The bytes of the sky map, read as php_api/src/Gallery/MapPart.php describes them."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass

PART = 512
NO_NAME = 255


@dataclass(frozen=True)
class MapPoint:
    """A stack on the map; angles in degrees, days since 1990-01-01."""

    id: int
    ra: float
    dec: float
    day: int
    solved: bool
    public: bool
    name: str | None


def points(content: bytes) -> list[MapPoint]:
    """All stacks of a map, by their ids."""
    assert content[:4] == b"CSM1"
    found: list[MapPoint] = []
    at = 4
    while at < len(content):
        first, count = struct.unpack_from("<IH", content, at)
        bits = content[at + 6 : at + 6 + PART // 8]
        ids = [first + n for n in range(PART) if bits[n // 8] & 1 << n % 8]
        assert len(ids) == count
        at += 6 + PART // 8
        columns = []
        for form in ("H", "h", "H", "B", "B"):
            columns.append(struct.unpack_from(f"<{count}{form}", content, at))
            at += struct.calcsize(f"<{count}{form}")
        (length,) = struct.unpack_from("<H", content, at)
        names = json.loads(content[at + 2 : at + 2 + length])
        at += 2 + length
        for one, ra, dec, day, flags, name in zip(ids, *columns, strict=True):
            found.append(
                MapPoint(
                    id=one,
                    ra=ra / 65536 * 360.0,
                    dec=dec / 32767 * 90.0,
                    day=day,
                    solved=bool(flags & 1),
                    public=bool(flags & 2),
                    name=None if name == NO_NAME else names[name],
                )
            )
    return found
