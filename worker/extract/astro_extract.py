"""`astro-extract --image PATH`: solve one picture and print one JSON object.

::

    python -m worker.extract --image PATH [--scale-low DEG --scale-high DEG] [--downsample N]
                             [--timeout S]

Exit code 0 solved, 1 no such image, 2 not solved. Environment: INDEX_DIR (index files of
astrometry.net), SOLVERS (names in order), CACHE_DIR (where the decoded catalogue is kept).
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from worker.errors import ConfigurationError
from worker.extract.solve_image import (
    DEFAULT_TIMEOUT,
    EXIT_NOT_SOLVED,
    SolveAnswer,
    SolveOptions,
    solve_image,
)
from worker.solving.catalogue import open_tycho2
from worker.solving.lineup import DEFAULT_SOLVERS, make_solvers
from worker.terminal import private_stdout

DEFAULT_INDEX_DIR = "/usr/share/astrometry"
DEFAULT_CACHE_DIR = "~/.cache/crowdsky"


def main(
    arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ
) -> int:
    """Solve the picture the arguments name and return the exit code."""
    options = _parser().parse_args(arguments)
    # Whatever a library prints goes to standard error: callers read one JSON object.
    with private_stdout() as channel:
        answer = _solve(options, environment)
        channel.write(json.dumps(answer.json, ensure_ascii=False, indent=2).encode() + b"\n")
    return answer.exit_code


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that every command which solves pictures has."""
    number = _positive_number
    parser.add_argument(
        "--scale-low", type=number, metavar="DEG", help="narrowest field width, degrees"
    )
    parser.add_argument(
        "--scale-high", type=number, metavar="DEG", help="widest field width, degrees"
    )
    parser.add_argument(
        "--downsample", type=_bin_size, metavar="N", help="average N x N pixels before detection"
    )
    parser.add_argument(
        "--timeout", type=number, default=DEFAULT_TIMEOUT, metavar="S", help="seconds for solving"
    )


def solve_options(options: argparse.Namespace) -> SolveOptions:
    """The record of those options; raises ConfigurationError when the scales do not fit."""
    low, high = options.scale_low, options.scale_high
    if (low is None) != (high is None) or (low is not None and low > high):
        raise ConfigurationError(
            "cannot use the range of field widths",
            why="--scale-low and --scale-high go together, the smaller first",
        )
    return SolveOptions(low, high, options.downsample, options.timeout)


def _solve(options: argparse.Namespace, environment: Mapping[str, str]) -> SolveAnswer:
    path = Path(options.image)
    try:
        wanted = solve_options(options)
        index_dir = Path(environment.get("INDEX_DIR") or DEFAULT_INDEX_DIR)
        cache_dir = Path(environment.get("CACHE_DIR") or DEFAULT_CACHE_DIR).expanduser()
        names = environment.get("SOLVERS", "").replace(",", " ").split() or DEFAULT_SOLVERS
        catalogue = open_tycho2(index_dir, cache_dir)
        solvers = make_solvers(names, index_dir, catalogue)
    except ConfigurationError as error:
        answer = {"ok": False, "error": str(error), "image": str(path), "capture": {}}
        return SolveAnswer(answer, EXIT_NOT_SOLVED)
    return solve_image(path, solvers, catalogue, wanted)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="astro-extract", description="Solve a picture and print where it points, as JSON."
    )
    parser.add_argument("--image", required=True, help="FITS, JPEG or PNG")
    add_options(parser)
    return parser


def _positive_number(text: str) -> float:
    number = float(text)
    if not 0.0 < number < 1e6:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


def _bin_size(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 16:
        raise argparse.ArgumentTypeError("1 to 16 pixels can be averaged")
    return number
