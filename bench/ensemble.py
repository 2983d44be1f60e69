"""The ensemble of a field: its speed beside scipy's lsqr, and the scatter of real stars.

`./dev bench ensemble` solves 1,000 stacks of 300 stars as one weighted problem of least squares, by
our solver and by lsqr on a sparse matrix (atol = btol = 1e-10), in turns, each with its assembly.
`--subs DIR` (a folder of nights) also stacks real subs in groups of four, calibrates them, and
prints how constant stars scatter, beside the same apertures by photutils, if that is installed.
`--field 1000 3000` prints what the whole calibration of so many epochs and stars takes.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.ensemble_real import print_real
from crowdsky.photometry.ensemble.field import calibrate_field
from crowdsky.photometry.ensemble.problem import Problem, components
from crowdsky.photometry.ensemble.solve import solve
from crowdsky.photometry.ensemble.terms import design
from tests.support.ensemble_fields import FieldPlan, observed_field
from tests.support.ensemble_lsqr import solve_by_lsqr

COVERAGE = 0.8
TELESCOPES = 3
SAME_MAG = 1e-4


def main(argv: Sequence[str]) -> int:
    """Print the tables; 1 if a solution differs or is not fast enough."""
    parser = argparse.ArgumentParser(prog="bench ensemble", description=__doc__)
    parser.add_argument("--stacks", type=int, default=1000)
    parser.add_argument("--stars", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--subs", type=Path, help="folder of nights of real subs")
    parser.add_argument("--field", type=int, nargs=2, metavar=("EPOCHS", "STARS"))
    options = parser.parse_args(argv)
    met = [
        _race(what, _problem(options.stacks, options.stars, options.seed, terms), options.rounds)
        for what, terms in (("zero points alone", False), ("with terms", True))
    ]
    if options.field:
        n_epochs, n_stars = options.field
        _whole_field(n_epochs, n_stars, options.seed)
    if options.subs:
        with tempfile.TemporaryDirectory(prefix="crowdsky-ensemble-") as folder:
            print_real(options.subs, Path(folder))
    return 0 if all(met) else 1


def _problem(n_epochs: int, n_stars: int, seed: int, terms: bool) -> tuple[Problem, np.ndarray]:
    """Draw a problem and its weights: telescopes of other colours, stars that come and go."""
    rng = np.random.default_rng(seed)
    epoch, star = np.nonzero(rng.random((n_epochs, n_stars)) < COVERAGE)
    group = np.sort(np.arange(n_epochs) % TELESCOPES)
    colour = rng.normal(0.0, 0.5, n_stars)
    spot = rng.uniform(-0.9, 0.9, (n_stars, 2))[star] + rng.uniform(-0.1, 0.1, (n_epochs, 2))[epoch]
    u, v = spot.T
    place = np.stack([u, v, u * u, u * v, v * v], axis=1)
    mag, zero_point = rng.uniform(8.0, 14.0, n_stars), rng.normal(22.0, 0.3, n_epochs)
    sigma = np.hypot(0.005, 0.002 * 10.0 ** (0.2 * (mag[star] - 8.0)))
    slope = rng.normal(0.0, 0.05, TELESCOPES) * terms
    value = mag[star] - zero_point[epoch] - slope[group[epoch]] * colour[star]
    value += sigma * rng.normal(size=len(value))
    made = design(place, colour[star], epoch, n_epochs)
    used = slice(None) if terms else slice(0)
    problem = Problem(
        star, epoch, group if terms else np.zeros(n_epochs, np.intp), value, made.local[:, :1],
        made.local_prior[:, :1], made.shared[:, used], made.shared_prior[used],
        made.mean_prior[used], n_stars,
    )  # fmt: skip
    return problem, sigma**-2


def _race(what: str, drawn: tuple[Problem, np.ndarray], rounds: int) -> bool:
    problem, weight = drawn
    times: dict[str, list[float]] = {"ours": [], "lsqr": []}
    away = 0.0
    for _ in range(rounds):
        started = time.perf_counter()
        ours = solve(problem, weight)
        between = time.perf_counter()
        peer = solve_by_lsqr(problem, weight)
        times["ours"].append(between - started)
        times["lsqr"].append(time.perf_counter() - between)
        shift = float(np.mean(peer.epochs[:, 0] - ours.epochs[:, 0]))
        away = max(
            float(np.abs(peer.epochs[:, 0] - shift - ours.epochs[:, 0]).max()),
            float(np.abs(peer.mag - shift - ours.mag).max()),
        )
    ours_s, peer_s = (float(np.median(times[name])) for name in ("ours", "lsqr"))
    each = [a / b for a, b in zip(times["ours"], times["lsqr"], strict=True)]
    print(
        f"{what}: {problem.n_epochs} stacks, {problem.n_stars} stars, {len(weight)} observations,"
        f" {int(components(problem).max()) + 1} component:"
        f" ours {ours_s:.3f} s, lsqr {peer_s:.3f} s, ratio {ours_s / peer_s:.3f}"
        f" ({min(each):.3f} to {max(each):.3f}), largest difference {1e3 * away:.5f} mmag"
    )
    return ours_s <= 0.5 * peer_s and away < SAME_MAG


def _whole_field(n_epochs: int, n_stars: int, seed: int) -> None:
    plan = FieldPlan(
        n_epochs=n_epochs, n_stars=n_stars, n_telescopes=TELESCOPES, coverage=COVERAGE,
        faint_mag=16.0, flat_mag=0.005, gradient_mag=0.005, floor_mag=0.004,
    )  # fmt: skip
    observations = observed_field(plan, seed).observations
    before = _peak_mb()
    started, worked = time.perf_counter(), time.process_time()
    calibrate_field(observations, None)
    print(
        f"calibration of {n_epochs} epochs and {n_stars} stars, three bands,"
        f" {len(observations.observations)} observations:"
        f" {time.perf_counter() - started:.0f} s ({time.process_time() - worked:.0f} s of processor"
        f" time), peak memory {_peak_mb():.0f} MB"
        f" ({before:.0f} MB with the observations alone)"
    )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
