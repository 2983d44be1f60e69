"""Light counts once: an exposure and its copies are in one job of their owner."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.contract.jobs.measured import complete
from tests.contract.jobs.support import Worker
from tests.contract.site.subs import BLOCK, CARDS, SIDE, copy_of, header, taken_at
from tests.contract.site.support import Browser, claim_first
from tests.support.rows import Rows

STARTS = [f"2025-03-27T01:20:{second:02d}.250" for second in (10, 21, 32)]


def with_pixels(data: bytes, moment: str, **cards: str | None) -> bytes:
    """Return a sub of these pixels, big-endian and of 16 bits unless the cards say otherwise."""
    return header({**CARDS, "DATE-OBS": f"'{moment}'", **cards}) + data + bytes(-len(data) % BLOCK)


def pixels() -> bytes:
    return os.urandom(2 * SIDE * SIDE)


def exposure_of(rows: Rows, *jobs: int) -> float:
    """Seconds that the stacks of these jobs can claim together."""
    found: list[dict[str, Any]] = rows.all(
        "SELECT job_id, fits_exptime FROM raw_files WHERE deleted_at IS NULL AND lost_at IS NULL"
    )
    return sum(row["fits_exptime"] for row in found if row["job_id"] in jobs)


def reasons(finalized: dict[str, Any]) -> list[str]:
    return [sub["reason"] for sub in finalized["left_out"]]


def test_copies_in_an_upload_are_left_out_with_a_reason(user: Browser, rows: Rows) -> None:
    subs = [taken_at(start) for start in STARTS]

    finalized = user.upload(
        *subs,
        subs[1],  # byte for byte: the session has it already
        copy_of(subs[0]),
        copy_of(subs[1], FILTER="'LP'"),
        copy_of(subs[2], TELESCOP=None, **{"DATE-OBS": "'2025-03-27T02:20:32'"}),
    )

    assert finalized["jobs"] == 1
    assert finalized["skipped"] == []
    assert exposure_of(rows, *finalized["job_ids"]) == 30.0
    assert rows.job(finalized["job_ids"][0])["frame_count"] == 3
    assert finalized["left_out"] == [
        {"filename": f"Light_{number}.fit", "reason": f"It shows the same light as {first}: {what}"}
        for number, first, what in [
            (4, "Light_0.fit", "the same telescope, start and exposure."),
            (5, "Light_1.fit", "the same telescope, start and exposure."),
            (6, "Light_2.fit", "the same pixels."),
        ]
    ]
    assert user.finalize(finalized["session"]).json()["left_out"] == finalized["left_out"]
    page = user.get("status.php", session=finalized["session"]).text
    assert "3 subs are left out" in page and "the same pixels" in page
    assert "Delete that job" not in page, "both came in this upload"
    left = rows.all("SELECT storage_name FROM raw_files WHERE left_out IS NOT NULL")
    assert [row["storage_name"] for row in left] == [None] * 3, "they take no room"


def test_a_copy_of_what_is_being_stacked_is_skipped(
    user: Browser, rows: Rows, worker: Worker
) -> None:
    subs = [taken_at(start) for start in STARTS]
    first = user.upload(*subs)
    claim_first(rows, worker, first["job_ids"][0])

    again = user.upload(*(copy_of(sub, FILTER="'LP'") for sub in subs))
    more = user.upload(*map(copy_of, subs), taken_at("2025-03-27T01:20:43.250"))

    assert (again["jobs"], len(again["skipped"])) == (0, 1)
    assert (more["jobs"], more["skipped"]) == (1, [])
    assert f"of job {first['job_ids'][0]}: the same telescope, start" in reasons(more)[0]
    assert exposure_of(rows, *first["job_ids"], *more["job_ids"]) == 40.0


def test_a_copy_of_a_waiting_sub_joins_no_other_job(user: Browser, rows: Rows) -> None:
    subs = [taken_at(start) for start in STARTS]
    first = user.upload(*subs)

    second = user.upload(copy_of(subs[0], FILTER="'LP'"), copy_of(subs[1]))

    assert second["job_ids"] == first["job_ids"] == first["queued_ids"]
    assert second["queued_ids"] == [], "its chunk waited already and got nothing"
    assert len(reasons(second)) == 2
    assert rows.job(first["job_ids"][0])["frame_count"] == 3
    assert rows.events(first["job_ids"][0]) == ["created"]
    page = user.get("status.php", session=second["session"]).text
    assert "left out" in page
    assert "Delete that job" in page


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_what_nobody_stacks_can_be_uploaded_again(user: Browser, rows: Rows, status: str) -> None:
    sub = taken_at(STARTS[0])
    first = user.upload(sub)
    rows.execute("UPDATE stacking_jobs SET status = ? WHERE id = ?", status, first["job_ids"][0])

    assert user.upload(copy_of(sub))["jobs"] == 1


def test_a_job_whose_light_is_in_another_one_does_not_run_again(user: Browser, rows: Rows) -> None:
    subs = [taken_at(start) for start in STARTS]
    (failed,) = user.upload(*subs)["job_ids"]
    rows.execute("UPDATE stacking_jobs SET status = 'failed' WHERE id = ?", failed)
    (again,) = user.upload(copy_of(subs[0]))["job_ids"]

    def requeue() -> Any:
        form = {"job_id": failed, "action": "requeue", "csrf_token": user.token()}
        return user.call("job.php", form)

    refused = requeue()
    assert refused.status_code == 409
    assert f"job {again} has light of its subs" in refused.json()["error"]
    rows.execute("UPDATE stacking_jobs SET status = 'cancelled' WHERE id = ?", again)
    assert requeue().status_code == 303
    assert rows.job(failed)["status"] == "pending"


def test_owners_keep_their_own_copies(user: Browser, new_user: Callable[..., Browser]) -> None:
    sub = taken_at(STARTS[0])
    user.upload(sub)

    assert new_user().upload(copy_of(sub))["jobs"] == 1


def test_short_exposures_of_one_second_are_different_light(user: Browser, rows: Rows) -> None:
    burst = [taken_at(f"2025-03-27T01:20:10.{part}00", EXPTIME="0.1") for part in range(10)]

    finalized = user.upload(*burst)

    assert reasons(finalized) == []
    assert rows.job(finalized["job_ids"][0])["frame_count"] == 10


def test_telescopes_without_a_unit_may_take_subs_at_the_same_time(
    user: Browser, rows: Rows
) -> None:
    one, other = (taken_at(STARTS[0], TELESCOP="'Seestar S50'") for _ in range(2))

    finalized = user.upload(one, other, copy_of(other))

    assert rows.job(finalized["job_ids"][0])["frame_count"] == 2
    assert reasons(finalized) == ["It shows the same light as Light_1.fit: the same pixels."]


def test_pixels_are_compared_as_readers_see_them(user: Browser, rows: Rows) -> None:
    data = np.random.default_rng(3).integers(0, 65536, (SIDE, SIDE))
    unsigned = {"BZERO": "32768", "TELESCOP": None}
    as_float = {"BITPIX": f"{-32:>20}", "TELESCOP": None}
    finalized = user.upload(
        with_pixels((data - 32768).astype(">i2").tobytes(), STARTS[0], **unsigned),
        with_pixels(data.astype(">f4").tobytes(), STARTS[1], **as_float),
        with_pixels(
            data[::-1].astype(">f4").tobytes(), STARTS[2], ROWORDER="'BOTTOM-UP'", **as_float
        ),
        with_pixels((data - 32767).astype(">i2").tobytes(), STARTS[2], **unsigned),
        with_pixels(bytes(2 * SIDE * SIDE), STARTS[0], **unsigned),
        with_pixels(bytes(2 * SIDE * SIDE), STARTS[1], **unsigned),
    )

    assert rows.job(finalized["job_ids"][0])["frame_count"] == 4, "dark frames have no light"
    assert reasons(finalized) == ["It shows the same light as Light_0.fit: the same pixels."] * 2


def test_a_sub_of_an_older_version_of_the_site_is_known_by_its_start(
    user: Browser, rows: Rows, worker: Worker
) -> None:
    sub = taken_at(STARTS[0])
    first = user.upload(sub)
    rows.execute("UPDATE raw_files SET fits_microsecond = NULL, pixel_mark = NULL WHERE id > 0")
    claim_first(rows, worker, first["job_ids"][0])

    assert user.upload(copy_of(sub))["skipped"] == first["chunks"]


def test_what_is_left_of_a_chunk_is_still_stacked_whole(
    user: Browser, rows: Rows, worker: Worker
) -> None:
    between = taken_at(STARTS[1], EXPTIME="10.15")
    first = user.upload(between)
    claim_first(rows, worker, first["job_ids"][0])

    second = user.upload(taken_at(STARTS[0]), between, taken_at(STARTS[2], EXPTIME="10.3"))

    assert second["jobs"] == 2, "no worker would stack 10 s and 10.3 s together"
    assert exposure_of(rows, *first["job_ids"], *second["job_ids"]) == pytest.approx(30.45)


@pytest.mark.one_database
def test_stacks_of_two_accounts_are_compared_when_they_are_completed(
    new_user: Callable[..., Browser], rows: Rows, worker: Worker
) -> None:
    subs = [taken_at(start) for start in STARTS]
    owners = [new_user(), new_user()]
    rows.execute("UPDATE users SET stacks_public = 1")
    stacks = []
    for owner, sent in zip(owners, (subs, [copy_of(sub) for sub in subs]), strict=True):
        (job,) = owner.upload(*sent)["job_ids"]
        stacks.append(complete(worker, claim_first(rows, worker, job))[0])

    chosen = rows.all(
        "SELECT stack_id, light_in, repeated FROM light_choices WHERE viewer_id = 0"
        " ORDER BY stack_id"
    )
    assert [tuple(row.values()) for row in chosen] == [
        (stacks[0], None, 0.0),
        (stacks[1], stacks[0], 1.0),
    ], "their headers differ, their pixels do not"
