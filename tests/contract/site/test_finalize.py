"""Ending an upload: which jobs come of it, once, whatever is repeated or goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.contract.jobs.support import Worker
from tests.contract.site.subs import pointing, sub, taken_at
from tests.contract.site.support import Browser
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

M94_BEFORE = pointing(193.04166, 40.970556)
M94_AFTER = pointing(193.070835, 40.979722)


def stored_files(user: Browser, rows: Rows) -> list[Path]:
    """Return the raw files of a user that are on disk."""
    (row,) = rows.all("SELECT id FROM users WHERE username = ?", user.name)
    return list((user.site.data_dir / "raws" / f"u{row['id']}").rglob("*.fits"))


def names_of(rows: Rows, job: int) -> list[str]:
    """Return the names of a job's usable subs."""
    found = rows.all(
        "SELECT filename FROM raw_files WHERE job_id = ? AND deleted_at IS NULL ORDER BY id", job
    )
    return [row["filename"] for row in found]


def test_a_re_centred_mount_gives_one_job(user: Browser, rows: Rows) -> None:
    times = [f"2025-03-27T01:{20 + index // 3}:{index % 3 * 15:02d}" for index in range(12)]
    subs = [
        taken_at(time, **(M94_BEFORE if index < 3 else M94_AFTER))
        for index, time in enumerate(times)
    ]

    finalized = user.upload(*subs)

    assert finalized["jobs"] == 1
    assert finalized["chunks"] == ["20250327.05_193.1_+41.0"]
    assert finalized["skipped"] == []
    job = rows.job(finalized["job_ids"][0])
    assert job["status"] == "pending"
    assert job["frame_count"] == 12
    assert job["total_bytes"] == sum(len(body) for body in subs)
    assert job["object_name"] == "M 94"
    assert job["chunk_key_hp"].startswith("20250327.05_HP")
    assert (job["telescope"], job["filter_name"], job["fits_exptime"]) == (
        "S50_1d3fe189",
        "IRCUT",
        10.0,
    )
    # Headers of a Seestar are of date; the key follows them, the pointing is that of the sky.
    assert (job["ra_deg"], job["dec_deg"]) == pytest.approx((192.7675, 41.1143), abs=1e-3)
    assert rows.events(job["id"]) == ["created"]
    assert len(names_of(rows, job["id"])) == 12


def test_a_pointing_follows_what_the_header_says_of_its_equinox(user: Browser, rows: Rows) -> None:
    of_date = taken_at("2025-03-27T01:20:10", **pointing(193.0, 41.0))
    of_2000 = taken_at("2025-03-27T01:35:10", EQUINOX="2000.0", **pointing(193.0, 41.0))
    other = taken_at("2025-03-27T01:50:10", **pointing(193.0, 41.0), TELESCOP=None, INSTRUME=None)

    jobs = [rows.job(user.upload(sub)["job_ids"][0]) for sub in (of_date, of_2000, other)]

    assert [job["ra_deg"] for job in jobs] == pytest.approx([192.7039, 193.0, 193.0], abs=1e-3)
    assert {job["chunk_key"].split("_", 1)[1] for job in jobs} == {"193.0_+41.0"}
    rows.execute("UPDATE raw_files SET fits_equinox = NULL WHERE id > 0")
    more = user.upload(taken_at("2025-03-27T01:20:21", **pointing(193.0, 41.0)))
    assert more["job_ids"] == [jobs[0]["id"]], "a sub of an older version points where it did"
    assert rows.job(jobs[0]["id"])["ra_deg"] == pytest.approx(jobs[0]["ra_deg"], abs=1e-5)


def test_every_difference_that_matters_makes_a_job_of_its_own(user: Browser) -> None:
    when = "2025-03-27T01:20:32"
    finalized = user.upload(
        taken_at(when),
        taken_at("2025-03-27T01:30:00"),
        taken_at("2025-03-27T01:20:42", FILTER="'LP'"),
        taken_at(when, EXPTIME="20."),
        taken_at(when, TELESCOP="'S50_other'"),
        taken_at("2025-03-27T01:20:52", EQMODE="1"),
        taken_at("2025-03-27T01:21:02", **pointing(193.04166, 42.0)),
        sub({"RA": None, "DEC": None, "DATE-OBS": "'2025-03-27T01:21:12'"}),
    )

    assert finalized["jobs"] == 8
    assert finalized["jobs"] == len(finalized["job_ids"]) == len(finalized["chunks"])


