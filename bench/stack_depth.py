"""The depth of stacks: columns that nothing which is done to a finished stack can improve.

One night gives a ``Depth``; a column comes from all nights of a kind together. Deviations from
truth are those of the best weights for each tool (``best_weights``), so that a picture is not
judged by how well a fixed aperture suits it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bench import features
from bench.best_light import above_best
from bench.best_weights import (
    MIN_OBJECTS,
    NOTHING,
    Estimate,
    best_errors,
    mean_ratio,
    spread,
    spread_ratio,
)
from bench.completeness import Detections, completeness, completeness_ratio
from bench.patches import Patches

SNR_BINS = {"faint": (4.0, 12.0), "middle": (12.0, 40.0), "bright": (40.0, math.inf)}
"""Stars by their signal-to-noise ratio in an ideal stack."""
ABOVE_BEST = "flux, above the best"
SEARCHED_SNR = (2.5, 8.0)
"""Stars that the search for faint ones is judged by."""
ADU_OF_SNR_1 = 400.0
"""Light in one sub of the Seestar S50 that equals the noise of the sky beneath a star."""
BRIGHTEST_ADU = 250_000.0
MAGNITUDE = 2.5 / math.log(10.0)
SIGMA_TO_FWHM = 2.3548
LUMINANCE, RED, GREEN, BLUE = range(4)
PLANES = (LUMINANCE, RED, GREEN, BLUE)


@dataclass(frozen=True, slots=True)
class Depth:
    """What one picture shows of known objects; n stars, m patches.

    Attributes:
        snr: ideal signal-to-noise ratio of the stars, (n,).
        light: of each plane and weight, relative to truth, minus 1; (planes, n, weights).
        places: displacement from truth by each weight, px; (n, 2, weights).
        patches: light of each weight in ADU of one sub, (m, weights); ``size``, ``adu`` and
            ``streak`` are the truth about them, (m,).
        detections: of faint stars; None where not all stars of the field are known.
        best: light of the stars as well as the raw subs tell it, relative to truth, minus 1, (n,);
            NaN where not all about the subs is known.
    """

    snr: np.ndarray
    light: np.ndarray
    places: np.ndarray
    patches: np.ndarray
    size: np.ndarray
    adu: np.ndarray
    streak: np.ndarray
    detections: Detections | None
    best: np.ndarray = field(default_factory=lambda: np.empty(0))


def ideal_snr(light: np.ndarray, n_subs: int) -> np.ndarray:
    """Signal-to-noise ratio of stars in a perfect stack of so many subs, sky noise only."""
    return np.asarray(light * math.sqrt(n_subs) / ADU_OF_SNR_1)


def measure_depth(
    planes: np.ndarray,
    grey: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    light: np.ndarray,
    snr: np.ndarray,
    patches: Patches,
    free: np.ndarray,
    detections: Detections | None,
) -> Depth | None:
    """Measure a picture at the true places; None without bright stars, which set its scale.

    Args:
        planes: (4, height, width): luminance, red, green and blue, without sky.
        grey: (height, width), the luminance with its sky, for the patches.
        x, y: places of n stars in the picture.
        light: of these stars in one sub, (4, n) ADU.
        snr: their ideal signal-to-noise ratio, (n,).
        patches: placed on the picture.
        free: (height, width), pixels without stars.
    """
    bright = (snr > SNR_BINS["bright"][0]) & (light[LUMINANCE] < BRIGHTEST_ADU)
    if bright.sum() < 3:
        return None
    relative = features.star_light(planes, x, y) / light[:, :, None]
    gain = np.nanmedian(relative[:, bright], axis=1)
    shown = light[LUMINANCE]
    # Of the stars whose places are judged: debayering that follows edges makes them wider in noise
    # than the bright ones, so that they answer less to a displacement.
    placed = bright if _seen(snr).sum() < MIN_OBJECTS else _seen(snr)
    response = features.moment_response(planes[LUMINANCE], x[placed], y[placed], shown[placed])
    if not ((gain > 0.0).all() and (response > 0.0).all()):
        return None
    places = features.star_moments(planes[LUMINANCE], x, y) / (shown[:, None, None] * response)
    return Depth(
        snr=np.where(light[LUMINANCE] < BRIGHTEST_ADU, snr, math.nan),
        light=relative / gain[:, None, :] - 1.0,
        places=places,
        # The widest weight has nearly all light of a star, whatever its width.
        patches=features.patch_light(grey, patches, free) / _whole_light(gain),
        size=patches.size,
        adu=patches.adu,
        streak=np.isfinite(patches.angle),
        detections=detections,
    )


def _whole_light(gain: np.ndarray) -> float:
    """The picture's units per ADU of a sub, from what Gaussian weights of two widths show.

    A star of width s has 1 / (2 pi (s^2 + w^2)) of its light under a Gaussian weight of width w.
    """
    (first, second), (one, two) = features.STAR_SIGMAS_PX[-2:], gain[LUMINANCE][-2:]
    square = (two * second**2 - one * first**2) / (one - two)
    return float(2.0 * math.pi * one * (max(square, 0.0) + first**2))


def deviations(nights: Sequence[Depth]) -> dict[str, np.ndarray]:
    """Deviations from truth by column, of all objects of the nights in their order.

    Light relative to truth, colours in magnitudes, places in px (both axes), patches relative to
    their own brightness.
    """
    found: dict[str, np.ndarray] = {}
    snr = np.concatenate([night.snr for night in nights])
    light = np.concatenate([night.light for night in nights], axis=1)
    places = np.concatenate([night.places for night in nights])
    plain = np.ones(light.shape[2])
    for name, (low, high) in SNR_BINS.items():
        chosen = (snr >= low) & (snr < high)
        found[f"flux, {name}"] = best_errors(light[LUMINANCE, chosen], plain)
    seen = _seen(snr)
    red, blue = (best_errors(light[plane, seen], plain) for plane in (RED, BLUE))
    found["colour"] = MAGNITUDE * (red - blue)
    axes = [best_errors(places[seen, axis], np.ones(places.shape[2])) for axis in (0, 1)]
    found["place"] = np.concatenate(axes)
    found.update(_patch_deviations(nights))
    return found


def _seen(snr: np.ndarray) -> np.ndarray:
    """Which stars tell about places and colours."""
    low, high = SNR_BINS["middle"]
    return np.asarray((snr >= low) & (snr < high))


def _patch_deviations(nights: Sequence[Depth]) -> dict[str, np.ndarray]:
    found = {}
    size, adu, streak = (
        np.concatenate([getattr(night, name) for night in nights])
        for name in ("size", "adu", "streak")
    )
    light = np.concatenate([night.patches for night in nights])
    for form, kind in (("discs", ~streak), ("streaks", streak)):
        for one in np.unique(size[kind]):
            chosen = kind & (size == one)
            relative = light[chosen] / adu[chosen, None]
            if np.isfinite(relative).all(axis=1).any():
                response = np.nanmean(relative, axis=0)
                found[f"{form} of {one:.0f} px"] = best_errors(relative - response, response)
    return found


def columns(nights: Sequence[Depth]) -> dict[str, Estimate]:
    """All columns of one tool: scatter about truth, completeness, and width by information."""
    off = deviations(nights)
    found = {name: spread(values) for name, values in off.items()}
    found["FWHM"] = _width(found["place"], found["flux, middle"])
    searched = _detections(nights)
    found["completeness"] = completeness(searched) if searched else NOTHING
    found[ABOVE_BEST] = _above_best(off, nights)
    return found


def _above_best(off: Mapping[str, np.ndarray], nights: Sequence[Depth]) -> Estimate:
    """By what share star light of all brightnesses scatters more than it had to."""
    if any(night.best.size != night.snr.size for night in nights):
        return NOTHING
    best = np.concatenate([night.best for night in nights])
    snr = np.concatenate([night.snr for night in nights])
    found = mean_ratio(
        [
            above_best(off[f"flux, {name}"], best[(snr >= low) & (snr < high)])
            for name, (low, high) in SNR_BINS.items()
        ]
    )
    return Estimate(found.value - 1.0, found.error)


def column_ratios(ours: Sequence[Depth], theirs: Sequence[Depth]) -> dict[str, Estimate]:
    """Our columns over another tool's, with the error that stacks of the same frames have."""
    return ratios(deviations(ours), deviations(theirs), _detections(ours), _detections(theirs))


