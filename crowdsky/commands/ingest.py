"""`crowdsky ingest PATH...`: light frames from a disk to the site."""

from __future__ import annotations

import argparse
import json
from contextlib import nullcontext
from typing import Any

from crowdsky.base.errors import CrowdSkyError
from crowdsky.base.terminal import private_stdout
from crowdsky.client.ingest import options as ingest_options


def add_parser(commands: Any) -> None:
    """Add the subcommand to the parsers of `crowdsky`."""
    parser = commands.add_parser(
        "ingest",
        help=ingest_options.HELP,
        description=f"Will {ingest_options.HELP}, those that it lacks.",
    )
    ingest_options.add_options(parser)
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from crowdsky.client.ingest import command

    channel = private_stdout() if options.json else None
    with channel or nullcontext():
        try:
            return command.run(options, channel)
        except CrowdSkyError as error:
            if channel is not None:
                channel.write(json.dumps({"error": str(error)}).encode() + b"\n")
            raise
