"""The options of the command ``rescan``, and which of them go together."""

from __future__ import annotations

import argparse

from crowdsky.solving.solver_names import SOLVER_NAMES


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options; ``check_options`` then checks what was given."""
    parser.add_argument("ids", nargs="*", type=int, metavar="ID", help="number of a stack")
    parser.add_argument(
        "--not-measured",
        action="store_true",
        help="all stacks that nobody has measured, instead of numbers",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="with --not-measured: list them and queue nothing"
    )
    parser.add_argument(
        "--retry-failed",
        action="store_true",
        help="with --not-measured: those too whose last rescan failed",
    )
    parser.add_argument(
        "--solver",
        action="append",
        choices=SOLVER_NAMES,
        help="ask this solver, and no others; may be given several times",
    )
    parser.add_argument("--wait", action="store_true", help="until every rescan has ended")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(refuse=parser.error)


def check_options(options: argparse.Namespace) -> None:
    """End the program with usage and an explanation if the options contradict each other."""
    if options.not_measured and options.ids:
        options.refuse(
            "--not-measured finds the stacks itself; leave out the numbers, or the option"
        )
    if not options.not_measured and not options.ids:
        options.refuse("which stacks? Give their numbers, or --not-measured")
    for name in ("dry_run", "retry_failed"):
        if getattr(options, name) and not options.not_measured:
            options.refuse(f"--{name.replace('_', '-')} goes with --not-measured only")
    if options.dry_run and options.wait:
        options.refuse("a --dry-run queues nothing to --wait for")
