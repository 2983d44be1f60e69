#!/usr/bin/env bash
# Guess: a cone search of LSDB compares the ra and dec of all rows in the partitions that it meets, so
# that a row is found if it is in the right file.
# Found: rows are first chosen by `_healpix_29`. A row in the right file whose index is that of another
# place is in no cone around it, though `compute` of the whole catalogue has it. Programs round
# differently on the border of pixels: whoever writes partitions by their own arithmetic must give a star
# on the border an index inside its partition.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check hats==0.11.1 lsdb==0.11.1
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import dask
import lsdb
import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

dask.config.set(scheduler="synchronous")
print(*(f"{name} {version(name)}" for name in ("hats", "lsdb")), sep=", ")
chance = np.random.default_rng(1)
dec = np.degrees(np.arcsin(chance.uniform(-1, 1, 12_000)))
rows = pd.DataFrame({"id": np.arange(12_000), "ra": chance.uniform(0, 360, 12_000), "dec": dec})
made = lsdb.from_dataframe(rows, ra_column="ra", dec_column="dec", lowest_order=0, highest_order=0)
made.write_catalog("sky", catalog_name="sky", as_collection=False)
warnings.simplefilter("error")
warnings.simplefilter("ignore", DeprecationWarning)  # of pandas, about its next version
(path,) = Path("sky").glob("dataset/Norder=0/Dir=0/Npix=3.parquet")
table = parquet.read_table(path)
star = table.slice(0, 1).to_pylist()[0]


def found():
    catalogue = lsdb.open_catalog("sky")
    return len(catalogue.cone_search(star["ra"], star["dec"], 5.0).compute()), len(catalogue.compute())


before = found()
index = np.asarray(table["_healpix_29"]).copy()
index[0] = (4 << 58) - 1 if star["_healpix_29"] < (7 << 57) else 3 << 58  # elsewhere in the file's pixel
place = table.schema.get_field_index("_healpix_29")
parquet.write_table(table.set_column(place, "_healpix_29", pa.array(index)), path)
after = found()
print("right index: in a cone around it, in all", *before)
print("another index of the same partition: in a cone around it, in all", *after)
sys.exit(0 if before == (1, 12_000) and after == (0, 12_000) else "this has changed")
PYTHON
