"""Stacks subs, or merges stacks, into a file and describes it: ``stack_files``, ``merge_files``."""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from crowdsky.base.errors import ConfigurationError, NoUsableFramesError
from crowdsky.base.output_file import require_other_file
from crowdsky.frames.header_clock import NO_CLOCKS, ToldClock
from crowdsky.stacking.engine import (
    METHODS,
    Engine,
    FindPlate,
    Masters,
    Progress,
    StackedPicture,
    StackOptions,
)
from crowdsky.stacking.engines import DEFAULT_ENGINE, ENGINES
from crowdsky.stacking.framings import FRAMINGS, REFERENCE
from crowdsky.stacking.records import StackResult
from crowdsky.stacking.weighing import POINT_SOURCES, WEIGHTS

CALIBRATING_ENGINES = ("native",)
WEIGHING_ENGINES = ("native",)
FRAMING_ENGINES = ("native",)
LIBRARIES = {"numpy": "numpy", "sep": "sep", "astroalign": "astroalign", "cv2": "opencv"}
"""Libraries that can change the pixels, by module: the versions of those loaded go into the
product."""


def stack_files(
    fits_paths: Sequence[Path],
    output_path: Path,
    method: str = "mean",
    sigma_clip: float | None = 3.0,
    *,
    engine: str | None = None,
    weights: str | None = None,
    masters: Masters = Masters(),  # noqa: B008 - immutable
    job_label: str = "",
    clocks: Mapping[Path, ToldClock] = NO_CLOCKS,
    framing: str = REFERENCE,
    find_plate: FindPlate | None = None,
    progress: Progress | None = None,
) -> StackResult:
    """Stack light frames into the product ``output_path``.

    Args:
        fits_paths: FITS files of the subs, in any order; those that do not fit, or show the same
            light as another, are left out and reported. A path that is given twice counts once.
        output_path: where the product appears, whole or not at all.
        method: "mean" or "median".
        sigma_clip: rejection threshold in standard deviations, None for no rejection.
        engine: one of ENGINES; None for DEFAULT_ENGINE.
        weights: what the subs are weighed for, one of WEIGHTS; None for point sources where the
            engine and the method weigh subs.
        masters: master frames of the sensor, for the native engine only.
        job_label: job and attempt for the header of the product, empty outside the queue.
        clocks: by file, what is known of its telescope's clock besides the header.
        framing: what the stack shows, one of FRAMINGS; other than REFERENCE for the native engine
            only.
        find_plate: solves fields of a mosaic that share no stars with others; None for none.
        progress: called often with (stage, done, total); an exception that it raises ends the work.

    Returns:
        The description of the stack, with one report per sub in the order given. The layout of the
        file is described in ``product.product``.

    Raises:
        NoUsableFramesError: no sub can be used (a BadDataError).
        BadCalibrationError: a master does not fit the subs (a BadDataError).
        NoCanvasError: the subs cannot be shown together as the framing asks (a BadDataError).
        WouldReplaceInputError: the output is one of the inputs (a BadDataError).
        ConfigurationError: the engine, the method, the threshold, the weights or the framing do
            not exist, or do not go together.
        OSError: the product cannot be written.
    """
    engine = DEFAULT_ENGINE if engine is None else engine
    _check_framing(framing, engine)
    run = _engine(engine, masters)
    weighed_for = _weights(weights, method, engine)
    options = replace(
        _options(method, sigma_clip),
        weights=weighed_for,
        clocks=clocks,
        framing=framing,
        find_plate=find_plate,
    )
    report: Progress = _silent if progress is None else progress
    given = [Path(path) for path in (*fits_paths, masters.dark, masters.flat) if path is not None]
    require_other_file(Path(output_path), given)
    if not fits_paths:
        raise NoUsableFramesError("there is nothing to stack", why="no subs were given")
    picture = run(list(dict.fromkeys(Path(path) for path in fits_paths)), options, report)
    return write_stack(picture, Path(output_path), job_label, report)


