"""Every solver on fields with a known plate, and the chain that decides whom to believe."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from crowdsky.solving.astrometry_net import AstrometrySolver
from crowdsky.solving.catalogue import StarCatalogue
from crowdsky.solving.chain import TimedSolver, solve_plate
from crowdsky.solving.refine import log_binomial_tail, refine
from crowdsky.solving.solve_field import SolveFieldProgram
from crowdsky.solving.solver import (
    Parity,
    PositionHint,
    ScaleRange,
    SolveOutcome,
    Solver,
    SolveRequest,
    StarList,
)
from crowdsky.solving.tan import TanWcs, separation
from crowdsky.solving.tile_match import TILE_REACH
from crowdsky.solving.triangles import TriangleSolver, tiles_around
from tests.support.star_fields import (
    INDEX_DIR,
    S50_NOMINAL_SCALE,
    noise,
    offset,
    plate,
    stars_on,
)

pytestmark = pytest.mark.slow

PLACES = [(193.07, 40.98), (315.4, 68.2), (0.02, -5.0), (40.0, 89.6), (266.4, -29.0), (12.0, -88.9)]
SCALE = ScaleRange.around(S50_NOMINAL_SCALE)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(94)


@pytest.fixture(params=["triangles", "astrometry", "solve-field"])
def solver(request: pytest.FixtureRequest, tycho: StarCatalogue) -> Solver:
    return {
        "triangles": TriangleSolver(tycho),
        "astrometry": AstrometrySolver(INDEX_DIR),
        "solve-field": SolveFieldProgram(INDEX_DIR),
    }[request.param]


def centre_error(wcs: TanWcs, truth: TanWcs) -> float:
    """Arcseconds between the middles of two S50 plates."""
    return float(separation(*wcs.sky(539.5, 959.5), *truth.sky(539.5, 959.5))) * 3600


@pytest.mark.parametrize("parity", [Parity.POSITIVE, Parity.NEGATIVE])
def test_a_field_near_its_hint(
    solver: Solver, parity: Parity, tycho: StarCatalogue, rng: np.random.Generator
) -> None:
    truth = plate(*PLACES[0], 77.0, parity=parity.value)
    stars = stars_on(truth, tycho, rng)
    hint = PositionHint(*offset(*PLACES[0], 0.5, rng))
    for believed in (parity, Parity.EITHER):
        outcome = solver.solve(SolveRequest(stars, hint, SCALE, believed), 300.0)
        assert outcome.wcs is not None, outcome.reason
        assert centre_error(outcome.wcs, truth) < 10.0


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("solver", ["triangles", "astrometry"], indirect=True)
def test_fields_all_over_the_sky(
    solver: Solver, place: tuple[float, float], tycho: StarCatalogue, rng: np.random.Generator
) -> None:
    truth = plate(*place, float(rng.uniform(0, 360)))
    stars = stars_on(truth, tycho, rng)
    hint = PositionHint(*offset(*place, 0.5, rng))
    result = solve_plate(SolveRequest(stars, hint, SCALE), [TimedSolver(solver)], tycho)
    assert result.solution is not None, result.reason
    assert centre_error(result.solution.wcs, truth) < 1.0
    assert result.solution.verdict in ("good", "fair")


@pytest.mark.parametrize("wrong", ["ten degrees", "hours", "scale", "parity", "none"])
def test_a_wrong_hint_costs_time_only(
    wrong: str, tycho: StarCatalogue, rng: np.random.Generator
) -> None:
    ra, dec = PLACES[0]
    truth = plate(ra, dec, 200.0)
    right = SolveRequest(stars_on(truth, tycho, rng), PositionHint(ra, dec), SCALE, Parity.POSITIVE)
    request = {
        "ten degrees": replace(right, hint=PositionHint(*offset(ra, dec, 10.0, rng))),
        "hours": replace(right, hint=PositionHint(ra / 15, dec)),
        "scale": replace(right, scale=ScaleRange.around(3.74)),
        "parity": replace(right, parity=Parity.NEGATIVE),
        "none": SolveRequest(right.stars),
    }[wrong]
    solvers = [TimedSolver(AstrometrySolver(INDEX_DIR)), TimedSolver(TriangleSolver(tycho), 1.0)]
    result = solve_plate(request, solvers, tycho)
    assert result.solution is not None, result.reason
    assert centre_error(result.solution.wcs, truth) < 1.0
    assert result.solution.parity == 1


def test_triangles_search_outwards_from_a_poor_hint(
    tycho: StarCatalogue, rng: np.random.Generator
) -> None:
    truth = plate(100.0, 45.0, 10.0)
    hint = PositionHint(*offset(100.0, 45.0, 3.0, rng), radius=4.0)
    request = SolveRequest(stars_on(truth, tycho, rng), hint, SCALE, Parity.POSITIVE)
    outcome = TriangleSolver(tycho).solve(request, 300.0)
    assert outcome.wcs is not None, outcome.reason
    assert centre_error(outcome.wcs, truth) < 10.0


@pytest.mark.parametrize("place", [(25.0, -20.0), (330.0, 15.0)])
def test_triangles_search_the_whole_sky_without_a_position(
    place: tuple[float, float], tycho: StarCatalogue, rng: np.random.Generator
) -> None:
    truth = plate(*place, 10.0)
    request = SolveRequest(stars_on(truth, tycho, rng), None, SCALE, Parity.POSITIVE)
    outcome = TriangleSolver(tycho).solve(request, 500.0)
    assert outcome.wcs is not None, outcome.reason
    assert centre_error(outcome.wcs, truth) < 10.0


def test_triangles_give_up_on_noise_after_the_whole_sky(
    tycho: StarCatalogue, rng: np.random.Generator
) -> None:
    outcome = TriangleSolver(tycho).solve(
        SolveRequest(noise(rng), None, SCALE, Parity.POSITIVE), 500.0
    )
    assert outcome.wcs is None
    assert outcome.reason.startswith("no match in 3003 fields")


@pytest.mark.parametrize(("hint", "spacing"), [((10.0, 40.0, 5.0), 1.0), ((0.0, 85.0, 12.0), 2.0)])
def test_tiles_leave_no_gap(
    hint: tuple[float, float, float], spacing: float, rng: np.random.Generator
) -> None:
    centres = np.array(list(tiles_around(PositionHint(*hint), spacing)))
    for _ in range(300):
        place = offset(hint[0], hint[1], hint[2] * np.sqrt(rng.random()), rng)
        nearest = separation(*place, centres[:, 0], centres[:, 1]).min()
        assert nearest <= TILE_REACH * spacing


def test_the_whole_sky_is_tiled(rng: np.random.Generator) -> None:
    centres = np.array(list(tiles_around(PositionHint(0.0, 0.0, 180.0), 3.0)))
    dec = np.degrees(np.arcsin(rng.uniform(-1, 1, 300)))
    for ra, d in zip(rng.uniform(0, 360, 300), dec, strict=True):
        assert separation(ra, d, centres[:, 0], centres[:, 1]).min() <= TILE_REACH * 3.0


def test_another_instrument_with_unknown_scale(
    tycho: StarCatalogue, rng: np.random.Generator
) -> None:
    truth = plate(83.8, -5.4, 0.0, scale=3.739, width=2160, height=3840)
    stars = stars_on(truth, tycho, rng, width=2160, height=3840)
    solvers = [TimedSolver(AstrometrySolver(INDEX_DIR))]
    result = solve_plate(SolveRequest(stars), solvers, tycho)
    assert result.solution is not None, result.reason
    assert result.solution.scale_arcsec == pytest.approx(3.739, rel=1e-3)
    assert result.solution.field_deg == pytest.approx((2.243, 3.988), rel=1e-3)


def test_noise_is_never_solved(tycho: StarCatalogue, rng: np.random.Generator) -> None:
    solvers = [TimedSolver(AstrometrySolver(INDEX_DIR)), TimedSolver(TriangleSolver(tycho), 0.2)]
    for k in range(4):
        hint = PositionHint(*PLACES[k % len(PLACES)]) if k % 2 else None
        request = SolveRequest(noise(rng), hint, SCALE, Parity.POSITIVE)
        result = solve_plate(request, solvers, tycho, total_limit=5.0)
        assert result.solution is None
        assert result.reason.startswith(f"not solved with the {len(request.stars)} stars found: ")


@pytest.mark.parametrize(("count", "words"), [(0, "no stars in"), (3, "only 3 stars in")])
def test_too_few_stars_is_said(count: int, words: str, tycho: StarCatalogue) -> None:
    stars = StarList.sorted(np.arange(count), np.arange(count), np.ones(count), 1080, 1920)
    result = solve_plate(SolveRequest(stars), [TimedSolver(TriangleSolver(tycho))], tycho)
    assert result.reason.startswith(f"not solved: {words} the picture, 4 are needed")


class Liar:
    """A solver that always proposes the same plate."""

    name = "liar"
    uses_position = False

    def __init__(self, wcs: TanWcs) -> None:
        self.wcs = wcs

    def solve(self, request: SolveRequest, time_limit: float) -> SolveOutcome:
        return SolveOutcome(self.name, self.wcs)


def test_a_wrong_plate_is_not_believed_and_the_next_solver_is_asked(
    tycho: StarCatalogue, rng: np.random.Generator
) -> None:
    truth = plate(*PLACES[1], 5.0)
    request = SolveRequest(stars_on(truth, tycho, rng), PositionHint(*PLACES[1]), SCALE)
    liar = TimedSolver(Liar(plate(20.0, 20.0, 5.0)))
    alone = solve_plate(request, [liar], tycho)
    assert alone.solution is None
    assert "chance" in alone.reason
    both = solve_plate(request, [liar, TimedSolver(TriangleSolver(tycho))], tycho)
    assert both.solution is not None
    assert both.solution.solver == "triangles"
    assert [attempt.solver for attempt in both.attempts] == ["liar", "liar", "triangles"]
    assert [attempt.solved for attempt in both.attempts] == [False, False, True]


def test_without_a_catalogue_a_plate_is_marked_unverified() -> None:
    rng = np.random.default_rng(0)
    request = SolveRequest(noise(rng))
    result = solve_plate(request, [TimedSolver(Liar(plate(20.0, 20.0, 5.0)))], None)
    assert result.solution is not None
    assert result.solution.verdict == "unverified"
    assert result.solution.to_json()["rms_arcsec"] is None


def test_time_over_ends_the_chain(tycho: StarCatalogue, rng: np.random.Generator) -> None:
    ticks = iter(range(0, 100_000, 7))
    request = SolveRequest(noise(rng), PositionHint(10.0, 10.0), SCALE)
    liar = TimedSolver(Liar(plate(20.0, 20.0, 5.0)))
    result = solve_plate(
        request, [liar] * 50, tycho, total_limit=60.0, clock=lambda: float(next(ticks))
    )
    assert "time over after 60 s" in result.reason
    assert len(result.attempts) < 12


def test_missing_parts_are_reasons(tmp_path, rng: np.random.Generator) -> None:  # type: ignore[no-untyped-def]
    request = SolveRequest(noise(rng))
    assert "no index files" in AstrometrySolver(tmp_path).solve(request, 1.0).reason
    absent = SolveFieldProgram(INDEX_DIR, program="no-such-program")
    assert "not installed" in absent.solve(request, 1.0).reason


def test_solve_field_is_stopped_in_time_and_leaves_nothing(tmp_path, rng) -> None:  # type: ignore[no-untyped-def]
    program = SolveFieldProgram(INDEX_DIR, work_dir=tmp_path)
    outcome = program.solve(SolveRequest(noise(rng)), 1.0)
    assert not outcome.solved
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("turn", [0.0, 123.0])
def test_refinement_reaches_an_eighth_of_a_pixel(
    turn: float, tycho: StarCatalogue, rng: np.random.Generator
) -> None:
    truth = plate(*PLACES[1], turn)
    stars = stars_on(truth, tycho, rng)
    rough = plate(PLACES[1][0] + 0.002, PLACES[1][1] - 0.001, turn + 0.1, scale=2.372)
    refined = refine(rough, stars, tycho)
    assert refined.believed
    assert centre_error(refined.wcs, truth) < 0.3
    assert refined.rms_arcsec == pytest.approx(0.25 * np.sqrt(2) * 2.374, rel=0.35)
    ra, dec = refined.wcs.sky(stars.x[refined.detections], stars.y[refined.detections])
    partners = refined.catalogue.take(refined.partners)
    assert separation(ra, dec, partners.ra, partners.dec).max() * 3600 < 5.0


def test_the_binomial_tail_bounds_the_true_one() -> None:
    from scipy.stats import binom

    for hits, trials, chance in ((5, 10, 0.01), (15, 15, 0.002), (40, 74, 0.05), (1, 3, 0.3)):
        true = binom.logsf(hits - 1, trials, chance)
        bound = log_binomial_tail(hits, trials, chance)
        assert true <= bound <= true + 4.0
    assert log_binomial_tail(0, 10, 0.1) == 0.0
    assert log_binomial_tail(1, 10, 0.5) == 0.0
