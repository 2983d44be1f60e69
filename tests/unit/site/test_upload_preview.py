"""What the upload page finds in files before it sends them, against what the site finds."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from demo.services import REPOSITORY, php_command
from tests.contract.site.subs import header, sub
from tests.faults.fits_mutants import mutants

SITE = [*php_command(), str(REPOSITORY / "tests" / "support" / "chunked_subs.php")]
PAGE = ["node", str(REPOSITORY / "tests" / "js" / "chunked_subs.js")]
DIALECTS = REPOSITORY / "tests" / "support" / "header_dialects.json"

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


def found_by(program: list[str], paths: list[Path]) -> dict[str, Any]:
    """Return what a program finds in these files."""
    answer = subprocess.run(
        program,
        input=json.dumps([str(path) for path in paths]),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def written(folder: Path, bodies: Iterable[bytes]) -> list[Path]:
    """Write files and return their paths in order."""
    paths = []
    for number, body in enumerate(bodies):
        paths.append(folder / f"Light_{number:04}.fit")
        paths[-1].write_bytes(body)
    return paths


def compared(paths: list[Path]) -> dict[str, Any]:
    """Return what the site finds, after having compared it with what the page finds."""
    site, page = found_by(SITE, paths), found_by(PAGE, paths)
    differing = [
        (path.name, here, there)
        for path, here, there in zip(paths, site["read"], page["read"], strict=True)
        if not is_same(here, there)
    ]
    assert differing == []
    assert sorted(page["chunks"]) == sorted(site["chunks"])
    assert page["copies"] == site["copies"]
    return site


def is_same(here: dict[str, Any], there: dict[str, Any]) -> bool:
    """Whether facts are the same; angles and years within what rounding makes."""
    if here.keys() != there.keys():
        return False
    if "code" in here:
        return here == there
    rounded = [
        {
            **facts,
            "position": facts["position"] and [round(angle, 9) for angle in facts["position"]],
            "equinox": round(facts["equinox"], 9),
        }
        for facts in (here, there)
    ]
    return rounded[0] == rounded[1]


def test_headers_of_all_telescopes(tmp_path: Path) -> None:
    known: dict[str, dict[str, str | None]] = {}
    bodies = []
    for dialect in json.loads(DIALECTS.read_text())["dialects"]:
        cards = {**known.get(dialect.get("like", ""), {}), **dialect["cards"]}
        known[dialect["name"]] = cards
        given = {"SIMPLE": f"{'T':>20}", **cards}
        pixels = [int(str(given.get(f"NAXIS{axis}") or "0").split("/")[0]) for axis in (1, 2)]
        bits = int(str(given.get("BITPIX") or "16").split("/")[0])
        bodies.append((header(given), pixels[0] * pixels[1] * abs(bits) // 8))
    paths = []
    for number, (body, size) in enumerate(bodies):
        paths.append(tmp_path / f"{number}.fit")
        with paths[-1].open("wb") as file:
            file.write(body)
            file.truncate(len(body) + size)

    site = compared(paths)

    assert sum("code" not in facts for facts in site["read"]) > 20


def test_broken_files_are_refused_with_the_reason_of_the_site(tmp_path: Path) -> None:
    bodies = [body for _, body in mutants(seed=17, count=400) if len(body) < 200_000]
    site = compared(written(tmp_path, bodies))

    codes = {facts["code"] for facts in site["read"] if "code" in facts}
    assert codes >= {"bad_header", "not_a_raw_sub", "size_mismatch", "truncated", "no_date_obs"}


CASES: list[dict[str, str | None]] = [
    {"DATE-OBS": "'2025-03-27T03:15:20+02:00'"},
    {"EXPTIME": "0.0", "EXPOSURE": "10.0"},
    {"EXPTIME": "'10.0'"},
    {"EXPTIME": None, "EXP": "10.0"},
    {"RA": None, "DEC": None, "OBJCTRA": "'10 00 00'", "OBJCTDEC": "'+20 00 00'"},
    {"RA": None, "DEC": None},
    {"RA": "0.0", "DEC": "0.0"},
    {"RA": "-0.25"},
    {"RA": "359.99"},
    {"IMAGETYP": "'Dark    '"},
    {"BAYERPAT": "'TRUE    '", "COLORTYP": "'GRBG    '"},
    {"BAYERPAT": "'XTRANS  '"},
    {"XBAYROFF": "1", "YBAYROFF": "-1.5"},
    {"DATE-OBS": "'2016-12-31T23:59:60'"},
    {"DATE-OBS": "'2025-03-27'", "TIME-OBS": "'01:20:32.5'"},
    {"DATE-OBS": "'1955-03-27T01:20:32,25'"},
    {"DATE-OBS": "'2025-03-27T01:20:32' / Time end of exposure"},
    {"TIMESYS": "'TAI     '"},
    {"TIMESYS": "'LOCAL   '"},
    {"TIMESYS": "'CONSTRUCTOR'"},
    {"TELESCOP": "'DWARF 3 '", "DATE-OBS": "'2025-03-27T02:20:32.123'"},
    {"EQMODE": "T"},
    {"EQMODE": "1"},
    {"WIDECAM": "1"},
    {"OBJECT": "'O''Neill'"},
    {"OBJECT": "'Caf\u00c3\u00a9   '"},
    {"FILTER": "'UV/IR Cut Filter'"},
    {"EQUINOX": "1950.0"},
    {"RADESYS": "'ICRS    '"},
    {"NIMAGES": "30"},
    {"STACKCNT": "12"},
    {"LIVETIME": "300.5"},
    {"BITPIX": f"{64:>20}"},
    {"NAXIS1": f"{60:>20}", "NAXIS2": f"{40:>20}"},
]


def test_cards_that_readers_take_differently(tmp_path: Path) -> None:
    site = compared(written(tmp_path, (sub(cards) for cards in CASES)))

    small = site["read"][-1]
    assert small["code"] == "bad_header"
    assert "at least 64 pixels a side" in small["message"]


def night(rng: random.Random) -> list[bytes]:
    """Return subs of a wandering mount: several exposures and filters, and a time that grows."""
    bodies = []
    step = rng.choice([0.02, 0.12, 0.24, 0.3])
    ra, dec = rng.choice([(359.9, 0.0), (193.0, 41.0), (10.0, 89.6)])
    seconds = 0.0
    for _ in range(60):
        seconds += rng.choice([10.0, 11.3, 40.0])
        ra, dec = ra + rng.uniform(-step, step), min(90.0, dec + rng.uniform(-step, step))
        stamp = (
            f"{20 + int(seconds) // 3600:02}:{int(seconds) % 3600 // 60:02}:{seconds % 60:09.6f}"
        )
        cards: dict[str, str | None] = {
            "DATE-OBS": f"'2025-03-27T{stamp}'",
            "RA": f"{ra:>20.6f}",
            "DEC": f"{dec:>20.6f}",
            "EXPTIME": f"{10 * 1.012 ** rng.randrange(4) * rng.choice([1, 1, 1, 2]):>20.6f}",
            "FILTER": rng.choice(["'IRCUT   '", "'IR-Cut  '", "'LP      '"]),
            "EQMODE": rng.choice(["0", "0", "1"]),
            "TELESCOP": rng.choice(["'S50_1d3fe189'", "'S50_1d3fe189'", "'Seestar S50'"]),
        }
        bodies.append(sub(cards, data_bytes=8192))
        if rng.random() < 0.05:
            bodies.append(rng.choice([bodies[-1], sub(cards, data_bytes=8192)]))
    return bodies


def test_the_chunks_of_wandering_nights(tmp_path: Path) -> None:
    chunks = copies = 0
    for seed in range(6):
        folder = tmp_path / str(seed)
        folder.mkdir()
        site = compared(written(folder, night(random.Random(seed))))
        chunks += len(site["chunks"])
        copies += len(site["copies"])

    assert chunks > 50
    assert copies > 5


def test_real_nights(real_subs: Path) -> None:
    paths = sorted(path for path in real_subs.rglob("*.fit") if path.is_file())

    site = compared(paths)

    assert sum(map(len, site["chunks"])) > 5
