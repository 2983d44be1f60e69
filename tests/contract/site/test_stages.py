"""The job's page shows the stages that workers go through, each in words of its own."""

from __future__ import annotations

import re

import pytest

from tests.contract.jobs.support import Worker
from tests.contract.site.subs import sub
from tests.contract.site.support import Browser, claim_first
from tests.support.rows import Rows
from worker.job.stages import Stage

pytestmark = pytest.mark.one_database

WORDS = {
    Stage.CLAIMED: "A worker has taken it",
    Stage.LIST: "Getting the list of files",
    Stage.DOWNLOAD: "Downloading",
    Stage.WAIT: "Waiting for a free processor",
    Stage.STACK: "Stacking",
    Stage.SOLVE: "Finding the place on the sky",
    Stage.MEASURE: "Measuring the stars",
    Stage.OVERLAY: "Making the pictures",
    Stage.UPLOAD: "Uploading the result",
    Stage.COMPLETE: "Handing over the result",
}


def shown(browser: Browser, job_id: int) -> str:
    """What the job's page says beside its progress bar."""
    found = re.search(r"</progress>\s*<span>(.*?)</span>", browser.get("job.php", id=job_id).text)
    assert found
    return found[1]


def test_every_stage_of_a_job_is_on_its_page(user: Browser, rows: Rows, worker: Worker) -> None:
    job_id = user.upload(sub())["job_ids"][0]
    lease = claim_first(rows, worker, job_id)
    first, *others = Stage
    assert first == Stage.CLAIMED
    assert shown(user, job_id).startswith(f"{WORDS[first]}, "), "the site sets it itself"
    for stage in others:
        # Between two stages a worker has nothing to add: the message is empty.
        answer = worker.report("heartbeat", lease, stage=stage, progress=0.0, message="")
        assert answer.status_code == 200, answer.text
        assert shown(user, job_id).startswith(WORDS[stage])
