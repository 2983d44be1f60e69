"""Targets for the depth of our stacks: at least that of the best peer, in every kind of set."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from bench.best_weights import NOTHING, Estimate, mean_ratio
from bench.peers import NATIVE, PEERS
from bench.stack_check import Check
from bench.stack_depth import SNR_BINS, column_ratios
from bench.stack_results import Results
from bench.stack_variance import reduced_chi_square

COMPLETENESS = "completeness"
WIDTH = "FWHM"
CHI_SQUARE_OFF = 0.1
MEAN_FLUX = 0.98
"""Flux scatter over that of the best peer, in the mean over all sets."""
FAMILIES = {
    "flux scatter": tuple(f"flux, {name}" for name in SNR_BINS),
    "surface brightness": ("discs", "streaks"),
    "scatter of places": ("place",),
    "scatter of colours": ("colour",),
    COMPLETENESS: (COMPLETENESS,),
}
"""Columns that make one target, by the beginning of their names."""


def depth_checks(results: Results) -> Iterator[Check]:
    """Every family of columns in every kind of set, and in the mean over the sets."""
    over_all: dict[str, list[Estimate]] = {family: [] for family in FAMILIES}
    for kind in results.kinds():
        depths = results.depths(kind)
        if NATIVE not in depths:
            continue
        count = len(depths[NATIVE])
        name = kind if count == 1 else f"{kind}, {count} nights"
        yield from _variance(name, results, kind)
        ratios = {
            peer: column_ratios(depths[NATIVE], depths[peer]) for peer in PEERS if peer in depths
        }
        for family, columns in FAMILIES.items():
            peer, found = _best_peer(family, columns, ratios)
            if not math.isnan(found.value):
                over_all[family].append(found)
                yield _check(f"{name}: {family} / best peer ({peer})", family, found, 1.0)
        if "siril" in ratios and not math.isnan(ratios["siril"][WIDTH].value):
            yield _check(
                f"{name}: FWHM by information / Siril's", WIDTH, ratios["siril"][WIDTH], 1.0
            )
    for family, of_sets in over_all.items():
        if len(of_sets) > 1:
            limit = MEAN_FLUX if family == "flux scatter" else 1.0
            yield _check(f"all sets: {family} / best peer", family, mean_ratio(of_sets), limit)


def _variance(name: str, results: Results, kind: str) -> Iterator[Check]:
    nights = [night[NATIVE].normalised for night in results.nights(kind)]
    found = reduced_chi_square(nights)
    if not math.isnan(found.value):
        off = abs(found.value - 1.0)
        met, within = off <= CHI_SQUARE_OFF, off - 2.0 * found.error <= CHI_SQUARE_OFF
        figure = f"{name}: chi-square of star light with VARIANCE"
        yield Check(figure, str(found), f"1, within {CHI_SQUARE_OFF:g}", met, within)


def _best_peer(
    family: str, columns: tuple[str, ...], ratios: Mapping[str, Mapping[str, Estimate]]
) -> tuple[str, Estimate]:
    """The peer that comes nearest, or is ahead by most, and our figure over its."""
    means = {
        peer: mean_ratio([value for name, value in found.items() if name.startswith(columns)])
        for peer, found in ratios.items()
    }
    known = {peer: mean for peer, mean in means.items() if not math.isnan(mean.value)}
    if not known:
        return "-", NOTHING
    choose = min if family == COMPLETENESS else max
    return choose(known.items(), key=lambda found: found[1].value)


def _check(figure: str, family: str, ratio: Estimate, limit: float) -> Check:
    if family == COMPLETENESS:
        within = ratio.value + 2.0 * ratio.error >= limit
        return Check(figure, str(ratio), f"at least {limit:g}", ratio.value >= limit, within)
    within = ratio.value - 2.0 * ratio.error <= limit
    return Check(figure, str(ratio), f"at most {limit:g}", ratio.value <= limit, within)
