"""What subs can be weighed for in the mean; without libraries, for commands that only name it."""

from __future__ import annotations

POINT_SOURCES, SURFACE, EQUAL = "point-sources", "surface", "equal"
WEIGHTS = (POINT_SOURCES, SURFACE, EQUAL)
"""For the light of stars, which needs sharp subs; for surface brightness, where all that counts is
the noise; or not at all."""
