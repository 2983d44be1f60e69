"""New sources: seen in two chunks, missing in earlier and deeper stacks that the viewer sees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from demo.services import Site
from tests.contract.jobs.starry import (
    HEIGHT,
    MJD,
    WIDTH,
    Star,
    complete_with,
    starry_stack,
    stars_of,
)
from tests.contract.jobs.support import Queue, Worker
from tests.contract.site.test_star_queries import ask
from tests.support.rows import Rows

STARS = stars_of(12)
NEW = Star(520.0, 940.0, flux=200.0)
MAG = 20.5 - 2.5 * 2.30103


class Nights:
    """Stacks of one field, a night apart, all public unless one is hidden."""

    def __init__(self, site: Site, worker: Worker, queue: Queue, rows: Rows) -> None:
        self.site, self.worker, self.queue, self.rows = site, worker, queue, rows
        rows.execute("UPDATE users SET stacks_public = 1")
        self.count = 0

    def add(self, *more: Star, limit: float = 16.0, chunk: str | None = None) -> int:
        """Complete a stack of the next night with these stars beside those of the field."""
        self.count += 1
        key = chunk or f"2026010{self.count}.00_192.7_+41.1"
        job = self.queue.add_job(priority=9, chunk_key=key)
        body = starry_stack([*STARS, *more], MJD + self.count, cards=[("LIMMAGG", limit)])
        return complete_with(self.worker, self.queue, body, job=job)

    def hide(self, stack: int) -> None:
        """Make a stack private."""
        self.rows.execute("UPDATE stacked_frames SET visibility = 'private' WHERE id = ?", stack)

    def share(self, first: int, second: int) -> None:
        """Give two stacks one sub in common, and let the site find out."""
        for stack in (first, second):
            job = self.rows.one("SELECT job_id FROM stacked_frames WHERE id = ?", stack)["job_id"]
            self.rows.execute(
                "UPDATE raw_files SET sha256 = ? WHERE job_id = ?", f"{first:064x}", job
            )
        self.rows.execute("UPDATE stacked_frames SET shares_light = -1")
        self.site.cleanup()

    def sources(self, user: int | None = None) -> list[list[Any]]:
        """Return what a viewer finds: id, mag, chunks, first stack, last and number without."""
        found: list[list[Any]] = ask(self.site, {"kind": "new", "user": user})[0]["found"]
        return found


@pytest.fixture
def nights(site: Site, worker: Worker, queue: Queue, rows: Rows) -> Nights:
    """An empty archive on each database."""
    return Nights(site, worker, queue, rows)


def test_a_star_is_new_once_two_chunks_show_it(nights: Nights) -> None:
    earlier = [nights.add() for _ in range(3)]
    first = nights.add(NEW)
    assert nights.sources() == []
    nights.add(NEW)

    ((_, mag, chunks, shown, without, stacks),) = nights.sources()
    assert mag == pytest.approx(MAG, abs=1e-3)
    assert (chunks, shown, without, stacks) == (2, first, earlier[-1], 3)


def test_only_stacks_that_the_viewer_sees_count_on_both_sides(nights: Nights) -> None:
    earlier = [nights.add() for _ in range(2)]
    shown = [nights.add(NEW) for _ in range(2)]
    owner = nights.queue.user_id
    for hidden in (earlier[0], shown[0]):
        assert len(nights.sources()) == 1
        nights.hide(hidden)
        assert nights.sources() == []
        assert len(nights.sources(owner)) == 1
        nights.rows.execute("UPDATE stacked_frames SET visibility = 'inherit'")


def test_the_same_subs_twice_are_one_chunk(nights: Nights) -> None:
    earlier = [nights.add() for _ in range(2)]
    first = nights.add(NEW)
    second = nights.add(NEW)
    assert len(nights.sources()) == 1

    nights.share(first, second)
    assert nights.sources() == []
    assert nights.sources(nights.queue.user_id) == []
    third = nights.add(NEW)
    ((_, _, chunks, shown, _, _),) = nights.sources()
    assert (chunks, shown) == (2, first)
    nights.share(*earlier)
    assert nights.sources() == [], "earlier ones must be two, too"
    assert third > second


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("star", "limit"),
    [
        (replace(NEW, gaia_id=4711), 16.0),
        (replace(NEW, cat_mag=14.0), 16.0),
        (replace(NEW, flag=1), 16.0),
        (replace(NEW, x=WIDTH - 40.0, y=HEIGHT / 2.0), 16.0),
        (NEW, 15.1),
        (replace(STARS[0], x=STARS[0].x + 12.0, flux=STARS[0].flux / 150.0), 30.0),
    ],
    ids=["in Gaia", "in the catalogue", "flagged", "at the edge", "too faint before", "halo"],
)
def test_other_stars_are_not_new(nights: Nights, star: Star, limit: float) -> None:
    for more in ((), (), (star,), (star,)):
        nights.add(*more, limit=limit)

    assert nights.sources() == []


@pytest.mark.one_database
def test_one_chunk_or_one_earlier_stack_is_not_enough(nights: Nights) -> None:
    nights.add()
    for _ in range(2):
        nights.add(NEW)
    assert nights.sources() == []
    other = replace(NEW, x=700.0)
    for _ in range(2):
        nights.add(NEW, other, chunk="20260110.00_192.7_+41.1")
    assert nights.sources() == []


def test_a_catalogue_partner_clears_a_suspect(nights: Nights) -> None:
    for more in ((), (), (NEW,), (NEW,)):
        nights.add(*more)
    assert len(nights.sources()) == 1

    nights.add(replace(NEW, cat_mag=14.0))

    assert nights.sources() == []
