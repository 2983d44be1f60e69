"""A daemon that stops with a job prefetched, one that lacks room, and what they tell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests

from demo.loopback_server import kept_port
from tests.faults.matrix_cases import HANGING
from tests.faults.matrix_scene import Outcome, Scene


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One site and one share for all tests; each begins with a fresh job."""
    with ExitStack() as running:
        yield Scene(tmp_path_factory.mktemp("pauses"), running)


def test_a_stop_gives_the_prefetched_job_back(scene: Scene) -> None:
    """One job computes, the raws of the other are there; neither costs an attempt."""
    scene.begin()
    jobs = [scene.job, scene.queue.add_job(frames=2)]

    def one_computes_and_one_is_ready() -> bool:
        return [scene.log().count(f"{stage} done") for stage in ("download", "wait")] == [2, 1]

    seen = scene.serve((), HANGING, until=one_computes_and_one_is_ready)
    assert seen == Outcome(0, "pending", 0, 0), seen.said
    for job in jobs:
        row = scene.row(job)
        assert (row["status"], row["attempts"]) == ("pending", 0), seen.said
        assert f"job {job}: released" in seen.said
    assert scene.scratch() == []


def test_a_daemon_without_room_asks_for_nothing_and_says_so_once(scene: Scene) -> None:
    scene.begin()
    looks = iter(range(50))

    def has_looked_again() -> bool:
        return "no job is claimed" in scene.log() and next(looks, None) is None

    seen = scene.serve((), {"MIN_FREE_MB": "1e12"}, until=has_looked_again)
    assert seen == Outcome(0, "pending", 0, 0)
    assert seen.said.count("no job is claimed") == 1
    assert "WORK_DIR" in seen.said
    assert not scene.was_asked("next_job")


def test_the_port_tells_of_a_finished_job_and_the_log_is_json(scene: Scene) -> None:
    scene.begin()
    pages: dict[str, str] = {}

    def told() -> bool:
        if '"message": "done"' in scene.log():
            for page in ("metrics", "healthz"):
                pages[page] = requests.get(f"http://127.0.0.1:{port}/{page}", timeout=60).text
        # The job is counted just after its line is written.
        return 'jobs_total{ending="done"}' in pages.get("metrics", "")

    with kept_port() as port:
        more = {"METRICS_PORT": str(port), "LOG_FORMAT": "json"}
        seen = scene.serve((), more, until=told)
    assert seen == Outcome(0, "completed", 1, 1), seen.said
    assert json.loads(pages["healthz"])["ok"] is True
    samples = dict(
        line.rsplit(" ", 1) for line in pages["metrics"].splitlines() if not line.startswith("#")
    )
    names = (
        'jobs_total{ending="done"}',
        'claims_total{answer="job"}',
        'stage_seconds_count{stage="stack"}',
        'bytes_total{direction="down"}',
        'bytes_total{direction="up"}',
        "last_completion_timestamp_seconds",
        "fit",
    )
    for name in names:
        assert float(samples[f"crowdsky_worker_{name}"]) > 0, name
    assert float(samples["crowdsky_worker_journal_entries"]) == 0

    lines = [json.loads(line) for line in scene.log().splitlines()]
    (done,) = [line for line in lines if line["message"] == "done"]
    assert (done["job"], done["level"]) == (scene.job, "info")
    stages = [line for line in lines if "stage" in line]
    assert [line["stage"] for line in stages] == [
        *("list", "download", "wait", "stack", "upload", "complete")
    ]
    assert all(line["job"] == scene.job and line["seconds"] >= 0 for line in stages)
    assert done["seconds"] >= sum(line["seconds"] for line in stages) - 0.1
