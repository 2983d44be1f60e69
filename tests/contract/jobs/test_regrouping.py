"""Chunks by hand: an admin merges, splits and queues those of any owner, and light counts once."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.contract.jobs.support import Worker, stack_file
from tests.contract.site.subs import copy_of, pointing, taken_at
from tests.contract.site.support import PASSWORD, Browser
from tests.support.cleanups import clean_up
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

FIRST = [f"2025-03-27T01:20:{second:02d}" for second in (10, 21, 32)]
SECOND = [f"2025-03-27T01:31:{second:02d}" for second in (10, 21)]


class Desk:
    """A site with an owner, an admin at the page of chunks, and a worker."""

    def __init__(self, site: SiteUnderTest) -> None:
        self.site = site
        self.rows: Rows = site.rows
        self.owner = self.account("owner")
        self.admin = self.account("boss", admin=True)
        self.worker = Worker(site, site.create_worker_key("stacker"))

    def account(self, name: str, *, admin: bool = False) -> Browser:
        self.site.create_user(name, PASSWORD, admin=admin)
        browser = Browser(self.site)
        assert browser.log_in(name).status_code == 302
        return browser

    def act(self, action: str, job: int, **fields: Any) -> Any:
        """Send a form of the page of a chunk."""
        page = "admin_chunks.php"
        form = {"csrf_token": self.admin.token(), "action": action, "job": job, **fields}
        return self.admin.post(page, form)

    def done(self, answer: Any) -> str:
        """What the page says that follows a form that was taken."""
        log = self.site.data_dir / "log" / "crowdsky.log"
        assert answer.status_code == 303, (
            log.read_text()[-3000:] if answer.status_code == 500 else answer.text
        )
        said: str = self.admin.get(answer.headers["Location"]).text
        return said

    def merge(self, job: int, *others: int) -> str:
        return self.done(self.act("merge", job, **{"jobs[]": others}))

    def stack(self, *, leased: dict[str, Any] | None = None) -> int:
        """Complete the next job with all its subs, and return the stack's id."""
        lease = leased or self.worker.claim()
        answer = self.complete(lease)
        assert answer.status_code == 200, answer.text
        stack_id: int = answer.json()["stack_id"]
        return stack_id

    def complete(self, lease: dict[str, Any]) -> Any:
        frames = len(self.worker.get("job_files", job_id=lease["job_id"]).json()["files"])
        counts = {"n_frames_input": frames, "n_frames_aligned": frames}
        body = stack_file(frames=frames, exposure=10.0 * frames)
        fields = {**self.worker.archive(lease, body), **counts, "total_exptime": 10.0 * frames}
        return self.worker.report("complete_job", lease, **fields)

    def light(self) -> float:
        """Seconds of light that all stacks of the archive have."""
        stacks = self.rows.all("SELECT total_exptime FROM stacked_frames")
        return float(sum(stack["total_exptime"] for stack in stacks))

    def subs(self, job: int) -> list[int]:
        """Ids of the stored subs of a job in order of time."""
        rows = self.rows.all(
            "SELECT id FROM raw_files WHERE job_id = ? AND deleted_at IS NULL"
            " ORDER BY fits_date_obs",
            job,
        )
        return [row["id"] for row in rows]

    def stacks(self) -> set[int]:
        return {row["id"] for row in self.rows.all("SELECT id FROM stacked_frames")}


@pytest.fixture
def desk(make_site: Callable[..., SiteUnderTest]) -> Desk:
    """A site whose raws and replaced files may go as soon as their stack is proven."""
    return Desk(make_site(CROWDSKY_RAW_GRACE_HOURS="0", CROWDSKY_RETRY_BACKOFF_SECONDS="0"))


def two_chunks(desk: Desk) -> tuple[int, int]:
    jobs = desk.owner.upload(*map(taken_at, [*FIRST, *SECOND]))["job_ids"]
    assert len(jobs) == 2
    return jobs[0], jobs[1]


