"""Queries of stars: a viewer finds what visible stacks show, and none reads a whole table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import astropy.units as u
import pytest
from astropy.coordinates import SkyCoord

from demo.services import Site
from tests.contract.site.support import PASSWORD
from tests.contract.site.test_sky_queries import full_scans
from tests.support.archive_rows import insert, scattered
from tests.support.php_questions import ask_php
from tests.support.sites import SiteUnderTest
from tests.support.star_rows import StarField, insert_fields

SCRIPT = Path(__file__).with_name("star_search.php")
EPOCHS = 12
STARS = 60
PLACES = ((0.02, 0.0), (120.0, 40.0), (200.0, 89.8), (75.0, -60.0), (359.99, 60.0), (10.0, -89.9))
OTHERS = tuple((30.0 * number, 20.0) for number in range(1, 13))
"""Of a table that is small in comparison, MariaDB may read an index whole."""


def ask(site: Site, *wishes: dict[str, Any]) -> list[dict[str, Any]]:
    """Run queries in one process; see star_search.php."""
    return ask_php(site, SCRIPT, wishes)


class StarArchive:
    """Fields all over the sky; of two owners in turn, the first one's stacks are public."""

    def __init__(self, site: SiteUnderTest) -> None:
        self.site = site
        self.open, self.closed = (site.rows.add_user(name, PASSWORD) for name in ("ann", "bob"))
        site.rows.execute("UPDATE users SET stacks_public = 1 WHERE id = ?", self.open)
        insert(site.rows, scattered(1, EPOCHS * len(PLACES + OTHERS), [self.closed, self.open]))
        self.fields = [
            StarField(number + 1, ra, dec, 1 + number * STARS, STARS,
                      range(1 + number * EPOCHS, 1 + (number + 1) * EPOCHS))
            for number, (ra, dec) in enumerate(PLACES + OTHERS)
        ]  # fmt: skip
        insert_fields(site.rows, self.fields)

    def within(self, ra: float, dec: float, radius: float) -> list[int]:
        """Ids of all stars of a cone."""
        centre = SkyCoord(ra, dec, unit=u.deg)
        return [
            star
            for field in self.fields
            for star, apart in zip(
                field.stars, field.positions().separation(centre).deg, strict=True
            )
            if apart <= radius
        ]


@pytest.fixture
def archive(site: SiteUnderTest) -> StarArchive:
    """The archive on each database."""
    return StarArchive(site)


def test_a_viewer_finds_the_stars_of_visible_stacks_by_index(
    archive: StarArchive, engine: str
) -> None:
    cones = [(ra, dec, radius) for ra, dec in PLACES for radius in (0.1, 0.6)]
    cones += [(0.0, 90.0, 0.5), (0.0, 0.0, 0.0001)]
    wishes = [{"kind": "cone", "cone": cone} for cone in cones]

    answers = ask(archive.site, *wishes)
    hidden = ask(archive.site, *({**wish, "user": archive.closed} for wish in wishes))

    for cone, answer, own in zip(cones, answers, hidden, strict=True):
        ids = archive.within(*cone)
        assert [star[0] for star in answer["found"]] == ids
        # Every second epoch of each field is private.
        assert {star[1] for star in answer["found"]} <= {EPOCHS // 2}
        assert {star[1] for star in own["found"]} <= {EPOCHS}
        for plan in (*answer["plans"], *own["plans"]):
            assert not star_scans(plan, engine), json.dumps([cone, plan])
    assert archive.within(*cones[1]) != []


def test_a_star_of_private_stacks_alone_does_not_exist_for_others(archive: StarArchive) -> None:
    rows = archive.site.rows
    field = archive.fields[1]
    star, place = field.stars[0], field.positions()[0]
    rows.execute("DELETE FROM star_observations WHERE star_id = ? AND epoch_id % 2 = 1", star)
    cone = (place.ra.deg, place.dec.deg, 1 / 3600)

    public, other, owner = ask(
        archive.site,
        {"kind": "nearest", "cone": cone},
        {"kind": "nearest", "cone": cone, "user": archive.open},
        {"kind": "nearest", "cone": cone, "user": archive.closed},
    )

    seen_by_owner = rows.all("SELECT user_id FROM stacked_frames WHERE id = ?", field.epochs[1])
    assert seen_by_owner[0]["user_id"] == archive.closed
    assert (public["found"], other["found"]) == ([], [])
    assert [found[:2] for found in owner["found"]] == [[star, EPOCHS // 2]]


def test_a_light_curve_has_visible_stacks_alone_and_is_read_by_index(
    archive: StarArchive, engine: str
) -> None:
    field = archive.fields[2]
    public, owner = ask(
        archive.site,
        {"kind": "curve", "star": field.stars[5]},
        {"kind": "curve", "star": field.stars[5], "user": archive.closed},
    )

    assert sorted(set(public["found"])) == list(field.epochs)[0::2]
    assert sorted(set(owner["found"])) == list(field.epochs)
    for plan in (*public["plans"], *owner["plans"]):
        assert not star_scans(plan, engine), json.dumps(plan)


def star_scans(plan: list[dict[str, Any]], engine: str) -> list[dict[str, Any]]:
    """Steps that read a whole table of stars, epochs, observations or stacks."""
    if engine == "sqlite":
        tables = ("e", "t", "stars", "epochs", "star_observations")
        scans = tuple(f"SCAN {table} " for table in tables)
        found = [step for step in plan if f"{step['detail']} ".startswith(scans)]
        return [*found, *full_scans(plan, engine)]
    # A table of a few rows is read whole, whatever index it has.
    return [step for step in full_scans(plan, engine) if int(step["rows"] or 0) > EPOCHS]
