"""Which kinds of jobs a worker asks for, by what is installed."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from worker.config import Machine, load_settings
from worker.loop import claims
from worker.site.orders import CALIBRATE, HATS, HIPS

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


@pytest.mark.parametrize("has_own", [True, False])
def test_fields_are_calibrated_where_a_catalogue_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, has_own: bool
) -> None:
    """A calibration without one is on another scale than the versions before."""
    own = {"CATALOGUE_FILE": str(tmp_path / "stars.parquet")} if has_own else {}
    given = SETTINGS | {"INDEX_DIR": str(tmp_path)} | own
    settings = load_settings(given, None, Machine(cores=4, memory_mb=8000))
    with caplog.at_level(logging.WARNING):
        kinds = claims.kinds_of(settings)
    assert (CALIBRATE in kinds) == has_own
    assert ("calibrations of light curves are left to others" in caplog.text) != has_own
