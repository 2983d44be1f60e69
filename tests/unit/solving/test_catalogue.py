"""The Tycho-2 stars of the index file, and cones around any position."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from crowdsky.solving.catalogue import (
    CatalogueUnavailableError,
    GaiaColumns,
    StarCatalogue,
    encode_stars,
)
from crowdsky.solving.tan import separation
from crowdsky.solving.tycho2 import open_tycho2
from tests.support.star_fields import INDEX_DIR


@pytest.fixture
def small(rng: np.random.Generator) -> tuple[StarCatalogue, np.ndarray, np.ndarray]:
    ra = np.r_[rng.uniform(0, 360, 20_000), 0.0, 359.99999999, 10.0]
    dec = np.r_[np.degrees(np.arcsin(rng.uniform(-1, 1, 20_000))), 0.0, 0.0, 90.0]
    codes, _ = encode_stars(ra, dec, rng.uniform(-1, 15, len(ra)))
    return StarCatalogue("test", "V", 2000.0, codes), ra, dec


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.mark.parametrize(
    "place", [(180.0, 10.0), (0.0, 0.0), (359.999, -45.0), (77.0, 90.0), (77.0, -88.5), (5.0, 88.0)]
)
@pytest.mark.parametrize("radius", [0.5, 3.0, 100.0])
def test_cone_finds_exactly_the_stars_within(
    small: tuple[StarCatalogue, np.ndarray, np.ndarray], place: tuple[float, float], radius: float
) -> None:
    catalogue, ra, dec = small
    found = catalogue.cone(*place, radius)
    assert len(found) == (separation(*place, ra, dec) <= radius).sum()
    assert (np.diff(found.mag) >= 0).all()


def test_positions_keep_a_milliarcsecond(
    small: tuple[StarCatalogue, np.ndarray, np.ndarray],
) -> None:
    catalogue, ra, dec = small
    found = catalogue.cone(0.0, 0.0, 180.0)
    order, found_order = np.argsort(dec), np.argsort(found.dec)
    apart = separation(ra[order], dec[order], found.ra[found_order], found.dec[found_order])
    assert apart.max() * 3.6e6 < 1.0


@pytest.mark.parametrize(
    ("ra", "dec", "v_tycho"),
    [
        pytest.param(310.35798, 45.28034, 1.34, id="Deneb"),
        pytest.param(300.18214, 22.71085, 7.78, id="HD 189733"),
        pytest.param(307.85986, 39.93882, 7.59, id="KELT-9"),
    ],
)
def test_known_stars_are_where_they_belong(
    tycho: StarCatalogue, ra: float, dec: float, v_tycho: float
) -> None:
    star = tycho.cone(ra, dec, 2.0 / 3600)
    assert len(star) == 1
    assert star.mag[0] == pytest.approx(v_tycho, abs=0.02)


def test_a_cone_does_not_go_through_the_whole_catalogue(tycho: StarCatalogue) -> None:
    """It takes far less than a millisecond of this thread, on a slow machine a few."""
    took = []
    for k in range(30):
        started = time.thread_time()
        tycho.cone(12.0 * k, 2.0 * k - 30.0, 1.0)
        took.append(time.thread_time() - started)
    assert min(took) < 10e-3


def test_the_cache_is_mapped_and_holds_the_same(tmp_path: Path, tycho: StarCatalogue) -> None:
    first = open_tycho2(INDEX_DIR, tmp_path / "new" / "cache")
    second = open_tycho2(INDEX_DIR, tmp_path / "new" / "cache")
    assert isinstance(second.codes, np.memmap)
    np.testing.assert_array_equal(first.codes, second.codes)
    assert [p.suffix for p in (tmp_path / "new" / "cache").iterdir()] == [".npy"]


def test_a_damaged_cache_is_made_again(tmp_path: Path, tycho: StarCatalogue) -> None:
    open_tycho2(INDEX_DIR, tmp_path)
    (cached,) = tmp_path.iterdir()
    cached.write_bytes(cached.read_bytes()[:1000])
    assert len(open_tycho2(INDEX_DIR, tmp_path)) == len(tycho)
    assert cached.stat().st_size > 20_000_000


def test_a_cache_folder_that_cannot_be_written_does_not_matter(
    tmp_path: Path, tycho: StarCatalogue, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert len(open_tycho2(INDEX_DIR, blocked / "cache")) == len(tycho)
    assert "cannot be kept" in caplog.text


def test_a_folder_without_index_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(CatalogueUnavailableError, match="astrometry-data-tycho2-07"):
        open_tycho2(tmp_path)


def test_a_cut_index_is_refused(tmp_path: Path) -> None:
    (tmp_path / "index-tycho2-07.littleendian.fits").write_bytes(b"SIMPLE  = nonsense")
    with pytest.raises(CatalogueUnavailableError, match="install its package again"):
        open_tycho2(tmp_path)


def test_proper_motion_moves_the_stars() -> None:
    codes, _ = encode_stars(np.array([100.0]), np.array([60.0]), np.array([9.0]))
    gaia = GaiaColumns(
        np.array([42]),
        np.array([8.9]),
        np.array([1000.0]),
        np.array([-2000.0]),
        np.array([0.8]),
        np.array([0.03]),
    )
    catalogue = StarCatalogue("Gaia", "V", 2016.0, codes, gaia)
    star = catalogue.cone(100.0, 60.0, 0.1, year=2026.0)
    assert (star.ra[0] - 100.0) * np.cos(np.radians(60.0)) * 3600 == pytest.approx(10.0, abs=1e-3)
    assert (star.dec[0] - 60.0) * 3600 == pytest.approx(-20.0, abs=1e-3)
    assert star.source_id[0] == 42
    assert catalogue.cone(100.0, 60.0, 0.1).dec[0] == pytest.approx(60.0, abs=1e-7)
