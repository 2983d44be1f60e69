"""The ensemble is the least-squares solution, whatever it eliminates, and never singular."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from crowdsky.photometry.ensemble.problem import Problem, components
from crowdsky.photometry.ensemble.robust import solve_robust
from crowdsky.photometry.ensemble.solve import errors, leverage, solve
from tests.support.ensemble_lsqr import solve_by_lsqr

Make = Callable[..., tuple[Problem, np.ndarray, np.ndarray, np.ndarray]]


@pytest.mark.parametrize(("n_epochs", "n_stars"), [(60, 40), (12, 70)])
def test_agrees_with_lsqr(make_problem: Make, n_epochs: int, n_stars: int) -> None:
    problem, sigma, _, _ = make_problem(n_epochs, n_stars)
    ours, peer = solve(problem, sigma**-2), solve_by_lsqr(problem, sigma**-2)
    shift = np.mean(peer.mag - ours.mag)
    np.testing.assert_allclose(peer.mag - shift, ours.mag, atol=1e-5)
    np.testing.assert_allclose(peer.epochs[:, 0] - shift, ours.epochs[:, 0], atol=1e-5)
    np.testing.assert_allclose(peer.epochs[:, 1:], ours.epochs[:, 1:], atol=1e-5)
    np.testing.assert_allclose(peer.shared, ours.shared, atol=1e-5)


def test_both_eliminations_give_the_same(
    make_problem: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem, sigma, _, _ = make_problem(30, 30)
    weight, component = sigma**-2, components(problem)
    found = []
    for keep_stars in (True, False):
        monkeypatch.setattr(
            "crowdsky.photometry.ensemble.solve._keeps_stars", lambda _, keep=keep_stars: keep
        )
        found.append((solve(problem, weight), errors(problem, weight, component)))
    (first, first_errors), (second, second_errors) = found
    np.testing.assert_allclose(first.epochs, second.epochs, atol=1e-8)
    np.testing.assert_allclose(first.mag, second.mag, atol=1e-8)
    np.testing.assert_allclose(first_errors.shared, second_errors.shared, rtol=1e-4)
    np.testing.assert_allclose(first_errors.zero_point, second_errors.zero_point, rtol=1e-4)


def test_errors_are_those_of_repetitions(make_problem: Make) -> None:
    problem, sigma, _, _ = make_problem(20, 25, noise=0.0)
    weight, rng = sigma**-2, np.random.default_rng(5)
    component = components(problem)
    of_epoch = np.bincount(problem.epoch, weight)
    found = []
    for _ in range(200):
        value = problem.value + sigma * rng.normal(size=len(sigma))
        solution = solve(replace(problem, value=value), weight)
        fitted = solution.residual - value + solution.mag[problem.star]
        correction = np.bincount(problem.epoch, weight * fitted) / of_epoch
        found.append(correction - np.average(correction, weights=of_epoch))
    stated = errors(problem, weight, component).zero_point
    # The flat field, which the priors allow and these draws do not have, is in the stated errors.
    assert 0.75 < np.median(np.std(found, axis=0) / stated) < 1.05


def test_follows_its_own_noise_as_much_as_it_says(make_problem: Make) -> None:
    problem, sigma, _, _ = make_problem(20, 60)
    solution = solve(problem, sigma**-2)
    free = 1.0 - leverage(problem, sigma**-2)
    assert np.sum((solution.residual / sigma) ** 2) / free.sum() == pytest.approx(1.0, abs=0.1)


def test_epochs_without_a_common_star_are_told_apart(make_problem: Make) -> None:
    problem, sigma, _, _ = make_problem(20, 40)
    even = (problem.star % 2) == (problem.epoch % 2)
    apart = replace(
        problem,
        star=problem.star[even], epoch=problem.epoch[even], value=problem.value[even],
        local=problem.local[even], shared=problem.shared[even],
    )  # fmt: skip
    component = components(apart)
    np.testing.assert_array_equal(component, np.arange(20) % 2)
    solution = solve(apart, sigma[even] ** -2)
    assert np.isfinite(solution.epochs).all()
    weight = sigma[even] ** -2
    for number in range(2):
        rows = component[apart.epoch] == number
        mean = np.average(solution.mag[apart.star[rows]], weights=weight[rows])
        assert mean == pytest.approx(0.0, abs=1e-6)
    assert np.isfinite(errors(apart, weight, component).zero_point).all()


def test_a_long_chain_of_epochs_is_one_component() -> None:
    count = 200
    star = np.stack([np.arange(count), np.arange(count) + 1], axis=1).ravel()
    epoch = np.repeat(np.random.default_rng(1).permutation(count), 2)
    order = np.argsort(epoch, kind="stable")
    none = np.zeros((2 * count, 0))
    problem = Problem(
        star[order], epoch[order], np.zeros(count, np.intp), np.zeros(2 * count),
        np.ones((2 * count, 1)), np.zeros((count, 1)), none, np.zeros(0), np.zeros(0), count + 1,
    )  # fmt: skip
    assert components(problem).max() == 0


def test_variables_clouds_and_bad_points_move_no_zero_point(make_problem: Make) -> None:
    problem, sigma, _, _ = make_problem(60, 80)
    clean = solve_robust(problem, sigma).solution.epochs[:, 0]
    rng = np.random.default_rng(7)
    value = problem.value.copy()
    value[problem.star == 3] += 0.5 * np.sin(problem.epoch[problem.star == 3])
    clouds = problem.epoch == 10
    value[clouds] += rng.normal(0.0, 0.1, clouds.sum())
    bad = rng.choice(len(value), 30, replace=False)
    value[bad] += 1.0
    ensemble = solve_robust(replace(problem, value=value), sigma)
    moved = ensemble.solution.epochs[:, 0] - clean
    moved -= np.median(moved)
    others = np.arange(60) != 10
    assert np.abs(moved[others]).max() < 0.004
    assert ensemble.star_extra[3] == pytest.approx(0.35, rel=0.3)
    assert 0.05 < ensemble.epoch_extra[10] < 0.2
    assert np.median(ensemble.epoch_extra[others]) == 0.0


def test_the_truth_is_found_without_noise(make_problem: Make) -> None:
    problem, sigma, mag, zero_point = make_problem(40, 50, noise=0.0)
    solution = solve(problem, sigma**-2)
    away = solution.epochs[:, 0] - zero_point
    assert np.ptp(away) < 1e-3
    np.testing.assert_allclose(solution.shared[:, 0], [0.05, -0.05], atol=1e-3)
    assert np.ptp(solution.mag - mag) < 2e-3
