"""One target of the stacking benchmark."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One figure, what it should be, and whether it is."""

    figure: str
    measured: str
    target: str
    met: bool
    within_error: bool = False
    """Not met, but by less than twice the statistical error."""

    @property
    def verdict(self) -> str:
        """One word or two for the table."""
        if self.met:
            return "yes"
        return "undecided" if self.within_error else "**no**"
