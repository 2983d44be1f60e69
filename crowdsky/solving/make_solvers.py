"""Makes the solvers that a list of names asks for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from crowdsky.base.errors import ConfigurationError
from crowdsky.solving.astrometry_net import AstrometrySolver
from crowdsky.solving.catalogue import StarCatalogue
from crowdsky.solving.chain import DEFAULT_TIME_LIMIT, TimedSolver
from crowdsky.solving.nova import NovaSolver
from crowdsky.solving.solve_field import SolveFieldProgram
from crowdsky.solving.solver import Solver
from crowdsky.solving.solver_names import SOLVER_NAMES
from crowdsky.solving.triangles import TriangleSolver

TIME_LIMITS = {"triangles": 30.0, "solve-field": 60.0, "nova": 300.0}
"""Seconds; the others have ten. The whole sky takes `triangles` four seconds of an idle core."""


def make_solvers(
    names: Sequence[str],
    index_dir: Path,
    catalogue: StarCatalogue | None,
    nova: NovaSolver | None = None,
    work_dir: Path | None = None,
) -> list[TimedSolver]:
    """The solvers of these names in this order, each with its time limit.

    `triangles` is left out without a catalogue, `nova` without a server. Raises ConfigurationError
    naming every name that is not a solver's.
    """
    unknown = [name for name in names if name not in SOLVER_NAMES]
    if unknown:
        raise ConfigurationError(
            "cannot use the list of solvers",
            problems=tuple(f"{name!r} is not a solver" for name in unknown),
            hint=f"choose from {', '.join(SOLVER_NAMES)}",
        )
    solvers: dict[str, Solver] = {
        "astrometry": AstrometrySolver(index_dir),
        "solve-field": SolveFieldProgram(index_dir, work_dir),
    }
    if catalogue is not None:
        solvers["triangles"] = TriangleSolver(catalogue)
    if nova is not None:
        solvers["nova"] = nova
    return [
        TimedSolver(solvers[name], TIME_LIMITS.get(name, DEFAULT_TIME_LIMIT))
        for name in dict.fromkeys(names)
        if name in solvers
    ]
