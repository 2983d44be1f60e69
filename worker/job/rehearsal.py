"""One tiny job from end to end: afterwards this process has loaded all that real jobs need.

Modules, star and object catalogues, tables of time: a list of them would have to
be kept true by hand, and going through the real work touches exactly what the work needs.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from crowdsky.measuring.recipe import Recipe
from crowdsky.sandbox.report import Report
from crowdsky.sandbox.task import Task, child_task
from worker.job.compute import ComputeResult, ComputeTask, compute_job

N_SUBS = 3
FRAME_SIZE = (600, 800)
"""Width and height in pixels, small but with enough stars to be solved: what follows a solution
(objects, barycentric times, overlay) takes the longest to load."""

SOLVERS = ("triangles", "astrometry")
"""Those that live in this process."""


def rehearsal(recipe: Recipe) -> Task[Recipe, ComputeResult]:
    """The task that a worker's fork server begins with; the recipe's secret is left out."""
    return Task(rehearse, replace(recipe, nova_key=""))


@child_task("rehearsing", takes=Recipe, gives=ComputeResult)
def rehearse(recipe: Recipe, report: Report) -> ComputeResult:
    """Render subs of real stars into the current folder, stack and measure them.

    Raises what a job may raise.
    """
    import numpy as np

    from crowdsky.synthetic.sky import SEESTAR_S50, demo_nights, write_night

    # Without the user's catalogues: pyarrow, which reads them, starts a thread that stays, and none
    # may be there when a job is forked; and the made-up field would ask for tiles of Gaia.
    recipe = replace(recipe, catalogue_dir=None, catalogue_file=None)
    folder = Path.cwd()
    rng = np.random.default_rng(1)
    night, _ = demo_nights(rng, N_SUBS, SEESTAR_S50.resized(*FRAME_SIZE))
    subs = write_night(folder / "subs", replace(night, satellites=()), rng).paths
    solvers = [name for name in SOLVERS if name in recipe.solvers]
    task = ComputeTask(tuple(subs), folder, "native", "rehearsal", recipe.asking(solvers))
    return compute_job(task, report)
