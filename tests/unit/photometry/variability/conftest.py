"""Searches in small matrices."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(scope="package", autouse=True)
def one_thread() -> Iterator[None]:
    """Keep small matrices from being shared out among threads, which wait for busy processors."""
    with threadpool_limits(1):
        yield
