"""Headers with drawn oddities: site and worker read the same, or both refuse."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pytest

from crowdsky.base.errors import UnreadableFrameError
from crowdsky.frames.fits_header import MONO
from crowdsky.frames.frames import read_light_frame
from demo.services import PHP_API
from tests.support.dialects import Dialect, dialects

KEYWORDS = (
    "EXPTIME", "EXPOSURE", "EXP", "IMAGETYP", "FRAMETYP", "FRAME", "OBSTYPE", "BAYERPAT",
    "COLORTYP", "RA", "DEC", "OBJCTRA", "OBJCTDEC", "FOVRA", "FOVDEC", "DATE-OBS", "TIME-OBS",
    "UT", "TIMESYS", "XBAYROFF", "YBAYROFF", "EQMODE", "GAIN", "WIDECAM", "CAMERA", "STACKCNT",
    "NCOMBINE", "NIMAGES", "LIVETIME", "BZERO", "BSCALE", "TELESCOP", "FILTER", "BITPIX",
)  # fmt: skip
VALUES = (
    "T", "F", "0", "1", "2", "-1", "3.", "1.5", "1E1", "1D1", "1d-3", "nan", "inf", "", "+5",
    "-.5", "1 2", "1,5", "99999999999", "86400.", "86401.", "64", "150.", "400.", "-0.03",
    "15.0 / comment", "'10.0'", "'TRUE'", "'T'", "'1'", "'grbg'", "'RGGB'", "'MONO'",
    "'10 00 00'", "'10:00:00.5'", "'-10 30 00'", "'+10:61:00'", "'10h00m00s'", "'16 22 30 W'",
    "'150.0'", "'1e2'", "'1_0'", "'light'", "'Light Frame'", "'FLAT'", "'DARK'", "'x'", "''",
    "'   '", "'TT'", "'utc'", "'LOCAL'", "'GPS'", "'2025-03-27T01:20:32,9'", "'2025-03-27'",
    "'2025-03-27 01:20:32+02:00'", "'01:20:32.5'", "'2016-12-31T23:59:60'",
    "'2025-13-01T00:00:00'", "'abc", "'2025-03-27T01:20:32' / End of exposure",
    "'2025-03-27T01:20:32' / start, not the end", "'DWARF 3'", "'DWARF mini'", "'DWARFII'",
    "'WIDE'", "'TELE'", "'It''s'",
)  # fmt: skip
SITE = f"""
require '{PHP_API}/src/autoload.php';
foreach (json_decode(stream_get_contents(STDIN)) as $path) {{
    try {{
        $sub = (new CrowdSky\\Fits\\HeaderReader())->read($path);
        $place = $sub->position;
        $read[] = [$sub->dateObs->iso(), $sub->clock->isLocal(), $sub->exposure, $sub->telescope,
            $sub->filter, $sub->bayerPattern, $sub->gain, $sub->eqMode, $sub->isWide,
            $place === null ? null : [round($place->ra, 6), round($place->dec, 6)]];
    }} catch (CrowdSky\\Fits\\FrameRefused) {{
        $read[] = null;
    }}
}}
echo json_encode($read);
"""


def drawn(rng: random.Random) -> Dialect:
    """Draw a dialect, in a small file, with one to three other cards."""
    cards = dict(rng.choice(dialects()).cards)
    cards.pop("NAXIS3", None)
    cards |= {"NAXIS": "2", "NAXIS1": "64", "NAXIS2": "66"}
    for keyword in rng.sample(KEYWORDS, rng.choice((1, 1, 2, 3))):
        cards[keyword] = rng.choice(VALUES)
    bits = cards["BITPIX"].split("/")[0].strip()
    if not bits.lstrip("+-").isdigit() or abs(int(bits)) > 64:
        cards["BITPIX"] = "16"
    return Dialect("drawn", cards, {})


def read_by_worker(path: Path) -> list[object] | None:
    """Return what the worker reads of what the site stores; None without a time, or if refused."""
    try:
        header = read_light_frame(path).header
    except UnreadableFrameError:
        return None
    if header.clock_start is None:
        return None  # such a sub belongs to no chunk
    place = header.ra_deg, header.dec_deg
    return [
        header.clock_start.replace(tzinfo=None).isoformat(timespec="seconds"),
        header.local_start is not None,
        header.exptime_s,
        header.telescope,
        header.filter_name,
        None if header.pattern == MONO else header.pattern,
        # The site keeps whole numbers that a camera may have.
        header.gain if header.gain is None or abs(header.gain) < 1e6 else None,
        header.eq_mode,
        header.is_wide,
        None
        if place[0] is None or place[1] is None
        else [pytest.approx(x, abs=2e-6) for x in place],
    ]


def test_both_read_the_same(tmp_path: Path) -> None:
    rng = random.Random(1)
    headers = [drawn(rng) for _ in range(300)]
    paths = [one.write(tmp_path / f"{number}.fit") for number, one in enumerate(headers)]
    answer = subprocess.run(
        ["php", "-r", SITE],
        input=json.dumps([str(path) for path in paths]),
        capture_output=True,
        text=True,
        check=True,
    )
    by_site = json.loads(answer.stdout)
    accepted = 0
    for header, path, site in zip(headers, paths, by_site, strict=True):
        worker = read_by_worker(path)
        if worker is not None and site is not None and worker[6] is not None:
            worker[6] = pytest.approx(worker[6], abs=0.5)
        assert worker == site, header.cards
        accepted += site is not None
    assert 100 < accepted < 250, "the test must have both kinds"
