"""Pointings and sites in the many forms of headers."""

from __future__ import annotations

import pytest

from crowdsky.frames.angles import HOUR, angle, pointing


@pytest.mark.parametrize(
    ("written", "degrees"),
    [
        (45.5, 45.5),
        ("45.5", 45.5),
        ("+45:30:00", 45.5),
        ("-45 30 00.0", -45.5),
        ("45d30m00s", 45.5),
        ("45:30", 45.5),
        ("45 30 00 S", -45.5),
        ("10 15 00 W", -10.25),
        ("-0 30 00", -0.5),
        ("45:75:00", None),
        ("somewhere", None),
        (True, None),
        (float("nan"), None),
        (None, None),
    ],
)
def test_an_angle_in_degrees(written: object, degrees: float | None) -> None:
    assert angle(written) == pytest.approx(degrees)


def test_a_right_ascension_in_hours() -> None:
    assert angle("09 55 33.2", HOUR) == pytest.approx(148.888333, abs=1e-6)
    assert angle(148.8, HOUR) == 148.8


@pytest.mark.parametrize(
    ("cards", "place"),
    [
        ({"RA": 148.84, "DEC": 69.06}, (148.84, 69.06)),
        ({"RA": "09 55 21.6", "DEC": "+69 03 36"}, (148.84, 69.06)),
        ({"OBJCTRA": "09 55 21.6", "OBJCTDEC": "+69 03 36"}, (148.84, 69.06)),
        ({"RA": 0.0, "DEC": 0.0}, (None, None)),
        ({"RA": 0.0, "DEC": 0.0, "OBJCTRA": "09 55 21.6", "OBJCTDEC": "69:03:36"}, (148.84, 69.06)),
        # In hours, as the other pair betrays.
        (
            {"RA": 9.9227, "DEC": 69.06, "OBJCTRA": "09 55 21.6", "OBJCTDEC": "69:03:36"},
            (148.84, 69.06),
        ),
        ({"RA": 0.01, "DEC": 5.0, "OBJCTRA": "00 00 02.4", "OBJCTDEC": "05:00:00"}, (0.01, 5.0)),
        ({"RA": 148.84, "DEC": 99.0}, (None, None)),
        ({"RA": 148.84}, (None, None)),
        ({"RA": -1e-16, "DEC": 1.0}, (0.0, 1.0)),
    ],
)
def test_a_pointing(cards: dict[str, object], place: tuple[float | None, float | None]) -> None:
    assert pointing(cards.get) == pytest.approx(place, abs=1e-4)
