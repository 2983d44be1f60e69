"""A job whose results go to Apache's mod_dav, from the worker and under the eyes of the site."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from demo.services import WebDavServer
from tests.support.observatory import Observatory

pytestmark = pytest.mark.every


@pytest.fixture
def webdav(apache_dav: WebDavServer) -> WebDavServer:
    """The share of this file's observatory."""
    return apache_dav


def test_a_job_is_archived_on_apache(observatory: Observatory) -> None:
    job = observatory.add_job()
    worker = observatory.start("attic", "--once")
    assert worker.exit_code() == 0, worker.log
    assert observatory.rows.job(job)["status"] == "completed"
    frame = observatory.rows.one("SELECT * FROM stacked_frames")
    assert Path(frame["ucloud_path"]).name == f"stack_{frame['chunk_key']}_{job}.fits"
    assert Path(frame["ucloud_path"]).name in observatory.stored()
    time.sleep(1.0)  # what was read back in this very second is not read again
    assert "intact: 1" in observatory.site.cleanup("--verify")
    assert "orphans: 0 " in observatory.site.cleanup("--orphans")


def test_the_doctor_finds_apache_well(observatory: Observatory) -> None:
    worker = observatory.start("attic", "doctor")
    assert worker.exit_code() == 0, worker.log
    assert observatory.stored() == set()
