"""Fetching Gaia by TAP: complete or not at all, politely, and on from where it stopped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from crowdsky import __version__
from crowdsky.base.errors import (
    CrowdSkyError,
    RequestRefusedError,
    ServiceBusyError,
    UnexpectedAnswerError,
)
from crowdsky.catalogues.fetch import Fetcher, Unit, units_of_fields
from crowdsky.catalogues.gaia_archives import GAIA, VIZIER
from crowdsky.catalogues.gaia_tiles import GaiaTiles
from crowdsky.catalogues.star_rows import StarRows
from crowdsky.catalogues.tap_service import RowsMissingError, ServiceWantsPauseError, TapService
from crowdsky.catalogues.tile_folder import TileFolder, tile_of
from crowdsky.net.retry import Waits
from crowdsky.solving.tan import separation
from tests.support.gaia_fields import gaia_rows, random_colours
from tests.support.tap_stand_in import Faults, TapStandIn

PLACE = (315.4, 68.2)
FIELD = [(*PLACE, 1.0)]


@dataclass
class Clock:
    """Time that only passes while somebody waits; `slept` has the waits."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def waits(self) -> Waits:
        return Waits(self.sleep, lambda: self.now, lambda: 0.5)


@pytest.fixture(scope="module")
def stars() -> StarRows:
    """A field of 3,000 stars of 8 to 17 mag; every fifth has no colour, every seventh no motion."""
    rng = np.random.default_rng(1)
    count = 3000
    dec = PLACE[1] + rng.uniform(-3, 3, count)
    ra = np.mod(PLACE[0] + rng.uniform(-3, 3, count) / np.cos(np.radians(dec)), 360.0)
    rows = gaia_rows(ra, dec, rng.uniform(8, 17, count), random_colours(count, rng), pmra=12.5)
    numbers = np.arange(count)
    return replace(
        rows,
        bp_rp=np.where(numbers % 5 == 0, np.nan, rows.bp_rp),
        pmra=np.where(numbers % 7 == 0, np.nan, rows.pmra),
        v_mag=np.where(numbers % 2 == 0, rows.phot_g_mean_mag + 0.2, np.nan),
    )


@dataclass
class Scene:
    """A service, a folder, and a clock."""

    service: TapStandIn
    folder: TileFolder
    clock: Clock
    max_rows: int = 100_000
    pause: float = 1.0

    def fetch(self, units: list[Unit] | None = None, faintest: float = 15.0) -> int:
        archive = VIZIER if self.service.vizier else GAIA
        asked = TapService(f"{self.service.url}/tap", self.pause, self.clock.waits())
        fetcher = Fetcher(self.folder, archive, asked, faintest, self.max_rows)
        return fetcher.fetch(units or units_of_fields(FIELD), lambda *_: None)

    def assert_whole(self, stars: StarRows, faintest: float = 15.0) -> None:
        """Every star of the field is there with its own numbers, and no other."""
        found = GaiaTiles(self.folder.path).cone(*PLACE, 1.0)
        near = separation(*PLACE, stars.ra, stars.dec) <= 1.0
        expected = stars.take(near & (stars.phot_g_mean_mag <= faintest))
        assert len(expected) > 100
        order, ours = np.argsort(expected.source_id), np.argsort(found.source_id)
        np.testing.assert_array_equal(found.source_id[ours], expected.source_id[order])
        np.testing.assert_allclose(found.ra[ours], expected.ra[order], atol=1e-9)
        for name, theirs in (("g_mag", "phot_g_mean_mag"), ("bp_rp", "bp_rp")):
            np.testing.assert_allclose(
                getattr(found, name)[ours], getattr(expected, theirs)[order], atol=1e-5
            )

    def assert_nothing_counts_as_complete(self) -> None:
        assert all(tile.complete_to is None for tile in self.folder.index().values())
        assert self.folder.files() == {}


