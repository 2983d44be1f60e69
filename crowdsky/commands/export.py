"""`crowdsky export fetch`: a copy of all public light curves, as Parquet files."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any


def add_parser(commands: Any) -> None:
    """Add the subcommand to the parsers of `crowdsky`."""
    parser = commands.add_parser("export", help="all public light curves as Parquet files")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    action = actions.add_parser(
        "fetch",
        help="bring a folder to the state of the export",
        description="Will fetch what is new in the export of CROWDSKY_API_URL, and remove from the "
        "folder what has left it. A fetch that was interrupted is continued.",
    )
    action.add_argument("folder", type=Path, help="where the copy is, or is to be")
    action.add_argument(
        "--catalogue", action="append", default=[], metavar="NAME",
        help="only this one: stars, light_curves or series; may be given several times",
    )  # fmt: skip
    action.add_argument(
        "--verify", action="store_true", help="compare all files by hash, also those from earlier"
    )
    action.set_defaults(run=_fetch)


def _fetch(options: argparse.Namespace) -> None:
    from crowdsky.client.client import Client

    fetched = Client().fetch_export(options.folder, *options.catalogue, verify=options.verify)
    sys.stdout.write(
        f"{fetched.new} of {fetched.files} files fetched ({fetched.bytes / 1e6:.1f} MB), "
        f"{fetched.removed} removed\n"
    )
    for name, rows in fetched.rows.items():
        pattern = options.folder / name / "dataset" / "Norder=*" / "Dir=*" / "*.parquet"
        sys.stdout.write(f"{name}: {rows} rows in {pattern}\n")
