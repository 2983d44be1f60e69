"""Mosaics: pictures of many panels against truth, and what they cost, beside Siril.

::

    ./dev bench mosaics [--sets 2x2 4x3 missing] [--cost] [--subs N]

Each synthetic mosaic is stacked by ``worker stack --framing max`` and, where it is installed, by
Siril with ``-framing=max``. Places of stars are compared with one similarity for the whole picture,
and the sky on both sides of every edge of a panel. ``--cost`` stacks a 4x3 mosaic of N subs a field
(40), as one and field by field, for processor time and memory.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from astropy.io import fits

from bench.mosaic_truth import edge_steps, positions
from bench.peers import SIRIL_MISSING, siril_version
from bench.stack_race import tell
from bench.stack_sets import CACHE_DIR, repeated
from crowdsky.synthetic.mosaics import Layout, panel_nights
from crowdsky.synthetic.records import Night, Truth
from crowdsky.synthetic.sky import plan, star_field, write_night

SEED = 20_251_201
FIELD = ("MOSAIC", 200.0, 35.0)
STARS_PER_SQ_DEG = 600.0
LAYOUTS = {
    "2x2": Layout(2, 2),
    "4x3": Layout(4, 3, turn_deg=2.0),
    "missing": Layout(3, 3, missing=(2, 6)),
}
SUBS_RENDERED = 6
COST_SUBS = 40
SIRIL_BYTES = 3 << 30
"""Siril keeps every sub on the canvas of the mosaic, in 16 bits and three colours."""
SIRIL_SCRIPT = """requires 1.0.0
cd {subs}
link sub -out={work}
cd {work}
preprocess sub -debayer
register pp_sub -2pass
seqapplyreg pp_sub -framing=max
stack r_pp_sub rej 3 3 -norm=addscale -output_norm -out=result
close
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took: seconds of wall and processor time, and its peak memory in MB."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def mosaic(name: str, n_subs: int = SUBS_RENDERED, cache: Path = CACHE_DIR) -> list[Truth]:
    """The panels of a mosaic, from the cache or rendered now (half a second per sub)."""
    rng = np.random.default_rng([SEED, *name.encode()])
    layout = LAYOUTS[name]
    radius = 0.9 + 0.6 * max(layout.columns, layout.rows)
    scene = star_field(*FIELD, rng, radius_deg=radius, stars_per_sq_deg=STARS_PER_SQ_DEG)
    night = Night(scene, n_subs=n_subs, n_hot_pixels=30, rotation_deg_per_hour=6.0)
    folder = cache / f"mosaic-{name}-{n_subs}"
    truths = []
    for number, one in enumerate(panel_nights(night, layout)):
        own, seed = folder / f"{number:02d}", [SEED, number, *name.encode()]
        if not own.is_dir():
            partial = own.with_name(own.name + ".part")
            shutil.rmtree(partial, ignore_errors=True)
            write_night(partial, one, np.random.default_rng(seed))
            partial.rename(own)
        truths.append(replace(plan(one, np.random.default_rng(seed)), folder=own))
    return truths


def main(arguments: Sequence[str]) -> int:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(prog="./dev bench mosaics", description=__doc__)
    parser.add_argument("--sets", nargs="+", choices=sorted(LAYOUTS), default=list(LAYOUTS))
    parser.add_argument("--cost", action="store_true", help="time and memory of a 4x3 mosaic")
    parser.add_argument("--subs", type=int, default=COST_SUBS, help="subs of each of its fields")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="crowdsky-mosaics-") as work:
        if options.cost:
            _cost(Path(work), options.subs)
        else:
            _pictures(options.sets, Path(work))
    return 0