@pytest.fixture
def scene(stars: StarRows, tmp_path: Path) -> Iterator[Scene]:
    with TapStandIn(stars) as service:
        yield Scene(service, TileFolder(tmp_path / "gaia"), Clock())


@contextmanager
def vizier(stars: StarRows, folder: Path) -> Iterator[Scene]:
    with TapStandIn(stars, vizier=True) as service:
        yield Scene(service, TileFolder(folder), Clock())


@pytest.mark.parametrize("form", ["binary2", "binary", "tabledata"])
def test_a_field_is_fetched_whole(scene: Scene, stars: StarRows, form: str) -> None:
    scene.service.faults.form = form
    assert scene.fetch() > 100
    scene.assert_whole(stars)
    index = scene.folder.index()
    assert index.keys() == {unit.pixel for unit in units_of_fields(FIELD)}
    assert {tile.complete_to for tile in index.values()} == {15.0}


def test_motions_and_synthetic_v_arrive(scene: Scene, stars: StarRows) -> None:
    scene.fetch()
    found = GaiaTiles(scene.folder.path).cone(*PLACE, 1.0, year=2026.0)
    row = {int(one): k for k, one in enumerate(stars.source_id)}
    rows = np.array([row[int(one)] for one in found.source_id])
    moved = (found.ra - stars.ra[rows]) * np.cos(np.radians(found.dec)) * 3.6e6
    np.testing.assert_allclose(moved, np.nan_to_num(stars.pmra[rows]) * 10.0, atol=0.1)
    own = np.isfinite(stars.v_mag[rows])
    np.testing.assert_allclose(found.mag[own], stars.v_mag[rows][own], atol=1e-5)
    assert own.any() and not own.all()


def test_vizier_is_asked_with_its_own_names(stars: StarRows, tmp_path: Path) -> None:
    with vizier(stars, tmp_path) as scene:
        scene.fetch()
        scene.assert_whole(stars)
        assert all('FROM "I/355/gaiadr3" WHERE Source BETWEEN' in q for q in scene.service.queries)


def test_requests_come_one_at_a_time_with_pauses(scene: Scene) -> None:
    scene.service.faults.pending = 2
    scene.fetch()
    assert scene.service.most == 1
    assert scene.service.agents == {f"crowdsky/{__version__} (IVOA-science)"}
    requests = len(scene.clock.slept)
    assert requests > 20 and min(scene.clock.slept) >= 0.99
    assert scene.service.jobs == {}, "jobs are deleted"


def test_a_second_run_asks_for_nothing(scene: Scene, stars: StarRows) -> None:
    scene.fetch()
    asked = len(scene.service.queries)
    assert scene.fetch() == 0
    assert len(scene.service.queries) == asked
    scene.fetch(faintest=16.0)
    assert len(scene.service.queries) > asked
    scene.assert_whole(stars, faintest=16.0)
    asked = len(scene.service.queries)
    scene.fetch(faintest=14.0)
    assert len(scene.service.queries) == asked, "deeper tiles have the brighter stars"


def test_a_run_that_was_stopped_goes_on(scene: Scene, stars: StarRows) -> None:
    units = units_of_fields(FIELD)
    scene.fetch(units[:2])
    asked = scene.service.queries.copy()
    scene.service.faults.busy = 1000
    with pytest.raises(ServiceBusyError):
        scene.fetch()
    scene.service.faults.busy = 0
    assert len(scene.folder.files()) == 2
    scene.fetch()
    scene.assert_whole(stars)
    assert not set(asked) & set(scene.service.queries[len(asked) :])


def test_large_pixels_are_divided(scene: Scene, stars: StarRows) -> None:
    """Down to a tile each is stored; parts of a tile are put together before."""
    scene.max_rows = 60
    (parent,) = {unit.pixel >> 4 for unit in units_of_fields([(*PLACE, 0.01)])}
    scene.fetch([Unit(3, parent)])
    tiles = tile_of(stars) >> 4 == parent
    bright = stars.phot_g_mean_mag <= 15.0
    index = scene.folder.index()
    assert sum(tile.rows for tile in index.values()) == (tiles & bright).sum()
    assert len(index) == 16, "tiles without stars are complete, too"
    assert {tile.complete_to for tile in index.values()} == {15.0}


