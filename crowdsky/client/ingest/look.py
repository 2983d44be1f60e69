"""Looks through folders and sorts what is there: frames with their hashes, and the rest counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from crowdsky.client.ingest.find import list_files
from crowdsky.client.ingest.journal import Journal
from crowdsky.client.ingest.progress import Progress
from crowdsky.client.ingest.records import Found, Problem, Report
from crowdsky.client.ingest.sort_out import LeftOut, Reason, sort_out

Sorter = Callable[[Path], Found | LeftOut | None]
"""What is in a file; None if that is not yet known, because it is still being written."""


def sorter(journal: Journal) -> Sorter:
    """Return a function that sorts out a file and hashes it if it is a light frame."""

    def sort(path: Path) -> Found | LeftOut:
        frame = sort_out(path)
        if isinstance(frame, LeftOut):
            return frame
        return Found(frame, journal.hash_of(path), path.stat().st_size)

    return sort


def look_through(
    paths: Iterable[Path], sort: Sorter, report: Report, progress: Progress
) -> list[Found]:
    """Return the light frames below ``paths``, each exposure's file once, and fill ``report``.

    Raises PathMissingError when one of the paths does not exist.
    """
    listing = list_files(paths)
    report.left_out[Reason.PREVIEW] = listing.previews
    report.left_out[Reason.PACKED] = listing.packed
    report.left_out[Reason.OTHER] = listing.others
    report.problems = [Problem(*line.split(": ", 1)) for line in listing.unreadable]
    progress.begin(f"reading {len(listing.files):,} FITS files", len(listing.files))
    frames: dict[str, Found] = {}
    for path in listing.files:
        progress.advance(1)
        try:
            found = sort(path)
        except OSError as error:
            report.problems.append(Problem(str(path), error.strerror or str(error)))
            continue
        if found is None:
            continue
        if isinstance(found, LeftOut):
            report.left_out[found.reason] += 1
            if found.why and found.reason in (Reason.UNREADABLE, Reason.NO_TIME):
                progress.note(f"{path}: left out: {found.why}")
        elif found.sha256 in frames:
            report.left_out[Reason.COPY] += 1
        else:
            frames[found.sha256] = found
    report.left_out = +report.left_out
    report.frames = len(frames)
    return sorted(
        frames.values(), key=lambda found: (str(found.frame.header.clock_start), found.path)
    )
