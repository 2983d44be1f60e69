"""The calibration of a band before it becomes tables."""

from __future__ import annotations

from dataclasses import dataclass

from crowdsky.base.arrays import FloatArray
from crowdsky.photometry.ensemble.band import BandData
from crowdsky.photometry.ensemble.noise import Floor
from crowdsky.photometry.ensemble.stars import Statistics
from crowdsky.photometry.ensemble.tie import Tied


@dataclass(frozen=True, slots=True)
class Solved:
    """The ensemble of a band on the scale of the catalogue, and statistics of its stars."""

    tied: Tied
    statistics: Statistics


@dataclass(frozen=True, slots=True)
class CalibratedBand:
    """The calibration of a band.

    floors      -- of the telescopes and filters, in the order of `data.names`
    floor_mag   -- of the epochs, (n_epochs,)
    colour      -- of the stars, minus the reference, NaN unknown; None for a band without colours
    solved      -- the ensemble and its stars; None if no epoch could be solved
    """

    data: BandData
    floors: list[Floor]
    floor_mag: FloatArray
    colour: FloatArray | None
    solved: Solved | None