@pytest.mark.parametrize("status_last", [False, True])
def test_a_table_that_is_cut_off_is_asked_for_in_parts(
    scene: Scene, stars: StarRows, status_last: bool
) -> None:
    scene.service.faults.limit = 50
    scene.service.faults.status_last = status_last
    scene.fetch()
    scene.assert_whole(stars)


def test_a_table_that_is_cut_off_without_a_word_is_not_believed(scene: Scene) -> None:
    scene.service.faults = Faults(limit=50, says_so=False)
    with pytest.raises(UnexpectedAnswerError, match=r"50 rows arrived of the \d+ .*--max-rows"):
        scene.fetch()
    scene.assert_nothing_counts_as_complete()
    assert scene.service.jobs == {}


def test_a_service_that_always_cuts_off_ends_with_an_error(scene: Scene) -> None:
    scene.service.faults.limit = 0
    with pytest.raises(RowsMissingError):
        scene.fetch()
    scene.assert_nothing_counts_as_complete()


@pytest.mark.parametrize(
    "fault", ["cut", "cut_unseen", "html", "failing_jobs", "strangers", "twins", "busy"]
)
def test_what_passes_is_tried_again(scene: Scene, stars: StarRows, fault: str) -> None:
    setattr(scene.service.faults, fault, 2)
    scene.fetch()
    scene.assert_whole(stars)
    assert scene.service.jobs == {}


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("cut", "connection was cut"),
        ("cut_unseen", "cannot be read"),
        ("html", "is no VOTable but begins with '<html>"),
        ("failing_jobs", "ended as ERROR: out of memory"),
        ("strangers", "others than were asked for"),
        ("twins", "some are there twice"),
        ("busy", "answered 503"),
    ],
)
def test_what_stays_wrong_is_named_and_nothing_is_kept(
    scene: Scene, fault: str, reason: str
) -> None:
    setattr(scene.service.faults, fault, 10_000)
    with pytest.raises(CrowdSkyError, match=reason):
        scene.fetch()
    scene.assert_nothing_counts_as_complete()


def test_a_wish_for_a_pause_is_met(scene: Scene) -> None:
    scene.service.faults = Faults(busy=1, retry_after="120")
    scene.fetch()
    assert max(scene.clock.slept) >= 120.0


def test_a_wish_for_a_long_pause_ends_the_run(scene: Scene) -> None:
    scene.service.faults = Faults(busy=1, retry_after="7200")
    with pytest.raises(ServiceWantsPauseError, match=r"120 minutes; run the same command later"):
        scene.fetch()
    assert scene.clock.slept == []


def test_a_query_that_is_refused_is_not_repeated(scene: Scene) -> None:
    scene.service.faults.refused = True
    with pytest.raises(RequestRefusedError, match="no such table: gaiadr3"):
        scene.fetch()
    assert len(scene.service.queries) == 1


def test_compressed_files_are_read(scene: Scene, stars: StarRows) -> None:
    scene.service.faults.compressed = True
    scene.fetch()
    scene.assert_whole(stars)


def test_stars_of_an_earlier_file_stay(scene: Scene, stars: StarRows) -> None:
    """A fetch to 15 mag keeps the fainter stars that a file brought."""
    pixel = units_of_fields([(*PLACE, 0.01)])[0].pixel
    here = stars.take(tile_of(stars) == pixel)
    with scene.folder.writing() as index:
        scene.folder.add(index, pixel, here)
    scene.fetch()
    assert scene.folder.index()[pixel].rows == len(here)
    assert scene.folder.index()[pixel].complete_to == 15.0
