"""What the site puts into one chunk is what the worker stacks without leaving a frame out."""

from __future__ import annotations

import itertools
import json
import math
import random
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crowdsky.client.ingest.group import chunks_of
from crowdsky.frames.chunk import check_same_chunk
from crowdsky.frames.fits_header import FrameHeader
from crowdsky.frames.light_frame import LightFrame
from crowdsky.frames.likeness import filter_form
from demo.services import PHP_API

TOLERANCE_DEG = 0.25
FILTERS = ("IRCUT", "ircut", "IR-Cut", "UV/IR Cut", "IR Cut Filter", "LP", "lp ", "Ha", "", None)
"""Names of four filters, and none."""
BLOCK_STARTS = {
    "20250327.05": datetime(2025, 3, 27, 1, 29, 59, 999_999, UTC),
    "20250327.06": datetime(2025, 3, 27, 1, 30, tzinfo=UTC),
}


@dataclass(frozen=True)
class Sub:
    """What decides the chunk of a sub."""

    number: int
    block: str
    telescope: str
    filter_name: str | None
    exposure_s: float
    width: int
    pointing: tuple[float, float] | None
    is_wide: bool

    @property
    def beyond_worker(self) -> tuple[object, ...]:
        """What the site keeps apart though the worker would stack it."""
        return self.block, self.telescope, self.pointing is None


def random_subs(rng: random.Random) -> list[Sub]:
    """Draw subs of which many differ by little: at the edges of blocks, exposures and fields."""
    base = rng.choice([0.5, 10.0, 30.0])
    return [
        Sub(
            number,
            block=rng.choice(["20250327.05", "20250327.06"]),
            telescope=rng.choice(["S50_1d3fe189", "S50_1d3fe189", "Seestar S50"]),
            filter_name=rng.choice(FILTERS),
            exposure_s=round(base * rng.choice([1.0, 1.02, 2.0]) * rng.uniform(1.0, 1.06), 3),
            width=rng.choice([1080, 1080, 1080, 2160]),
            pointing=rng.choice(
                [None, (359.9 + rng.uniform(0, 0.6), rng.uniform(-0.3, 0.3)), (0.1, 0.0)]
            ),
            is_wide=rng.random() < 0.1,
        )
        for number in range(40)
    ]


def site_groups(nights: list[list[Sub]]) -> list[list[list[int]]]:
    """Let the site group each night's subs; returns their numbers."""
    script = f"""
        require '{PHP_API}/src/autoload.php';
        $frame = fn (array $sub) => new CrowdSky\\Chunks\\Frame(
            $sub[0], $sub[1], CrowdSky\\Fits\\SkyPosition::fromDegrees(...$sub[6]), null, $sub[2],
            $sub[3], $sub[4], $sub[5], 1920, 'GRBG', null, null, $sub[7],
        );
        $closeness = new CrowdSky\\Chunks\\Closeness({TOLERANCE_DEG});
        $grouping = new CrowdSky\\Chunks\\ChunkGrouping($closeness);
        $groups = fn (array $subs) => array_map(
            fn ($group) => $group->frameIds(), $grouping->group(array_map($frame, $subs))
        );
        echo json_encode(array_map($groups, json_decode(stream_get_contents(STDIN), true)));
    """
    given = [
        [
            (
                sub.number,
                sub.block,
                sub.telescope,
                sub.filter_name,
                sub.exposure_s,
                sub.width,
                sub.pointing or (None, None),
                sub.is_wide,
            )
            for sub in night
        ]
        for night in nights
    ]
    done = subprocess.run(
        ["php", "-r", script], input=json.dumps(given), capture_output=True, text=True, check=True
    )
    answer: list[list[list[int]]] = json.loads(done.stdout)
    return answer


def light_frame(sub: Sub) -> LightFrame:
    ra, dec = sub.pointing or (None, None)
    unknown = dict.fromkeys(FrameHeader.__dataclass_fields__)
    unknown.pop("remarks")
    facts = {
        "width": sub.width,
        "height": 1920,
        "pattern": "GRBG",
        "exptime_s": sub.exposure_s,
        "filter_name": (sub.filter_name or "").strip() or None,
        "telescope": sub.telescope,
        "ra_deg": ra,
        "dec_deg": dec,
        "is_wide": sub.is_wide,
        "equinox": 2000.0,
        "date_obs": BLOCK_STARTS[sub.block],
    }
    header = FrameHeader(**{**unknown, **facts})  # type: ignore[arg-type]
    return LightFrame(Path(f"{sub.number}.fit"), header, 16, 2880, 32768.0, 1.0, False, None)


def is_stacked_whole(subs: list[Sub]) -> bool:
    return not check_same_chunk([light_frame(sub) for sub in subs]).rejected


def are_near(one: Sub, other: Sub) -> bool:
    if one.pointing is None or other.pointing is None:
        return one.pointing == other.pointing
    (ra1, dec1), (ra2, dec2) = (tuple(map(math.radians, sub.pointing)) for sub in (one, other))  # type: ignore[arg-type]
    cosine = math.sin(dec1) * math.sin(dec2) + math.cos(dec1) * math.cos(dec2) * math.cos(ra1 - ra2)
    return math.degrees(math.acos(min(1.0, cosine))) <= TOLERANCE_DEG


def test_a_chunk_is_stacked_whole_and_no_larger_one_could_be() -> None:
    rng = random.Random(14)
    nights = [random_subs(rng) for _ in range(60)]
    sizes = []
    for night, numbers in zip(nights, site_groups(nights), strict=True):
        assert sorted(itertools.chain(*numbers)) == list(range(len(night))), "each sub once"
        groups = [[night[number] for number in group] for group in numbers]
        for group in groups:
            assert is_stacked_whole(group), group
            assert len({sub.beyond_worker for sub in group}) == 1
        for one, other in itertools.combinations(groups, 2):
            if one[0].beyond_worker == other[0].beyond_worker and is_stacked_whole([*one, *other]):
                assert not any(are_near(*pair) for pair in itertools.product(one, other))
        sizes += [len(group) for group in groups]
    assert max(sizes) > 5, "chunks of several subs were looked at"


def test_an_ingest_groups_as_the_site_does() -> None:
    rng = random.Random(15)
    nights = [random_subs(rng) for _ in range(60)]
    for night, numbers in zip(nights, site_groups(nights), strict=True):
        chunks = chunks_of(map(light_frame, night), 15, TOLERANCE_DEG)
        mine = sorted(sorted(int(frame.path.stem) for frame in chunk) for chunk in chunks)
        assert mine == sorted(sorted(group) for group in numbers)


@pytest.mark.parametrize("name", [*FILTERS, "Filter", "IRC", "uv_ir", "O-III 7nm", "Duo-Band"])
def test_site_and_worker_have_one_form_of_a_filter(name: str | None) -> None:
    script = (
        f"require '{PHP_API}/src/Chunks/FilterName.php';"
        "echo CrowdSky\\Chunks\\FilterName::form(json_decode(stream_get_contents(STDIN)));"
    )
    done = subprocess.run(
        ["php", "-r", script], input=json.dumps(name), capture_output=True, text=True, check=True
    )
    assert done.stdout == filter_form(name)
