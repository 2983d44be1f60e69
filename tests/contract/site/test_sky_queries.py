"""Queries of the archive: they find what is there, nothing private, and without reading it all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy_healpix import HEALPix

from tests.contract.site.support import PASSWORD
from tests.support.archive_rows import SkyRow, insert, scattered
from tests.support.php_questions import ask_php
from tests.support.sites import SiteUnderTest

SCRIPT = Path(__file__).with_name("sky_search.php")
PIXELS = HEALPix(nside=128, order="ring", frame="icrs")
COUNT = 1200
STACKED = "s"


class Archive:
    """An archive of two owners: the first one's stacks are public, the other's private."""

    def __init__(self, site: SiteUnderTest) -> None:
        self.site = site
        self.open, self.closed = (site.rows.add_user(name, PASSWORD) for name in ("ann", "bob"))
        site.rows.execute("UPDATE users SET stacks_public = 1 WHERE id = ?", self.open)
        self.stacks = list(scattered(1, COUNT, [self.closed, self.open]))
        special = [replace(self.stacks[0], id=COUNT + 1, ra=0.0001, dec=89.9)]
        special += [replace(self.stacks[0], id=COUNT + 2, ra=359.9999, dec=0.0)]
        special += [replace(self.stacks[1], id=COUNT + 3, ra=0.0, dec=0.0, visibility="public")]
        special += [replace(self.stacks[0], id=COUNT + 4, ra=0.0, dec=0.0, visibility="private")]
        self.stacks += special
        insert(site.rows, iter(self.stacks))
        self.places = SkyCoord(
            [stack.ra for stack in self.stacks], [stack.dec for stack in self.stacks], unit=u.deg
        )

    def search(self, *wishes: dict[str, Any]) -> list[dict[str, Any]]:
        """Run searches in one process; see sky_search.php."""
        return ask_php(self.site, SCRIPT, wishes)

    def is_seen(self, stack: SkyRow, user: int | None) -> bool:
        """Whether a user, or nobody, may see a stack."""
        chosen = {"public": True, "private": False, "inherit": stack.owner == self.open}
        return stack.owner == user or chosen[stack.visibility]

    def expected(self, near: np.ndarray, user: int | None) -> list[int]:
        """Ids of what is there and may be seen, in the order of the site."""
        seen = [s for s, is_near in zip(self.stacks, near, strict=True) if is_near]
        seen = [stack for stack in seen if self.is_seen(stack, user)]
        return [stack.id for stack in sorted(seen, key=lambda s: (s.begin, s.id))]


@pytest.fixture
def archive(site: SiteUnderTest) -> Iterator[Archive]:
    """The archive on each database."""
    return Archive(site)


def test_cones_and_boxes_find_what_is_there(archive: Archive) -> None:
    cones = [
        *((ra, dec, 12.0) for ra in (0.0, 123.4) for dec in (-88.0, -45.0, 0.0, 41.8, 86.0)),
        (archive.stacks[6].ra, archive.stacks[6].dec, 0.0),
        (0.0, 0.0, 0.001),
        (200.0, 30.0, 60.0),
        (10.0, 90.0, 3.0),
        (10.0, -20.0, 180.0),
    ]
    boxes = [(350.0, 20.0, -10.0, 10.0), (100.0, 140.0, 60.0, 90.0), (0.0, 360.0, -2.0, 3.0)]
    wishes: list[dict[str, Any]] = []
    expected = []
    for user in (None, archive.closed):
        for ra, dec, radius in cones:
            centre = SkyCoord(ra, dec, unit=u.deg)
            near = archive.places.separation(centre) <= radius * u.deg + 1e-9 * u.arcsec
            wishes.append({"kind": "page", "user": user, "cone": (ra, dec, radius), "limit": 9999})
            expected.append(archive.expected(near, user))
        for west, east, south, north in boxes:
            ra, dec = archive.places.ra.deg, archive.places.dec.deg
            beyond, before = ra >= west, ra <= east
            near = (beyond & before) if west <= east else (beyond | before)
            near &= (dec >= south) & (dec <= north)
            box = (west, east, south, north)
            wishes.append({"kind": "page", "user": user, "box": box, "limit": 9999})
            expected.append(archive.expected(near, user))

    answers = archive.search(*wishes)

    for wish, answer, ids in zip(wishes, answers, expected, strict=True):
        assert answer["stacks"] == ids, wish
    assert min(len(ids) for ids in expected) > 0, "each of them would notice an empty answer"


def test_pixels_are_those_of_key_and_place(archive: Archive) -> None:
    ids = np.arange(1, len(archive.stacks) + 1)
    pixels = PIXELS.skycoord_to_healpix(archive.places)
    wanted = [int(pixels[4]), int(pixels[5]), 9, int(pixels[COUNT + 1])]

    answers = archive.search(*({"kind": "pixel", "pixel": pixel} for pixel in wanted))

    for pixel, answer in zip(wanted, answers, strict=True):
        near = (pixels == pixel) | (ids % 196608 == pixel)
        assert answer["stacks"] == archive.expected(near, None), pixel


def test_pages_join_without_gap_or_repetition(archive: Archive) -> None:
    archive.site.rows.execute("UPDATE stacked_frames SET date_obs_start = NULL WHERE id < 8")
    archive.site.rows.execute(
        "UPDATE stacked_frames SET date_obs_start = '2025-01-01T00:00:00' WHERE id > 1160"
    )
    (whole,) = archive.search({"kind": "page", "limit": 9999})
    ids: list[int] = []
    after = None
    for _ in range(9):
        (answer,) = archive.search({"kind": "page", "limit": 199, "after": after})
        ids += answer["stacks"]
        after = answer["next"]
        if after is None:
            break

    assert ids == whole["stacks"]
    assert len(ids) == len(set(ids)) == len(archive.expected(np.ones(COUNT + 4, bool), None))


def test_filters(archive: Archive) -> None:
    everything = np.ones(COUNT + 4, bool)
    seen = {s.id: s for s in archive.stacks if archive.is_seen(s, None)}
    order = [seen[i] for i in archive.expected(everything, None)]
    cases: list[tuple[dict[str, Any], Callable[[SkyRow], bool]]] = [
        ({"start": "2024-06-01T00:00:00", "end": "2024-06-30T23:59:59"}, in_june),
        ({"filterName": "LP"}, lambda s: s.filter_name == "LP"),
        ({"telescope": "S50"}, lambda s: (s.telescope or "").startswith("S50_")),
        ({"telescope": "S50_8a95aa90"}, lambda s: s.telescope == "S50_8a95aa90"),
        ({"minExposure": 800.0, "maxExposure": 820.0}, lambda s: 800 <= s.exposure <= 820),
        ({"minSkyMag": 18.0}, lambda _: False),
        ({"minLimitingMag": 10.0}, lambda _: False),
        ({"isSolved": True}, lambda _: False),
    ]
    wishes = [{"kind": "page", "filter": wish, "limit": 9999} for wish, _ in cases]

    answers = archive.search(*wishes)

    for (wish, is_wanted), answer in zip(cases, answers, strict=True):
        assert answer["stacks"] == [stack.id for stack in order if is_wanted(stack)], wish


def in_june(stack: SkyRow) -> bool:
    """Whether a stack was begun in June 2024."""
    return stack.begin.startswith("2024-06")


def test_objects_by_any_name(archive: Archive) -> None:
    rows = archive.site.rows
    for stack, name in ((1, "M 94"), (2, "M 94"), (4, "my den")):
        renaming = "UPDATE stacked_frames SET object_name = ?, sky_pixel = -1 WHERE id = ?"
        rows.execute(renaming, name, stack)
    names = {"type": "Galaxy", "ra_deg": 1.0, "dec_deg": 1.0, "separation_arcmin": 1.0}
    for stack in (3, 4):
        keys = {"name": "NGC 4736", "messier": "M 94", "name_key": "NGC4736", "messier_key": "M94"}
        rows.insert("stack_objects", stack_id=stack, place=0, **names, **keys)
    of_all = [
        {"kind": "page", "object": name}
        for name in ("M 94", "messier 94", "m094", "NGC4736", "ngc 4736")
    ]
    bob = archive.closed
    own = [{"kind": "page", "object": "my den", "user": user} for user in (None, archive.open, bob)]

    answers = archive.search(*of_all, *own, {"kind": "page", "object": "M 31"})

    found = [sorted(answer["stacks"]) for answer in answers]
    assert found == [[1, 3]] * 5 + [[], [], [4], []]


def test_objects_by_their_further_names(archive: Archive) -> None:
    """Also stacks whose worker reported only one name, and owners' names that are known ones."""
    rows = archive.site.rows
    found = {"type": "Galaxy", "ra_deg": 1.0, "dec_deg": 1.0, "separation_arcmin": 1.0}
    for stack, name, key in ((2, "M 51", "M51"), (4, "M 51", "M51"), (6, "NGC 5195", "NGC5195")):
        rows.insert("stack_objects", stack_id=stack, place=0, name=name, name_key=key, **found)
    more = {"M51": ("NGC 5194", "Whirlpool Galaxy", "Bob's pet"), "NGC5195": ("The Pair",)}
    for stack, key in ((4, "M51"), (6, "NGC5195")):
        for number, name in enumerate((*more[key], "Arp 85")):
            name_key = name.upper().replace(" ", "")
            names = {"number": number, "name": name, "name_key": name_key, "object_key": key}
            rows.insert("stack_object_names", stack_id=stack, place=0, **names)
    for stack, name in ((8, "Messier 51"), (10, "whirlpool  galaxy"), (12, "bob's pet")):
        renaming = "UPDATE stacked_frames SET object_name = ?, sky_pixel = -1 WHERE id = ?"
        rows.execute(renaming, name, stack)
    rows.execute("UPDATE stacked_frames SET visibility = 'public' WHERE id IN (2, 4, 6, 8, 10, 12)")
    spellings = ["Whirlpool Galaxy", "whirlpool_galaxy", "WHIRLPOOLGALAXY", "NGC 05194", "M51"]
    wishes: list[dict[str, Any]] = [{"object": name} for name in (*spellings, "arp85", "the pair")]
    owner = archive.stacks[11].owner
    wishes += [{"object": "Messier 51", "user": owner}]

    answers = archive.search(*({"kind": "page", **wish} for wish in wishes))

    ids = [sorted(answer["stacks"]) for answer in answers]
    assert ids[:5] == [[2, 4, 8, 10]] * 5
    assert ids[5:] == [[2, 4, 6, 8, 10], [6], [2, 4, 8, 10, 12]]


