"""Where a frame was taken is for trusted workers, and for all once its owner shares it."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
import requests
from astropy.io import fits

from demo.services import Site
from tests.contract.jobs.support import Queue, Raw, Worker, stack_file
from tests.contract.site.subs import sub
from tests.contract.site.support import PASSWORD, Browser
from tests.support.rows import Rows

POSITION = {"SITELAT": "48.1371", "SITELONG": "11.5754", "OBSERVER": "'Somebody'"}


@pytest.fixture
def raw(queue: Queue, rows: Rows) -> Raw:
    """The only frame of a waiting job; its header tells where it was taken."""
    job = queue.add_job(frames=0)
    session = rows.job(job)["upload_session_id"]
    return queue.add_raw(session, job, "Light.fit", sub(POSITION))


def listed(worker: Worker) -> tuple[dict[str, str], dict[str, Any]]:
    """Claim the job; return the header of its lease and what is listed of its frame."""
    lease = worker.claim()
    token = {"X-Lease-Token": lease["lease_token"]}
    (file,) = worker.get("job_files", token, job_id=lease["job_id"]).json()["files"]
    return token, file


@pytest.mark.parametrize("shares", [False, True])
@pytest.mark.parametrize("trusted", [False, True])
def test_the_lease_says_whether_the_stack_may_tell_the_position(
    site: Site, raw: Raw, rows: Rows, trusted: bool, shares: bool
) -> None:
    """What a key may see is one thing, what the published stack may tell is the owner's."""
    assert raw.id
    rows.execute("UPDATE users SET share_position = ?", int(shares))
    worker = Worker(site, site.create_worker_key("observatory", trusted=trusted))

    assert worker.claim()["may_tell_position"] is shares


def fetch(worker: Worker, raw: Raw) -> bytes:
    """Download the frame and check it against everything that was said about it."""
    token, file = listed(worker)
    answer = worker.get("download_raw", token, file_id=raw.id)
    assert answer.headers["ETag"] == f'"{file["sha256"]}"'
    assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]
    assert len(answer.content) == file["file_size_bytes"]
    assert f'filename="{file["filename"]}"' in answer.headers["Content-Disposition"]
    content: bytes = answer.content
    return content


def test_a_volunteer_does_not_learn_the_position(worker: Worker, raw: Raw, rows: Rows) -> None:
    content = fetch(worker, raw)

    for secret in (b"48.1371", b"11.5754", b"Somebody", b"SITELAT"):
        assert secret in raw.body
        assert secret not in content
    with fits.open(io.BytesIO(content)) as served, fits.open(io.BytesIO(raw.body)) as own:
        served.verify("exception")
        assert (served[0].data == own[0].data).all()
        assert served[0].header["OBJECT"] == "M 94"
    stored = rows.one("SELECT sha256, public_sha256, public_bytes FROM raw_files")
    assert stored["sha256"] == hashlib.sha256(raw.body).hexdigest()
    assert stored["public_sha256"] == hashlib.sha256(content).hexdigest()
    assert stored["public_bytes"] == len(content) == len(raw.body)
    assert raw.path.read_bytes() == raw.body


def test_a_name_with_local_time_is_for_trusted_workers(
    site: Site, worker: Worker, queue: Queue, rows: Rows
) -> None:
    job = queue.add_job(frames=0)
    session = rows.job(job)["upload_session_id"]
    raw = queue.add_raw(session, job, "Light_20250326-212046.fit", sub())
    token, file = listed(worker)
    answer = worker.get("download_raw", token, file_id=raw.id)
    rows.execute("UPDATE stacking_jobs SET status = 'pending', not_before = NULL")
    trusted = Worker(site, site.create_worker_key("observatory", trusted=True))

    assert file["filename"] == f"frame_{raw.id}.fits"
    assert "212046" not in str(answer.headers) + str(file)
    assert listed(trusted)[1]["filename"] == "Light_20250326-212046.fit"


def test_extensions_and_what_follows_them_tell_nothing(
    worker: Worker, queue: Queue, rows: Rows
) -> None:
    job = queue.add_job(frames=0)
    extension = fits.BinTableHDU.from_columns([fits.Column("LAT", "D", array=[48.1371])])
    extension.header["SITELAT"] = 48.1371
    stream = io.BytesIO(sub())
    hdus = fits.HDUList([*fits.open(stream), extension])
    written = io.BytesIO()
    hdus.writeto(written)
    body = written.getvalue() + b"lat 48.1371"
    raw = queue.add_raw(rows.job(job)["upload_session_id"], job, "Light.fit", body)

    content = fetch(worker, raw)

    assert len(content) == len(written.getvalue())
    with fits.open(io.BytesIO(content)) as served:
        assert len(served) == 2 and "SITELAT" not in served[1].header
        assert (served[1].data.field(0) == 0).all()
    assert b"48.1371" not in content


