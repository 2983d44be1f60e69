"""The task of a child process that is quick: a "stack" that says exactly what it was made of.

The planes hold the SHA-256 of every frame as it was on the worker's disk, so that a stack of the
wrong bytes can be told from a right one; the table FRAMES lists them as that of a real stack does.

Variables make the child misbehave, as native code does: ``CROWDSKY_TEST_CRASHES`` is the share of
tasks at which it crashes, ``CROWDSKY_TEST_MISDEED`` names what it does before it has a stack, and
``CROWDSKY_TEST_LATE_MISDEED`` while it measures it.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import random
import signal
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from crowdsky.base.errors import BadDataError
from crowdsky.measuring.recipe import Recipe
from crowdsky.sandbox.report import Report
from crowdsky.sandbox.task import Task, child_task
from crowdsky.stacking.records import StackResult
from tests.faults.quick_measurement import quick_measurement
from worker.job.compute import ComputeResult, ComputeTask

BLOCK = 2880
CRASHES = "CROWDSKY_TEST_CRASHES"
MISDEED = "CROWDSKY_TEST_MISDEED"
LATE_MISDEED = "CROWDSKY_TEST_LATE_MISDEED"
ANSWER = "CROWDSKY_TEST_ANSWER"
"""Seconds that the worker, not its child, waits for an answer; few let a soak see it give up."""

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)


def quick_stack(hashes: Iterable[str], archive_id: str) -> bytes:
    """A file laid out like a stack whose planes hold these hashes (64 hex digits each)."""
    names = list(hashes)
    digests = b"".join(bytes.fromhex(name) for name in names)
    width = f"NAXIS1  = {len(digests):>20}"
    counts = (f"NIMAGES = {len(digests) // 32:>20}", f"EXPTIME = {10.0 * (len(digests) // 32):>20}")
    archive = f"ARCHID  = '{archive_id:<8}'"
    cards = ("NAXIS   =                    0", *counts, archive)
    parts = [_header("SIMPLE  =                    T", *cards)]
    for name in ("RED", "GREEN", "BLUE"):
        axes = ("NAXIS   =                    2", width, "NAXIS2  =                    1")
        more = (f"EXTNAME = '{name:<8}'", "PCOUNT  =                    0")
        parts.append(
            _header("XTENSION= 'IMAGE   '", *axes, *more, "GCOUNT  =                    1")
        )
        parts.append(_padded(digests))
    return b"".join([*parts, *_frames(names)])


def is_made_of(stack: bytes, hashes: Iterable[str], archive_id: str) -> bool:
    """Whether a stored stack holds these hashes, and nothing but the worker's description more."""
    made = quick_stack(hashes, archive_id)
    described = stack[len(made) :]
    start = b"XTENSION= 'IMAGE   '"
    names = (b"EXTNAME = 'ARCHIVE '" in described, described.count(b"XTENSION"))
    return stack.startswith(made) and described.startswith(start) and names == (True, 1)


def _frames(hashes: list[str]) -> tuple[bytes, bytes]:
    """The table FRAMES, by which a site finds the job of a stack that it does not know."""
    header = _header(
        "XTENSION= 'BINTABLE'",
        "NAXIS   =                    2",
        "NAXIS1  =                   64",
        f"NAXIS2  = {len(hashes):>20}",
        "PCOUNT  =                    0",
        "GCOUNT  =                    1",
        "TFIELDS =                    1",
        "TTYPE1  = 'SHA256  '",
        "TFORM1  = '64A     '",
        "EXTNAME = 'FRAMES  '",
    )
    return header, _padded("".join(hashes).encode("ascii"))


def _padded(data: bytes) -> bytes:
    return data.ljust(-(-len(data) // BLOCK) * BLOCK, b"\0")


def _header(first: str, *cards: str) -> bytes:
    text = "".join(card.ljust(80) for card in (first, "BITPIX  =                    8", *cards))
    text += "END".ljust(80)
    return text.ljust(-(-len(text) // BLOCK) * BLOCK).encode("ascii")


def quick_rehearsal(recipe: Recipe) -> Task[Recipe, Recipe]:
    """The task that a quick worker's fork server begins with."""
    return Task(load_nothing, recipe)


@child_task("rehearsing", takes=Recipe, gives=Recipe)
def load_nothing(recipe: Recipe, report: Report) -> Recipe:
    """Load nothing: the quick task needs nothing."""
    return recipe


@child_task("stacking", takes=ComputeTask, gives=ComputeResult)
def quick_job(task: ComputeTask, report: Report) -> ComputeResult:
    """Take the frames' hashes instead of their light."""
    frames = task.frames or ()
    chance = random.SystemRandom()
    time.sleep(chance.uniform(0.0, 0.5))
    if chance.random() < float(os.environ.get(CRASHES, "0")):
        crash()
    if misdeed := os.environ.get(MISDEED):
        MISDEEDS[misdeed]()
    hashes = [_sha256(frame) for frame in frames]
    task.stack_path.write_bytes(quick_stack(hashes, task.archive_id))
    stack = StackResult(
        output_path=task.stack_path,
        n_frames_input=len(frames),
        n_frames_aligned=len(frames),
        total_exptime=10.0 * len(frames),
        date_obs_start="2026-01-01T00:00:00",
        date_obs_end="2026-01-01T00:00:10",
        ra_deg=None,
        dec_deg=None,
        n_stars_detected=None,
        width=32 * len(frames),
        height=1,
        engine="quick",
        method="mean",
        sigma_clip=None,
        frames=(),
        notes=(),
    )
    thumbnail = task.folder / "thumbnail.png"
    thumbnail.write_bytes(PNG)
    result = ComputeResult(stack, thumbnail, notes=())
    report.so_far(result)
    report.begin("measuring")
    if misdeed := os.environ.get(LATE_MISDEED):
        MISDEEDS[misdeed]()
    return replace(result, measured=quick_measurement(hashes[0]))


def crash() -> None:
    """Die of a wrong pointer."""
    ctypes.string_at(0)


def hang() -> None:
    """Never come back."""
    time.sleep(3600)


def take_all_memory() -> None:
    """Take memory until there is none."""
    hoard = []
    while True:
        hoard.append(bytearray(2**24))


def fill_disk() -> None:
    """Write to a device that is always full."""
    with Path("/dev/full").open("wb", buffering=0) as full:
        full.write(b"x")


def find_nothing() -> None:
    """See only clouds."""
    raise BadDataError("none of the frames shows a star")


MISDEEDS = {
    "crash": crash,
    "be killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "hang": hang,
    "take all memory": take_all_memory,
    "fill disk": fill_disk,
    "find nothing": find_nothing,
}


def _sha256(frame: Path) -> str:
    return hashlib.sha256(frame.read_bytes()).hexdigest()