def test_coverage_counts_what_may_be_seen(archive: Archive) -> None:
    rows = archive.site.rows
    rows.execute("UPDATE stacked_frames SET filter_name = 'made of glass' WHERE id = 1")
    kinds = [{"kind": "coverage", "user": user} for user in (None, archive.open)]

    public, own = archive.search(*kinds)

    seen = [s for s in archive.stacks if archive.is_seen(s, None)]
    assert sum(tile[2] for tile in public["stacks"]) == len(seen)
    assert sum(tile[2] for tile in own["stacks"]) == len(seen) + 1
    assert sum(tile[3] for tile in public["stacks"]) == sum(stack.exposure for stack in seen)
    assert "made of glass" not in {tile[1] for tile in public["stacks"]}
    assert "made of glass" in {tile[1] for tile in own["stacks"]}
    tiles = [tuple(tile[:2]) for tile in public["stacks"]]
    assert len(tiles) == len(set(tiles))
    pixel = int(PIXELS.skycoord_to_healpix(archive.places[:1])[0])
    assert pixel in {tile[0] for tile in public["stacks"]}


def test_stacks_of_an_older_version_get_their_columns(archive: Archive) -> None:
    archive.site.run_php("migrate.php")

    rows = archive.site.rows.all("SELECT sky_pixel, sky_z, key_pixel FROM stacked_frames")
    assert len(rows) == COUNT + 4
    assert not [row for row in rows if row["sky_pixel"] == -1 or row["key_pixel"] is None]
    assert max(float(row["sky_z"]) for row in rows) <= 1.0


