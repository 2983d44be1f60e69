"""``stack_files``: subs in, a product and its description out, with the engine of one's choice."""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from worker.errors import ConfigurationError, NoUsableFramesError
from worker.models import StackResult
from worker.stacking.engine import METHODS, Engine, Progress, StackOptions

ENGINES = {"seestarpy": "worker.stacking.seestarpy_engine"}
"""Name and module of each engine; a module is imported only when its engine is asked for."""
DEFAULT_ENGINE = "seestarpy"
LIBRARIES = ("numpy", "astropy", "sep", "astroalign", "opencv-python-headless")
"""Their versions go into the product, since they can change its pixels."""


def stack_files(
    fits_paths: Sequence[Path],
    output_path: Path,
    method: str = "mean",
    sigma_clip: float | None = 3.0,
    *,
    engine: str | None = None,
    job_label: str = "",
    progress: Progress | None = None,
) -> StackResult:
    """Stack light frames into the product ``output_path``.

    Args:
        fits_paths: the subs, in any order; those that do not fit are left out and reported.
        output_path: where the product appears, whole or not at all.
        method: "mean" or "median".
        sigma_clip: rejection threshold in standard deviations, None for no rejection.
        engine: one of ENGINES; None for DEFAULT_ENGINE.
        job_label: job and attempt for the product's header, empty outside the queue.
        progress: called often with (stage, done, total); what it raises ends the work.

    Raises NoUsableFramesError (a BadDataError) when no sub can be used, ConfigurationError for an
    unknown engine, method or threshold, and OSError when the product cannot be written.
    """
    options = _options(method, sigma_clip)
    run = _engine(DEFAULT_ENGINE if engine is None else engine)
    report: Progress = _silent if progress is None else progress
    if not fits_paths:
        raise NoUsableFramesError("there is nothing to stack", why="no subs were given")
    picture = run([Path(path) for path in fits_paths], options, report)

    # Imported here because sep and astropy take a while, and a daemon may never stack.
    from worker.stacking.product import Provenance, write_product
    from worker.stacking.star_table import detect_stars

    report("write", 0, 1)
    stars = detect_stars(picture.planes, picture.footprint)
    provenance = Provenance(datetime.now(UTC), job_label, (_versions(),))
    result = write_product(Path(output_path), picture, stars, provenance)
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
    return StackOptions(method, sigma_clip)


def _engine(name: str) -> Engine:
    """The ``stack`` function of an engine's module."""
    if name not in ENGINES:
        raise ConfigurationError(
            f"there is no stacking engine {name!r}", hint=f"choose one of {', '.join(ENGINES)}"
        )
    run: Engine = importlib.import_module(ENGINES[name]).stack
    return run


def _versions() -> str:
    return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)


def _silent(stage: str, done: int, total: int) -> None:
    """No one is watching."""
