"""Which kinds of jobs a worker asks for, by what is installed."""

from __future__ import annotations

import logging

import pytest

from worker.config import Machine, load_settings
from worker.loop import claims
from worker.site.orders import HATS, HIPS

SETTINGS = {"API_BASE_URL": "http://localhost/api", "WORKER_API_KEY": "some-key"}


@pytest.mark.parametrize("is_installed", [True, False])
def test_exports_are_asked_for_where_pyarrow_is(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, is_installed: bool
) -> None:
    monkeypatch.setattr(claims, "can_export", lambda: is_installed)
    settings = load_settings(SETTINGS, None, Machine(cores=4, memory_mb=8000))
    with caplog.at_level(logging.INFO):
        kinds = claims.kinds_of(settings)
    assert HIPS in kinds
    assert (HATS in kinds) == is_installed
    assert ("exports of light curves are left to others" in caplog.text) != is_installed