@pytest.mark.one_database
def test_waiting_chunks_become_one_and_two_again(desk: Desk) -> None:
    first, second = two_chunks(desk)
    keys = [desk.rows.job(job)["chunk_key"] for job in (first, second)]

    said = desk.merge(second, first)

    assert "2 chunks are one now" in said
    job = desk.rows.job(first)
    assert (job["status"], job["frame_count"], job["chunk_key"]) == ("pending", 5, keys[0])
    own = desk.rows.all("SELECT DISTINCT chunk_key FROM raw_files ORDER BY chunk_key")
    assert [row["chunk_key"] for row in own] == keys, "the keys of 15 minutes stay"
    left = desk.rows.job(second)
    assert (left["status"], left["merged_into_id"]) == ("cancelled", first)
    assert desk.rows.events(first)[-1] == desk.rows.events(second)[-1] == "merged"
    page = desk.owner.get("job.php", id=second).text
    assert "An admin merged this chunk into that of" in page
    assert 'value="requeue"' not in page
    assert "An admin merged this chunk, <a" in desk.owner.get("job.php", id=first).text

    undo = re.search(r'name="change" value="(\d+)"', said)
    assert undo
    assert "The change is undone." in desk.done(desk.act("undo", first, change=undo[1]))
    assert [len(desk.subs(job)) for job in (first, second)] == [3, 2]
    assert desk.rows.job(second)["status"] == "pending"
    assert desk.rows.job(first)["frame_count"] == 3
    again = desk.act("undo", first, change=undo[1])
    assert again.status_code == 409 and "undone already" in again.text

    desk.merge(first, second)
    desk.stack()
    assert desk.worker.try_claim() is None
    assert desk.light() == 50.0


def test_merged_stacks_give_way_only_to_the_verified_one(desk: Desk) -> None:
    first, second = two_chunks(desk)
    old = [desk.stack(), desk.stack()]
    files = [path for path in (desk.site.data_dir / "stacks").rglob("*.fits") if path.is_file()]
    desk.rows.execute("UPDATE stacked_frames SET visibility = 'private' WHERE id = ?", old[1])

    said = desk.merge(first, second)
    assert desk.stacks() == set(old) and desk.light() == 50.0
    again = desk.owner.upload(taken_at("2025-03-27T01:20:59"), *map(copy_of_sub, (FIRST[0],)))
    assert again["jobs"] >= 1
    desk.rows.execute("UPDATE stacking_jobs SET priority = 9 WHERE id = ?", first)
    lease = desk.worker.claim()
    assert lease["job_id"] == first
    desk.worker.report("fail_job", lease, error_message="cloud", retryable=False)
    assert desk.stacks() == set(old), "a failed run costs nothing"
    assert f'value="{first}"' in said

    desk.done(desk.act("queue", first))
    lease = desk.worker.claim()
    assert lease["job_id"] == first
    new = desk.stack(leased=lease)
    assert old[1] not in desk.stacks()
    kept = desk.rows.one("SELECT * FROM stacked_frames WHERE id = ?", new)
    assert (kept["total_exptime"], kept["visibility"]) == (60.0, "private"), "nobody sees more"
    moved = desk.owner.get("stack.php", id=old[1])
    assert (moved.status_code, moved.headers["Location"]) == (303, f"stack.php?id={new}")
    assert desk.rows.job(second)["status"] == "cancelled"
    assert all(path.is_file() for path in files), "until the new one is read back"
    clean_up(desk.site)
    assert not any(path.exists() for path in files)
    assert desk.owner.get("stack.php", id=new).status_code == 200


def copy_of_sub(moment: str) -> bytes:
    """The same exposure as a sub of that moment, for the site: telescope, start and seconds."""
    return copy_of(taken_at(moment))


def test_a_split_chunk_with_a_stack_never_counts_its_light_twice(desk: Desk) -> None:
    job = desk.owner.upload(*map(taken_at, FIRST))["job_ids"][0]
    old = desk.stack()
    subs = desk.subs(job)

    said = desk.done(desk.act("cut", job, **{"subs[]": subs[1]}))

    new = desk.rows.one("SELECT * FROM stacking_jobs WHERE id <> ?", job)
    assert "2 subs are in job" in said
    assert (new["after_job_id"], desk.subs(new["id"])) == (job, subs[1:])
    lease = desk.worker.claim()
    assert lease["job_id"] == job
    assert desk.worker.try_claim() is None, "its light is in the old stack still"
    assert "waits for the new stack of job" in desk.owner.get("job.php", id=new["id"]).text
    desk.worker.report("fail_job", lease, error_message="cloud", retryable=False)
    again = desk.owner.upload(copy_of_sub(FIRST[0]), copy_of_sub(FIRST[2]))
    assert again["jobs"] <= 1, "the old stack and a waiting job have this light"
    desk.done(desk.act("queue", job))
    assert desk.stack() == old
    assert desk.light() == 10.0
    desk.stack()
    assert desk.light() == 30.0
    late = desk.act("undo", job, change=desk.rows.one("SELECT id FROM chunk_changes")["id"])
    assert late.status_code == 409 and "has made its new stack" in late.text


