"""Wrong keys: one answer for all of them, then a pause; valid keys never wait."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from demo.services import Site
from tests.contract.jobs.support import NOW, Worker


def test_wrong_keys_are_slowed_down_and_right_ones_never(make_site: Callable[..., Site]) -> None:
    site = make_site(CROWDSKY_MAX_KEY_FAILURES="3", CROWDSKY_FAILURE_WINDOW_SECONDS="100")
    honest = Worker(site, site.create_worker_key("honest"))
    revoked = Worker(site, site.create_worker_key("revoked"))
    rows = site.rows
    rows.execute("UPDATE api_keys SET revoked_at = ? WHERE name = 'revoked'", NOW)
    guesser = Worker(site, "csw_" + "0" * 64)

    def poll(worker: Worker) -> int:
        code: int = worker.get("next_job", claim_id=str(uuid.uuid4())).status_code
        return code

    wrong = [guesser, revoked, guesser, revoked, guesser]
    answers = [worker.get("next_job", claim_id="claim-0001") for worker in wrong]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert answers[0].json() == answers[1].json()
    assert answers[3].json()["code"] == "too_many_requests"
    assert 0 < int(answers[3].headers["Retry-After"]) <= 100
    assert [poll(honest) for _ in range(10)] == [204] * 10
    assert poll(guesser) == 429
    rows.execute("UPDATE key_failures SET failed_at = failed_at - 100000")
    assert poll(guesser) == 401


def test_a_call_without_a_key_is_no_guess(make_site: Callable[..., Site]) -> None:
    site = make_site(CROWDSKY_MAX_KEY_FAILURES="1")
    silent = Worker(site, "")
    silent.headers = {}

    assert [silent.get("next_job").status_code for _ in range(4)] == [401] * 4
    assert site.rows.all("SELECT id FROM key_failures") == []


def test_idle_polling_writes_no_row_and_logins_count_apart(
    make_site: Callable[..., Site],
) -> None:
    site = make_site(CROWDSKY_MAX_KEY_FAILURES="2")
    worker = Worker(site, site.create_worker_key("idle"))
    guesser = Worker(site, "wrong")

    for _ in range(5):
        guesser.get("next_job")
        assert worker.get("next_job").status_code == 204

    rows = site.rows
    assert len(rows.all("SELECT id FROM key_failures")) == 2
    assert rows.all("SELECT id FROM login_failures") == []
