"""Fixtures of a worker that meets no site, only the answers that a test injects."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.fault_proxy import FaultProxy


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    """A proxy without a site behind it: it answers what a test injects."""
    with FaultProxy("http://127.0.0.1:1/api") as running:
        yield running
