"""Gaia in tiles: what a cone finds, where stars are kept, and that no star is lost or doubled."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from crowdsky.catalogues.gaia_tiles import GaiaTiles
from crowdsky.catalogues.healpix import centres, pixels_at
from crowdsky.catalogues.star_rows import StarRows, joined
from crowdsky.catalogues.tile_folder import MANIFEST, TileFolder, tile_of
from crowdsky.solving.catalogue import CatalogueUnavailableError
from crowdsky.solving.tan import separation
from tests.support.gaia_fields import gaia_ids, gaia_rows, random_colours, write_tiles

PLACE = (315.4, 68.2)


def field(count: int = 3000, spread: float = 3.0, seed: int = 1) -> StarRows:
    rng = np.random.default_rng(seed)
    dec = PLACE[1] + rng.uniform(-spread, spread, count)
    ra = np.mod(PLACE[0] + rng.uniform(-spread, spread, count) / np.cos(np.radians(dec)), 360.0)
    return gaia_rows(ra, dec, rng.uniform(8, 17, count), random_colours(count, rng))


def test_a_cone_finds_exactly_the_stars_within(tmp_path: Path) -> None:
    rows = field()
    write_tiles(tmp_path, rows)
    stars = GaiaTiles(tmp_path).cone(*PLACE, 1.5)
    inside = separation(*PLACE, rows.ra, rows.dec) <= 1.5
    assert sorted(stars.source_id) == sorted(rows.source_id[inside])
    assert (np.diff(stars.g_mag) >= 0).all()
    row = int(np.flatnonzero(rows.source_id == stars.source_id[0])[0])
    assert (stars.ra[0], stars.dec[0]) == (rows.ra[row], rows.dec[row])
    assert stars.g_mag[0] == pytest.approx(rows.phot_g_mean_mag[row], abs=1e-6)
    assert stars.bp_rp[0] == pytest.approx(rows.bp_rp[row], abs=1e-6)


def test_motions_bring_stars_into_the_cone_and_out_of_it(tmp_path: Path) -> None:
    """Barnard's star: 10.36 arcsec a year to the north."""
    ra, dec = np.array([100.0, 100.0]), np.array([59.9, 60.0995])
    write_tiles(tmp_path, gaia_rows(ra, dec, np.full(2, 9.5), np.full(2, 2.0), pmdec=10_362.0))
    near = GaiaTiles(tmp_path).cone(100.0, 60.0, 0.1, year=2026.0)
    assert near.source_id.tolist() == [int(gaia_ids(ra, dec)[0])]
    assert (near.dec[0] - 59.9) * 3600 == pytest.approx(103.62, abs=1e-3)
    before = GaiaTiles(tmp_path).cone(100.0, 60.0, 0.0999, year=2006.0)
    assert before.source_id.tolist() == [int(gaia_ids(ra, dec)[1])]


def test_a_star_is_kept_in_the_tile_of_its_id() -> None:
    """So a service that lists by id, and a file, agree about stars at a border."""
    inside = np.array([[1234 << 14, (1234 << 14) + 16383]])
    ra, dec = centres(12, inside[0])
    rows = gaia_rows(ra, dec, np.full(2, 9.0), np.full(2, 0.8))
    moved = replace(rows, ra=rows.ra + 0.004, dec=rows.dec + 0.004)
    assert tile_of(moved).tolist() == [1234, 1234]
    own_numbers = replace(moved, source_id=np.array([1, 2]))
    np.testing.assert_array_equal(tile_of(own_numbers), pixels_at(5, moved.ra, moved.dec))
    elsewhere = replace(moved, source_id=rows.source_id + (99 << 49))
    np.testing.assert_array_equal(tile_of(elsewhere), pixels_at(5, moved.ra, moved.dec))
    negative = replace(moved, source_id=np.array([-5, np.iinfo(np.int64).max]))
    np.testing.assert_array_equal(tile_of(negative), pixels_at(5, moved.ra, moved.dec))


def test_adding_again_doubles_nothing_and_keeps_the_newest(tmp_path: Path) -> None:
    rows = field(200)
    nameless = replace(field(50, seed=2), source_id=np.zeros(50, np.int64))
    both = joined([rows, nameless])
    write_tiles(tmp_path, both, complete_to=15.0)
    corrected = replace(both, phot_g_mean_mag=both.phot_g_mean_mag + 0.5)
    write_tiles(tmp_path, corrected)
    stars = GaiaTiles(tmp_path).cone(*PLACE, 10.0)
    assert len(stars) == 250
    np.testing.assert_allclose(np.sort(stars.g_mag), np.sort(corrected.phot_g_mean_mag), atol=1e-5)
    assert {tile.complete_to for tile in TileFolder(tmp_path).index().values()} == {15.0}


