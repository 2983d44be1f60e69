"""The frames that the stackers are given: real ones, and synthetic nights with known truth.

Synthetic nights are rendered once into a cache folder whose name follows from the program that
renders them, so that a change there makes new frames.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

import crowdsky.synthetic
from bench import patches as patches_module
from bench.patches import NO_PATCHES
from bench.stack_known import Known, add_to_night, night_known, night_patches
from crowdsky.synthetic.sky import SEESTAR_S30_PRO, Night, Truth, plan, star_field, write_night

CACHE_DIR = Path("~/.cache/crowdsky/bench").expanduser()
FIELD = ("SIM", 200.0, 35.0)
STARS_PER_SQ_DEG = 600.0
S30_RENDERED = 6
"""A sub of the S30 Pro takes seconds to render; memory does not mind seeing it again."""
DATE_OBS = re.compile(rb"DATE-OBS= '([^']{26})'")
HEADER_BLOCK = 2880
END_CARD = b"END".ljust(80)
DATE_FORMAT = "%Y-%m-%dT%H:%M:%S.%f"

NIGHTS: dict[str, tuple[int, dict[str, object]]] = {
    "sim5": (5, {"n_subs": 5, "satellites": (1, 3), "n_hot_pixels": 300}),
    "sim15": (
        15,
        {
            "n_subs": 15,
            "satellites": (2, 7, 11),
            "trailed": (4, 9),
            "jump_at": 8,
            "n_hot_pixels": 100,
        },
    ),
    "simcloud": (
        31,
        {"n_subs": 31, "cloudy": (3, 4, 5, 6, 17, 18, 19, 20), "satellites": (10, 25)},
    ),
    "sim90": (
        90,
        {
            "n_subs": 90,
            "satellites": tuple(range(4, 90, 9)),
            "trailed": (30, 61),
            "jump_at": 45,
            "n_hot_pixels": 100,
        },
    ),
    "wind": (
        12,
        {
            "n_subs": 12,
            "satellites": (2, 7),
            "trailed": (1, 3, 4, 7, 9, 10),
            "smear_px": 5.0,
            "n_hot_pixels": 100,
        },
    ),
    "mixed": (
        13,
        {
            "n_subs": 12,
            "satellites": (2, 7),
            "soft": (0, 1, 2, 5, 8, 11),
            "soft_factor": 1.5,
            "n_hot_pixels": 100,
        },
    ),
    "s30": (30, {"n_subs": S30_RENDERED, "camera": SEESTAR_S30_PRO}),
}
"""Seed and events of each synthetic night."""
SHAPE_NIGHTS = ("wind", "mixed")
"""Nights whose stars have different shapes: half of the subs are smeared by wind, or blurred."""
FURTHER_NIGHTS = {"sim5": 7, "sim15": 3, "simcloud": 2, "sim90": 2, "wind": 3, "mixed": 3}
"""So many more with other stars and other noise: one night does not decide about a few per cent."""
MEMORY_ONLY = ("s30",)
"""Nights whose pictures are not measured."""
PATCH_SEED = 20_251_130


@dataclass(frozen=True, slots=True)
class FrameSet:
    """Frames that every tool stacks; ``truth`` is None for real ones, ``known`` if nothing is."""

    name: str
    paths: tuple[Path, ...]
    truth: Truth | None = None
    known: Known | None = None

    @property
    def kind(self) -> str:
        """The name without the number of a further night."""
        return self.name.partition(".")[0]


def synthetic(name: str, cache: Path = CACHE_DIR) -> FrameSet:
    """One of NIGHTS, from the cache or rendered now (half a second per S50 sub).

    "sim5.2" is the second night like sim5: the same events, other stars and other noise.
    """
    folder = cache / f"{name}-{_renderer_version()}"
    night, rng = _night(name)
    truth = replace(plan(night, rng), folder=folder)
    patch_rng = np.random.default_rng([PATCH_SEED, *name.encode()])
    patches = NO_PATCHES if name in MEMORY_ONLY else night_patches(truth, patch_rng)
    if not folder.is_dir():
        partial = folder.with_name(folder.name + ".part")
        shutil.rmtree(partial, ignore_errors=True)
        written = write_night(partial, *_night(name))
        if len(patches):
            add_to_night(written, patches, patch_rng)
        partial.rename(folder)
    return FrameSet(name, tuple(truth.paths), truth, night_known(truth, patches))


def further(name: str) -> list[FrameSet]:
    """The further nights like this one."""
    return [synthetic(f"{name}.{number + 2}") for number in range(FURTHER_NIGHTS.get(name, 0))]


def real(folder: Path, count: int | None) -> FrameSet:
    """The first ``count`` frames of a folder in order of their names, all for None."""
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in (".fit", ".fits"))
    if not paths:
        raise FileNotFoundError(f"there are no .fit or .fits files in {folder}")
    chosen = tuple(paths[:count])
    return FrameSet(f"real{len(chosen)}", chosen)


def repeated(subs: Sequence[Path], count: int, folder: Path) -> list[Path]:
    """``count`` subs made of fewer: copies with a time and a first pixel of their own.

    Enough for time and memory, which do not depend on what the pixels show.
    """
    if count <= len(subs):
        return list(subs[:count])
    folder.mkdir(parents=True)
    paths = []
    for index in range(count):
        content = subs[index % len(subs)].read_bytes()
        found = DATE_OBS.search(content, 0, 20 * 2880)
        if found is None:
            raise ValueError(f"{subs[index % len(subs)]} has no DATE-OBS with microseconds")
        # Each pass over the subs is a later one, so that all times are distinct.
        shift = timedelta(seconds=1200 * (index // len(subs)))
        time = datetime.fromisoformat(found[1].decode()) + shift
        stamped = bytearray(content[: found.start(1)] + time.strftime(DATE_FORMAT).encode())
        stamped += content[found.end(1) :]
        # Equal pixels would be recognised as the same light.
        first = HEADER_BLOCK * (stamped.index(END_CARD) // HEADER_BLOCK + 1)
        stamped[first : first + 2] = index.to_bytes(2, "big")
        paths.append(folder / f"Light_repeated_{index:04d}.fit")
        paths[-1].write_bytes(stamped)
    return paths


def _night(name: str) -> tuple[Night, np.random.Generator]:
    """A night and the generator that goes on to plan and render it."""
    kind, _, number = name.partition(".")
    seed, events = NIGHTS[kind]
    rng = np.random.default_rng([seed, int(number)] if number else seed)
    scene = star_field(*FIELD, rng, stars_per_sq_deg=STARS_PER_SQ_DEG)
    return Night(scene, **events), rng  # type: ignore[arg-type]


def _renderer_version() -> str:
    folder = Path(crowdsky.synthetic.__path__[0])
    sources = sorted((*folder.glob("*.py"), *folder.glob("*.c")))
    content = [path.read_bytes() for path in (*sources, Path(patches_module.__file__))]
    content.append(repr((FIELD, STARS_PER_SQ_DEG, NIGHTS, PATCH_SEED)).encode())
    return hashlib.sha256(b"".join(content)).hexdigest()[:10]
