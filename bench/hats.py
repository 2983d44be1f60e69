"""The light curves of a tile from the export, in DuckDB, beside the same from the site's MariaDB.

`./dev bench hats` fills a site with observations, has its export written, fetches a copy, and asks
both for all calibrated points in green of the stars in a HEALPix pixel of order 7, in turns. DuckDB
reads Parquet files; MariaDB computes the magnitudes of its rows in one query, as nobody need do who
asks `light_curve.php`. Both must find the same points. The times of the export are printed too.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import numpy as np
import pymysql

from bench.archive_stars import STARS, StarArchive, field_of, filled_with_stars
from crowdsky.catalogues.healpix import nested_of_ring
from crowdsky.client.client import Client
from crowdsky.hats.partition import write_partition
from crowdsky.net.connection import Api
from demo.services import Database
from tests.support.mariadb import MariaDb
from tests.support.rows import Rows
from worker.site import downloads, job_api
from worker.site.orders import HATS

Result = TypeVar("Result")
ORDER = 7
SAME_MAG = 1e-5

IN_MARIADB = """
  SELECT STRAIGHT_JOIN o.star_id, e.mjd_utc,
    -2.5 * LOG10(o.flux_g) + z.zero_point + z.colour_term * COALESCE(m.colour, 0)
      + z.u_term * (2 * o.x / (e.width - 1) - 1) + z.v_term * (2 * o.y / (e.height - 1) - 1)
      + z.uu_term * POW(2 * o.x / (e.width - 1) - 1, 2)
      + z.uv_term * (2 * o.x / (e.width - 1) - 1) * (2 * o.y / (e.height - 1) - 1)
      + z.vv_term * POW(2 * o.y / (e.height - 1) - 1, 2)
  FROM stars t JOIN star_observations o ON o.star_id = t.id
    JOIN epochs e ON e.id = o.epoch_id AND e.superseded_at IS NULL AND e.series_seconds = 0
    JOIN calibrations c ON c.field_id = e.field_id AND c.owner_id = 0 AND c.version =
      (SELECT MAX(n.version) FROM calibrations n WHERE n.field_id = c.field_id AND n.owner_id = 0)
    JOIN epoch_zero_points z
      ON z.calibration_id = c.id AND z.epoch_id = e.id AND z.band = 'G'
    LEFT JOIN star_calibrations m
      ON m.calibration_id = c.id AND m.star_id = t.id AND m.band = 'G'
  WHERE t.sky_pixel = %s AND o.flux_g > 0 ORDER BY o.star_id, e.mjd_utc"""
IN_DUCKDB = """
  SELECT star_id, mjd_utc, mag FROM read_parquet(?)
  WHERE _healpix_29 BETWEEN ? AND ? AND band = 'TG' AND calibration IS NOT NULL
    AND mag IS NOT NULL ORDER BY star_id, mjd_utc"""


def main(argv: Sequence[str]) -> int:
    """Measure and print; 1 when the two do not find the same points."""
    parser = argparse.ArgumentParser(prog="bench hats", description=__doc__)
    parser.add_argument("--observations", type=int, default=1_000_000, help="of the archive")
    parser.add_argument("--tiles", type=int, default=20, help="how many are asked for")
    options = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="crowdsky-hats-"))
    try:
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start", flush=True)
        with MariaDb() as server:
            database = server.new_database()
            with filled_with_stars(folder / "site", database, options.observations) as archive:
                copy = _exported(archive, folder)
                return _compare(archive, database, server, copy, options.tiles)
    finally:
        shutil.rmtree(folder)


def _exported(archive: StarArchive, folder: Path) -> Path:
    """Have the export written, as a worker does, and return a copy of it."""
    archive.site.create_user("boss", "not used here", admin=True)
    seconds, queued = _timed(lambda: archive.site.run_php("hats.php", "build"))
    print(f"# {seconds:.1f} s: {queued.strip()}", flush=True)
    api = Api.connect(archive.site.api_url, archive.site.create_worker_key("exporter"))
    spent = np.zeros(3)
    rows, output, jobs = folder / "rows.fits", folder / "partition.tar", 0
    while (job := job_api.get_next_job(api, "bench", uuid.uuid4().hex, (HATS,))) is not None:
        steps: list[Callable[[], Any]] = [
            lambda job=job: downloads.download_rows(api, job, rows),  # type: ignore[misc]
            lambda: write_partition(rows, output),
            lambda job=job: job_api.upload_export(api, job, output),  # type: ignore[misc]
        ]
        spent += [_timed(step)[0] for step in steps]
        jobs += 1
    told = ", ".join(
        f"{what} {seconds:.1f} s"
        for what, seconds in zip(("rows from the site", "Parquet", "upload"), spent, strict=True)
    )
    seconds, fetched = _timed(
        lambda: Client(archive.site.base_url, archive.key).fetch_export(folder / "copy")
    )
    print(f"# {jobs} partitions: {told}; copy of {fetched.bytes / 1e6:.1f} MB {seconds:.1f} s")
    print(f"# {fetched.rows}", flush=True)
    return folder / "copy"


def _compare(
    archive: StarArchive, database: Database, server: MariaDb, copy: Path, tiles: int
) -> int:
    with Rows(archive.site) as rows:
        stars = [field_of(1 + n % archive.fields).stars[n % STARS] for n in range(tiles)]
        wanted = [rows.one("SELECT sky_pixel FROM stars WHERE id = ?", star) for star in stars]
    pixels = [int(row["sky_pixel"]) for row in wanted]
    name = dict(part.split("=", 1) for part in database.dsn.split(":", 1)[1].split(";"))
    files = str(copy / "light_curves/dataset/Norder=*/Dir=*/*.parquet")
    times: dict[str, list[float]] = {"MariaDB": [], "DuckDB": []}
    points, worst = 0, 0.0
    with pymysql.connect(
        unix_socket=str(server.socket), database=name["dbname"],
        user=database.user, password=database.password,
    ) as link, duckdb.connect() as duck:  # fmt: skip
        # The server of tests has odd defaults.
        link.query("SET sql_big_selects = 1, sql_select_limit = DEFAULT, max_statement_time = 0")
        link.query(f"SET sql_select_limit = {2**63}")
        for pixel in pixels:
            seconds, mine = _timed(lambda pixel=pixel: _in_mariadb(link, pixel))  # type: ignore[misc]
            times["MariaDB"].append(seconds)
            seconds, theirs = _timed(lambda pixel=pixel: _in_duckdb(duck, files, pixel))  # type: ignore[misc]
            times["DuckDB"].append(seconds)
            if mine.shape != theirs.shape or not np.array_equal(mine[:, 0], theirs[:, 0]):
                print(f"pixel {pixel}: {len(mine)} points in MariaDB, {len(theirs)} in DuckDB")
                return 1
            points += len(mine)
            worst = max(worst, float(np.abs(mine[:, 2] - theirs[:, 2]).max(initial=0.0)))
    print("| light curves of a tile | median | slowest |\n|---|---|---|")
    for name_of, spent in times.items():
        median, slowest = 1000 * statistics.median(spent), 1000 * max(spent)
        print(f"| {name_of}, {points / tiles:.0f} points | {median:.0f} ms | {slowest:.0f} ms |")
    print(f"largest difference {1e6 * worst:.1f} µmag")
    return int(worst > SAME_MAG)


def _in_mariadb(link: Any, pixel: int) -> np.ndarray:
    with link.cursor() as cursor:
        cursor.execute(IN_MARIADB, (pixel,))
        return np.array(cursor.fetchall(), dtype=float).reshape(-1, 3)


def _in_duckdb(duck: duckdb.DuckDBPyConnection, files: str, pixel: int) -> np.ndarray:
    nested = int(nested_of_ring(ORDER, np.array([pixel]))[0])
    shift = 2 * (29 - ORDER)
    bounds = [nested << shift, (nested + 1 << shift) - 1]
    found = duck.execute(IN_DUCKDB, [files, *bounds]).fetchnumpy()
    return np.stack([np.asarray(column, float) for column in found.values()], axis=1)


def _timed(work: Callable[[], Result]) -> tuple[float, Result]:
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result