def test_a_star_in_two_tiles_is_found_once(tmp_path: Path) -> None:
    """A service may list it by id where a file had it by its position."""
    rows = field(1)
    (pixel,) = tile_of(rows)
    folder = TileFolder(tmp_path)
    ra, dec = centres(5, np.arange(12288))
    other = int(np.argsort(separation(*PLACE, ra, dec))[1])
    with folder.writing() as index:
        folder.add(index, int(pixel), rows)
        folder.add(index, other, rows)
    assert len(GaiaTiles(tmp_path).cone(*PLACE, 5.0)) == 1


def test_tiles_are_plain_parquet_with_nulls(tmp_path: Path) -> None:
    rows = field(20)
    rows = replace(
        rows, source_id=np.where(np.arange(20) == 3, 0, rows.source_id),
        bp_rp=np.where(np.arange(20) % 2, np.nan, rows.bp_rp),
    )  # fmt: skip
    folder = write_tiles(tmp_path, rows)
    tables = [parquet.read_table(path) for path in folder.files().values()]
    table = pa.concat_tables(tables)
    assert table.column("source_id").null_count == 1
    assert table.column("bp_rp").null_count == 10
    assert table.column("v_mag").null_count == 20
    assert table.schema.field("source_id").type == pa.int64()
    index = json.loads((tmp_path / MANIFEST).read_text())
    assert index["rows"] == 20
    assert sum(part["rows"] for part in index["parts"].values()) == 20


def test_tiles_of_seestar_photometry_are_read(tmp_path: Path) -> None:
    """Four digits in the folder's name, another index, synthetic V, columns of texts and flags."""
    rows = field(30, spread=0.1)
    (pixel,) = np.unique(tile_of(rows))
    part = tmp_path / f"hpx5={pixel:04d}" / "part.parquet"
    part.parent.mkdir()
    parquet.write_table(
        pa.table({
            "source_id": rows.source_id, "ra": rows.ra, "dec": rows.dec,
            "phot_g_mean_mag": rows.phot_g_mean_mag.astype("f4"),
            "bp_rp": rows.bp_rp.astype("f4"), "v_jkc_mag": np.full(30, 12.5, "f4"),
            "phot_variable_flag": pa.array(["VARIABLE", None, ""] * 10).dictionary_encode(),
            "v_jkc_flag": pa.array([True, None, False] * 10),
        }), part,
    )  # fmt: skip
    entry = {"sha256": "0" * 64, "bytes": 5, "rows": 30, "else": 1}
    (tmp_path / MANIFEST).write_text(json.dumps({"parts": {str(pixel): entry}, "v_limit": 17.5}))
    stars = GaiaTiles(tmp_path).cone(*PLACE, 1.0)
    assert len(stars) == 30
    assert (stars.mag == 12.5).all() and (stars.mag_error == 0.02).all()


def test_a_tile_that_is_not_there_is_wanted_once_it_was_looked_for(tmp_path: Path) -> None:
    rows = field(500)
    folder = write_tiles(tmp_path, rows)
    pixel = int(tile_of(rows)[0])
    folder.file(pixel).unlink()
    gaia = GaiaTiles(tmp_path)
    assert gaia.missing(rows.ra[0], rows.dec[0], 0.01) == (pixel,)
    folder.want(pixel)
    folder.want(pixel)
    assert folder.wanted() == [pixel]
    with folder.writing() as index:
        folder.add(index, pixel, rows.take(tile_of(rows) == pixel))
    assert folder.wanted() == []
    assert GaiaTiles(tmp_path).missing(rows.ra[0], rows.dec[0], 0.01) == ()


def test_an_empty_folder_has_no_stars(tmp_path: Path) -> None:
    gaia = GaiaTiles(tmp_path / "none")
    assert len(gaia.cone(*PLACE, 1.0)) == 0
    assert gaia.missing(*PLACE, 0.5)


def test_a_damaged_tile_is_named(tmp_path: Path) -> None:
    rows = field(50, spread=0.1)
    folder = write_tiles(tmp_path, rows)
    path = folder.file(int(tile_of(rows)[0]))
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(CatalogueUnavailableError, match=r"part\.parquet"):
        GaiaTiles(tmp_path).cone(*PLACE, 1.0)


@pytest.mark.parametrize("text", ["{", "[]", '{"parts": 3}', '{"parts": {"x": {}}}'])
def test_a_damaged_index_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(CatalogueUnavailableError, match="could not read the index"):
        TileFolder(tmp_path).index()