@pytest.mark.every
@pytest.mark.one_database
def test_a_split_is_undone_while_a_worker_is_busy(desk: Desk) -> None:
    job = desk.owner.upload(*map(taken_at, FIRST))["job_ids"][0]
    stack = desk.stack()
    desk.done(desk.act("apart", job, **{"subs[]": desk.subs(job)[1]}))
    lease = desk.worker.claim()
    stored = desk.worker.archive(lease)

    change = desk.rows.one("SELECT id FROM chunk_changes")["id"]
    desk.done(desk.act("undo", job, change=change))

    late = desk.worker.report("complete_job", lease, **stored)
    assert late.status_code == 409, "that run had fewer subs"
    assert desk.rows.job(job)["status"] == "completed"
    assert desk.rows.job(job)["frame_count"] == 3
    assert (desk.stacks(), desk.light()) == ({stack}, 30.0)
    assert desk.worker.try_claim() is None
    clean_up(desk.site)
    assert desk.subs(job) == [], "the raws of a proven stack go as ever"
    gone = desk.act("apart", job, **{"subs[]": 1})
    assert gone.status_code == 409 and "have been deleted" in gone.text


@pytest.mark.one_database
def test_running_jobs_are_taken_from_their_workers(desk: Desk) -> None:
    first, second = two_chunks(desk)
    leases = [desk.worker.claim(), desk.worker.claim()]

    desk.merge(first, second)

    beats = [desk.worker.report("heartbeat", lease) for lease in leases]
    stops = [beat.status_code in (409, 410) or beat.json()["action"] == "cancel" for beat in beats]
    assert stops == [True, True], [beat.text for beat in beats]
    for lease in leases:
        late = desk.worker.report("fail_job", lease, error_message="late")
        assert late.status_code >= 400
        released = desk.worker.report("release_job", lease, reason="late")
        assert released.status_code >= 400
    assert desk.rows.job(first)["status"] == "pending"
    desk.stack()
    assert (desk.light(), desk.worker.try_claim()) == (50.0, None)


@pytest.mark.one_database
def test_what_cannot_become_one_is_refused_with_the_reason(desk: Desk) -> None:
    base = desk.owner.upload(*map(taken_at, FIRST))["job_ids"][0]
    stranger = desk.account("stranger")
    close = "2025-03-27T01:31:0"
    others = {
        "differ in filter": [taken_at(f"{close}0", FILTER="'LP'")],
        "differ in telescope": [taken_at(f"{close}1", TELESCOP="'other'")],
        "differ in exposure": [taken_at(f"{close}2", EXPTIME=f"{'20.':>20}")],
        "different fields": [taken_at(f"{close}3", **pointing(20.0, 10.0))],
        "not neighbours": [taken_at("2025-03-27T02:50:00")],
    }
    for reason, bodies in others.items():
        job = desk.owner.upload(*bodies)["job_ids"][0]
        answer = desk.act("merge", base, **{"jobs[]": job})
        assert answer.status_code == 409 and reason in answer.text, (
            reason,
            re.findall(r"alert.>.*", answer.text),
        )
    foreign = stranger.upload(taken_at(f"{close}5"))["job_ids"][0]
    assert "different owners" in desk.act("merge", base, **{"jobs[]": foreign}).text
    alone = desk.act("merge", base)
    assert alone.status_code == 409 and "at least two" in alone.text
    whole = desk.act("apart", base, **{"subs[]": desk.subs(base)})
    assert whole.status_code == 409 and "not all" in whole.text
    assert whole.text.count(" checked") == 3, "what was ticked is ticked still"
    assert desk.owner.get("admin_chunks.php", job=base).status_code == 403
    assert desk.rows.all("SELECT * FROM chunk_changes") == []
    desk.rows.execute("UPDATE stacking_jobs SET kind = 'uploaded' WHERE id = ?", base)
    assert "is no chunk of subs" in desk.admin.get("admin_chunks.php", job=base).text
    assert desk.admin.get("admin_chunks.php", job=99999).status_code == 404