def merge_files(
    stack_paths: Sequence[Path],
    output_path: Path,
    sigma_clip: float | None = 3.0,
    *,
    progress: Progress | None = None,
) -> StackResult:
    """Merge finished stacks of our own format into the deep stack ``output_path``.

    Args:
        stack_paths: files of at least two stacks that share no sub.
        output_path: where the deep stack appears, whole or not at all.
        sigma_clip: rejection threshold in standard deviations, None for no rejection.
        progress: called often with (stage, done, total); an exception that it raises ends the work.

    Returns:
        The description of the deep stack, with one report per sub of all stacks.

    Raises:
        NotAStackError: a file is not a stack of ours (a BadDataError).
        CannotMergeError: the stacks do not belong together (a BadDataError).
        WouldReplaceInputError: the output is one of the stacks (a BadDataError).
        ConfigurationError: the threshold is not above 0.
        OSError: the deep stack cannot be written.
    """
    # Imported here because compiled code is slow to load, and a daemon never merges.
    from crowdsky.stacking.engines.merge import merge

    options = _options("mean", sigma_clip)
    report: Progress = _silent if progress is None else progress
    require_other_file(Path(output_path), map(Path, stack_paths))
    picture = merge([Path(path) for path in stack_paths], options, report)
    return write_stack(picture, Path(output_path), "", report)


def write_stack(
    picture: StackedPicture, path: Path, job_label: str, report: Progress
) -> StackResult:
    """Detect the stars of a stack and write it; raises OSError."""
    # Imported here because sep and astropy are slow to load, and a daemon may never stack.
    from crowdsky.sources.sep_extract import detect_stars
    from crowdsky.stacking.product.product import Provenance, write_product

    report("write", 0, 1)
    stars = detect_stars(picture.planes, picture.footprint)
    provenance = Provenance(datetime.now(UTC), job_label, (_versions(),))
    result = write_product(path, picture, stars, provenance)
    report("write", 1, 1)
    return result


def _options(method: str, sigma_clip: float | None) -> StackOptions:
    problems = []
    if method not in METHODS:
        problems.append(f"method {method!r} is not one of {', '.join(METHODS)}")
    if sigma_clip is not None and not sigma_clip > 0:
        problems.append(f"sigma_clip {sigma_clip} is not above 0")
    if problems:
        raise ConfigurationError("cannot stack like this", problems=tuple(problems))
    return StackOptions(method, sigma_clip, weights=None)


def _weights(weights: str | None, method: str, engine: str) -> str | None:
    """Return what this engine weighs subs for with this method; None if it does not weigh them."""
    if engine in WEIGHING_ENGINES and method != "median":
        if weights is None or weights in WEIGHTS:
            return weights or POINT_SOURCES
        raise ConfigurationError(
            f"there are no weights {weights!r}", hint=f"choose one of {', '.join(WEIGHTS)}"
        )
    if weights is not None:
        unweighed = f"the engine {engine}" if method != "median" else "the median"
        raise ConfigurationError(
            f"weights for {weights} cannot be applied",
            why=f"{unweighed} counts all subs the same",
            hint="leave the weights out",
        )
    return None


def _check_framing(framing: str, engine: str) -> None:
    """Raise ConfigurationError for a framing that does not exist, or not with this engine."""
    if framing not in FRAMINGS:
        raise ConfigurationError(
            f"there is no framing {framing!r}", hint=f"choose one of {', '.join(FRAMINGS)}"
        )
    if framing != REFERENCE and engine not in FRAMING_ENGINES:
        raise ConfigurationError(
            f"the engine {engine} cannot frame a stack by {framing}",
            why="it shows what its reference shows",
            hint=f"use {', '.join(FRAMING_ENGINES)} or leave the framing out",
        )


def _engine(name: str, masters: Masters) -> Engine:
    """Import an engine and return its ``stack`` function with the master frames bound to it."""
    if name not in ENGINES:
        raise ConfigurationError(
            f"there is no stacking engine {name!r}", hint=f"choose one of {', '.join(ENGINES)}"
        )
    if masters and name not in CALIBRATING_ENGINES:
        raise ConfigurationError(
            f"the engine {name} takes no master frames",
            hint=f"use {', '.join(CALIBRATING_ENGINES)} or leave them out",
        )
    run = importlib.import_module(ENGINES[name]).stack
    engine: Engine = functools.partial(run, masters=masters) if masters else run
    return engine


def _versions() -> str:
    loaded = ((name, sys.modules.get(module)) for module, name in LIBRARIES.items())
    return ", ".join(f"{name} {library.__version__}" for name, library in loaded if library)


def _silent(stage: str, done: int, total: int) -> None:
    """Report nothing."""
