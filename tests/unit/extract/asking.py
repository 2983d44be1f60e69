"""A picture of the sky around M 94, and what is found in it."""

from __future__ import annotations

from pathlib import Path

from crowdsky.extract.solve_image import SolveAnswer, solve_image
from crowdsky.solving.astrometry_net import AstrometrySolver
from crowdsky.solving.catalogue import StarCatalogue
from crowdsky.solving.chain import TimedSolver
from tests.support.star_fields import INDEX_DIR

SHAPE = (900, 700)
PLACE = (192.75, 41.12)
SCALE = 3.6


def answer_about(path: Path, tycho: StarCatalogue) -> SolveAnswer:
    return solve_image(path, [TimedSolver(AstrometrySolver(INDEX_DIR))], tycho)
