"""Every stage of a job against every fault it can meet; the table is in `matrix_cases.py`.

A real worker process takes one job of a real site and stores on a real share, over lines that fail
on request.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from demo.services import REPOSITORY, ServiceError
from tests.faults.forked_workers import ForkedWorker
from tests.faults.matrix_acts import kill, lose_a_raw, terminate_twice
from tests.faults.matrix_cases import (
    ALWAYS,
    CASES,
    DONE,
    HANDED_BACK,
    HANGING,
    UNREPORTED,
    Case,
    site,
)
from tests.faults.matrix_scene import PATIENCE_SECONDS, Outcome, Scene
from tests.support.cleanups import clean_up


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One site and one share for all cases; each begins with a fresh job."""
    with ExitStack() as running:
        yield Scene(tmp_path_factory.mktemp("matrix"), running)


@pytest.mark.slow
@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=str(case), marks=() if case.is_representative else pytest.mark.every)
        for case in CASES
    ],
)
def test_worker(scene: Scene, case: Case) -> None:
    scene.begin()
    seen = scene.work(case.faults, case.settings, case.at, case.act)
    assert seen == case.expected, seen.said
    assert case.says in seen.said
    assert scene.raws_are_there() or case.act is lose_a_raw
    assert "Traceback" not in seen.said
    assert len(scene.journal()) == int(case.expected is UNREPORTED)


def test_the_documented_number_of_cases_is_theirs() -> None:
    page = (REPOSITORY / "docs" / "reliability.md").read_text()
    assert f"test_fault_matrix.py` runs {len(CASES)} cases" in page


def test_a_lost_claim_answer_costs_nothing_when_it_is_asked_again(scene: Scene) -> None:
    """The daemon's claim id outlives a lost answer; here the site's side of it."""
    scene.begin()
    first, second = (scene.rival.claim("claim-0001") for _ in range(2))
    assert first == second


def completed(scene: Scene) -> None:
    scene.begin()
    assert scene.work() == DONE


def test_cleanup_deletes_raws_of_a_stack_that_is_there(scene: Scene) -> None:
    completed(scene)
    clean_up(scene.site)
    assert not any(path.exists() for path in scene.raws)
    clean_up(scene.site)  # nothing is left to do, which is fine


@pytest.mark.parametrize("damage", ["missing", "shorter", "other bytes", "share is down"])
def test_cleanup_keeps_raws_of_a_stack_it_cannot_read(scene: Scene, damage: str) -> None:
    completed(scene)
    stack = scene.stack()
    body = stack.read_bytes()
    match damage:
        case "missing":
            stack.unlink()
        case "shorter":
            stack.write_bytes(body[:-1])
        case "other bytes":
            stack.write_bytes(bytes([body[0] ^ 1]) + body[1:])
        case _:
            scene.share.kill()
    with pytest.raises(ServiceError):
        clean_up(scene.site)
    assert scene.raws_are_there()
    if damage == "share is down":
        scene.share.start()
    stack.write_bytes(body)
    clean_up(scene.site)
    assert not scene.raws_are_there()


def test_a_killed_workers_job_is_done_by_the_next(scene: Scene) -> None:
    scene.begin()
    scene.work(settings=HANGING, at="wait done", act=kill)
    scene.expire()
    assert scene.work() == Outcome(0, "completed", 2, 1)


def test_the_second_signal_ends_the_worker_at_once(scene: Scene) -> None:
    scene.begin()
    slow = site("delay", "release_job", seconds=PATIENCE_SECONDS)
    seen = scene.work(slow, HANGING, "wait done", terminate_twice)
    assert seen == Outcome(128 + signal.SIGTERM, "processing", 1, 0), "it waited for the site"


def test_a_job_whose_scratch_folder_vanishes_is_handed_back(scene: Scene) -> None:
    scene.begin()

    def remove_scratch(scene: Scene, _: ForkedWorker) -> None:
        scene.remove_scratch()
        scene.let_go()

    slow = site("delay", "download_raw", seconds=PATIENCE_SECONDS, times=ALWAYS)
    seen = scene.work(slow, at="list done", act=remove_scratch)
    assert seen == HANDED_BACK, seen.said
    assert "could not use the scratch folder" in seen.said
    assert "Traceback" not in seen.said