@pytest.mark.every
@pytest.mark.one_database
def test_copies_and_lost_raws(desk: Desk) -> None:
    first, second = two_chunks(desk)
    desk.rows.execute("UPDATE stacking_jobs SET status = 'cancelled' WHERE id = ?", second)
    third = desk.owner.upload(*map(copy_of_sub, SECOND[:1]))["job_ids"][0]
    assert third not in (first, second)
    shared = desk.act("merge", first, **{"jobs[]": second})
    assert shared.status_code == 409 and "light counts once" in shared.text

    desk.merge(first, second, third)
    assert (len(desk.subs(first)), desk.rows.job(first)["frame_count"]) == (5, 5)
    assert desk.rows.one("SELECT COUNT(*) AS n FROM raw_files WHERE left_out IS NOT NULL")["n"] == 1

    desk.rows.execute(
        "UPDATE raw_files SET deleted_at = '2026-01-01' WHERE id = ?", desk.subs(first)[0]
    )
    gone = desk.act("cut", first, **{"subs[]": desk.subs(first)[2]})
    assert gone.status_code == 409 and "only 4 of its 5 subs left" in gone.text


@pytest.mark.one_database
def test_an_admin_submits_what_its_owner_has_left(desk: Desk) -> None:
    session = desk.owner.start()
    for number, moment in enumerate(FIRST):
        desk.owner.put(session, taken_at(moment), f"Light_{number}.fit")
    upload = desk.rows.one("SELECT id FROM upload_sessions")["id"]
    form = {"csrf_token": desk.admin.token(), "action": "submit", "upload": upload}

    busy = desk.admin.post("admin_chunks.php", form)
    assert busy.status_code == 409 and "may still be sending" in busy.text
    desk.rows.execute("UPDATE upload_sessions SET last_activity_at = '2026-01-01 00:00:00'")
    assert "Queue its chunks" in desk.admin.get("admin_chunks.php").text
    said = desk.done(desk.admin.post("admin_chunks.php", form))

    assert "The upload of owner is queued: 1 chunk." in said
    job = desk.rows.one("SELECT * FROM stacking_jobs")
    assert (job["status"], job["frame_count"]) == ("pending", 3)
    assert desk.rows.one("SELECT actor FROM job_events")["actor"] == "user:boss"
    assert desk.admin.post("admin_chunks.php", form).status_code == 404


def test_claims_and_changes_at_the_same_time_lose_nothing(desk: Desk) -> None:
    """Workers claim while chunks are merged and split: every sub ends in one stack."""
    moments = [f"2025-03-27T0{1 + n // 4}:{n % 4 * 15:02d}:30" for n in range(8)]
    jobs = desk.owner.upload(
        *[taken_at(moment) for moment in moments],
        *[taken_at(moment[:-2] + "45") for moment in moments],
    )["job_ids"]
    workers = [Worker(desk.site, desk.site.create_worker_key(f"w{n}"), f"w{n}") for n in range(2)]

    def claiming(worker: Worker) -> None:
        for _ in range(4):
            worker.try_claim()

    with ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(claiming, worker) for worker in workers]
        pairs = pool.submit(
            lambda: [
                desk.act("merge", jobs[n], **{"jobs[]": jobs[n + 1]}).status_code
                for n in (0, 2, 4, 6)
            ]
        )
        for run in runs:
            run.result()
    assert set(pairs.result()) <= {303, 409}, pairs.result()
    desk.rows.execute(
        "UPDATE stacking_jobs SET status = 'pending', claim_id = NULL, lease_expires_at = NULL"
        " WHERE status IN ('processing', 'retry')"
    )
    while (lease := desk.worker.try_claim()) is not None:
        desk.stack(leased=lease)

    lost = desk.rows.all(
        "SELECT f.id FROM raw_files f LEFT JOIN stacking_jobs j ON j.id = f.job_id"
        " WHERE j.id IS NULL OR j.status <> 'completed'"
    )
    assert (lost, desk.light()) == ([], 160.0)
