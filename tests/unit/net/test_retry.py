"""Which waits the policies lead to, compared exactly: nobody sleeps here."""

from __future__ import annotations

import pytest

from crowdsky.base.errors import (
    AccessDeniedError,
    CorruptInputError,
    CorruptTransferError,
    RequestRefusedError,
    ServiceBusyError,
    TransientError,
)
from crowdsky.net import retry
from crowdsky.net.retry import Policy, Waits, call_with_retry


class Clock:
    """Time passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def waits(self, chance: float = 1.0) -> Waits:
        return Waits(sleep=self.sleep, monotonic=lambda: self.now, chance=lambda: chance)


class Failing:
    """Raises the given errors one after the other, then answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


def policy(tries: int = 8, deadline: float = 1000.0) -> Policy:
    return Policy("call", tries, deadline, base_seconds=2.0, cap_seconds=60.0, reason="a test")


def test_waits_grow_to_the_cap() -> None:
    clock = Clock()
    failing = Failing(*[TransientError("no")] * 7)
    assert call_with_retry(policy(), failing, clock.waits()) == "answer"
    assert clock.slept == [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]


def test_waits_are_anywhere_between_nothing_and_the_limit() -> None:
    assert policy().wait(3, None, chance=0.0) == 0.0
    assert policy().wait(3, None, chance=0.25) == 2.0
    assert policy().wait(3, None, chance=0.999) == pytest.approx(8.0, rel=0.01)


def test_what_the_server_asks_comes_on_top_up_to_five_minutes() -> None:
    clock = Clock()
    failing = Failing(
        ServiceBusyError("busy", retry_after=30.0), ServiceBusyError("busy", retry_after=7200.0)
    )
    call_with_retry(policy(), failing, clock.waits(chance=0.5))
    assert clock.slept == [30.0 + 1.0, 300.0 + 2.0]


def test_the_last_error_is_raised_when_the_tries_are_used_up() -> None:
    clock = Clock()
    failing = Failing(*[TransientError(f"no {number}") for number in range(9)])
    with pytest.raises(TransientError, match="no 2"):
        call_with_retry(policy(tries=3), failing, clock.waits())
    assert clock.slept == [2.0, 4.0]


def test_no_wait_goes_beyond_the_deadline() -> None:
    clock = Clock()
    failing = Failing(*[TransientError("no")] * 20)
    with pytest.raises(TransientError):
        call_with_retry(policy(tries=20, deadline=13.0), failing, clock.waits())
    assert clock.slept == [2.0, 4.0]


def test_a_refused_key_is_asked_about_once_more() -> None:
    clock = Clock()
    denied = AccessDeniedError("no")
    assert call_with_retry(policy(), Failing(denied), clock.waits()) == "answer"
    with pytest.raises(AccessDeniedError):
        call_with_retry(policy(), Failing(denied, denied), clock.waits())
    assert clock.slept == [retry.DENIED_RETRY_SECONDS] * 2


def test_a_key_that_never_worked_is_not_asked_about_twice() -> None:
    clock = Clock()
    wrong, filtered = AccessDeniedError("no", status=401), AccessDeniedError("no", status=403)
    failing = Failing(wrong)
    with pytest.raises(AccessDeniedError):
        call_with_retry(policy(), failing, clock.waits(), is_signed_in=False)
    assert failing.calls == 1
    for denied, signed_in in ((wrong, True), (filtered, False)):
        failing = Failing(denied)
        call_with_retry(policy(), failing, clock.waits(), is_signed_in=signed_in)
        assert failing.calls == 2


def test_broken_bytes_are_fetched_again_as_often_as_the_policy_says() -> None:
    clock = Clock()
    broken = [CorruptTransferError("could not download x", why="bytes differ")] * 4
    assert call_with_retry(retry.DOWNLOAD, Failing(*broken[:3]), clock.waits()) == "answer"
    failing = Failing(*broken)
    with pytest.raises(CorruptInputError, match="could not download x: bytes differ") as given_up:
        call_with_retry(retry.DOWNLOAD, failing, clock.waits())
    assert given_up.value.__cause__ is broken[-1]
    assert failing.calls == 4
    assert clock.slept == [2.0, 4.0, 8.0] * 2


def test_broken_bytes_and_other_failures_are_counted_apart() -> None:
    clock = Clock()
    broken, cut = CorruptTransferError("broken"), TransientError("cut")
    failing = Failing(cut, broken, cut, broken, cut, broken, cut)
    assert call_with_retry(retry.DOWNLOAD, failing, clock.waits()) == "answer"
    assert call_with_retry(policy(), Failing(*[broken] * 7), clock.waits()) == "answer"


def test_a_final_no_is_not_repeated() -> None:
    failing = Failing(RequestRefusedError("no", status=400))
    with pytest.raises(RequestRefusedError):
        call_with_retry(policy(), failing, Clock().waits())
    assert failing.calls == 1


def test_a_claim_fails_fast_and_a_completion_is_worth_an_hour() -> None:
    clock = Clock()
    failing = Failing(TransientError("no"))
    with pytest.raises(TransientError):
        call_with_retry(retry.CLAIM, failing, clock.waits())
    assert clock.slept == []

    failing = Failing(*[TransientError("no")] * 5000)
    with pytest.raises(TransientError):
        call_with_retry(retry.COMPLETE, failing, clock.waits())
    assert 3500 < sum(clock.slept) <= 3600
    assert max(clock.slept) == 60.0
