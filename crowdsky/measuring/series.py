"""Makes a series of shorter stacks of a chunk: ``stack_series``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crowdsky.frames.header_clock import NO_CLOCKS, ToldClock
from crowdsky.measuring.instruments import open_instruments
from crowdsky.measuring.measure_stack import measure_file
from crowdsky.measuring.recipe import Recipe
from crowdsky.measuring.series_file import PartPictures, SeriesFacts, write_series
from crowdsky.measuring.series_light import ForcedPhotometry
from crowdsky.stacking.engine import StackOptions
from crowdsky.stacking.engines.native_series import open_series
from crowdsky.stacking.stack_files import write_stack
from crowdsky.stacking.weighing import POINT_SOURCES

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class SeriesResult:
    """A finished series: its file, the numbers of its parts, subs and stars, and remarks."""

    output: Path
    n_parts: int
    n_subs: int
    n_stars: int
    is_solved: bool
    notes: tuple[str, ...]


def stack_series(
    paths: Sequence[Path],
    output: Path,
    seconds: float,
    *,
    recipe: Recipe,
    job_label: str = "",
    weights: str = POINT_SOURCES,
    clocks: Mapping[Path, ToldClock] = NO_CLOCKS,
    progress: Progress,
) -> SeriesResult:
    """Stack the subs of a chunk as a whole and in parts, and measure its stars in each part.

    Args:
        paths: the subs, in any order.
        output: where the series appears, whole or not at all. While it is made, its folder also
            has the files ``whole.fits`` and ``parts.int16``.
        seconds: wall time of a part.
        recipe: which solvers and catalogues to use, for the whole stack.
        job_label: job and chunk, for the header.
        weights: what the subs are weighed for.
        clocks: by file, what is known of its telescope's clock besides the header.
        progress: called often with (stage, done, total); an exception that it raises ends the work.

    Raises:
        NoUsableFramesError: no sub can be used.
        UndatedSubsError: a sub that is used has no time.
        BadDataError: stars cannot be measured.
        OSError: a file cannot be written.
    """
    instruments = open_instruments(recipe)
    series = open_series(paths, StackOptions(weights=weights, clocks=clocks), progress)
    n_parts = series.count_parts(seconds)
    picture = series.whole(progress)
    stack = output.with_name("whole.fits")
    write_stack(picture, stack, job_label, progress)
    whole = measure_file(stack, instruments, recipe.solve_timeout, progress)
    photometry = ForcedPhotometry(whole, picture)
    pictures = PartPictures(output.with_name("parts.int16"), n_parts)
    lights = []
    for number, part in enumerate(series.parts(seconds, progress), start=1):
        lights.append(photometry.measure(part))
        pictures.add(number, part)
    bands = "RGB" if len(photometry.letters) == 3 else "L"
    facts = SeriesFacts(seconds, photometry.aperture_px, bands)
    write_series(output, stack, whole, lights, pictures, facts)
    return SeriesResult(
        output=output,
        n_parts=n_parts,
        n_subs=len(picture.used),
        n_stars=len(whole.stars),
        is_solved=whole.solution is not None,
        notes=(*picture.notes, *whole.notes, *instruments.remarks),
    )
