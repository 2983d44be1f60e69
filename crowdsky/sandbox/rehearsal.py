"""One tiny job from end to end: afterwards this process has loaded all that real jobs need.

Modules, compiled kernels, star and object catalogues, tables of time: a list of them would have to
be kept true by hand, and going through the real work touches exactly what the work needs.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np

from crowdsky.measuring.recipe import Recipe
from crowdsky.sandbox.task import ComputeTask, Sender, run_task
from crowdsky.synthetic.sky import SEESTAR_S50, demo_nights, write_night

N_SUBS = 3
FRAME_SIZE = (600, 800)
"""Width and height in pixels, small but with enough stars to be solved: what follows a solution
(objects, barycentric times, overlay) takes the longest to load."""

SOLVERS = ("triangles", "astrometry")
"""Those that live in this process; the first one, which solves, has kernels to load."""


def rehearse(recipe: Recipe, folder: Path) -> None:
    """Render subs of real stars into ``folder``, stack and measure them.

    Raises what a job may raise.
    """
    rng = np.random.default_rng(1)
    night, _ = demo_nights(rng, N_SUBS, SEESTAR_S50.resized(*FRAME_SIZE))
    subs = write_night(folder / "subs", replace(night, satellites=()), rng).paths
    solvers = [name for name in SOLVERS if name in recipe.solvers]
    task = ComputeTask(tuple(subs), folder, "native", "rehearsal", recipe.asking(solvers))
    with Path(os.devnull).open("wb") as nobody:
        run_task(task, Sender(nobody))