def test_a_new_stack_is_found_at_once(site: SiteUnderTest, make_stack: Callable[..., int]) -> None:
    """By the solved centre, the names in its picture and its depth, as its worker reported them."""
    stack = make_stack()
    owner = site.rows.one("SELECT user_id FROM stacked_frames")["user_id"]
    row = site.rows.one("SELECT sky_pixel, key_pixel, chunk_key_hp FROM stacked_frames")
    archive = object.__new__(Archive)
    archive.site = site

    wishes: list[dict[str, Any]] = [
        {"cone": (192.75, 41.05, 0.001)},
        {"object": "UGC8024"},
        {"object": "croc's eye galaxy"},
        {"filter": {"minLimitingMag": 15.3, "minSkyMag": 19.8, "isSolved": True}},
    ]
    answers = archive.search(*({"kind": "page", "user": owner, **wish} for wish in wishes))

    assert [answer["stacks"] for answer in answers] == [[stack]] * 4
    centre = SkyCoord(192.75, 41.05, unit=u.deg)
    assert row["sky_pixel"] == int(PIXELS.skycoord_to_healpix(centre))
    assert f"_HP{row['key_pixel']:06d}" in row["chunk_key_hp"]
    assert archive.search({"kind": "page"})[0]["stacks"] == [], "it is private"


