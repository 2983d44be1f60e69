#!/usr/bin/env bash
# Guess: `Table.read` of astropy gives a column of 64-bit integers in Parquet as integers, masked where
# there is a null, as it does for FITS and ECSV.
# Found: one null makes the whole column float64 (it is read by way of pandas), without a warning. A
# float keeps 16 of the 19 digits of Gaia's source_id: neighbours come to have the same id. Whoever
# needs the ids reads the column by pyarrow, and refuses ids that arrive as floats.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    astropy==7.2.0 numpy==2.4.6 pyarrow==22.0.0 pandas==2.3.3
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys
import warnings
from importlib.metadata import version

import pyarrow as pa
from astropy.table import Table
from pyarrow import parquet

warnings.simplefilter("error")
print(*(f"{name} {version(name)}" for name in ("astropy", "pyarrow", "pandas")), sep=", ")
IDS = [4_000_000_000_000_000_001, 4_000_000_000_000_000_002]
parquet.write_table(pa.table({"source_id": pa.array(IDS)}), "whole.parquet")
parquet.write_table(pa.table({"source_id": pa.array([*IDS, None])}), "null.parquet")
found = {}
for name in ("whole", "null"):
    column = Table.read(f"{name}.parquet")["source_id"]
    found[name] = (str(column.dtype), column[0] == column[1])
    print(f"{name}: {column.dtype}, the two ids are", "the same" if found[name][1] else "different")
exact = parquet.read_table("null.parquet").column("source_id").to_pylist()
print("by pyarrow:", exact)
expected = {"whole": ("int64", False), "null": ("float64", True)}
sys.exit(0 if found == expected and exact == [*IDS, None] else "this has changed")
PYTHON
