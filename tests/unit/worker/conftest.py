"""Fixtures for tests of workers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.fault_proxy import FaultProxy


@pytest.fixture(scope="session", autouse=True)
def ready(kernels: None) -> None:
    """Every test finds the kernels compiled."""


@pytest.fixture
def line() -> Iterator[FaultProxy]:
    """A line with nobody at its other end."""
    with FaultProxy("http://127.0.0.1:1/api") as proxy:
        yield proxy