def test_measured_exposures_and_names_of_one_filter_make_one_job(user: Browser, rows: Rows) -> None:
    names = ["IRCUT", "ircut", "IR-Cut", "UV/IR Cut", "IRCUT", "IRCUT"]
    subs = [
        taken_at(
            f"2025-03-27T01:20:{second:02d}", FILTER=f"'{name}'", EXPTIME=f"{10.0 + second / 2750}"
        )
        for second, name in zip(range(0, 66, 11), names, strict=True)
    ]

    first = user.upload(*subs[:4])
    assert first["jobs"] == 1
    # As older versions of the site wrote them, with exposure and filter as in the header.
    rows.execute("UPDATE stacking_jobs SET group_key = 'of-before-1' WHERE id > 0")
    second = user.upload(*subs[4:])

    assert second["job_ids"] == first["job_ids"]
    assert rows.job(first["job_ids"][0])["frame_count"] == 6


def test_the_answer_can_be_asked_for_again(user: Browser, rows: Rows) -> None:
    session = user.start()
    user.put(session, sub())
    first = user.finalize(session)

    again = user.finalize(session)

    assert again.status_code == 200
    assert again.json() == first.json()
    assert rows.events(first.json()["job_ids"][0]) == ["created"]


def test_calls_at_the_same_time_queue_once(user: Browser, rows: Rows) -> None:
    session = user.start()
    for _ in range(3):
        user.put(session, sub())
    token = user.token()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: user.finalize(session, token), range(8)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    (job,) = answers[0].json()["job_ids"]
    assert rows.job(job)["frame_count"] == 3


def test_two_sessions_ending_at_once_share_the_chunk(user: Browser, rows: Rows) -> None:
    sessions = [user.start() for _ in range(4)]
    for session in sessions:
        user.put(session, sub())
    token = user.token()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda session: user.finalize(session, token), sessions))

    jobs = {job for answer in answers for job in answer.json()["job_ids"]}
    assert len(jobs) == 1
    assert rows.job(jobs.pop())["frame_count"] == 4


def test_an_empty_session_is_not_closed(user: Browser) -> None:
    session = user.start()

    refused = user.finalize(session)

    assert refused.status_code == 400
    assert refused.json()["code"] == "empty_session"
    assert user.put(session, sub()).status_code == 200
    assert user.finalize(session).json()["jobs"] == 1


def test_nothing_arrives_after_the_end(user: Browser) -> None:
    finalized = user.upload(sub())

    assert user.put(finalized["session"], sub()).status_code == 404


def test_parameters_and_token_are_checked(user: Browser) -> None:
    session = user.start()
    user.put(session, sub())

    assert user.finalize(session, "0" * 64).status_code == 403
    assert user.call("finalize.php", {"session_token": session}).status_code == 403
    assert user.call("finalize.php", {"csrf_token": user.token()}).status_code == 400
    assert user.finalize("0" * 32).status_code == 404
    assert user.get("finalize.php").status_code == 405


def test_more_of_a_waiting_chunk_joins_its_job(user: Browser, rows: Rows) -> None:
    first_sub = taken_at("2025-03-27T01:20:32", **M94_BEFORE)
    first = user.upload(first_sub)

    second = user.upload(taken_at("2025-03-27T01:25:00", **M94_AFTER), first_sub)

    assert second["job_ids"] == first["job_ids"]
    assert second["skipped"] == []
    job = rows.job(first["job_ids"][0])
    assert job["frame_count"] == 2
    assert job["chunk_key"] == "20250327.05_193.1_+41.0"
    assert names_of(rows, job["id"]) == ["Light_0.fit", "Light_0_2.fit"]
    assert rows.events(job["id"]) == ["created", "subs_added"]
    assert len(stored_files(user, rows)) == 2