def ratios(
    ours: Mapping[str, np.ndarray],
    theirs: Mapping[str, np.ndarray],
    our_peaks: Sequence[Detections] = (),
    their_peaks: Sequence[Detections] = (),
) -> dict[str, Estimate]:
    """The same of deviations that are known already."""
    found = {name: spread_ratio(ours[name], theirs[name]) for name in ours if name in theirs}
    found["FWHM"] = _quotient(found["place"], found["flux, middle"])
    found["completeness"] = NOTHING
    if our_peaks and their_peaks:
        found["completeness"] = completeness_ratio(our_peaks, their_peaks)
    return found


def _detections(nights: Sequence[Depth]) -> list[Detections]:
    """Those of all nights, or none: a share of some nights says nothing about all."""
    found = [night.detections for night in nights if night.detections is not None]
    return found if len(found) == len(nights) else []


def _width(place: Estimate, flux: Estimate) -> Estimate:
    """FWHM of a Gaussian star whose place and light scatter like this.

    In the noise of the sky, the place of a star of width s and ratio SNR is known to
    sqrt(2) s / SNR (King 1983), and 1 / SNR is the relative scatter of its light.
    """
    width = _quotient(place, flux)
    scale = SIGMA_TO_FWHM / math.sqrt(2.0)
    return Estimate(scale * width.value, scale * width.error)


def _quotient(one: Estimate, other: Estimate) -> Estimate:
    if not other.value > 0.0 or math.isnan(one.value):
        return NOTHING
    value = one.value / other.value
    error = math.hypot(one.error, value * other.error) / other.value
    return Estimate(value, error)
