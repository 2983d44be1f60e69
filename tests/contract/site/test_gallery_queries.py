"""Lists, choices and map of the gallery show what is there, nothing private, and read little."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.contract.site.gallery_bytes import points
from tests.contract.site.support import PASSWORD
from tests.contract.site.test_sky_queries import full_scans
from tests.support.archive_rows import CREATED, SkyRow, insert, scattered
from tests.support.php_questions import ask_php
from tests.support.sites import SiteUnderTest

SCRIPT = Path(__file__).with_name("gallery_search.php")
COUNT = 1300
WIDTH = "UPDATE stacked_frames SET fwhm_arcsec = 2.0 + (id % 13) / 8.0 WHERE id % 5 <> 0"
ORDERS: dict[str, Callable[[SkyRow], tuple[Any, ...]]] = {
    "newest": lambda s: (s.begin, s.id),
    "oldest": lambda s: (s.begin, s.id),
    "longest": lambda s: (s.exposure, s.id),
}


class Gallery:
    """An archive of two owners: the first one's stacks are public, the other's private."""

    def __init__(self, site: SiteUnderTest) -> None:
        self.site = site
        self.open, self.closed = (site.rows.add_user(name, PASSWORD) for name in ("ann", "bob"))
        self.admin = site.rows.add_user("cyd", PASSWORD, admin=True)
        site.rows.execute("UPDATE users SET stacks_public = 1 WHERE id = ?", self.open)
        self.stacks = list(scattered(1, COUNT, [self.open, self.closed]))
        insert(site.rows, iter(self.stacks))

    def ask(self, *wishes: dict[str, Any]) -> list[dict[str, Any]]:
        """Ask in one process; see gallery_search.php."""
        return ask_php(self.site, SCRIPT, wishes)

    def pages(self, limit: int, **wish: Any) -> list[int]:
        """Ids of all pages one after the other."""
        ids: list[int] = []
        after = None
        for _ in range(COUNT):
            (answer,) = self.ask({"kind": "page", "limit": limit, "after": after, **wish})
            ids += answer["found"]
            after = answer["next"]
            if after is None:
                return ids
        raise AssertionError("the pages have no end")

    def of(self, owner: int) -> list[SkyRow]:
        """The stacks of an owner."""
        return [stack for stack in self.stacks if stack.owner == owner]


@pytest.fixture
def gallery(site: SiteUnderTest) -> Gallery:
    """The archive on each database."""
    return Gallery(site)


def test_pages_join_in_every_order(gallery: Gallery) -> None:
    rows = gallery.site.rows
    rows.execute(
        "UPDATE stacked_frames SET date_obs_start = NULL, total_exptime = NULL WHERE id < 9"
    )
    rows.execute("UPDATE stacked_frames SET date_obs_start = '2025-01-01T00:00:00' WHERE id > 1250")
    known = [s for s in gallery.of(gallery.open) if s.id >= 9]
    unknown = [s.id for s in gallery.of(gallery.open) if s.id < 9]
    for order, key in ORDERS.items():
        is_down = order != "oldest"

        ids = gallery.pages(211, order=order)

        moved = [replace(s, begin="2025-01-01T00:00:00") if s.id > 1250 else s for s in known]
        expected = sorted(moved, key=key, reverse=is_down)
        tail = sorted(unknown, reverse=is_down)
        assert ids == [s.id for s in expected] + tail, order


@pytest.mark.one_database
def test_widths_are_numbers(gallery: Gallery) -> None:
    gallery.ask({"kind": "page"})
    gallery.site.rows.execute(WIDTH)
    widths = {s.id: 2.0 + (s.id % 13) / 8.0 for s in gallery.of(gallery.open) if s.id % 5}

    ids = gallery.pages(211, order="sharpest")
    (narrow,) = gallery.ask({"kind": "ids", "facts": {"maxSeeing": 2.25}})

    assert ids[: len(widths)] == sorted(widths, key=lambda one: (widths[one], one))
    assert len(ids) == len(gallery.of(gallery.open))
    assert sorted(narrow["found"]) == sorted(one for one, width in widths.items() if width <= 2.25)


def test_everybody_finds_what_they_may_see(gallery: Gallery) -> None:
    rows = gallery.site.rows
    rows.execute("UPDATE stacked_frames SET visibility = 'public' WHERE id = 3")
    rows.execute("UPDATE stacked_frames SET visibility = 'private' WHERE id = 4")
    rows.execute(
        "UPDATE stacked_frames SET object_name = 'my den', sky_pixel = -1 WHERE id IN (3, 4)"
    )
    public = {s.id for s in gallery.of(gallery.open)} - {4} | {3}
    mine = {s.id for s in gallery.of(gallery.open)}
    everything = {s.id for s in gallery.stacks}
    cases: list[tuple[dict[str, Any], set[int]]] = [
        ({}, public),
        ({"of": "public", "user": gallery.open}, public),
        ({"user": gallery.open}, mine),
        ({"of": "mine", "user": gallery.admin}, set()),
        ({"of": "all", "user": gallery.admin}, everything),
        ({"object": "my den"}, set()),
        ({"object": "my den", "user": gallery.open}, {4}),
        ({"object": "my den", "user": gallery.closed, "of": "public"}, {3}),
    ]

    for kind in ("ids", "page", "map"):
        wishes = [{"kind": kind, "limit": 9999, **wish} for wish, _ in cases]
        answers = gallery.ask(*wishes)
        for (wish, expected), answer in zip(cases, answers, strict=True):
            found = answer["found"]
            if kind == "map":
                found = [point.id for point in points(base64.b64decode(found[0]))]
                expected = expected if "object" not in wish else set(found)
            assert set(found) == expected, (kind, wish)
            assert len(found) == len(set(found))


def test_facts(gallery: Gallery) -> None:
    seen = gallery.of(gallery.open)
    gallery.site.rows.insert("stack_solutions", stack_id=2, job_id=2, solved=1, created_at=CREATED)
    is_in_june = {"start": "2024-06-01T00:00:00", "end": "2024-06-30T23:59:59.999999999"}
    cases: list[tuple[dict[str, Any], Callable[[SkyRow], bool]]] = [
        (is_in_june, lambda s: s.begin.startswith("2024-06")),
        ({"telescope": "S50"}, lambda s: (s.telescope or "").startswith("S50_")),
        ({"telescope": "S50_8a95aa90"}, lambda s: s.telescope == "S50_8a95aa90"),
        ({"telescope": "Seestar S30"}, lambda s: s.telescope == "Seestar S30"),
        ({"filter": "LP"}, lambda s: s.filter_name == "LP"),
        (
            {"filter": "IRCUT", "minExposure": 870.0},
            lambda s: s.filter_name == "IRCUT" and s.exposure >= 870,
        ),
        ({"minExposure": 9000.0}, lambda _: False),
        ({"isSolved": True}, lambda s: s.id == 2),
        (
            {**is_in_june, "telescope": "S50", "isSolved": False},
            lambda s: (
                s.begin.startswith("2024-06")
                and (s.telescope or "").startswith("S50_")
                and s.id != 2
            ),
        ),
    ]
    for order in ("newest", "longest"):
        wishes = [
            {"kind": "page", "facts": facts, "limit": 9999, "order": order} for facts, _ in cases
        ]

        answers = gallery.ask(*wishes)

        for (facts, is_wanted), answer in zip(cases, answers, strict=True):
            expected = sorted((s for s in seen if is_wanted(s)), key=ORDERS[order], reverse=True)
            assert answer["found"] == [s.id for s in expected], (order, facts)


@pytest.mark.one_database
def test_choices_are_those_of_visible_stacks(gallery: Gallery) -> None:
    rows = gallery.site.rows
    rows.execute(
        "UPDATE stacked_frames SET telescope = 'S30_cafecafe', filter_name = 'secret' WHERE id = 1"
    )
    rows.execute("UPDATE stacked_frames SET date_obs_start = '2019-05-01T00:00:00' WHERE id = 1")

    public, own, everything = gallery.ask(
        {"kind": "choices"},
        {"kind": "choices", "user": gallery.closed},
        {"kind": "choices", "user": gallery.admin, "of": "all"},
    )

    months = [f"2024-{month:02d}" for month in range(12, 0, -1)]
    assert public["found"] == [
        ["S50_8a95aa90", "Seestar S30"],
        ["IRCUT", "LP"],
        ["2025", "2024"],
        months,
    ]
    assert own["found"][0] == ["S30_cafecafe", "S50_11111111"]
    assert own["found"][1] == ["IRCUT", "LP", "secret"]
    assert own["found"][2] == ["2025", "2024", "2019"]
    assert "S30_cafecafe" in everything["found"][0] and "secret" not in everything["found"][1]


@pytest.mark.one_database
def test_the_map_tells_place_day_and_name(gallery: Gallery) -> None:
    rows = gallery.site.rows
    rows.insert("stack_solutions", stack_id=2, job_id=2, solved=1, created_at=CREATED)
    rows.execute("UPDATE stacked_frames SET object_name = 'M 94' WHERE id IN (2, 4)")
    rows.execute("UPDATE stacked_frames SET object_name = 'my den' WHERE id = 6")
    rows.execute("UPDATE stacked_frames SET ra_deg = NULL, date_obs_start = NULL WHERE id = 8")

    public, own = gallery.ask({"kind": "map"}, {"kind": "map", "user": gallery.open})

    found = {point.id: point for point in points(base64.b64decode(public["found"][0]))}
    for stack in gallery.of(gallery.open):
        point = found[stack.id]
        if stack.id == 8:
            assert (point.day, point.dec < -90.0) == (65535, True)
            continue
        assert abs((point.ra - stack.ra + 180.0) % 360.0 - 180.0) < 0.004
        assert point.dec == pytest.approx(stack.dec, abs=0.002)
        assert point.day == (date.fromisoformat(stack.begin[:10]) - date(1990, 1, 1)).days
        assert point.solved == (stack.id == 2) and point.public
    assert [found[one].name for one in (2, 4, 6, 10)] == ["M 94", "M 94", None, None]
    mine = {point.id: point.name for point in points(base64.b64decode(own["found"][0]))}
    assert mine[6] == "my den"


def solve(gallery: Gallery, ra: float, dec: float) -> None:
    """Solve the first 600 stacks, and give stacks 2, 4 and 6 a place and a field of a degree."""
    rows = gallery.site.rows
    rows.execute(
        "INSERT INTO stack_solutions (stack_id, job_id, solved, solver, verdict, ra_center_deg,"
        " dec_center_deg, scale_arcsec, rotation_deg, parity, field_width_deg, field_height_deg,"
        " wcs, notes, created_at) SELECT id, job_id, 1, 'x', 'good', ?, ?, 2.4, 0, -1, 1.0, 1.4,"
        " '{}', '[]', ? FROM stacked_frames WHERE id <= 600",
        ra, dec, CREATED,
    )  # fmt: skip
    for stack, north in ((2, 0.0), (4, 0.3), (6, 0.7)):
        rows.execute(
            "UPDATE stacked_frames SET ra_deg = ?, dec_deg = ?, sky_pixel = -1 WHERE id = ?",
            ra, dec + north, stack,
        )  # fmt: skip


def test_neighbours_are_in_the_field(gallery: Gallery, engine: str) -> None:
    solve(gallery, 359.99, 88.9)
    wish = {"kind": "neighbours", "stack": 2}

    found, own = gallery.ask(wish, {**wish, "user": gallery.open})
    gallery.site.rows.execute("UPDATE stacked_frames SET visibility = 'private' WHERE id = 4")
    private, still = gallery.ask(wish, {**wish, "user": gallery.open})

    near = {s.id for s in gallery.of(gallery.open) if s.dec > 88.4 and s.id <= 600} - {2, 6}
    assert set(found["found"]) == near | {4} == set(own["found"])
    assert 4 not in private["found"] and 4 in still["found"]
    for answer in (found, own):
        for plan in answer["plans"]:
            assert not full_scans(plan, engine), json.dumps(plan)


def test_no_query_reads_the_whole_archive(gallery: Gallery, engine: str) -> None:
    rows = gallery.site.rows
    owners = [rows.add_user(f"owner-{number}", PASSWORD) for number in range(40)]
    rows.execute("UPDATE users SET stacks_public = 1")
    rows.execute("UPDATE stacked_frames SET user_id = ? + id % ?", owners[0], len(owners))
    gallery.ask({"kind": "page"})
    rows.execute(WIDTH)
    facts: list[dict[str, Any]] = [
        {},
        {"start": "2024-06-01T00:00:00", "end": "2024-06-02T00:00:00"},
        {"telescope": "S50_11111111"},
        {"telescope": "s50"},
        {"filter": "LP"},
        {"minExposure": 895.0},
        {"maxSeeing": 2.1},
        {"isSolved": False},
        {"filter": "LP", "minExposure": 300.0, "maxSeeing": 3.0},
    ]
    orders = ["newest", "oldest", "longest", "sharpest"]
    wishes: list[dict[str, Any]] = [
        {"kind": "page", "facts": some, "order": order, "of": of, "user": owners[3]}
        for some in facts
        for order in orders
        for of in ("public", "mine")
    ]
    wishes += [
        {"kind": "page", "after": "2024-09-01T00:00:00~77"},
        {"kind": "page", "after": "~77"},
    ]
    wishes += [
        {"kind": kind, "object": name} for kind in ("page", "ids") for name in ("M 94", "andromeda")
    ]
    wishes += [{"kind": "ids", "facts": some} for some in facts[1:4]]
    wishes += [{"kind": "choices", "of": of, "user": owners[3]} for of in ("public", "mine")]
    wishes += [{"kind": "map", "of": of, "user": owners[3]} for of in ("public", "mine")]

    answers = gallery.ask(*wishes)

    for wish, answer in zip(wishes, answers, strict=True):
        assert answer["plans"]
        for plan in answer["plans"]:
            assert not full_scans(plan, engine), json.dumps([wish, plan])
