"""Registration: finds the transform that takes the stars of a frame to those of the reference.

The first guess is that of the neighbour in time. After a re-pointing, a vote over all shifts gives
one; then pairs of stars vote on the rotation, mirrored or not; the last resort is triangles of
neighbouring stars. Wherever a guess comes from, it counts only if enough stars agree with the fit
that it leads to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np

from crowdsky.base.arrays import median_of
from crowdsky.stacking.registration.detect import Stars
from crowdsky.stacking.registration.transform import (
    IDENTITY,
    Affine,
    apply,
    compose,
    fit_affine,
    fit_similarity,
    rotation_deg,
)
from crowdsky.stacking.registration.triangles import similarity_by_triangles

CAPTURE_PX = 6.0
"""Error in pixels that a guess may have; a mount drifts by less from sub to sub."""
MATCH_PX = 2.0
MIN_MATCHES = 4
MIN_SHARE = 0.35
"""Share of the stars of the poorer frame that must be matched."""
MAX_RESIDUAL_PX = 0.6
BRIGHTEST = 60
"""Number of stars per frame, the brightest, that take part in the vote."""
VOTE_BIN_PX = 8.0
PAIRED = 40
"""Number of stars per frame, the brightest, whose pairs vote on the rotation."""
PAIR_PX = 3.0
"""Difference in pixels between the lengths of two pairs that match."""
MIN_PAIR_PX = 60.0
"""Length in pixels of the shortest pair; shorter ones tell the rotation too badly."""
ROTATION_BIN_DEG = 0.5
ROTATIONS_TRIED = 3
TRIANGULATED = 40
"""Number of stars per frame, the brightest, that form triangles."""
CENTROID_FLOOR_PX = 0.03
"""Systematic error of a centroid in pixels, from the pixel grid and the colour pattern."""
AFFINE_MIN_STARS = 20
AFFINE_GAIN = 1.5
"""Factor by which an affine fit must lower the squared residuals to be preferred."""
EXACT_PX = 1e-6
"""Residual in pixels that is only rounding, which an affine fit may lower by chance."""
MIRROR_X: Affine = (-1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


class Search(Enum):
    """How far a search for a transform goes: each takes some ten times as long as the one before.

    SHIFTS are of the guess, ROTATIONS those of pairs of stars, and ALL has triangles, too.
    """

    SHIFTS = 1
    ROTATIONS = 2
    ALL = 3


@dataclass(frozen=True, slots=True)
class Alignment:
    """A verified transform from frame to reference pixels.

    ``mine`` and ``theirs`` are indices of the matched stars in frame and reference, (m,) each;
    ``residual_px`` is the root of the median squared distance between them.
    """

    transform: Affine
    mine: np.ndarray
    theirs: np.ndarray
    residual_px: float


def align(
    stars: Stars, reference: Stars, guess: Affine = IDENTITY, search: Search = Search.ALL
) -> Alignment | None:
    """Register ``stars`` on ``reference``; None when no transform can be verified.

    ``guess`` is the transform of a neighbour in time, from frame to reference pixels.
    """
    if min(len(stars), len(reference)) < MIN_MATCHES:
        return None
    for candidate in _candidates(stars, reference, guess, search):
        alignment = _refine(stars, reference, candidate)
        if alignment is not None:
            return alignment
    return None


def _candidates(stars: Stars, reference: Stars, guess: Affine, search: Search) -> Iterator[Affine]:
    yield guess
    yield _vote(stars, reference, guess)[0]
    if search is Search.SHIFTS:
        return
    for turned in (IDENTITY, MIRROR_X):
        for rotation in _rotations(stars, reference, turned):
            yield _vote(stars, reference, compose(rotation, turned))[0]
    if search is Search.ROTATIONS:
        return
    for turned in (IDENTITY, MIRROR_X):
        found = _by_triangles(stars, reference, turned)
        if found is not None:
            yield found


def _refine(stars: Stars, reference: Stars, guess: Affine) -> Alignment | None:
    """Match, fit and match again, more tightly each time; None unless enough stars agree."""
    transform = guess
    for radius in (CAPTURE_PX, 0.5 * (CAPTURE_PX + MATCH_PX), MATCH_PX):
        mine, theirs = match(stars, reference, transform, radius)
        if mine.size < MIN_MATCHES:
            return None
        fitted = _fit(stars, reference, mine, theirs)
        if fitted is None:
            return None
        transform = fitted
    mine, theirs = match(stars, reference, transform, MATCH_PX)
    inside = _overlap(stars, reference, transform)
    if mine.size < max(MIN_MATCHES, MIN_SHARE * inside):
        return None
    residual = median_of(offsets(stars, reference, transform, mine, theirs) ** 2) ** 0.5
    if residual > MAX_RESIDUAL_PX:
        return None
    return Alignment(transform, mine, theirs, residual)


def match(
    stars: Stars, reference: Stars, transform: Affine, radius: float
) -> tuple[np.ndarray, np.ndarray]:
    """Pair stars that are each other's nearest within ``radius`` pixels; returns two index arrays.

    Pairs whose ratio of brightness is far from the median ratio are not the same star.
    """
    x, y = apply(transform, stars.x, stars.y)
    square = (x[:, None] - reference.x) ** 2 + (y[:, None] - reference.y) ** 2
    nearest = square.argmin(axis=1)
    back = square.argmin(axis=0)
    mine = np.arange(x.size)
    kept = (back[nearest] == mine) & (square[mine, nearest] <= radius**2)
    mine, theirs = mine[kept], nearest[kept]
    ratio = np.log(stars.light[mine] / reference.light[theirs])
    alike = np.abs(ratio - median_of(ratio)) < 1.0 if mine.size else np.empty(0, bool)
    return mine[alike], theirs[alike]


def _fit(stars: Stars, reference: Stars, mine: np.ndarray, theirs: np.ndarray) -> Affine | None:
    """Fit a similarity to the pairs, weighted by SNR and robustly; an affine one if much better."""
    points = (stars.x[mine], stars.y[mine], reference.x[theirs], reference.y[theirs])
    variance = (
        (stars.fwhm[mine] / stars.snr[mine]) ** 2
        + (reference.fwhm[theirs] / reference.snr[theirs]) ** 2
        + CENTROID_FLOOR_PX**2
    )
    weights = 1.0 / variance
    fitted = fit_similarity(*points, weights)
    if fitted is None:
        return None
    for _ in range(3):
        # Cauchy weights: a wrong pair loses its influence without a hard threshold.
        off = offsets(stars, reference, fitted, mine, theirs) ** 2 / variance
        robust = weights / (1.0 + off / max(median_of(off), 1e-9) / 6.0)
        refitted = fit_similarity(*points, robust)
        if refitted is None:
            return fitted
        fitted = refitted
    if mine.size < AFFINE_MIN_STARS:
        return fitted
    affine = fit_affine(*points, robust)
    if affine is None:
        return fitted
    off = (robust * offsets(stars, reference, fitted, mine, theirs) ** 2).sum()
    off_affine = (robust * offsets(stars, reference, affine, mine, theirs) ** 2).sum()
    exact = robust.sum() * EXACT_PX**2
    return affine if off > AFFINE_GAIN * max(off_affine, exact) else fitted


def offsets(
    stars: Stars, reference: Stars, transform: Affine, mine: np.ndarray, theirs: np.ndarray
) -> np.ndarray:
    """Return the distances of paired stars after the transform, (m,) pixels."""
    x, y = apply(transform, stars.x[mine], stars.y[mine])
    return np.asarray(np.hypot(x - reference.x[theirs], y - reference.y[theirs]))


def _overlap(stars: Stars, reference: Stars, transform: Affine) -> int:
    """Count the stars of the poorer frame that lie where the other frame has stars, too."""
    x, y = apply(transform, stars.x, stars.y)
    mine = _inside(x, y, reference.x, reference.y)
    theirs = _inside(reference.x, reference.y, x, y)
    return min(mine, theirs)


def _inside(x: np.ndarray, y: np.ndarray, box_x: np.ndarray, box_y: np.ndarray) -> int:
    within = (x >= box_x.min()) & (x <= box_x.max()) & (y >= box_y.min()) & (y <= box_y.max())
    return int(within.sum())


def _vote(stars: Stars, reference: Stars, turned: Affine) -> tuple[Affine, int]:
    """Add the shift that most pairs of bright stars vote for; return the votes, too."""
    x, y = apply(turned, stars.x[:BRIGHTEST], stars.y[:BRIGHTEST])
    dx = (reference.x[:BRIGHTEST, None] - x).ravel()
    dy = (reference.y[:BRIGHTEST, None] - y).ravel()
    column = np.floor(dx / VOTE_BIN_PX).astype(np.int64)
    row = np.floor(dy / VOTE_BIN_PX).astype(np.int64)
    column -= column.min() - 1
    row -= row.min() - 1
    width = int(column.max()) + 1
    # Two by two bins, so that the votes for a shift at the border of a bin are not split.
    place = row * width + column
    quads, votes = np.unique(
        np.concatenate([place, place - 1, place - width, place - width - 1]), return_counts=True
    )
    best = int(votes.argmax())
    top, left = divmod(int(quads[best]), width)
    chosen = (row >= top) & (row <= top + 1) & (column >= left) & (column <= left + 1)
    shift = (median_of(dx[chosen]), median_of(dy[chosen]))
    return compose((1.0, 0.0, shift[0], 0.0, 1.0, shift[1]), turned), int(votes[best])


def _rotations(stars: Stars, reference: Stars, turned: Affine) -> list[Affine]:
    """Find the rotations that most pairs of bright stars vote for, most votes first.

    Two stars have the same distance in both frames, wherever they are, and the direction from the
    brighter to the fainter one tells the rotation of the frame.
    """
    length, direction = _pairs(*apply(turned, stars.x[:PAIRED], stars.y[:PAIRED]))
    to_length, to_direction = _pairs(reference.x[:PAIRED], reference.y[:PAIRED])
    mine, theirs = np.nonzero(np.abs(length[:, None] - to_length) < PAIR_PX)
    degrees = np.degrees(to_direction[theirs] - direction[mine]) % 360.0
    bins = round(360.0 / ROTATION_BIN_DEG)
    votes = np.bincount((degrees / ROTATION_BIN_DEG).astype(np.int64) % bins, minlength=bins)
    # Two bins, so that the votes for a rotation at the border of a bin are not split.
    chosen = np.argsort(-(votes + np.roll(votes, -1)), kind="stable")[:ROTATIONS_TRIED]
    found: list[Affine] = []
    for start in chosen * ROTATION_BIN_DEG:
        inside = (degrees - start) % 360.0
        inside = inside[inside < 2.0 * ROTATION_BIN_DEG]
        if inside.size:
            angle = float(np.radians(start + np.median(inside)))
            cos, sin = float(np.cos(angle)), float(np.sin(angle))
            found.append((cos, -sin, 0.0, sin, cos, 0.0))
    return found


def _pairs(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute lengths (px) and directions (radians) of all pairs, from brighter to fainter star."""
    brighter, fainter = np.triu_indices(x.size, 1)
    step = (x[fainter] - x[brighter]) + 1j * (y[fainter] - y[brighter])
    step = step[np.abs(step) > MIN_PAIR_PX]
    return np.abs(step), np.angle(step)


def _by_triangles(stars: Stars, reference: Stars, turned: Affine) -> Affine | None:
    x, y = apply(turned, stars.x[:TRIANGULATED], stars.y[:TRIANGULATED])
    found = similarity_by_triangles(x, y, reference.x[:TRIANGULATED], reference.y[:TRIANGULATED])
    return None if found is None else compose(found, turned)


def describe(alignment: Alignment) -> str:
    """Describe an alignment for logs."""
    return (
        f"{alignment.mine.size} stars, {alignment.residual_px:.2f} px, "
        f"turned by {rotation_deg(alignment.transform):.2f} deg"
    )
