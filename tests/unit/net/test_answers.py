"""What answers mean, where no server is needed to show it."""

from __future__ import annotations

import email.utils
from datetime import UTC, datetime, timedelta

import pytest
import requests

from crowdsky.base.errors import ServiceUnreachableError
from crowdsky.net.answers import Deadline, network_reason, retry_after


def answer(value: str | None) -> requests.Response:
    response = requests.Response()
    if value is not None:
        response.headers["Retry-After"] = value
    return response


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        (None, None),
        ("soon", None),
        ("-5", None),
        ("", None),
        ("9" * 5000, 999_999_999.0),
    ],
)
def test_retry_after_in_seconds(value: str | None, seconds: float | None) -> None:
    assert retry_after(answer(value)) == seconds


@pytest.mark.parametrize(
    "value",
    [
        "\xb2",
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 01 Jan 0001 00:00:00 +2359",
        "1" * 5000 + " Jan 2026",
    ],
)
def test_a_retry_after_that_is_none_asks_for_nothing(value: str) -> None:
    assert retry_after(answer(value)) in (None, 0.0)


def test_retry_after_as_a_date() -> None:
    in_a_minute = datetime.now(UTC) + timedelta(seconds=60)
    wait = retry_after(answer(email.utils.format_datetime(in_a_minute, usegmt=True)))
    assert wait == pytest.approx(60.0, abs=2.0)
    assert retry_after(answer("Wed, 21 Oct 2015 07:28:00 GMT")) == 0.0


def test_a_transfer_may_take_its_size_at_ten_kilobytes_a_second_and_a_minute() -> None:
    now = 1000.0
    deadline = Deadline(1_000_000, monotonic=lambda: now)
    now = 1000.0 + 60.0 + 99.0
    deadline.check("could not upload")
    now = 1000.0 + 60.0 + 101.0
    with pytest.raises(ServiceUnreachableError, match="could not upload: the connection is slower"):
        deadline.check("could not upload")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.ConnectTimeout("x"), "no connection within 10 s"),
        (requests.ReadTimeout("x"), "no answer in time"),
        (requests.exceptions.SSLError("x"), "no encrypted connection"),
        (requests.ConnectionError("... NameResolutionError ..."), "the host's name is not known"),
        (requests.ConnectionError("[Errno 111] Connection refused"), "refused"),
        (ConnectionResetError("x"), "the connection was cut"),
    ],
)
def test_network_errors_get_a_short_reason(error: Exception, words: str) -> None:
    assert words in network_reason(error)
