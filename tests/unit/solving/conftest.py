"""Fixtures of the solving tests."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session", autouse=True)
def ready(kernels: None) -> None:
    """Every test finds the kernels compiled."""
