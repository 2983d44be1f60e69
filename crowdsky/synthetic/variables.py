"""Stars of known variability: how much fainter than at their brightest they are at a moment.

Light curves are simple shapes with exact periods, depths and moments, good for testing what finds
them. Times are BJD (TDB) in days. ``change`` is the curve itself, ``exposed_change`` what an
exposure of some minutes sees: the mean of the light, not of the magnitudes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

STEPS = 9
"""Number of moments over which an exposure is averaged; odd, so that its middle is one of them."""
BAND_SHARE = {"R": 0.75, "G": 1.0, "B": 1.3, "L": 1.0}
"""Change of a pulsating star in each band, relative to green: it is hotter when it is bright."""


class LightCurve(Protocol):
    """The change of a star's magnitude with time."""

    @property
    def grey(self) -> bool:
        """Whether the change is the same in all bands: true of eclipses, not of pulsations."""

    def change(self, bjd: np.ndarray) -> np.ndarray:
        """Compute magnitudes above the brightest level in green at times in days, any shape."""


def exposed_change(
    curve: LightCurve, bjd: np.ndarray, exposure_s: np.ndarray | float, band: str = "G"
) -> np.ndarray:
    """Compute the change in magnitudes of the mean light over exposures centred at ``bjd`` (n,)."""
    share = 1.0 if curve.grey else BAND_SHARE[band]
    steps = (np.arange(STEPS) + 0.5) / STEPS - 0.5
    moments = bjd[:, None] + np.asarray(exposure_s)[..., None] / 86400.0 * steps
    light = 10.0 ** (-0.4 * share * curve.change(moments))
    return np.asarray(-2.5 * np.log10(light.mean(axis=1)))


@dataclass(frozen=True, slots=True)
class Constant:
    """A star that does not vary."""

    grey: bool = True

    def change(self, bjd: np.ndarray) -> np.ndarray:
        """Compute zero for every moment."""
        return np.zeros(np.shape(bjd))


@dataclass(frozen=True, slots=True)
class Dip:
    """A trapezoid of lost light: depth in magnitudes, whole and flat duration in days."""

    depth: float
    duration: float
    flat: float

    def at(self, from_middle: np.ndarray) -> np.ndarray:
        """Compute the loss in magnitudes at times from the middle, days."""
        slope = (self.duration - self.flat) / 2.0
        rise = (self.duration / 2.0 - np.abs(from_middle)) / slope
        lost = (1.0 - 10.0 ** (-0.4 * self.depth)) * np.clip(rise, 0.0, 1.0)
        return np.asarray(-2.5 * np.log10(1.0 - lost))


@dataclass(frozen=True, slots=True)
class DetachedBinary:
    """Two eclipses per period, half a period apart, with constant light between them."""

    period: float
    t0: float
    primary: Dip
    secondary: Dip
    grey: bool = True

    def change(self, bjd: np.ndarray) -> np.ndarray:
        """Compute the loss of light in magnitudes."""
        second = self.t0 + self.period / 2.0
        first_dip = self.primary.at(_from_nearest(bjd, self.t0, self.period))
        return np.asarray(first_dip + self.secondary.at(_from_nearest(bjd, second, self.period)))


@dataclass(frozen=True, slots=True)
class ContactBinary:
    """Light that never rests: two round minima per period, the second one shallower."""

    period: float
    t0: float
    depth: float
    second_depth: float
    grey: bool = True

    def change(self, bjd: np.ndarray) -> np.ndarray:
        """Compute magnitudes below maximum."""
        phase = 2.0 * np.pi * (bjd - self.t0) / self.period
        share = 0.5 * (self.depth + self.second_depth)
        unequal = 0.5 * (self.depth - self.second_depth)
        # cos^2 has both minima of the light; its square makes them narrower than the maxima.
        wave = np.cos(phase) ** 2
        return np.asarray(0.5 * (wave + wave**2) * (share + unequal * np.sign(np.cos(phase))))


@dataclass(frozen=True, slots=True)
class RRLyrae:
    """A steep rise and a slow fall, as of type ab; ``rise`` is its share of the period."""

    period: float
    t0: float
    amplitude: float
    rise: float = 0.16
    grey: bool = False

    def change(self, bjd: np.ndarray) -> np.ndarray:
        """Compute magnitudes below maximum, which is at ``t0``."""
        phase = (bjd - self.t0) / self.period % 1.0
        fall = 1.0 - self.rise
        falling = np.sin(0.5 * np.pi * np.clip(phase / fall, 0.0, 1.0))
        rising = 0.5 * (1.0 + np.cos(np.pi * (phase - fall) / self.rise))
        return np.asarray(self.amplitude * np.where(phase < fall, falling, rising))


@dataclass(frozen=True, slots=True)
class Transit:
    """A planet in front of a star with a darkened limb (linear law, small-planet approximation).

    ``depth`` is that of mid-transit, magnitudes; ``impact`` the distance of the chord from the
    middle of the star in its radii. Source: Mandel & Agol 2002, section 5, with the local
    brightness under the planet and a linear ingress over its diameter.
    """

    period: float
    t0: float
    depth: float
    duration: float
    impact: float = 0.3
    darkening: float = 0.5
    grey: bool = True

    def change(self, bjd: np.ndarray) -> np.ndarray:
        """Compute the loss of light in magnitudes."""
        chord = np.sqrt(1.0 - self.impact**2)
        along = np.abs(_from_nearest(bjd, self.t0, self.period)) / (self.duration / 2.0) * chord
        radius = np.sqrt(1.0 - 10.0 ** (-0.4 * self.depth))
        place = np.minimum(np.hypot(along, self.impact), 1.0)
        covered = np.clip((chord + radius - along) / (2.0 * radius), 0.0, 1.0)
        middle = 1.0 - self.darkening * (1.0 - np.sqrt(1.0 - self.impact**2))
        bright = 1.0 - self.darkening * (1.0 - np.sqrt(1.0 - place**2))
        lost = (1.0 - 10.0 ** (-0.4 * self.depth)) * covered * bright / middle
        return np.asarray(-2.5 * np.log10(1.0 - lost))


@dataclass(frozen=True, slots=True)
class Mira:
    """A slow wave of hundreds of days."""

    period: float
    t0: float
    amplitude: float
    grey: bool = False

    def change(self, bjd: np.ndarray) -> np.ndarray:
        """Compute magnitudes below maximum, which is at ``t0``."""
        wave = np.cos(2.0 * np.pi * (bjd - self.t0) / self.period)
        return np.asarray(0.5 * self.amplitude * (1.0 - wave))


@dataclass(frozen=True, slots=True)
class Irregular:
    """A sum of waves without a common period, as of a flickering star."""

    periods: tuple[float, ...]
    phases: tuple[float, ...]
    amplitude: float
    grey: bool = False

    def change(self, bjd: np.ndarray) -> np.ndarray:
        """Compute the change in magnitudes about half the amplitude."""
        waves = [
            np.sin(2.0 * np.pi * (bjd / period + phase))
            for period, phase in zip(self.periods, self.phases, strict=True)
        ]
        return np.asarray(0.5 * self.amplitude * (1.0 + sum(waves) / len(waves)))


def _from_nearest(bjd: np.ndarray, t0: float, period: float) -> np.ndarray:
    """Compute the days from the nearest of the moments t0 + n * period."""
    return np.asarray((bjd - t0 + 0.5 * period) % period - 0.5 * period)
