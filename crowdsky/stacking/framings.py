"""What a stack can show; without libraries, for commands that only name it."""

from __future__ import annotations

REFERENCE, INTERSECTION, MAX = "reference", "intersection", "max"
FRAMINGS = (REFERENCE, INTERSECTION, MAX)
"""What its reference shows, what all subs show, or whatever one of them does."""
