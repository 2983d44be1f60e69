"""Groups light frames into chunks as the site does: `Chunks/ChunkGrouping.php` has the same rules.

One telescope, filter, frame size, pattern, mount mode, clock and camera, one block of time; and
exposures and pointings that are linked by steps within a tolerance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

import numpy as np

from crowdsky.frames.light_frame import LightFrame
from crowdsky.frames.likeness import filter_form, linked_exposures

CHUNK_MINUTES = 15
POINTING_TOLERANCE_DEG = 0.25
"""Those of a site that says nothing else."""


def time_block(start: datetime, minutes: int = CHUNK_MINUTES) -> str:
    """Return the block of a time: ``YYYYMMDD.CC``, with the number of the block in its day."""
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    return f"{start:%Y%m%d}.{(start - midnight) // timedelta(minutes=minutes):02d}"


def block_of(frame: LightFrame, minutes: int = CHUNK_MINUTES) -> str:
    """Return the block of a frame that has a time, by the clock that its header shows."""
    start = frame.header.clock_start
    if start is None:
        raise ValueError(f"{frame.path} has no time")
    return time_block(start, minutes)


def chunks_of(
    frames: Iterable[LightFrame],
    minutes: int = CHUNK_MINUTES,
    tolerance_deg: float = POINTING_TOLERANCE_DEG,
) -> list[list[LightFrame]]:
    """Return the chunks of frames that have a time, in the order of their blocks."""
    alike: dict[tuple[object, ...], list[LightFrame]] = {}
    for frame in frames:
        alike.setdefault(_group_key(frame, minutes), []).append(frame)
    ordered = sorted(alike.items(), key=lambda group: str(group[0][0]))
    return [chunk for _, group in ordered for chunk in _linked(group, tolerance_deg)]


def _group_key(frame: LightFrame, minutes: int) -> tuple[object, ...]:
    header = frame.header
    return (
        block_of(frame, minutes),
        header.telescope,
        filter_form(header.filter_name),
        header.width,
        header.height,
        header.pattern,
        header.eq_mode,
        header.sky is None,
        header.date_obs is None,
        header.is_wide,
    )


def _linked(frames: list[LightFrame], tolerance_deg: float) -> list[list[LightFrame]]:
    """Split frames with one key until each part is linked in pointing and in exposure time."""
    whole, unchecked = [], [frames]
    while unchecked:
        for near in _link_pointings(unchecked.pop(), tolerance_deg):
            exposures = linked_exposures(frame.header.exptime_s for frame in near)
            parts: dict[float, list[LightFrame]] = {}
            for frame in near:
                parts.setdefault(exposures[frame.header.exptime_s], []).append(frame)
            if len(parts) == 1:
                whole.append(near)
            else:
                unchecked += parts.values()
    places = {id(frame): place for place, frame in enumerate(frames)}
    return sorted(whole, key=lambda part: places[id(part[0])])


def _link_pointings(frames: list[LightFrame], tolerance_deg: float) -> list[list[LightFrame]]:
    """Split frames into those whose pointings are linked by steps within the tolerance."""
    places = [frame.header.sky for frame in frames]
    known = [place for place in places if place is not None]
    if len(known) < len(frames):
        return [frames]
    ra, dec = np.radians(np.array(known)).T
    vectors = np.stack((np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)), axis=1)
    longest = 2.0 * math.sin(math.radians(max(tolerance_deg, 1e-6)) / 2.0) * (1.0 + 1e-9)
    part = np.full(len(frames), -1)
    for first in range(len(frames)):
        if part[first] >= 0:
            continue
        part[first], ends = first, [first]
        while ends:
            chords = np.linalg.norm(vectors - vectors[ends.pop()], axis=1)
            near = np.flatnonzero((chords <= longest) & (part < 0))
            part[near] = first
            ends += near.tolist()
    linked: dict[int, list[LightFrame]] = {}
    for frame, number in zip(frames, part.tolist(), strict=True):
        linked.setdefault(number, []).append(frame)
    return list(linked.values())
