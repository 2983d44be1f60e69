"""The command-line options of commands that solve pictures."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from crowdsky.base.errors import ConfigurationError

DEFAULT_TIMEOUT = 300.0


@dataclass(frozen=True, slots=True)
class SolveOptions:
    """What the caller knows about a picture, and how to solve it.

    width_low, width_high -- range of its field width, degrees; both or neither
    bin_size              -- pixels to average along each side; None bins large pictures only
    timeout               -- seconds for all solvers together
    """

    width_low: float | None = None
    width_high: float | None = None
    bin_size: int | None = None
    timeout: float = DEFAULT_TIMEOUT


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that all commands which solve pictures share."""
    number = _positive_number
    parser.add_argument(
        "--scale-low",
        type=number,
        metavar="DEG",
        help="narrowest field width, degrees (default: by the header, else any)",
    )
    parser.add_argument(
        "--scale-high",
        type=number,
        metavar="DEG",
        help="widest field width, degrees (default: by the header, else any)",
    )
    parser.add_argument(
        "--downsample",
        type=_bin_size,
        metavar="N",
        help="average N x N pixels before detection (default: large pictures only)",
    )
    parser.add_argument(
        "--timeout",
        type=number,
        default=DEFAULT_TIMEOUT,
        metavar="S",
        help=f"seconds for solving (default {DEFAULT_TIMEOUT:g})",
    )


def solve_options(options: argparse.Namespace) -> SolveOptions:
    """Convert these options to a record; raises ConfigurationError for a wrong range of widths."""
    low, high = options.scale_low, options.scale_high
    if (low is None) != (high is None) or (low is not None and low > high):
        raise ConfigurationError(
            "cannot use the range of field widths",
            why="--scale-low and --scale-high go together, the smaller first",
        )
    return SolveOptions(low, high, options.downsample, options.timeout)


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
