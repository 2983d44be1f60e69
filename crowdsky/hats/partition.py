"""Writes the files of a partition into one tar file, as the site takes them.

In it are, of each table with rows, ``TABLE.parquet`` and its schema, ``TABLE.schema`` (the
``_common_metadata`` of HATS), and ``export.json``: the layout, the fingerprint of the rows that the
site has sent, and the number of rows of each table.
"""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from crowdsky.base.errors import BadDataError
from crowdsky.hats.cell import read_cell
from crowdsky.hats.rows import tables_of
from crowdsky.hats.tables import LAYOUT, SPATIAL_INDEX

ROW_GROUP = 65_536
"""Rows of a group: readers skip the groups in which a star cannot be."""


def write_partition(rows: Path, output: Path) -> dict[str, int]:
    """Write a partition.

    Args:
        rows: the file of the site.
        output: where the tar file appears.

    Returns:
        number of rows of each table that has any.

    Raises:
        BadDataError: the rows are not those of a partition, or of another version of the tables.
        OSError: a file cannot be read or written.
    """
    cell = read_cell(rows)
    if cell.layout != LAYOUT:
        raise BadDataError(
            "the light curves cannot be exported",
            why=f"the site wants layout {cell.layout} of the tables, this worker has {LAYOUT}",
            hint="update the older one",
        )
    tables = {str(catalogue): table for catalogue, table in tables_of(cell).items()}
    counts = {name: table.num_rows for name, table in tables.items()}
    report = {"layout": LAYOUT, "content": cell.content, "rows": counts}
    with tarfile.open(output, "w", format=tarfile.USTAR_FORMAT) as tar:
        _add(tar, "export.json", json.dumps(report).encode())
        for name, table in tables.items():
            _add(tar, f"{name}.parquet", parquet_of(table))
            _add(tar, f"{name}.schema", _schema_of(table))
    return counts


def parquet_of(table: pa.Table) -> bytes:
    """Return a sorted table as a Parquet file."""
    stream = io.BytesIO()
    by_place = parquet.SortingColumn(table.schema.get_field_index(SPATIAL_INDEX))
    parquet.write_table(
        table,
        stream,
        row_group_size=ROW_GROUP,
        compression="zstd",
        sorting_columns=[by_place],
        write_page_index=True,
    )
    return stream.getvalue()


def _schema_of(table: pa.Table) -> bytes:
    stream = io.BytesIO()
    parquet.write_metadata(table.schema, stream)
    return stream.getvalue()


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))