def test_no_search_reads_the_whole_archive(archive: Archive, engine: str) -> None:
    rows = archive.site.rows
    owners = [rows.add_user(f"owner-{number}", PASSWORD) for number in range(40)]
    rows.execute("UPDATE users SET stacks_public = 1")
    rows.execute("UPDATE stacked_frames SET user_id = ? + id % ?", owners[0], len(owners))
    wishes: list[dict[str, Any]] = [
        {"kind": "page", "cone": (120.0, 40.0, 0.75)},
        {"kind": "page", "cone": (0.1, -89.0, 0.5), "user": archive.open},
        {"kind": "page", "box": (10.0, 12.0, 5.0, 6.0)},
        {"kind": "page", "object": "M 94"},
        {"kind": "page", "object": "Whirlpool Galaxy", "user": archive.open},
        {"kind": "page", "filter": {"start": "2024-06-01T00:00:00", "end": "2024-06-02T00:00:00"}},
        {"kind": "pixel", "pixel": 4711},
        {"kind": "pixel", "pixel": 4711, "user": archive.open, "filter": {"filterName": "LP"}},
    ]

    answers = archive.search(*wishes)

    for wish, answer in zip(wishes, answers, strict=True):
        assert len(answer["plans"]) >= 2
        for plan in answer["plans"]:
            steps = full_scans(plan, engine)
            assert not steps, json.dumps([wish, plan])


def test_no_cone_of_variables_reads_the_whole_catalogue(archive: Archive, engine: str) -> None:
    rows = archive.site.rows
    places = archive.places.cartesian.xyz.value.T
    pixels = PIXELS.skycoord_to_healpix(archive.places)
    columns = "catalogue_id, number, name, ra_deg, dec_deg, sky_pixel, sky_x, sky_y, sky_z"
    values = ", ".join(
        f"(1, {s.id}, 'V{s.id}', {s.ra!r}, {s.dec!r}, {pixel}, {x!r}, {y!r}, {z!r})"
        for s, pixel, (x, y, z) in zip(archive.stacks, pixels, places.tolist(), strict=True)
    )
    rows.execute(f"INSERT INTO variable_stars ({columns}) VALUES {values}")  # noqa: S608 - ours
    cones = [(120.0, 40.0, 0.75), (0.1, -89.0, 0.5), (200.0, 10.0, 8.0)]

    answers = archive.search(*({"kind": "variables", "cone": cone} for cone in cones))

    for (ra, dec, radius), answer in zip(cones, answers, strict=True):
        near = archive.places.separation(SkyCoord(ra, dec, unit=u.deg)) <= radius * u.deg
        expected = [s.id for s, is_near in zip(archive.stacks, near, strict=True) if is_near]
        assert answer["stacks"] == expected
        (plan,) = answer["plans"]
        used = "detail" if engine == "sqlite" else "key"
        assert "variable_stars_pixel" in json.dumps([step.get(used) for step in plan]), plan
        assert not full_scans(plan, engine), plan


def full_scans(plan: list[dict[str, Any]], engine: str) -> list[dict[str, Any]]:
    """Steps of a plan that read a whole table or index of the archive."""
    if engine == "sqlite":
        tables = ("s", "stacked_frames", "stack_objects", "stack_object_names", "o", "m")
        scans = tuple(f"SCAN {table} " for table in tables)
        return [step for step in plan if f"{step['detail']} ".startswith(scans)]
    # <2> is a result in memory.
    read = [step for step in plan if step["type"] in ("ALL", "index")]
    return [step for step in read if not step["table"].startswith("<")]
