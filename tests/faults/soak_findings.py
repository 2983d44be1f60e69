"""What one seed of the soak is to do, and what it did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

CUSTODY_MOVES = ("restore", "meet_another_site", "misread_the_clock")
"""What happens to the site as a whole; each once in every seed, at random moments."""


@dataclass(frozen=True)
class Plan:
    """How large one seed is, and which moves of custody it makes."""

    seed: int
    jobs: int = 12
    frames: int = 3
    workers: int = 3
    storm_seconds: float = 10.0
    moves: tuple[str, ...] = CUSTODY_MOVES


@dataclass
class Findings:
    """What one seed did and what is wrong afterwards."""

    seed: int
    completed: int = 0
    failed: int = 0
    forgotten: int = 0
    attempts: int = 0
    orphans: int = 0
    raws_deleted: int = 0
    delivered_late: int = 0
    confirmed: int = 0
    rebuilt: int = 0
    seconds: float = 0.0
    injected: Counter[str] = field(default_factory=Counter)
    moves: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
