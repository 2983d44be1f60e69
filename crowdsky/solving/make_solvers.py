"""Makes solvers by their names."""

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
"""Seconds per solver; the others have ten. `triangles` searches the whole sky in four, on an idle
core."""


def make_solvers(
    names: Sequence[str],
    index_dir: Path,
    catalogue: StarCatalogue | None,
    nova: NovaSolver | None = None,
    work_dir: Path | None = None,
) -> list[TimedSolver]:
    """Make the solvers of these names in this order, each with its time limit.

    Args:
        names: of SOLVER_NAMES; a name that is repeated counts once.
        index_dir: folder with the index files of astrometry.net.
        catalogue: stars for `triangles`, which is left out without them.
        nova: the solver `nova`, which is left out without a server.
        work_dir: where `solve-field` makes its scratch folder; the system's if None.

    Raises ConfigurationError with every name that is not a solver's.
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
