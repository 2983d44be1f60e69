"""The nova client against a server that has the API, with all its peculiarities."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.base.errors import ConfigurationError
from crowdsky.solving.catalogue import StarCatalogue
from crowdsky.solving.chain import TimedSolver, solve_plate
from crowdsky.solving.nova import NovaSolver
from crowdsky.solving.nova_http import NovaHttp
from crowdsky.solving.solver import PositionHint, ScaleRange, SolveRequest, StarList
from crowdsky.solving.tan import TanWcs, separation
from crowdsky.solving.triangles import TriangleSolver
from tests.support.nova_stand_in import Manners, NovaStandIn, Submission
from tests.support.star_fields import S50_NOMINAL_SCALE, plate, stars_on

TRUTH = plate(210.8, 54.35, 12.0)


def request_of(count: int = 40) -> SolveRequest:
    rng = np.random.default_rng(1)
    stars = StarList.sorted(
        rng.uniform(0, 1080, count), rng.uniform(0, 1920, count), rng.random(count), 1080, 1920
    )
    return SolveRequest(stars, PositionHint(210.0, 54.0), ScaleRange(2.3, 2.45))


class Waiting:
    """A clock that only advances when someone sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def ask(server: NovaStandIn, *, limit: float = 60.0, key: str = "right-key", **more: object):  # type: ignore[no-untyped-def]
    waiting = Waiting()
    solver = NovaSolver(NovaHttp(server.url), key, clock=waiting.clock, sleep=waiting.sleep, **more)  # type: ignore[arg-type]
    return solver.solve(request_of(), limit)


def found(_: Submission) -> TanWcs | None:
    return TRUTH


def nothing(_: Submission) -> TanWcs | None:
    return None


def assert_is_truth(wcs: TanWcs | None, tolerance: float = 0.05) -> None:
    assert wcs is not None
    x, y = np.array([0.0, 1079.0, 500.0]), np.array([0.0, 1919.0, 3.0])
    assert separation(*wcs.sky(x, y), *TRUTH.sky(x, y)).max() * 3600 < tolerance


@pytest.mark.parametrize("look_alike", [False, True])
def test_a_plate_comes_back(look_alike: bool) -> None:
    with NovaStandIn(found, manners=Manners(look_alike=look_alike)) as server:
        assert_is_truth(ask(server).wcs)


def test_stars_are_sent_as_a_private_list() -> None:
    with NovaStandIn(found) as server:
        ask(server)
    sent = server.submissions[0]
    stars = request_of().stars
    np.testing.assert_allclose(sent["x"], stars.x + 1, atol=1e-3)
    assert (sent["image_width"], sent["image_height"]) == (1080, 1920)
    assert sent["publicly_visible"] == "n"
    assert sent["allow_commercial_use"] == "n"
    assert (sent["scale_units"], sent["scale_lower"], sent["scale_upper"]) == (
        "arcsecperpix", 2.3, 2.45,
    )  # fmt: skip
    assert (sent["center_ra"], sent["center_dec"]) == (210.0, 54.0)
    assert server.files == [b""]


def test_a_picture_is_sent_when_told_so() -> None:
    with NovaStandIn(found, manners=Manners(refuse_lists=True)) as server:
        refused = ask(server)
        assert "pictures only" in refused.reason
        assert_is_truth(ask(server, picture=b"SIMPLE  = not really", public=True).wcs)
    assert server.files == [b"SIMPLE  = not really"]
    assert "x" not in server.submissions[0]
    assert server.submissions[0]["publicly_visible"] == "y"


@pytest.mark.parametrize(
    ("manners", "reason", "passing"),
    [
        (Manners(error_message="image too large"), "image too large", False),
        (Manners(job_never_made=True), "no job", False),
        (Manners(refuse_lists=True), "pictures only", False),
        (Manners(polls_queued=1000), "time over: waiting in the server's queue", True),
        (Manners(polls_solving=1000), "time over: the server was still solving", True),
        (Manners(html_answers=1), "JSON", True),
        (Manners(busy_answers=1), "503", True),
    ],
)
def test_trouble_is_a_reason_and_may_pass_or_not(
    manners: Manners, reason: str, passing: bool
) -> None:
    with NovaStandIn(found, manners=manners) as server:
        outcome = ask(server)
    assert not outcome.solved
    assert reason in outcome.reason
    assert outcome.passing is passing
    assert outcome.reason.startswith("the service could not be asked: ") is passing


@pytest.mark.parametrize("look_alike", [False, True])
def test_no_match(look_alike: bool) -> None:
    with NovaStandIn(nothing, manners=Manners(look_alike=look_alike)) as server:
        outcome = ask(server)
    assert "found no match" in outcome.reason
    assert not outcome.passing


def test_a_wrong_key() -> None:
    with NovaStandIn(found) as server:
        outcome = ask(server, key="wrong")
    assert "bad apikey" in outcome.reason
    assert not outcome.passing


def test_faults_while_waiting_are_waited_out() -> None:
    with NovaStandIn(found, manners=Manners(polls_queued=3)) as server:
        waiting = Waiting()

        def sleep(seconds: float) -> None:
            waiting.sleep(seconds)
            if waiting.now <= 3.0:
                server.manners.busy_answers, server.manners.html_answers = 1, 1

        solver = NovaSolver(NovaHttp(server.url), "right-key", clock=waiting.clock, sleep=sleep)
        assert_is_truth(solver.solve(request_of(), 60.0).wcs)


def test_no_server_at_all() -> None:
    with NovaStandIn(found) as server:
        address = server.url
    outcome = NovaSolver(NovaHttp(address)).solve(request_of(), 5.0)
    assert outcome.passing
    assert outcome.reason.startswith(
        "the service could not be asked: could not reach the nova server"
    )


@pytest.mark.parametrize("manners", [None, Manners(polls_queued=1000), Manners(busy_answers=1000)])
def test_the_chain_goes_on_after_a_service_that_could_not_be_asked(
    manners: Manners | None, tycho: StarCatalogue
) -> None:
    stars = stars_on(TRUTH, tycho, np.random.default_rng(5))
    request = SolveRequest(stars, PositionHint(210.0, 54.0), ScaleRange.around(S50_NOMINAL_SCALE))
    waiting = Waiting()
    with NovaStandIn(found, manners=manners or Manners()) as server:
        address = server.url if manners else "http://127.0.0.1:1"
        nova = NovaSolver(NovaHttp(address), "right-key", clock=waiting.clock, sleep=waiting.sleep)
        alone = solve_plate(request, [TimedSolver(nova, 9.0)], tycho)
        both = solve_plate(
            request, [TimedSolver(nova, 9.0), TimedSolver(TriangleSolver(tycho))], tycho
        )
    assert alone.solution is None
    assert alone.passing
    assert "the service could not be asked" in alone.reason
    assert both.solution is not None
    assert both.solution.solver == "triangles"
    assert_is_truth(both.solution.wcs, tolerance=2.0)


def test_addresses() -> None:
    with NovaStandIn(found) as server:
        for address in (f"{server.url}/", f"{server.url}/api", f"{server.url}/api/"):
            assert NovaHttp(address).post("login", {"apikey": "right-key"})["status"] == "success"
    with pytest.raises(ConfigurationError, match="http://"):
        NovaHttp("nova.example.org")
