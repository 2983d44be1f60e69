"""A site that is killed while it ends an upload queues every sub once when it is asked again."""

from __future__ import annotations

import threading
import time

import pytest
import requests

from tests.contract.site.subs import pointing, taken_at
from tests.contract.site.support import Browser
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

SUBS = 40
"""Number of pointings too far apart for one job, so that there is something to interrupt."""

MOMENTS = (0.0, 0.01, 0.02, 0.03, 0.05, 0.08)
"""Seconds after the request at which the site is killed."""


def upload(user: Browser, night: int) -> str:
    """Upload subs of as many pointings, and return the session."""
    session = user.start()
    for number in range(SUBS):
        time_of_day = f"01:{16 + number // 4}:{15 * (number % 4):02d}"
        moment = f"2025-03-{night + 1:02d}T{time_of_day}"
        body = taken_at(moment, **pointing(3.0 * number, 10.0))
        assert user.put(session, body, f"Light_{number}.fit").status_code == 200
    return session


def kill_during(site: SiteUnderTest, user: Browser, session: str, seconds: float) -> bool:
    """Kill the site that long after it was asked to end an upload; returns whether it answered."""
    token, answered = user.token(), threading.Event()

    def finalize() -> None:
        try:
            user.finalize(session, token)
            answered.set()
        except requests.RequestException:
            pass  # cut off

    call = threading.Thread(target=finalize)
    call.start()
    time.sleep(seconds)
    site.kill()
    call.join()
    site.start()
    return answered.is_set()


def test_every_sub_is_queued_once(site: SiteUnderTest, user: Browser, rows: Rows) -> None:
    cut_off = 0
    for night, moment in enumerate(MOMENTS):
        session = upload(user, night)

        cut_off += not kill_during(site, user, session, moment)
        again = user.finalize(session)

        assert again.status_code == 200, again.text
        assert len(again.json()["job_ids"]) == SUBS
        [row] = rows.all("SELECT id FROM upload_sessions WHERE session_token = ?", session)
        subs = rows.all("SELECT job_id FROM raw_files WHERE upload_session_id = ?", row["id"])
        assert sorted(sub["job_id"] for sub in subs) == sorted(again.json()["job_ids"])
    jobs = rows.all("SELECT id, frame_count FROM stacking_jobs")
    assert [job["frame_count"] for job in jobs] == [1] * SUBS * len(MOMENTS)
    assert [rows.events(job["id"]) for job in jobs] == [["created"]] * len(jobs)
    if cut_off == 0:
        pytest.fail("the site was never interrupted; choose earlier moments")
