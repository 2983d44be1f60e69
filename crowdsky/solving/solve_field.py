"""Runs the astrometry.net program `solve-field` on the star list instead of the picture.

It is for machines where the library of `astrometry_net` cannot be installed, or which have larger
index files. It runs in a session of its own, so that the engine that it starts is killed with it
when its time is over.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits

from crowdsky.solving.solver import Parity, SolveOutcome, SolveRequest, StarList
from crowdsky.solving.tan import TanWcs

NAME = "solve-field"
MAX_STARS = 200
GRACE_SECONDS = 2.0
"""Seconds between the CPU limit of the program itself and our killing it."""


@dataclass(frozen=True, slots=True)
class SolveFieldProgram:
    """Runs `solve-field` on the index files of a folder.

    index_dir   -- folder with index-*.fits
    work_dir    -- where its scratch folder is made; the system's if None
    program     -- name or path of the program
    """

    index_dir: Path
    work_dir: Path | None = None
    program: str = "solve-field"
    name: str = NAME
    uses_position: bool = True

    def solve(self, request: SolveRequest, time_limit: float) -> SolveOutcome:
        """Propose a plate; this works without hints, too, but then takes up to a minute."""
        if shutil.which(self.program) is None:
            return SolveOutcome(NAME, reason=f"the program {self.program} is not installed")
        try:
            with tempfile.TemporaryDirectory(prefix="solve-field-", dir=self.work_dir) as scratch:
                return self._run(request, Path(scratch), time_limit)
        except OSError as error:
            return SolveOutcome(NAME, reason=f"cannot be used: {error}")

    def _run(self, request: SolveRequest, scratch: Path, time_limit: float) -> SolveOutcome:
        _write_star_table(request.stars.brightest(MAX_STARS), scratch / "stars.xyls")
        settings = f"cpulimit {max(1, round(time_limit))}\nadd_path {self.index_dir}\nautoindex\n"
        (scratch / "engine.cfg").write_text(settings)
        command = [self.program, *_arguments(request, scratch, time_limit)]
        finished, last_words = _run_program(command, scratch, time_limit + GRACE_SECONDS)
        if not finished:
            return SolveOutcome(NAME, reason=f"time over after {time_limit:.0f} s")
        plate = scratch / "stars.wcs"
        if not plate.exists():
            why = "no match" if "Did not solve" in last_words else last_words[-200:].strip()
            return SolveOutcome(NAME, reason=why or "it ended without a word")
        try:
            return SolveOutcome(NAME, TanWcs.from_header(fits.getheader(plate)))
        except (KeyError, ValueError) as error:
            return SolveOutcome(NAME, reason=f"its plate cannot be used: {error}")


def _write_star_table(stars: StarList, path: Path) -> None:
    """Write the star list as the program expects it: a FITS table, pixels 1-based."""
    columns = [
        fits.Column("X", "D", array=stars.x + 1.0),
        fits.Column("Y", "D", array=stars.y + 1.0),
        fits.Column("FLUX", "D", array=np.asarray(stars.flux)),
    ]
    fits.BinTableHDU.from_columns(columns).writeto(path)


def _arguments(request: SolveRequest, scratch: Path, time_limit: float) -> list[str]:
    stars = request.stars
    arguments = [
        "--config", "engine.cfg", "--width", str(stars.width), "--height", str(stars.height),
        "--x-column", "X", "--y-column", "Y", "--sort-column", "FLUX",
        "--cpulimit", str(max(1, round(time_limit))), "--temp-dir", str(scratch),
        "--overwrite", "--no-plots", "--no-tweak", "--crpix-center",
        "--new-fits", "none", "--solved", "none", "--match", "none", "--rdls", "none",
        "--corr", "none", "--index-xyls", "none",
    ]  # fmt: skip
    if request.scale is not None:
        low, high = str(request.scale.low), str(request.scale.high)
        arguments += ["--scale-units", "app", "--scale-low", low, "--scale-high", high]
    if request.hint is not None:
        hint = request.hint
        place = {"--ra": hint.ra, "--dec": hint.dec, "--radius": hint.radius}
        arguments += [f"{option}={value:.6f}" for option, value in place.items()]
    if request.parity is not Parity.EITHER:
        # The program calls det(CD) > 0 negative, as seen on the sky.
        arguments += ["--parity", "neg" if request.parity is Parity.POSITIVE else "pos"]
    return [*arguments, "stars.xyls"]


def _run_program(command: list[str], folder: Path, seconds: float) -> tuple[bool, str]:
    """Run a program in a session of its own; return whether it ended in time, and its output."""
    with subprocess.Popen(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            return False, ""
        finally:
            if process.poll() is None:  # its time is over, or this process is being stopped
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
    return True, output
