"""Header dialects of telescopes and capture programs, from ``header_dialects.json``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("header_dialects.json")
BLOCK = 2880


@dataclass(frozen=True)
class Dialect:
    """One header, and what every reader must read in it."""

    name: str
    cards: dict[str, str]
    expect: dict[str, object]

    @property
    def header(self) -> bytes:
        """The header as bytes, in whole blocks."""
        cards = {"SIMPLE": f"{'T':>20}", **self.cards}
        lines = [f"{key:<8}= {value}".ljust(80) for key, value in cards.items()]
        text = "".join([*lines, "END".ljust(80)])
        return text.ljust(-(-len(text) // BLOCK) * BLOCK).encode("ascii")

    def write(self, path: Path, header: bytes | None = None) -> Path:
        """Write a file with this header, or another, and pixels that are all 0 and take no room."""
        sizes = [
            int(value.split("/")[0]) for key, value in self.cards.items() if key[:5] == "NAXIS"
        ]
        pixels = abs(int(self.cards["BITPIX"])) // 8
        for side in sizes[1:]:
            pixels *= side
        with path.open("wb") as stream:
            stream.write(self.header if header is None else header)
            stream.truncate(stream.tell() + -(-pixels // BLOCK) * BLOCK)
        return path


def dialects() -> list[Dialect]:
    """Return all dialects, those that are like another filled in."""
    found: dict[str, Dialect] = {}
    for row in json.loads(TABLE.read_text(encoding="ascii"))["dialects"]:
        cards, expect = row["cards"], row["expect"]
        if "like" in row:
            cards = {**found[row["like"]].cards, **cards}
            expect = {**found[row["like"]].expect, **expect}
        cards = {key: value for key, value in cards.items() if value is not None}
        assert row["name"] not in found
        found[row["name"]] = Dialect(row["name"], cards, expect)
    return list(found.values())
