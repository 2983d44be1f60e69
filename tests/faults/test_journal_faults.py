"""A completion that the site did not hear of, and what becomes of it at the next start.

Real worker processes one after the other in the same folder, with a real site and share.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.answers import BUSY, DENIED, GONE
from tests.faults.matrix_acts import kill
from tests.faults.matrix_cases import ALWAYS, UNREPORTED, site
from tests.faults.matrix_scene import Outcome, Scene
from tests.support.fault_proxy import Fault

DELIVERED = Outcome(1, "completed", 1, 1)
"""The worker found no further job, and the first one is completed."""

SOON = 60_000
"""Milliseconds until a lease is over, enough for a worker to start."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One site and one share for all tests; each begins with a fresh job."""
    with ExitStack() as running:
        yield Scene(tmp_path_factory.mktemp("journal"), running)


def unreported(scene: Scene) -> None:
    """A job whose result is stored, and of which the site has not heard."""
    scene.begin()
    refused = site("answer", "complete_job", answer=DENIED, times=2)
    assert scene.work(refused) == UNREPORTED
    assert len(scene.journal()) == 1


def test_a_completion_survives_kill_9_between_upload_and_answer(scene: Scene) -> None:
    scene.begin()
    away = site("answer", "complete_job", answer=BUSY, times=ALWAYS)
    killed = scene.work(away, at="complete: could not complete", act=kill)
    assert killed == Outcome(-9, "processing", 1, 0), killed.said
    later = scene.work()
    assert later == DELIVERED, later.said
    assert "was delivered" in later.said
    assert scene.journal() == []
    assert scene.stack().is_file()


def test_a_refused_key_costs_no_work(scene: Scene) -> None:
    unreported(scene)
    (entry,) = scene.journal()
    text = entry.read_text("utf-8")
    assert scene.key not in text, "a key has no place in it"
    assert entry.stat().st_mode & 0o777 == 0o600
    assert json.loads(text)["job_id"] == scene.job
    assert scene.work() == DELIVERED
    assert scene.journal() == []


def test_a_copied_work_folder_delivers_nothing_twice(scene: Scene, tmp_path: Path) -> None:
    unreported(scene)
    copy = tmp_path / "copy"
    shutil.copytree(scene.journal()[0].parents[1], copy)

    elsewhere = scene.work(settings={"WORK_DIR": str(copy)})
    assert elsewhere == DELIVERED, elsewhere.said
    assert len(scene.journal()) == 1, "the original does not know"
    assert scene.work() == DELIVERED
    assert scene.journal() == []


def test_it_waits_on_while_the_site_is_away_and_its_lease_is_renewed(scene: Scene) -> None:
    unreported(scene)
    soon = int(time.time() * 1000) + SOON
    scene.set("lease_expires_at = ?", soon)
    away = site("answer", "complete_job", answer=BUSY, times=ALWAYS)
    assert scene.work(away) == Outcome(1, "processing", 1, 0)
    assert len(scene.journal()) == 1
    row = scene.row()
    assert row["progress_message"] == "waits for the site"
    assert row["lease_expires_at"] > soon
    assert scene.work() == DELIVERED


def test_it_is_welcome_after_its_lease_while_nobody_else_has_the_job(scene: Scene) -> None:
    unreported(scene)
    scene.expire()
    assert scene.work() == DELIVERED
    assert scene.journal() == []


def test_a_lost_answer_is_asked_for_again(scene: Scene) -> None:
    """The site had completed the job; the repetition must not make a second stack."""
    scene.begin()
    lost = site("lose_reply", "complete_job", times=ALWAYS)
    assert scene.work(lost, at="complete: could not complete", act=kill).stacks == 1
    assert len(scene.journal()) == 1
    assert scene.work() == DELIVERED
    assert scene.journal() == []


def lose_stack(scene: Scene) -> None:
    (stored,) = scene.share.root.rglob("*.fits")
    stored.unlink()


@pytest.mark.parametrize(
    ("harm", "faults", "attempts"),
    [
        (Scene.give_to_rival, (), 2),
        (lose_stack, (), 1),
        (lambda scene: None, site("answer", "complete_job", answer=GONE), 1),
    ],
    ids=["lease lost", "stack gone from storage", "job gone"],
)
def test_what_the_site_refuses_is_dropped_and_said(
    scene: Scene,
    harm: Callable[[Scene], None],
    faults: tuple[tuple[str, Fault], ...],
    attempts: int,
) -> None:
    unreported(scene)
    harm(scene)
    seen = scene.work(faults)
    assert seen == Outcome(1, "processing", attempts, 0), seen.said
    assert "was refused and is dropped" in seen.said
    assert scene.journal() == []
    assert scene.raws_are_there()


def test_a_daemon_delivers_when_the_site_is_back(scene: Scene) -> None:
    """Without a restart: the job has ended, and the completion and its lease are looked after."""
    scene.begin()
    refused = site("answer", "complete_job", answer=DENIED, times=3)
    seen = scene.serve(refused, until=lambda: scene.row()["status"] == "completed")
    assert seen == Outcome(0, "completed", 1, 1), seen.said
    assert "unreported" in seen.said
    assert "was delivered" in seen.said
    assert scene.journal() == []