def test_the_same_subs_of_a_waiting_chunk_again_change_nothing(user: Browser, rows: Rows) -> None:
    subs = [sub(), sub()]
    first = user.upload(*subs)

    second = user.upload(*subs)

    assert second["job_ids"] == first["job_ids"]
    assert rows.job(first["job_ids"][0])["frame_count"] == 2
    assert rows.events(first["job_ids"][0]) == ["created"]
    assert len(stored_files(user, rows)) == 2


def test_a_chunk_being_stacked_is_skipped(user: Browser, rows: Rows, worker: Worker) -> None:
    subs = [sub(), sub()]
    first = user.upload(*subs)
    rows.execute("UPDATE stacking_jobs SET priority = 9 WHERE id = ?", first["job_ids"][0])
    assert worker.claim()["job_id"] == first["job_ids"][0]

    second = user.upload(*subs)

    assert second["jobs"] == 0
    assert second["job_ids"] == []
    assert second["skipped"] == first["chunks"]
    assert user.finalize(second["session"]).json()["skipped"] == first["chunks"]
    assert len(stored_files(user, rows)) == 2


def test_only_new_subs_of_a_chunk_being_stacked_make_a_further_job(
    user: Browser, rows: Rows, worker: Worker
) -> None:
    known = sub()
    first = user.upload(known)
    rows.execute("UPDATE stacking_jobs SET priority = 9 WHERE id = ?", first["job_ids"][0])
    worker.claim()

    second = user.upload(known, sub())

    assert second["jobs"] == 1
    assert second["job_ids"] != first["job_ids"]
    assert second["skipped"] == []
    assert second["left_out"] == [
        {
            "filename": "Light_0.fit",
            "reason": "It shows the same light as Light_0.fit of job "
            f"{first['job_ids'][0]}: the same file.",
        }
    ]
    assert rows.job(second["job_ids"][0])["frame_count"] == 1
    assert len(stored_files(user, rows)) == 2
    page = user.get("status.php", session=second["session"]).text
    assert "1 sub is left out" in page and "the same file" in page


def test_a_failed_chunk_can_be_uploaded_again(user: Browser, rows: Rows) -> None:
    body = sub()
    first = user.upload(body)
    rows.execute("UPDATE stacking_jobs SET status = 'failed' WHERE id = ?", first["job_ids"][0])

    second = user.upload(body)

    assert second["jobs"] == 1
    assert second["job_ids"] != first["job_ids"]


def test_owners_do_not_share_chunks(user: Browser, new_user: Callable[..., Browser]) -> None:
    body = sub()
    first = user.upload(body)

    second = new_user().upload(body)

    assert second["jobs"] == 1
    assert second["chunks"] == first["chunks"]
    assert second["job_ids"] != first["job_ids"]


def test_a_trusted_worker_gets_what_was_uploaded(
    user: Browser, rows: Rows, site: SiteUnderTest
) -> None:
    worker = Worker(site, site.create_worker_key("own", trusted=True))
    bodies = [taken_at("2025-03-27T01:25:00"), taken_at("2025-03-27T01:20:00")]
    finalized = user.upload(*bodies)
    rows.execute("UPDATE stacking_jobs SET priority = 9 WHERE id = ?", finalized["job_ids"][0])

    lease = worker.claim()
    files = worker.get("job_files", job_id=lease["job_id"]).json()["files"]

    assert lease["chunk_key"] == finalized["chunks"][0]
    assert lease["frame_count"] == 2
    assert lease["total_bytes"] == sum(map(len, bodies))
    assert [file["filename"] for file in files] == ["Light_1.fit", "Light_0.fit"]
    assert [worker.get("download_raw", file_id=file["id"]).content for file in files] == bodies[
        ::-1
    ]


@pytest.mark.real_subs
def test_the_real_night_is_one_job(user: Browser, rows: Rows, real_subs: Path) -> None:
    session = user.start()
    night = sorted((real_subs / "m94_night1").glob("*.fit"))
    for path in night:
        assert user.put(session, path.read_bytes(), path.name).status_code == 200

    finalized = user.finalize(session).json()

    assert finalized["chunks"] == ["20250327.05_193.1_+41.0"]
    assert rows.job(finalized["job_ids"][0])["frame_count"] == len(night) == 12
    assert names_of(rows, finalized["job_ids"][0]) == [path.name for path in night]
