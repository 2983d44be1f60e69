"""The options of the command ``ingest``; importing them loads nothing heavy."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "send light frames from a disk to the site"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options; `command.run` runs what they ask for."""
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="a folder, or a single file"
    )
    parser.add_argument("--site", metavar="URL", help="the site (default: CROWDSKY_API_URL)")
    parser.add_argument("--user", metavar="NAME", help="the account (default: CROWDSKY_USERNAME)")
    parser.add_argument(
        "--dry-run", action="store_true", help="send nothing; say what would be sent, in numbers"
    )
    parser.add_argument(
        "--watch",
        action="store_true",
        help="go on until stopped: send frames as the folder fills, submit each chunk once whole",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    parser.set_defaults(refuse=parser.error)
