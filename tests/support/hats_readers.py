"""Opens an export with hats, LSDB, DuckDB and polars; runs in an environment of their own.

Takes one JSON object (``folder``, ``url``, ``key``, ``ra``, ``dec``, ``radius`` in arcsec and
``star``) as its argument and prints another one with what each reader found.
"""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

import dask
import duckdb
import hats
import lsdb
import polars
from hats.io.validation import is_valid_catalog
from upath import UPath

GLOB = "dataset/Norder=*/Dir=*/*.parquet"


def main() -> None:
    """Ask each reader the same questions."""
    wish = json.loads(sys.argv[1])
    dask.config.set(scheduler="synchronous")
    warnings.filterwarnings("ignore", message=".*margin.*")
    folder, star = wish["folder"], wish["star"]
    headers = {"Authorization": f"Bearer {wish['key']}"}
    remote = UPath(wish["url"], client_kwargs={"headers": headers})
    found: dict[str, Any] = {
        "valid": {
            name: is_valid_catalog(f"{folder}/{name}", strict=False)
            for name in ("stars", "light_curves")
        },
        "collection": type(hats.read_hats(folder)).__name__,
        "lsdb": by_lsdb(folder, wish),
        "lsdb over HTTP": by_lsdb(remote, wish),
        "polars over HTTP": over_http(wish, headers),
    }
    curves, stars = f"{folder}/light_curves/{GLOB}", f"{folder}/stars/{GLOB}"
    question = "SELECT bjd_tdb, band, mag, calibration FROM read_parquet(?) WHERE star_id = ?"
    found["duckdb"] = {
        "rows": duckdb.execute("SELECT count(*) FROM read_parquet(?)", [curves]).fetchall()[0][0],
        "stars": duckdb.execute("SELECT count(*) FROM read_parquet(?)", [stars]).fetchall()[0][0],
        "curve": duckdb.execute(f"{question} ORDER BY ALL", [curves, star]).fetchall(),
    }
    lazy = polars.scan_parquet(curves)
    chosen = lazy.filter(polars.col("star_id") == star)
    found["polars"] = {
        "rows": lazy.select(polars.len()).collect().item(),
        "curve": chosen.select("bjd_tdb", "band", "mag", "calibration").collect().rows(),
        "gaia_id": str(polars.scan_parquet(stars).collect().schema["gaia_id"]),
    }
    sys.stdout.write(json.dumps(found))


def by_lsdb(place: Any, wish: dict[str, Any]) -> dict[str, Any]:
    """Open both catalogues, search a cone, and nest the light curves of all stars in it."""
    stars, curves = (
        lsdb.open_catalog(f"{place}/{name}")
        if isinstance(place, str)
        else lsdb.open_catalog(place / name)
        for name in ("stars", "light_curves")
    )
    cone = stars.cone_search(wish["ra"], wish["dec"], wish["radius"])
    inside = cone.compute()
    nested = stars.join_nested(
        curves, left_on="star_id", right_on="star_id", nested_column_name="light_curve"
    ).compute()
    points = nested[nested["star_id"] == wish["star"]]["light_curve"].iloc[0]
    rows = points.sort_values(["bjd_tdb", "band"])[["bjd_tdb", "band", "mag", "calibration"]]
    missing = rows["calibration"].isna()
    return {
        "rows": len(curves),
        "computed": len(curves.compute()),
        "nested": int(sum(len(part) for part in nested["light_curve"])),
        "stars": len(stars),
        "cone": sorted(int(one) for one in inside["star_id"]),
        "gaia_id": str(stars.dtypes["gaia_id"]),
        "curve": [
            [row.bjd_tdb, row.band, row.mag, None if gone else int(row.calibration)]
            for row, gone in zip(rows.itertuples(), missing, strict=True)
        ],
    }


def over_http(wish: dict[str, Any], headers: dict[str, str]) -> int:
    """Count the rows of the files that the manifest names."""
    files = UPath(wish["url"], client_kwargs={"headers": headers})
    listed = json.loads((files / "MANIFEST.json").read_text())["files"]
    names = [one["name"] for one in listed if one["name"].endswith(".parquet")]
    parts = [name for name in names if name.startswith("light_curves/")]
    return sum(len(polars.read_parquet((files / name).read_bytes())) for name in parts)


main()
