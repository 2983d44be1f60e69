#!/usr/bin/env bash
# Guess: a masked value that astropy writes to Parquet is a null there, as in other formats' missing
# values.
# Found: the number under the mask is written, and the mask goes into a column NAME.mask beside it. Only
# astropy puts the two together, and only while its own metadata are in the file: any other reader, and
# any file that another program has written again, has a magnitude of 99.9 where there was none.
# Whoever reads such files applies NAME.mask; whoever writes for others uses pyarrow.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    astropy==7.2.0 numpy==2.4.6 pyarrow==22.0.0 pandas==2.3.3 polars==1.35.2
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

import polars
from astropy.table import MaskedColumn, Table
from pyarrow import parquet

print(*(f"{name} {version(name)}" for name in ("astropy", "pyarrow", "polars")), sep=", ")
stars = Table({"ra": [1.0, 2.0], "v_mag": MaskedColumn([9.0, 99.9], mask=[False, True])})
stars.write("astropy.parquet")
table = parquet.read_table("astropy.parquet")
polars.read_parquet("astropy.parquet").write_parquet("rewritten.parquet")
found = {
    "columns": table.column_names,
    "by pyarrow": table.column("v_mag").to_pylist(),
    "by astropy": Table.read("astropy.parquet")["v_mag"].tolist(),
    "by astropy, written again by polars": Table.read("rewritten.parquet")["v_mag"].tolist(),
}
for what, value in found.items():
    print(f"{what}: {value}")
expected = {
    "columns": ["ra", "v_mag", "v_mag.mask"],
    "by pyarrow": [9.0, 99.9],
    "by astropy": [9.0, None],
    "by astropy, written again by polars": [9.0, 99.9],
}
sys.exit(0 if found == expected else "this has changed")
PYTHON
