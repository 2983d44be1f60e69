"""Examines the subs of a chunk: are their pixels usable, and what do they show?"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import numpy as np

from crowdsky.base.arrays import Scratch
from crowdsky.base.errors import UnreadableFrameError
from crowdsky.frames.chunk import pixel_problem, wrapped_problem
from crowdsky.frames.copies import Exposures, fingerprint
from crowdsky.frames.light_frame import LightFrame
from crowdsky.stacking.engine import FrameRecord, Progress
from crowdsky.stacking.integration.cosmetic import find_defects
from crowdsky.stacking.integration.mosaic import Calibration, Defects, Mosaic, colours_of
from crowdsky.stacking.product.frame_reports import frame_record
from crowdsky.stacking.registration.detect import FrameMeasure, NoStarsApartError, measure_frame
from crowdsky.stacking.registration.quick_look import FrameLook


class _Own(threading.local):
    """What each thread of the pool has for itself; it goes when the pool ends."""

    def __init__(self) -> None:
        self.scratch = Scratch()


_OWN = _Own()
UNDATED = datetime.max.replace(tzinfo=UTC)
Task = TypeVar("Task")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Sub:
    """A readable sub: its pixels, their measurement (None if unusable), and its record so far."""

    mosaic: Mosaic
    measure: FrameMeasure | None
    record: FrameRecord


def examine(
    frames: Sequence[LightFrame],
    given: Sequence[LightFrame],
    calibration: Calibration | None,
    progress: Progress,
    threads: int,
) -> list[Sub]:
    """Check the pixels of the subs, find defects of the sensor, and measure the repaired subs.

    Args:
        frames: the subs in the order in which they are aligned.
        given: the same in the order in which they were given: the first of copies counts.
    """
    mosaics = [Mosaic(frame, Defects.none(), calibration) for frame in frames]
    with ThreadPoolExecutor(threads, thread_name_prefix="measure") as pool:
        try:
            checks = _collected(pool, _check_pixels, mosaics, "check", progress)
            problems = _problems(given, dict(zip(map(_path, frames), checks, strict=True)))
            sound = [mosaic for mosaic in mosaics if not problems[mosaic.frame.path]]
            defects = _defects_by_pattern(sound, pool, progress)
            tasks = [
                (
                    replace(mosaic, defects=defects.get(_pattern(mosaic), Defects.none())),
                    problems[mosaic.frame.path],
                )
                for mosaic in mosaics
            ]
            return _collected(pool, _measure, tasks, "detect", progress)
        finally:
            # A cancelled stack must not wait for everything that is queued.
            pool.shutdown(cancel_futures=True)


def by_time(frames: Sequence[LightFrame]) -> list[LightFrame]:
    """Sort by time; frames without a date come last, in the order given."""
    return sorted(frames, key=_time_order)


def _time_order(frame: LightFrame) -> datetime:
    start = frame.header.clock_start
    return UNDATED if start is None else start.replace(tzinfo=UTC)


def _problems(given: Sequence[LightFrame], checks: Mapping[Path, _PixelCheck]) -> dict[Path, str]:
    """Return by file why it cannot be used, or an empty text."""
    exposures = Exposures()
    return {
        frame.path: checks[frame.path].problem
        or exposures.add(frame, checks[frame.path].fingerprint)
        for frame in given
    }


def _path(frame: LightFrame) -> Path:
    return frame.path


def _defects_by_pattern(
    mosaics: Sequence[Mosaic], pool: Executor, progress: Progress
) -> dict[str, Defects]:
    """Find the defects of the sensor for each pattern: a sensor that was turned has two."""
    return {
        pattern: find_defects(
            [mosaic for mosaic in mosaics if _pattern(mosaic) == pattern],
            pool,
            lambda done, total: progress("defects", done, total),
        )
        for pattern in dict.fromkeys(map(_pattern, mosaics))
    }


def _pattern(mosaic: Mosaic) -> str:
    return mosaic.frame.header.pattern


def _collected(
    pool: Executor,
    work: Callable[[Task], Answer],
    tasks: Sequence[Task],
    stage: str,
    progress: Progress,
) -> list[Answer]:
    """Run all tasks in the pool, report progress, and return the answers in order."""
    answers: list[Answer] = []
    for answer in pool.map(work, tasks):
        progress(stage, len(answers), len(tasks))
        answers.append(answer)
    return answers


@dataclass(frozen=True, slots=True)
class _PixelCheck:
    """Why the pixels of a frame cannot be used, or None; and their fingerprint, or empty."""

    problem: str | None
    fingerprint: str = ""


def _check_pixels(mosaic: Mosaic) -> _PixelCheck:
    """Judge the pixels of a frame by strips of rows all over it."""
    frame, height = mosaic.frame, mosaic.size[0]
    firsts = range(0, height - 1, height // 24 * 2)
    try:
        if frame.holds_signed16:
            whole = frame.rows()
            if problem := wrapped_problem(whole):
                return _PixelCheck(problem)
            pixels = np.concatenate([whole[y : y + 2] for y in firsts])
        else:
            # Compressed pixels are read whole: damage must show before defects are sought.
            pixels = frame.strips(firsts, 2)
    except UnreadableFrameError as error:
        return _PixelCheck(error.why)
    problem = pixel_problem(pixels, frame.scale_end)
    return _PixelCheck(problem, "" if problem else fingerprint(pixels[::4]))


def _measure(task: tuple[Mosaic, str | None]) -> Sub:
    mosaic, problem = task
    frame = mosaic.frame
    if problem:
        return Sub(mosaic, None, frame_record(frame.path, frame.header, reason=problem))
    pixels = _OWN.scratch.array("mosaic", *mosaic.size)
    try:
        colours = colours_of(frame.header.pattern)
        mosaic.read(0, mosaic.size[0], pixels)
        measure = measure_frame(pixels, colours, frame.scale_end, _OWN.scratch)
    except NoStarsApartError as error:
        return Sub(mosaic, None, frame_record(frame.path, frame.header, reason=str(error)))
    sky = float(np.mean(measure.sky))
    look = FrameLook(measure.n_found, measure.fwhm_px, measure.ellipticity, sky)
    return Sub(mosaic, measure, frame_record(frame.path, frame.header, look))
