"""Finds the stars of a field that vary beyond their errors, and their periods.

`candidates.find_variables` looks through a calibrated field; `find_period` at one light curve.
"""

from crowdsky.photometry.variability.claims import Period
from crowdsky.photometry.variability.periods import find_period

__all__ = ["Period", "find_period"]
