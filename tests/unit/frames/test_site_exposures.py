"""Site and worker agree on which subs show the same exposure."""

from __future__ import annotations

import itertools
import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crowdsky.frames.copies import Exposures
from crowdsky.frames.fits_header import FrameHeader
from crowdsky.frames.light_frame import LightFrame
from demo.services import PHP_API

START = datetime(2025, 3, 27, 1, 20, 32, tzinfo=UTC)
TELESCOPES = ("S50_1d3fe189", "S50_other", "Seestar S50", None)
INSTRUMENTS = ("Seestar S50", None)
MICROSECONDS = (0, 500, 955_000, 955_368, 956_500, 999_900, 1_000_000)
SECONDS = (0.4, 10.0, 10.15, 10.3)

Sub = tuple[str | None, str | None, int, float]


def light_frame(sub: Sub) -> LightFrame:
    telescope, instrument, microseconds, seconds = sub
    facts = {
        **dict.fromkeys(FrameHeader.__dataclass_fields__),
        "remarks": (),
        "telescope": telescope,
        "instrument": instrument,
        "date_obs": START + timedelta(microseconds=microseconds),
        "exptime_s": seconds,
    }
    header = FrameHeader(**facts)  # type: ignore[arg-type]
    return LightFrame(Path("a.fit"), header, 16, 2880, 32768.0, 1.0, False, None)


def worker_says(one: Sub, other: Sub) -> bool:
    exposures = Exposures()
    assert exposures.add(light_frame(one), "pixels of one") == ""
    return exposures.add(light_frame(other), "pixels of the other") != ""


def site_says(pairs: list[tuple[Sub, Sub]]) -> list[bool]:
    script = f"""
        require '{PHP_API}/src/autoload.php';
        $exposure = fn (string $file, array $sub) => new CrowdSky\\Chunks\\Exposure(
            $file, "pixels of $file", $sub[0], $sub[1], '2025-03-27 01:20:' . (32 + intdiv($sub[2], 1000000)),
            $sub[2] % 1000000, $sub[3],
        );
        $isSame = fn (array $pair) => $exposure('one', $pair[0])->sharedWith($exposure('other', $pair[1]));
        echo json_encode(array_map($isSame, json_decode(stream_get_contents(STDIN), true)));
    """  # noqa: E501
    done = subprocess.run(
        ["php", "-r", script], input=json.dumps(pairs), capture_output=True, text=True, check=True
    )
    return [shared is not None for shared in json.loads(done.stdout)]


def test_one_rule_for_one_exposure() -> None:
    subs = list(itertools.product(TELESCOPES, INSTRUMENTS, MICROSECONDS, SECONDS))
    pairs = list(itertools.product(subs, subs))
    verdicts = [worker_says(*pair) for pair in pairs]

    assert site_says(pairs) == verdicts
    assert 0 < sum(verdicts) < len(pairs)