def _pictures(names: Sequence[str], work: Path) -> None:
    siril = siril_version()
    if siril is None:
        tell(SIRIL_MISSING)
    elif not _frames_mosaics(siril):
        tell(f"Siril {siril} has no -framing=max for sequences, which came with 1.2")
        siril = None
    tell("set | program | pixels | stars | star px | cell px, median | worst | steps, rms | worst")
    for name in names:
        panels = mosaic(name)
        paths = [path for panel in panels for path in panel.paths]
        ours = work / f"{name}.fits"
        _run(_native(paths, ours))
        with fits.open(ours) as hdus:
            green, seen = hdus["GREEN"].data.astype(np.float32), hdus["FOOTPRINT"].data > 0
        _compare(name, "native", green, seen, panels)
        if siril is not None:
            needs = 6 * green.size * len(paths)
            if needs > SIRIL_BYTES:
                tell(f"{name} | siril | not run: it would write {needs >> 30} GB of warped subs")
                continue
            other = _siril(paths, work / f"siril-{name}")
            if other is None:
                tell(f"{name} | siril | it made no picture")
                continue
            with fits.open(other) as hdus:
                green = np.ascontiguousarray(hdus[0].data[1, ::-1], np.float32)
            _compare(name, "siril", green * 65535.0, green != 0.0, panels)


def _frames_mosaics(version: str) -> bool:
    return tuple(int(part) for part in version.split("-")[0].split(".")[:2]) >= (1, 2)


def _compare(
    name: str, tool: str, green: np.ndarray, seen: np.ndarray, panels: Sequence[Truth]
) -> None:
    scene = replace(panels[0].night.scene, ra_deg=FIELD[1], dec_deg=FIELD[2])
    scale = panels[0].night.camera.pixel_scale_arcsec / 3600.0
    size = f"{green.shape[1]} x {green.shape[0]}"
    try:
        found = positions(green, seen, scene, scale)
    except ValueError as error:
        tell(f"{name} | {tool} | {size} | {error}")
        return
    worst, rms = edge_steps(green, seen, found.plane, panels)
    tell(
        f"{name} | {tool} | {size} | {found.n_stars} | {found.star_px:.3f} | "
        f"{found.median_cell_px:.3f} | {found.worst_cell_px:.3f} | {rms:.2f} | {worst:.2f}"
    )


def _cost(work: Path, n_subs: int) -> None:
    """Stack a 4x3 mosaic as one, and its fields one after the other."""
    fields = []
    for number, panel in enumerate(mosaic("4x3")):
        fields.append(repeated(panel.paths, n_subs, work / f"subs-{number:02d}"))
    tell("what | wall s | CPU s | peak MB")
    whole = _run(_native([path for field in fields for path in field], work / "whole.fits"))
    tell(f"mosaic of {len(fields)} fields | {whole.wall_s:.1f} | {whole.cpu_s:.1f} | "
         f"{whole.peak_mb:.0f}")  # fmt: skip
    alone = [_run(_native(field, work / "field.fits", framing="reference")) for field in fields]
    wall, cpu = sum(cost.wall_s for cost in alone), sum(cost.cpu_s for cost in alone)
    peak = max(cost.peak_mb for cost in alone)
    tell(f"field by field | {wall:.1f} | {cpu:.1f} | {peak:.0f}")
    tell(f"ratio | {whole.wall_s / wall:.2f} | {whole.cpu_s / cpu:.2f} |")


def _native(paths: Sequence[Path], output: Path, framing: str = "max") -> list[str]:
    options = ["--framing", framing, "--no-solve", "--no-picture", "-o", str(output)]
    return [sys.executable, "-m", "worker", "stack", *map(str, paths), *options]


def _siril(paths: Sequence[Path], work: Path) -> Path | None:
    subs, process = work / "subs", work / "process"
    subs.mkdir(parents=True)
    process.mkdir()
    for index, path in enumerate(paths):
        (subs / f"sub_{index:05d}.fit").symlink_to(path.resolve())
    script = work / "stack.ssf"
    script.write_text(SIRIL_SCRIPT.format(subs=subs, work=process))
    command = ["siril-cli", "-s", str(script), "-d", str(subs)]
    subprocess.run(command, capture_output=True, check=False)
    result = process / "result.fit"
    return result if result.exists() else None


def _run(command: Sequence[str]) -> Cost:
    """Run a command to its end; raises CalledProcessError when it fails."""
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command[:4])
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(time.monotonic() - started, cpu, usage.ru_maxrss / 1000.0)
