"""hats, LSDB, DuckDB and polars open the export, from a disk and over HTTP."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from crowdsky.client.client import Client
from tests.contract.hats.conftest import DEC, MJD, RA, export_all, fill
from tests.contract.hats.test_partitions import PLACES
from tests.contract.jobs.support import Worker
from tests.contract.site.test_data_api import Reader
from tests.support.real_clients import environment_of
from tests.support.sites import SiteUnderTest

DRIVER = Path(__file__).parents[2] / "support" / "hats_readers.py"
TOOLS = ("lsdb==0.11.1", "hats==0.11.1", "duckdb==2.0.1", "polars==2.1.0", "aiohttp==3.14.5")
RADIUS = 1800.0
"""Radius of the cone, arcsec."""


@pytest.mark.every
def test_readers_find_every_row(borrow_site: Callable[..., SiteUnderTest], tmp_path: Path) -> None:
    python = environment_of(*TOOLS)
    site = borrow_site("sqlite", {"CROWDSKY_EXPORT_PARTITION_OBSERVATIONS": "4"})
    archive = fill(site)
    light = archive.light
    near = [light.star(RA + step * 0.2, DEC - step * 0.15, gaia_id=None) for step in range(-4, 5)]
    for star in [*near, *(light.star(ra, dec) for ra, dec in PLACES)]:
        for epoch in archive.epochs:
            light.observe(star, epoch, 500.0 + star)
    worker = Worker(site, site.create_worker_key("exporter"))
    assert export_all(archive, worker) > 8, "partitions of several orders"
    Client(site.base_url, archive.key).fetch_export(tmp_path)
    url = f"{site.api_url}/hats.php"
    wish = {"folder": str(tmp_path), "url": url, "key": archive.key, "star": archive.star,
            "ra": RA, "dec": DEC, "radius": RADIUS}  # fmt: skip
    done = subprocess.run(
        [str(python), str(DRIVER), json.dumps(wish)],
        capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)

    reader = Reader(site, archive.key)
    stars, rows = len(near) + len(PLACES) + 1, 6 * (len(near) + len(PLACES) + 1)
    assert archive.manifest()["catalogues"]["light_curves"]["rows"] == rows
    cone = {"ra": RA, "dec": DEC, "radius": RADIUS / 3600}
    expected = sorted(one["id"] for one in reader.get("stars.php", **cone).json()["stars"])
    assert 2 < len(expected) < len(near)
    points = reader.get("light_curve.php", star=archive.star).json()["points"]
    assert found["valid"] == {"stars": True, "light_curves": True}
    assert found["collection"] == "CatalogCollection"
    for name in ("lsdb", "lsdb over HTTP"):
        answer = found[name]
        counts = [answer[what] for what in ("rows", "computed", "nested", "stars")]
        assert counts == [rows, rows, rows, stars], name
        assert answer["cone"] == expected, name
        assert "int64" in answer["gaia_id"].lower(), name
    assert found["duckdb"]["rows"] == found["polars"]["rows"] == found["polars over HTTP"] == rows
    assert found["duckdb"]["stars"] == stars
    assert found["polars"]["gaia_id"] == "Int64"
    order = sorted(points, key=lambda point: (point["mjd_utc"], point["band"]))
    for name in ("lsdb", "lsdb over HTTP", "duckdb", "polars"):
        curve = sorted(found[name]["curve"], key=lambda row: (row[0], row[1]))
        assert len(curve) == len(order), name
        for (bjd, band, mag, version), point in zip(curve, order, strict=True):
            assert (band, mag) == (point["band"], pytest.approx(point["mag"], abs=1e-5)), name
            assert bjd == pytest.approx(point["bjd_tdb"], abs=1.2e-6), name
            assert (None if version is None else str(version)) == point["calibration"], name
    assert points[0]["bjd_tdb"] - 2400000 > MJD
