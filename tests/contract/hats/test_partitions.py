"""How the export is divided: no star is lost or doubled, also while it is divided anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from astropy import units as u
from astropy_healpix import HEALPix
from pyarrow import parquet

from tests.contract.hats.conftest import DEC, MJD, RA, Archive, export_all, fill
from tests.contract.hats.exporting import do_job
from tests.contract.jobs.support import Worker
from tests.support.sites import SiteUnderTest
from tests.support.worker_process import run_worker

pytestmark = pytest.mark.one_database
PLACES = [
    (0.0, 0.0),
    (359.9999999, 0.0),
    (45.0, 41.8103148957786),
    (120.0, 90.0),
    (0.0, -90.0),
    (180.0, 30.0),
    (300.5, -47.25),
    (0.0, 41.8103148957786),
    (90.0, -41.8103148957786),
]
"""The poles, RA 0, and corners of many pixels; rounding decides in which of them these lie."""


def published(archive: Archive) -> dict[tuple[int, int], pa.Table]:
    """Read the stars of each partition."""
    found = {}
    for name in (file["name"] for file in archive.manifest()["files"]):
        if name.startswith("stars/dataset/Norder="):
            order, _, pixel = (int(part.split("=")[1]) for part in Path(name[:-8]).parts[2:])
            answer = archive.get(name)
            found[order, pixel] = parquet.read_table(pa.BufferReader(answer.content))
    return found


def test_stars_on_borders_are_found_in_their_partition(
    archive: Archive, export: Callable[[], int]
) -> None:
    border = [archive.light.star(ra, dec) for ra, dec in PLACES]
    for star in border:
        archive.light.observe(star, archive.epochs[0])
    export()
    ids: list[int] = []
    for (order, pixel), table in published(archive).items():
        index = np.asarray(table["_healpix_29"])
        assert set(index >> 2 * (29 - order)) == {pixel}
        assert list(index) == sorted(index)
        ids += table["star_id"].to_pylist()
        grid = HEALPix(nside=1 << 29, order="nested")
        lon, lat = grid.healpix_to_lonlat(index)
        ra, dec = np.radians(table["ra"]), np.radians(table["dec"])
        apart = np.hypot((lon.to_value(u.rad) - ra + np.pi) % (2 * np.pi) - np.pi, 0) * np.cos(dec)
        assert np.degrees(apart).max() * 3600 < 0.3
        assert np.degrees(np.abs(lat.to_value(u.rad) - dec)).max() * 3600 < 0.3
    assert sorted(ids) == sorted([archive.star, *border])
    manifest = archive.manifest()
    assert manifest["catalogues"]["stars"]["rows"] == len(ids)


@pytest.fixture
def crowded(borrow_site: Callable[..., SiteUnderTest]) -> Archive:
    """An archive that divides partitions of more than three observations."""
    return fill(borrow_site("sqlite", {"CROWDSKY_EXPORT_PARTITION_OBSERVATIONS": "3"}))


def rows_and_orders(archive: Archive) -> tuple[int, list[int]]:
    """The number of light-curve rows that are shown, and the orders of the partitions."""
    listed = archive.manifest()
    files = [file["name"] for file in listed["files"] if "light_curves/dataset/N" in file["name"]]
    orders = sorted(int(name.split("Norder=")[1].split("/")[0]) for name in files)
    info = archive.get("light_curves/partition_info.csv").text.split()
    assert sorted(int(line.split(",")[0]) for line in info[1:]) == orders
    return listed["catalogues"]["light_curves"]["rows"], orders


def test_partitions_are_divided_and_joined_without_a_gap(crowded: Archive) -> None:
    worker = Worker(crowded.site, crowded.site.create_worker_key("exporter"))
    near = [crowded.light.star(RA + 1.5 * step, DEC) for step in (1, 2)]
    export_all(crowded, worker)
    assert rows_and_orders(crowded) == (6, [3])
    for star in near:
        for epoch in crowded.epochs:
            crowded.light.observe(star, epoch)
    assert "1 up to date" in crowded.build(), "an epoch never gets other observations"
    for day in (5, 6):
        epoch = crowded.light.epoch_of(2, crowded.field, MJD + day)
        for star in (crowded.star, *near):
            crowded.light.observe(star, epoch)

    crowded.site.rows.execute("DELETE FROM hats_epochs")
    queued = crowded.build()
    leases = []
    while (lease := worker.try_claim(kinds="hats")) is not None:
        leases.append(lease)
    assert len(leases) >= 2
    assert queued.startswith(f"{len(leases)} partitions queued")
    for lease in leases[:-1]:
        assert rows_and_orders(crowded) == (6, [3]), (
            "the old ones stay until all new ones are there"
        )
        assert do_job(worker, lease).status_code == 200
    assert do_job(worker, leases[-1]).status_code == 200
    total, orders = rows_and_orders(crowded)
    assert (total, len(orders)) == (36, len(leases))
    assert min(orders) > 3

    hidden = "UPDATE stacked_frames SET visibility = 'private' WHERE id = 2"
    crowded.site.rows.execute(hidden)
    crowded.build()
    assert rows_and_orders(crowded) == (36, orders)
    assert export_all(crowded, worker) == 1
    assert rows_and_orders(crowded) == (9, [3])


def test_files_that_are_lost_are_written_again(archive: Archive, export: Callable[[], int]) -> None:
    export()
    for path in (archive.site.data_dir / "sky/hats").iterdir():
        path.unlink()
    assert archive.get("MANIFEST.json").status_code == 404
    assert export() == 1
    assert archive.manifest()["catalogues"]["light_curves"]["rows"] == 6


def test_real_worker_exports(archive: Archive, tmp_path: Path) -> None:
    archive.build()
    key = archive.site.create_worker_key("exporter")
    settings = {"API_BASE_URL": archive.site.api_url, "WORKER_API_KEY": key}
    done = run_worker(tmp_path, settings, "--once")
    assert done.returncode == 0, done.stderr
    assert "has 7 rows" in done.stderr
    assert archive.manifest()["catalogues"]["light_curves"]["rows"] == 6
    assert "1 up to date" in archive.build()
