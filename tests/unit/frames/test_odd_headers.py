"""Headers as programs really write them: broken cards, pictures combined before, odd numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from crowdsky.base.errors import UnreadableFrameError
from crowdsky.frames.chunk import wrapped_problem
from crowdsky.frames.frames import read_light_frame
from tests.unit.stacking.light_files import KEYS, write

REST = {"GAIN": 80, "OBJECT": "M 81", "FOCALLEN": 250.0, "SITELAT": 45.0}


def with_card(path: Path, key: str, raw: str) -> Path:
    """Put ``raw`` in place of the card ``key``."""
    content = bytearray(path.read_bytes())
    for start in range(0, 2880 * 2, 80):
        if content[start : start + 8].rstrip() == key.encode():
            content[start : start + 80] = raw.ljust(80).encode()
            path.write_bytes(content)
            return path
    raise KeyError(key)


@pytest.mark.parametrize(
    ("key", "raw"),
    [
        ("GAIN", "GAIN    =                  nan / gain"),
        ("OBJECT", "OBJECT  = M 81 / no quotes"),
        ("FOCALLEN", "FOCALLEN= 250,00 / decimal comma"),
        ("SITELAT", "SITELAT = +45:00:00 / no quotes"),
        ("RA", "RA      = 12h52m10s / no quotes"),
    ],
)
def test_a_broken_card_that_may_be_unknown_costs_nothing_else(
    tmp_path: Path, key: str, raw: str
) -> None:
    header = read_light_frame(with_card(write(tmp_path / "a.fit", **REST), key, raw)).header
    facts = {
        "GAIN": header.gain,
        "OBJECT": header.object_name,
        "FOCALLEN": header.focal_length_mm,
        "SITELAT": header.site_lat_deg,
        "RA": header.ra_deg,
    }
    known = REST | {"RA": KEYS["RA"]}
    assert facts == known | {key: None}
    assert header.remarks == (f"{key} in its header cannot be read and counts as unknown",)
    assert header.exptime_s == 10.0


def test_a_broken_card_that_nobody_reads_is_no_remark(tmp_path: Path) -> None:
    path = with_card(write(tmp_path / "a.fit", FOCUSPOS=3), "FOCUSPOS", "FOCUSPOS= 3 steps / x")
    assert read_light_frame(path).header.remarks == ()


@pytest.mark.parametrize("raw", ["BZERO   = '32768   '", "BZERO   = 32768,0", "BZERO   = nan"])
def test_a_scale_that_is_no_number_is_refused(tmp_path: Path, raw: str) -> None:
    path = with_card(write(tmp_path / "a.fit"), "BZERO", raw)
    with pytest.raises(UnreadableFrameError) as caught:
        read_light_frame(path)
    assert "BZERO" in caught.value.why
    assert "without quotes" in caught.value.hint


@pytest.mark.parametrize(
    ("cards", "said"),
    [
        ({"NCOMBINE": 30}, "NCOMBINE 30"),
        ({"STACKNUM": 12}, "STACKNUM 12"),
        ({"NCOADDS": 4}, "NCOADDS 4"),
        ({"SNAPSHOT": 5}, "SNAPSHOT 5"),
        ({"STACKCNT": 8}, "STACKCNT 8"),
        ({"LIVETIME": 300.0}, "LIVETIME 300 s, EXPTIME 10 s"),
    ],
)
def test_a_picture_that_was_combined_before_is_no_sub(
    tmp_path: Path, cards: dict[str, object], said: str
) -> None:
    with pytest.raises(UnreadableFrameError) as caught:
        read_light_frame(write(tmp_path / "a.fit", **cards))
    assert caught.value.why == f"it is no raw frame but a finished stack ({said})"


def test_counts_of_one_are_those_of_a_sub(tmp_path: Path) -> None:
    counts = {"NCOMBINE": 1, "STACKNUM": 1, "NCOADDS": 1, "SNAPSHOT": 1, "LIVETIME": 10.0}
    assert read_light_frame(write(tmp_path / "a.fit", **counts)).header.exptime_s == 10.0


def star_field(peak: float, sky: float = 500.0) -> np.ndarray:
    """Counts of a sky with three stars, as a camera has them: never negative."""
    rng = np.random.default_rng(2)
    counts = rng.normal(sky, 20.0, (120, 160))
    y, x = np.mgrid[0:120, 0:160]
    for row, column in ((30, 40), (60, 100), (90, 60)):
        counts += peak * np.exp(-0.5 * ((x - column) ** 2 + (y - row) ** 2) / 1.5**2)
    return np.clip(counts, 0, 65535)


def test_unsigned_numbers_without_bzero_are_recognised() -> None:
    whole = star_field(50_000.0)
    wrapped = whole.astype("u2").view("i2").astype(np.float32)
    assert wrapped.min() < -5000
    problem = wrapped_problem(wrapped)
    assert problem is not None
    assert "BZERO is missing" in problem
    assert wrapped_problem(star_field(20_000.0).astype("i2").astype(np.float32)) is None


def test_the_holes_of_a_subtracted_dark_are_no_wrapped_stars() -> None:
    calibrated = star_field(20_000.0) - 500.0
    calibrated[10::25, 7::31] = -9000.0  # hot pixels of the dark, off the stars
    assert wrapped_problem(calibrated.astype(np.float32)) is None


def test_the_exposure_is_the_first_card_that_has_one(tmp_path: Path) -> None:
    assert (
        read_light_frame(write(tmp_path / "a.fit", EXPTIME=0.0, EXPOSURE=8.0)).header.exptime_s
        == 8.0
    )
