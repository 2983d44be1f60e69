"""The command ``stack``: stacks subs, merges finished stacks."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from crowdsky.base.errors import BadDataError, ConfigurationError
from crowdsky.base.memory import give_back_memory
from crowdsky.base.terminal import StepProgress
from crowdsky.frames.chunk import read_light_frames
from crowdsky.frames.header_clock import ToldClock
from crowdsky.stacking.engine import FindPlate, Masters, Progress
from crowdsky.stacking.framings import MAX, REFERENCE
from crowdsky.stacking.product.finished import is_finished_stack
from crowdsky.stacking.records import StackResult
from crowdsky.stacking.stack_files import merge_files, stack_files

if TYPE_CHECKING:
    from crowdsky.measuring.measured import Measured

log = logging.getLogger(__name__)


def stack_or_merge(options: argparse.Namespace, progress: Progress) -> StackResult:
    """Stack subs, or merge finished stacks if that is what the files are.

    ``options`` are those of the command. Raises BadDataError when subs and finished stacks are
    mixed, ConfigurationError for options that cannot be applied to finished stacks, and what
    ``stack_files`` and ``merge_files`` raise.
    """
    sigma_clip = options.sigma_clip or None
    finished = [path for path in options.frames if is_finished_stack(path)]
    if not finished:
        return stack_files(
            options.frames,
            options.output,
            method=options.method,
            sigma_clip=sigma_clip,
            engine=options.engine,
            weights=options.weights,
            masters=Masters(options.dark, options.flat),
            clocks=_clocks(options),
            framing=options.framing,
            find_plate=_plate_finder() if options.framing == MAX else None,
            progress=progress,
        )
    if len(finished) < len(options.frames):
        raise BadDataError(
            "subs and finished stacks cannot be stacked together",
            why=f"{len(finished)} of {len(options.frames)} files are finished stacks, the first "
            f"is {finished[0].name}",
            hint="stack the subs first, then merge the stacks",
        )
    _check_options(options)
    return merge_files(options.frames, options.output, sigma_clip, progress=progress)


def measure(stack: Path, progress: StepProgress) -> Measured | None:
    """Solve and measure a stack in place; None, and a log line, where nothing can solve it.

    A stack that cannot be measured at all is still a stack, as in a job.
    """
    # Imported here because a stack is made without them.
    from crowdsky.measuring.measured import Measured
    from crowdsky.measuring.recipe import load_recipe

    recipe = load_recipe()
    if not recipe.can_solve:
        log.info("not solved: no index files in %s (--no-solve says nothing)", recipe.index_dir)
        return None
    give_back_memory()  # what stacking no longer uses is scattered, and measuring needs as much
    from crowdsky.measuring.instruments import open_instruments
    from crowdsky.measuring.measure_stack import describe, measure_file

    instruments = open_instruments(recipe)
    try:
        measurement = measure_file(stack, instruments, recipe.solve_timeout, progress)
    except BadDataError as error:
        return Measured.nothing(f"not measured: {error}")
    return describe(measurement, instruments)


def _plate_finder() -> FindPlate | None:
    """Return what solves the fields of a mosaic that share no stars; None where nothing can."""
    # Imported here because a stack is made without them.
    from crowdsky.measuring.field_plates import plate_finder
    from crowdsky.measuring.recipe import load_recipe

    recipe = load_recipe()
    return plate_finder(recipe) if recipe.can_solve else None


def cube_path(stack: Path) -> Path:
    """Return the path of the colour cube beside a stack: OUT_rgb.fits beside OUT.fits."""
    return stack.with_name(f"{stack.stem}_rgb.fits")


def write_cube_of(stack: Path) -> Path:
    """Write the colour cube of a stack to ``cube_path``; raises what ``write_cube`` does."""
    from crowdsky.stacking.product.cube import write_cube  # needs astropy, which is slow to load

    return write_cube(stack, cube_path(stack))


def picture_path(stack: Path) -> Path:
    """Return the path of the picture beside a stack: OUT.jpg beside OUT.fits."""
    return stack.with_suffix(".jpg")


def draw_picture_of(stack: Path) -> Path | None:
    """Draw the picture of a stack to ``picture_path``; a stack without one is as good."""
    # Imported here because a stack is made without them.
    from crowdsky.pictures.picture_files import save_picture
    from crowdsky.pictures.stack_pictures import PAGE_SIZE
    from crowdsky.pictures.thumbnail import draw_picture

    try:
        return save_picture(draw_picture(stack, PAGE_SIZE), picture_path(stack))
    except (BadDataError, OSError) as error:
        log.warning("no picture: %s", error)
        return None


def _clocks(options: argparse.Namespace) -> dict[Path, ToldClock]:
    """Return the clocks of the subs; raises ConfigurationError for an offset that none needs."""
    if options.utc_offset is None:
        return {}
    frames, _unreadable = read_light_frames(options.frames)
    if frames and not any(frame.header.local_start for frame in frames):
        raise ConfigurationError(
            "--utc-offset does not apply to these subs",
            why="none of them has local times",
            hint="leave it out: their DATE-OBS is UTC, as FITS has it, or cannot be read",
        )
    return dict.fromkeys(options.frames, ToldClock(options.utc_offset))


def _check_options(options: argparse.Namespace) -> None:
    """Refuse options that only make sense for subs, instead of silently ignoring them."""
    given = {
        "--engine": options.engine is not None,
        "--method median": options.method == "median",
        "--weights": options.weights is not None,
        "--dark": options.dark is not None,
        "--flat": options.flat is not None,
        f"--framing {options.framing}": options.framing != REFERENCE,
        "--utc-offset": options.utc_offset is not None,
    }
    unfit = [name for name, is_given in given.items() if is_given]
    if unfit:
        raise ConfigurationError(
            "finished stacks are merged by their weights",
            why=f"{' and '.join(unfit)} cannot be applied to them any more",
        )
