"""How long the loop waits between questions."""

from __future__ import annotations

from worker.loop.claims import Pace


def test_idle_waits_double_up_to_the_poll_interval() -> None:
    pace = Pace(longest=30.0, chance=lambda: 1.0)
    assert [pace.idle() for _ in range(6)] == [2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_jitter_spreads_the_upper_half() -> None:
    assert Pace(longest=30.0, chance=lambda: 0.0).idle() == 1.0


def test_work_makes_it_eager_again() -> None:
    pace = Pace(longest=30.0, chance=lambda: 1.0)
    for _ in range(5):
        pace.idle()
    assert pace.worked() == 0.0
    assert pace.idle() == 2.0


def test_a_short_poll_interval_is_kept() -> None:
    assert Pace(longest=1.0, chance=lambda: 1.0).idle() == 1.0


def test_trouble_pauses_for_minutes() -> None:
    assert Pace(longest=1.0, chance=lambda: 0.0).trouble() == 300.0
    assert Pace(longest=1.0, chance=lambda: 1.0).trouble() == 900.0
