"""A bug in the worker is reported to the site, and logged with its traceback."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest

from crowdsky.base.exit_codes import EXIT_FAILED
from tests.contract.jobs.support import Queue
from tests.support.fault_proxy import FaultProxy
from tests.support.rows import Rows
from worker import job_processor
from worker.config import load_settings
from worker.loop.daemon import run_once


def test_a_bug_is_a_failed_run(
    queue: Queue,
    rows: Rows,
    proxy: FaultProxy,
    key: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def slip(*_: object) -> NoReturn:
        raise ZeroDivisionError("for the test")

    monkeypatch.setattr(job_processor, "list_raws", slip)
    job = queue.add_job()
    given = {
        "API_BASE_URL": proxy.url,
        "WORKER_API_KEY": key,
        "WORK_DIR": str(tmp_path / "scratch"),
        "INDEX_DIR": str(tmp_path),
        "MIN_FREE_MB": "1",
    }
    assert run_once(load_settings(given, None)) == EXIT_FAILED
    row = rows.job(job)
    assert (row["status"], row["attempts"]) == ("retry", 1)
    assert "a bug in the worker: ZeroDivisionError" in row["error_message"]
    assert "Traceback" in caplog.text
