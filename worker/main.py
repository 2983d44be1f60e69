"""The worker's commands and their exit codes.

::

    python -m worker                 work on jobs until SIGTERM or Ctrl+C
    python -m worker --once          work on one job
    python -m worker doctor          check settings, site, storage and this machine
    python -m worker rescan ID...    have stacks on the site solved and measured again
    python -m worker rescan --not-measured    the same for all stacks that are not measured
    python -m worker stack FRAME...  stack subs, or merge finished stacks, without any server
    python -m worker solve IMAGE     find out where a picture points
    python -m worker ingest PATH...  send light frames from a disk to the site
    python -m worker thumbnail FITS  make a picture of a stack
    python -m worker version

Exit codes: 0 done, 1 no job available (or a check of ``doctor`` failed, or ``solve`` found no such
image), 2 the job or command failed (or the picture was not solved), 3 ``solve`` cannot read the
picture, 78 the configuration is wrong.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from crowdsky import __version__
from crowdsky.base.arguments import existing_file, new_file, utc_offset
from crowdsky.base.errors import ConfigurationError, CrowdSkyError
from crowdsky.base.exit_codes import EXIT_CONFIGURATION, EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED
from crowdsky.base.logs import set_up_logging
from crowdsky.base.output_file import require_other_file
from crowdsky.base.terminal import private_stdout, show_progress
from crowdsky.client.ingest import options as ingest_options
from crowdsky.extract.options import add_options as add_solve_options
from crowdsky.stacking.engines import ENGINES
from crowdsky.stacking.framings import FRAMINGS, REFERENCE
from crowdsky.stacking.weighing import WEIGHTS
from worker.commands.rescan_options import add_options as add_rescan_options
from worker.commands.rescan_options import check_options as check_rescan_options

if TYPE_CHECKING:
    from worker.config import Settings

__all__ = ["main", "run_daemon", "run_once"]

log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    set_up_logging(_plain_or("text"), "info", ())
    # From here on, only the answer may reach standard output.
    channel = private_stdout() if getattr(options, "json", False) else None
    with channel or nullcontext():
        try:
            code: int = options.command(options, channel)
        except CrowdSkyError as error:
            return _report_error(error, channel)
        except KeyboardInterrupt:
            return EXIT_INTERRUPTED
    return code


def run_daemon() -> int:
    """Process jobs until SIGTERM or Ctrl+C, with the settings in ``.env``; then return 0.

    Call it from the main thread, the only one that gets signals. Logging is up to the caller.

    Raises:
        ConfigurationError: a setting is wrong, or the site refuses the key at the first claim.
    """
    from worker.config import current_settings
    from worker.loop import daemon  # commands without a server start quicker without it

    return daemon.run_daemon(current_settings())


def run_once() -> int:
    """Process one job with the settings in ``.env``; call it as ``run_daemon``.

    Returns:
        0 a job was completed; 1 there was none; 2 it failed, was handed back or could not be
        reported yet.

    Raises:
        ConfigurationError: a setting is wrong, or the site refuses the key.
    """
    from worker.config import current_settings
    from worker.loop import daemon

    return daemon.run_once(current_settings())


def _daemon(options: argparse.Namespace, _: IO[bytes] | None) -> int:
    from worker.config import current_settings

    settings = current_settings()
    set_up_logging(settings.log_format, settings.log_level, settings.secrets)
    return run_once() if options.once else run_daemon()


def _doctor(_: argparse.Namespace, channel: IO[bytes] | None) -> int:
    from worker.commands.doctor import examine, read_as_far_as_possible

    settings, problem = read_as_far_as_possible()
    if problem is None:
        set_up_logging(_plain_or(settings.log_format), settings.log_level, settings.secrets)
    return examine(settings, channel, problem)


def _rescan(options: argparse.Namespace, channel: IO[bytes] | None) -> int:
    from crowdsky.net.connection import Api
    from worker.commands.rescan import run

    check_rescan_options(options)
    settings = _settings()
    return run(Api.connect(settings.api_base_url, settings.worker_api_key), options, channel)


def _stack(options: argparse.Namespace, channel: IO[bytes] | None) -> int:
    """Stack files in this process, whose user sees what happens to it."""
    from worker.commands.stack import (
        cube_path,
        draw_picture_of,
        measure,
        picture_path,
        stack_or_merge,
        write_cube_of,
    )

    with _file_errors("could not stack"), show_progress() as progress:
        if options.cube:
            require_other_file(cube_path(options.output), options.frames)
        if options.picture:
            require_other_file(picture_path(options.output), options.frames)
        result = stack_or_merge(options, progress)
        measured = measure(options.output, progress) if options.solve else None
        cube = write_cube_of(options.output) if options.cube else None
        picture = draw_picture_of(options.output) if options.picture else None
    if channel is not None:
        facts = {} if measured is None else measured.facts()
        notes = [*result.notes, *(measured.notes if measured else ())]
        paths = {"cube_path": cube, "picture_path": picture}
        written = {name: str(path) for name, path in paths.items() if path is not None}
        _answer(channel, {**result.to_json(), **facts, **written, "notes": notes})
        return EXIT_DONE
    sys.stdout.write(
        f"{result.output_path}: {result.n_frames_aligned} of {result.n_frames_input} frames, "
        f"{result.total_exptime:.0f} s, {result.width} x {result.height} pixels\n"
    )
    for note in result.notes:
        sys.stdout.write(f"  {note}\n")
    if measured is not None:
        sys.stdout.write(f"  {measured.sentence}\n")
        for note in measured.notes:
            if note != measured.unsolved_reason:
                sys.stdout.write(f"  {note}\n")
    if cube is not None:
        sys.stdout.write(f"  {cube}: its three colours in one image\n")
    if picture is not None:
        sys.stdout.write(f"  {picture}: its picture\n")
    for frame in result.frames:
        if not frame.used:
            sys.stdout.write(f"  {frame.filename}: {frame.reason}\n")
    return EXIT_DONE


def _solve(options: argparse.Namespace, channel: IO[bytes] | None) -> int:
    from crowdsky.extract.astro_extract import answer_for
    from worker.commands.solve import plate_lines

    answer = answer_for(options, os.environ, Path(".env"))
    if channel is not None:
        _answer(channel, answer.json)
    elif not answer.json["ok"]:
        log.error("%s", answer.json["error"])
    else:
        sys.stdout.write(plate_lines(answer.json["astrometry"]))
    return answer.exit_code


def _ingest(options: argparse.Namespace, channel: IO[bytes] | None) -> int:
    from crowdsky.client.ingest.command import run

    return run(options, channel)


def _thumbnail(options: argparse.Namespace, channel: IO[bytes] | None) -> int:
    from crowdsky.pictures.thumbnail import generate_thumbnail

    with _file_errors("could not make the thumbnail"):
        path = generate_thumbnail(options.image, options.output)
    if channel is not None:
        _answer(channel, {"thumbnail": str(path), "file_size_bytes": path.stat().st_size})
    else:
        sys.stdout.write(f"{path}\n")
    return EXIT_DONE


def _version(_: argparse.Namespace, __: IO[bytes] | None) -> int:
    sys.stdout.write(f"crowdsky {__version__}\n")
    return EXIT_DONE


def _settings() -> Settings:
    """The settings; sets up logging as they say, except for a person at a terminal."""
    from worker.config import load_settings

    settings = load_settings()
    set_up_logging(_plain_or(settings.log_format), settings.log_level, settings.secrets)
    return settings


def _plain_or(log_format: str) -> str:
    """The format of log lines: plain at a terminal, where time and level are only in the way."""
    return "plain" if sys.stderr.isatty() else log_format


@contextmanager
def _file_errors(what: str) -> Iterator[None]:
    """Turn "no such folder", "not readable" and the like into a sentence."""
    try:
        yield
    except OSError as error:
        where = "" if error.filename is None else str(error.filename)
        raise CrowdSkyError(what, where=where, why=error.strerror or str(error)) from error


def _answer(channel: IO[bytes], answer: dict[str, Any]) -> None:
    channel.write(json.dumps(answer).encode() + b"\n")


def _report_error(error: CrowdSkyError, channel: IO[bytes] | None) -> int:
    """Report an error to a person, each problem of a configuration on its own line."""
    if channel is not None:
        _answer(channel, {"error": str(error)})
    problems = error.problems if isinstance(error, ConfigurationError) else ()
    lines = [error.what, *(f"  {problem}" for problem in problems), error.hint]
    for line in lines if problems else [str(error)]:
        log.error("%s", line)
    return EXIT_CONFIGURATION if isinstance(error, ConfigurationError) else EXIT_FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m worker",
        description="Takes stacking jobs from a CrowdSky site; without a command: until stopped.",
    )
    parser.add_argument("--once", action="store_true", help="work on one job, then end")
    parser.set_defaults(command=_daemon)
    commands = parser.add_subparsers(title="commands", metavar="")

    doctor = commands.add_parser("doctor", help="check settings, site, storage and machine")
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    doctor.set_defaults(command=_doctor)

    rescan = commands.add_parser("rescan", help="have stacks on the site solved again")
    add_rescan_options(rescan)
    rescan.set_defaults(command=_rescan)

    stack = commands.add_parser(
        "stack", help="stack subs, or merge finished stacks, without any server"
    )
    stack.add_argument(
        "frames", nargs="+", type=existing_file, metavar="FRAME", help="a sub or a finished stack"
    )
    stack.add_argument("-o", "--output", type=new_file, required=True, metavar="OUT.fits")
    stack.add_argument("--engine", choices=tuple(ENGINES))
    for kind in ("dark", "flat"):
        stack.add_argument(
            f"--{kind}",
            type=existing_file,
            metavar="MASTER.fits",
            help=f"master {kind} of the same sensor (native engine only)",
        )
    stack.add_argument("--method", choices=("mean", "median"), default="mean")
    stack.add_argument(
        "--sigma-clip",
        type=float,
        default=3.0,
        metavar="S",
        help="reject values further than S standard deviations (default 3, 0 rejects nothing)",
    )
    stack.add_argument(
        "--weights",
        choices=WEIGHTS,
        help="what subs are weighed for in the mean (default: point-sources)",
    )
    stack.add_argument(
        "--framing",
        choices=FRAMINGS,
        default=REFERENCE,
        help="what the stack shows: what its reference does, what all subs do (intersection), or "
        "whatever one of them does, for mosaics (max)",
    )
    stack.add_argument(
        "--utc-offset",
        type=utc_offset,
        metavar="±HH:MM",
        help="by how much the telescope's clock was ahead of UTC, for subs with local times "
        "(Dwarf 3, Mini); behind it with an equals sign, --utc-offset=-05:00",
    )
    stack.add_argument(
        "--no-solve", dest="solve", action="store_false", help="do not solve and measure the stack"
    )
    stack.add_argument(
        "--cube",
        action="store_true",
        help="also write OUT_rgb.fits, its three colours in one image, for programs such as Siril",
    )
    stack.add_argument(
        "--no-picture",
        dest="picture",
        action="store_false",
        help="write no OUT.jpg, the picture of the stack",
    )
    stack.add_argument("--json", action="store_true", help="print one JSON object")
    stack.set_defaults(command=_stack)

    solve = commands.add_parser("solve", help="find out where a FITS, JPEG, PNG or TIFF points")
    solve.add_argument("image", type=Path, metavar="IMAGE")
    add_solve_options(solve)
    solve.add_argument("--json", action="store_true", help="print one JSON object")
    solve.set_defaults(command=_solve)

    ingest = commands.add_parser("ingest", help=ingest_options.HELP)
    ingest_options.add_options(ingest)
    ingest.set_defaults(command=_ingest)

    thumbnail = commands.add_parser("thumbnail", help="make a picture of a stack")
    thumbnail.add_argument("image", type=existing_file, metavar="FITS")
    thumbnail.add_argument("-o", "--output", type=new_file, required=True, metavar="PNG")
    thumbnail.add_argument("--json", action="store_true", help="print one JSON object")
    thumbnail.set_defaults(command=_thumbnail)

    version = commands.add_parser("version", help="print the version")
    version.set_defaults(command=_version)
    return parser