def test_every_range_is_one_of_the_copy(worker: Worker, raw: Raw) -> None:
    token, file = listed(worker)
    copy = worker.get("download_raw", token, file_id=raw.id).content
    end = len(copy) - 1

    for first, last in ((0, 0), (0, 2879), (100, 5000), (2879, 2880), (2880, end), (end, end)):
        headers = {**token, "Range": f"bytes={first}-{last}", "If-Range": f'"{file["sha256"]}"'}
        part = worker.get("download_raw", headers, file_id=raw.id)
        assert part.status_code == 206
        assert part.content == copy[first : last + 1]
    own = {**token, "If-Match": f'"{hashlib.sha256(raw.body).hexdigest()}"'}
    assert worker.get("download_raw", own, file_id=raw.id).status_code == 412


def test_a_trusted_worker_gets_the_frame_itself(site: Site, raw: Raw) -> None:
    trusted = Worker(site, site.create_worker_key("observatory", trusted=True))

    assert fetch(trusted, raw) == raw.body


def test_an_owner_may_share_the_position(site: Site, worker: Worker, queue: Queue) -> None:
    site.create_user("owner", PASSWORD)
    owner = Browser(site)
    owner.log_in("owner")
    saved = owner.post("account.php", {"csrf_token": owner.token(), "share_position": "1"})
    assert saved.headers["Location"] == "account.php"
    page = owner.get("account.php").text
    assert "Saved." in page
    assert "Saved." not in owner.get("account.php").text, "the note is shown once"
    assert " checked" in owner.get("account.php").text
    body = sub(POSITION)
    owner.upload(body)
    token, file = listed(worker)
    shared = worker.get("download_raw", token, file_id=file["id"]).content
    owner.post("account.php", {"csrf_token": owner.token()})
    kept = worker.get("download_raw", token, file_id=file["id"]).content

    assert file["sha256"] == hashlib.sha256(body).hexdigest()
    assert shared == body
    assert b"SITELAT" not in kept
    assert " checked" not in owner.get("account.php").text


def test_hashes_of_copies_are_made_in_little_memory(tight_site: Site) -> None:
    rows = tight_site.rows
    queue = Queue(tight_site, rows)
    job = queue.add_job(frames=0)
    side = f"{4096:>20}"
    body = sub({**POSITION, "NAXIS1": side, "NAXIS2": side}, data_bytes=32 << 20)
    raw = queue.add_raw(rows.job(job)["upload_session_id"], job, "big.fit", body)

    content = fetch(Worker(tight_site, tight_site.create_worker_key("w")), raw)

    assert len(content) == len(body)
    assert b"48.1371" not in content[:2880]


def test_an_admin_makes_trusted_keys_on_the_page(site: Site, rows: Rows) -> None:
    site.create_user("operator", PASSWORD, admin=True)
    admin = Browser(site)
    admin.log_in("operator")
    token = admin.token()
    for name, more in (("own", {"level": "trusted"}), ("other", {})):
        admin.post("admin_workers.php", {"csrf_token": token, "name": name, **more})

    scopes = {row["name"]: row["scopes"] for row in rows.all("SELECT name, scopes FROM api_keys")}

    assert scopes == {"own": "jobs trusted", "other": "jobs"}
    assert requests.get(f"{site.base_url}/account.php", timeout=30).url.endswith(
        "login_required&next=account.php"
    )


@pytest.mark.parametrize(
    ("name", "tells"), [("Light_20250326-212046.fit", True), ("frame_7.fits", False)]
)
def test_a_stack_with_the_names_of_its_owner_is_solved_again_by_trusted_workers(
    site: Site, worker: Worker, queue: Queue, rows: Rows, name: str, tells: bool
) -> None:
    queue.add_job()
    lease = worker.claim()
    buffer = io.BytesIO(stack_file())
    with fits.open(buffer) as hdus:
        column = fits.Column("FILENAME", "40A", array=[name])
        hdus.append(fits.BinTableHDU.from_columns([column], name="FRAMES"))
        written = io.BytesIO()
        hdus.writeto(written)
    report = worker.archive(lease, written.getvalue())
    done = worker.report("complete_job", lease, **report)
    assert done.status_code == 200, done.text
    key = site.run_php("worker-key.php", "create", "--name", "op", "--scope", "admin").strip()
    Worker(site, key).post("rescan", stack_ids=[done.json()["stack_id"]])
    for looked_up_later in (False, True):
        if looked_up_later:
            rows.execute("UPDATE stacked_frames SET tells_position = NULL")
            site.run_php("cleanup.php")
        offered = worker.get("next_job", worker_id="w", kinds="rescan")

        assert offered.status_code == (204 if tells else 200)
        if not tells:
            worker.report("release_job", offered.json(), reason="only asking")
