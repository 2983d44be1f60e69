"""Finished stacks from people's programs: what is taken, its key and job, what becomes of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
from astropy.io import fits

from tests.contract.clients.finished import (
    FIGURES,
    KEY,
    KINDS,
    NAME,
    SHAPE,
    crowdsky_file,
    finish,
    native_cube,
    product,
    written,
)
from tests.contract.clients.support import PASSWORD, Client, small_sub
from tests.contract.jobs.support import PNG, Worker
from tests.contract.site.support import Browser
from tests.support.described import described, lose_database
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + bytes(200)


def send(client: Client, body: bytes, name: str = NAME, **more: Any) -> requests.Response:
    """Upload a stack; ``thumbnail`` is a file, everything else a field."""
    thumbnail = more.pop("thumbnail", None)
    files = {"file": (name, io.BytesIO(body))}
    if thumbnail is not None:
        files["thumbnail"] = thumbnail
    return client.call("POST", "upload_stack", files=files, data=more)


def queued(client: Client, body: bytes, name: str = NAME, **more: Any) -> dict[str, Any]:
    """Upload a stack that is taken."""
    answer = send(client, body, name, **more)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_an_uploaded_stack_becomes_one_like_any_other(
    client: Client, worker: Worker, rows: Rows
) -> None:
    body = native_cube()

    told = queued(client, body, thumbnail=("x_thn.jpg", io.BytesIO(JPEG)))
    assert client.stacks() == []
    done = finish(worker, product(body), engine="uploaded", date_obs_start="2026-02-27T21:45:01.5")

    assert (told["ok"], told["chunk_key"], told["status"]) == (True, KEY, "queued")
    assert "error" not in told
    assert done.json()["status"] == "completed"
    (listed,) = client.stacks(object="M 81")
    assert (listed["chunk_key"], listed["telescope_id"], listed["filter_name"]) == (
        KEY,
        "S50_8a95aa90",
        "LP",
    )
    assert (listed["n_frames_input"], listed["total_exptime"]) == (38, 760.0)
    assert client.get("thumbnail", id=listed["id"]).content == PNG
    assert client.get("download_stack", chunk_key=KEY).content == product(body)
    assert rows.job(told["job_id"])["kind"] == "uploaded"


@pytest.mark.parametrize(
    "body",
    [
        native_cube(),
        native_cube(colours_last=True),
        crowdsky_file(),
        crowdsky_file(footprint=False),
    ],
    ids=["cube", "colours last", "extensions", "without footprint"],
)
@pytest.mark.one_database
def test_every_layout_is_taken(client: Client, rows: Rows, body: bytes) -> None:
    job = queued(client, body)["job_id"]

    raw = rows.one("SELECT * FROM raw_files WHERE job_id = ?", job)
    assert (raw["naxis2"], raw["naxis1"]) == SHAPE
    assert rows.job(job)["options"] == (
        '{"frames_input":38,"frames_aligned":38,"total_exptime":760.0}'
    )


def cut_off() -> bytes:
    """Return a stack that ends early."""
    return native_cube()[:20000]


def damaged() -> bytes:
    """Return a stack that differs from its own checksum."""
    buffer = io.BytesIO()
    with fits.open(io.BytesIO(native_cube())) as hdus:
        hdus.writeto(buffer, checksum=True)
    body = bytearray(buffer.getvalue())
    body[12000] ^= 1
    return bytes(body)


@pytest.mark.parametrize(
    ("body", "name", "code"),
    [
        (b"", NAME, "truncated"),
        (JPEG, NAME, "not_fits"),
        (native_cube(), "stacked.png", "bad_extension"),
        (cut_off(), NAME, "truncated"),
        (damaged(), NAME, "truncated"),
        (small_sub(), NAME, "not_a_stack"),
        (native_cube(STACKCNT=None, TOTALEXP=None), "stacked.fits", "not_a_stack"),
        (native_cube(DATE_OBS=None), "stacked.fits", "no_date_obs"),
        (native_cube(DATE_OBS="now"), NAME, "no_date_obs"),
        (native_cube(EXPTIME=None, TOTALEXP=None), "stacked.fits", "bad_header"),
        (written(fits.PrimaryHDU(np.zeros((2, 90, 80), np.uint16))), NAME, "not_a_stack"),
        (written(fits.PrimaryHDU(np.zeros((3, 9, 8), np.uint16))), NAME, "not_a_stack"),
        (written(fits.PrimaryHDU()), NAME, "not_a_stack"),
    ],
)
@pytest.mark.one_database
def test_what_is_no_finished_stack_is_refused(
    client: Client, rows: Rows, body: bytes, name: str, code: str
) -> None:
    answer = send(client, body, name)

    assert (answer.status_code, answer.json()["code"]) == (400, code), answer.text
    assert rows.all("SELECT id FROM stacking_jobs") == []
    assert rows.all("SELECT id FROM raw_files") == []


@pytest.mark.one_database
def test_wrong_fields_are_refused(client: Client) -> None:
    assert client.call("POST", "upload_stack").json()["code"] == "no_file"
    for fields in ({"n_frames_input": "many"}, {"scrub_location": "yes"}):
        assert send(client, native_cube(), **fields).status_code == 400


@pytest.mark.parametrize(
    ("name", "cards", "key"),
    [
        ("stacked.fits", {}, KEY),
        (NAME.replace(".87_", ".86_"), {}, KEY.replace(".87_", ".86_")),
        (NAME.replace(".87_", ".88_"), {}, KEY.replace(".87_", ".88_")),
        (NAME.replace(".87_", ".85_"), {}, KEY),
        (NAME.replace("0227.87", "0228.00"), {"DATE_OBS": "2026-02-27T23:59:00"}, None),
        (NAME, {"DATE_OBS": None}, KEY),
        (NAME, {"RA": None}, "20260227.87"),
        (NAME.replace("HP006478", "HP000000"), {"RA": None, "DEC": None}, "20260227.87"),
        (NAME.replace("HP006478", "HP000000"), {}, KEY),
        ("DSO_Stacked_38_M 81_20.0s_20260227_224501.fit", {}, KEY),
        ("CrowdSky_38_M 81_20.0s_LP_20260227-224501.fit", {}, KEY),
    ],
)
@pytest.mark.one_database
def test_the_key_is_of_the_header_but_follows_a_name_that_is_close(
    client: Client, name: str, cards: dict[str, Any], key: str | None
) -> None:
    told = queued(client, native_cube(**cards), name)

    assert told["chunk_key"] == (key or KEY.replace("0227.87", "0228.00"))


@pytest.mark.parametrize(
    ("name", "cards", "fields", "figures"),
    [
        (NAME, {}, {"n_frames_input": "60", "n_frames_aligned": "5"}, (60, 38, 760.0)),
        (NAME, {"STACKCNT": None, "TOTALEXP": None}, {}, (38, 38, 760.0)),
        ("a.fits", {"STACKCNT": None, "TOTALEXP": None}, {"n_frames_aligned": "7"}, (7, 7, 140.0)),
        ("a.fits", {"STACKCNT": None, "TOTALEXP": None}, {"n_frames_input": "9"}, (9, 9, 180.0)),
        (NAME, {"STACKCNT": None, "TOTALEXP": None, "EXPTIME": None}, {}, (38, 38, 760.0)),
        (
            NAME,
            {"TOTALEXP": None, "NIMAGES": 41, "EXPTIME": 410},
            {},
            (41, 41, 410.0),
        ),
    ],
)
@pytest.mark.one_database
def test_the_header_wins_over_the_form_and_the_form_over_the_name(
    client: Client,
    rows: Rows,
    name: str,
    cards: dict[str, Any],
    fields: dict[str, str],
    figures: tuple[int, int, float],
) -> None:
    job = queued(client, native_cube(**cards), name, **fields)["job_id"]

    assert rows.job(job)["options"] == (
        f'{{"frames_input":{figures[0]},"frames_aligned":{figures[1]},"total_exptime":{figures[2]}}}'
    )


def test_names_of_objects_come_from_the_header_as_they_are(
    client: Client, worker: Worker, rows: Rows
) -> None:
    body = native_cube(OBJECT=None)
    job = queued(client, body, "CrowdSky_38_M\xe4rz + 81_20.0s_LP_20260227.87_HP006478.fit")[
        "job_id"
    ]
    assert rows.job(job)["object_name"] == "M\xe4rz + 81"
    finish(worker, product(body))

    assert len(client.stacks(object="M\xe4rz + 81")) == 1
    assert client.stacks(object="M\xe4rz  81") == []


def test_the_same_stack_again_is_the_same_job(client: Client, worker: Worker, rows: Rows) -> None:
    body = native_cube()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: queued(client, body), range(4)))
    other = queued(client, native_cube(2))
    rows.execute("DELETE FROM stacking_jobs WHERE id = ?", other["job_id"])
    before = queued(client, body)
    finish(worker, product(body))
    after = queued(client, body, "another name.fits")

    assert len({answer["job_id"] for answer in answers}) == 1
    assert before == answers[0]
    assert after == {**before, "status": "completed"}
    assert len(rows.all("SELECT id FROM raw_files WHERE job_id IS NOT NULL")) == 1
    folder = client.site.data_dir / "raws"
    assert len(list(folder.rglob("*.fits"))) == 2


def test_a_job_that_failed_is_not_repeated_by_the_same_file(
    client: Client, worker: Worker, rows: Rows
) -> None:
    body = native_cube()
    first = queued(client, body)
    lease = worker.claim(**KINDS)
    worker.report("fail_job", lease, error_message="no sky", retryable=False)

    assert queued(client, body) == {**first, "status": "failed"}
    # Once the file is gone, only another upload can help.
    rows.execute("UPDATE raw_files SET deleted_at = '2026-01-01 00:00:00'")
    assert queued(client, body) == first
    assert rows.job(first["job_id"])["status"] == "pending"


def test_a_lost_stack_is_repaired_by_its_file(client: Client, worker: Worker, rows: Rows) -> None:
    body = native_cube()
    first = queued(client, body)
    stack_id = finish(worker, product(body)).json()["stack_id"]
    rows.execute("UPDATE stacked_frames SET damaged_at = '2026-01-01 00:00:00'")
    rows.execute("UPDATE raw_files SET deleted_at = '2026-01-01 00:00:00'")
    for path in (client.site.data_dir / "stacks").rglob("*.fits"):
        path.unlink()
    assert client.stacks() == []

    assert queued(client, body) == first
    assert finish(worker, product(body)).json()["stack_id"] == stack_id
    assert client.get("download_stack", chunk_key=KEY).content == product(body)


def test_a_lost_database_gets_uploaded_stacks_back_once(
    client: Client, worker: Worker, rows: Rows, site: SiteUnderTest, tmp_path: Path
) -> None:
    queued(client, native_cube())
    lease = worker.claim(**KINDS)
    report = {**FIGURES, "engine": "uploaded", "notes": []}
    plain = product(native_cube(), ARCHID=lease["archive_id"])
    body = described(tmp_path / "stack.fits", plain, lease["archive_facts"], report)
    fields = {**worker.archive(lease, body), **report}
    assert worker.report("complete_job", lease, **fields).status_code == 200
    (before,) = client.stacks()
    (stored,) = (site.data_dir / "stacks").rglob("stack_*.fits")
    stored.with_name(stored.name.replace(".a1-", ".a2-")).write_bytes(body)

    beside = site.run_php("cleanup.php", "--adopt").splitlines()[-1]
    lose_database(rows)
    lost = site.run_php("cleanup.php", "--adopt").splitlines()[-1]

    assert beside.startswith("adopted: 0;"), beside
    assert lost.startswith("adopted: 1;"), lost
    assert [row["kind"] for row in rows.all("SELECT kind FROM stacking_jobs")] == ["uploaded"]
    (after,) = client.stacks()
    assert {**after, "created_at": ""} == {**before, "created_at": ""}


def test_only_workers_that_announce_it_get_an_uploaded_stack(
    client: Client, worker: Worker, site: SiteUnderTest
) -> None:
    queued(client, native_cube())
    volunteer = Worker(site, site.rows.add_key("volunteer", ["volunteer"]), "volunteer")
    standard = Worker(site, site.create_worker_key("standard"), "standard")

    assert worker.try_claim() is None
    assert worker.try_claim(kinds="stack,rescan", clocks="1") is None
    assert volunteer.try_claim(**KINDS) is None
    lease = standard.claim(**KINDS)

    assert (lease["kind"], lease["frame_count"], lease["stack"]) == ("uploaded", 1, None)
    assert lease["options"] == {"frames_input": 38, "frames_aligned": 38, "total_exptime": 760.0}


@pytest.mark.parametrize("body", [native_cube(), crowdsky_file()], ids=["cube", "extensions"])
def test_workers_get_its_light_without_its_place(
    client: Client, site: SiteUnderTest, body: bytes
) -> None:
    queued(client, body)
    standard = Worker(site, site.create_worker_key("standard"), "standard")
    lease = standard.claim(**KINDS)
    token = {"X-Lease-Token": lease["lease_token"]}

    (file,) = standard.get("job_files", token, job_id=lease["job_id"]).json()["files"]
    copy = standard.get("download_raw", token, file_id=file["id"]).content

    with fits.open(io.BytesIO(body)) as sent, fits.open(io.BytesIO(copy)) as got:
        assert "SITELAT" in sent[0].header
        assert "SITELAT" not in got[0].header
        assert got[0].header["DATE-OBS"] == sent[0].header["DATE-OBS"]
        assert all(
            np.array_equal(one.data, other.data) for one, other in zip(sent, got, strict=True)
        )


def test_scrub_location_counts_for_trusted_workers_too(
    client: Client, worker: Worker, rows: Rows
) -> None:
    rows.execute("UPDATE users SET share_position = 1")
    queued(client, native_cube(), scrub_location="1")

    lease = worker.claim(**KINDS)
    token = {"X-Lease-Token": lease["lease_token"]}
    (file,) = worker.get("job_files", token, job_id=lease["job_id"]).json()["files"]
    copy = worker.get("download_raw", token, file_id=file["id"]).content

    assert lease["may_tell_position"] is False
    assert "SITELAT" not in fits.Header.fromstring(copy[:5760].decode("ascii", "replace"))


def test_a_result_with_other_figures_or_light_is_refused(
    client: Client, worker: Worker, rows: Rows
) -> None:
    body = native_cube()
    queued(client, body)
    counts = finish(worker, product(body, NIMAGES=40), n_frames_aligned=40, n_frames_input=40)
    rows.execute("UPDATE stacking_jobs SET status = 'pending', attempts = 0")
    layout = finish(worker, native_cube())
    rows.execute("UPDATE stacking_jobs SET status = 'pending', attempts = 0")
    size = finish(worker, product(written(fits.PrimaryHDU(np.ones((3, 64, 64), np.uint16)))))

    assert (counts.status_code, counts.json()["code"]) == (400, "bad_request")
    assert (layout.status_code, layout.json()["code"]) == (422, "not_a_stack")
    assert (size.status_code, size.json()["code"]) == (422, "not_a_stack")


def test_raw_subs_of_the_same_block_are_not_mixed_up_with_it(client: Client, rows: Rows) -> None:
    client.upload(small_sub(**{"DATE-OBS": "'2026-02-27T21:45:01.5'"}))
    stack = queued(client, native_cube())
    client.upload(small_sub(**{"DATE-OBS": "'2026-02-27T21:45:31.5'"}))

    kinds = [row["kind"] for row in rows.all("SELECT kind FROM stacking_jobs ORDER BY id")]
    assert sorted(kinds) == ["stack", "uploaded"]
    assert rows.job(stack["job_id"])["frame_count"] == 1


@pytest.mark.one_database
def test_too_large_and_over_the_quota(make_site: Callable[..., SiteUnderTest]) -> None:
    body = native_cube()
    site = make_site(CROWDSKY_MAX_UPLOADED_STACK_BYTES=str(len(body) - 1))
    site.create_user("ann", PASSWORD)
    too_large = send(Client(site, "ann", PASSWORD), body)
    site.rows.execute("UPDATE users SET quota_bytes = 5000")
    over = send(Client(site, "ann", PASSWORD), body[: len(body) - 2880])

    assert (too_large.status_code, too_large.json()["code"]) == (413, "too_large")
    assert (over.status_code, over.json()["code"]) == (507, "quota_exceeded")


@pytest.mark.one_database
def test_pages_say_that_it_was_uploaded(
    client: Client, worker: Worker, rows: Rows, site: SiteUnderTest
) -> None:
    body = native_cube()
    job = queued(client, body)["job_id"]
    browser = Browser(site)
    assert browser.log_in("ann", PASSWORD).status_code == 302

    waiting = browser.get("job.php", id=job).text
    token = rows.one("SELECT session_token FROM upload_sessions")["session_token"]
    upload = browser.get("status.php", session=token).text
    cards = {"SMOOTHED": fits.card.Undefined()}
    stack_id = finish(worker, product(body, **cards), engine="uploaded").json()["stack_id"]
    page = browser.get("stack.php", id=stack_id).text

    assert "uploaded stack" in waiting
    assert "1 sub" not in waiting
    assert "uploaded stack" in upload
    assert "whether its noise was smoothed is not known" in page
    assert browser.get("api/stacks_data.php").json()[0]["smoothed"] is None


def test_fifty_megabytes_take_no_more_memory(
    borrow_site: Callable[..., SiteUnderTest], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("php")
    (folder / "tight.ini").write_text("memory_limit=24M\n")
    site = borrow_site("sqlite", {"PHP_INI_SCAN_DIR": f":{folder}"})
    site.create_user("ann", PASSWORD)
    cube = np.random.default_rng(5).integers(900, 1100, (3, 3840, 2160), dtype=np.uint16)
    header = fits.getheader(io.BytesIO(native_cube()))
    body = written(fits.PrimaryHDU(cube, header))

    assert len(body) > 49_000_000
    assert queued(Client(site, "ann", PASSWORD), body)["status"] == "queued"


def test_a_bot_at_each_of_several_telescopes_sends_at_every_dawn(
    client: Client, worker: Worker, rows: Rows
) -> None:
    """What crowdsky_bot does: count by the exact name of the object, send what is missing."""
    night = [
        (f"CrowdSky_38_M 81_20.0s_LP_{KEY}.fit", native_cube(seed, TELESCOP=f"S50_0000000{seed}"))
        for seed in range(4)
    ]

    def dawn() -> list[int]:
        missing = night[len(client.stacks(object="M 81")) :]
        with ThreadPoolExecutor(4) as telescopes:
            sent = telescopes.map(lambda one: queued(client, one[1], one[0])["job_id"], missing)
            return list(sent)

    jobs = dawn()
    assert dawn() == jobs
    for _ in night:
        finish(worker, product(night[0][1]))
    assert dawn() == []

    assert len(set(jobs)) == 4
    assert {stack["telescope_id"] for stack in client.stacks()} == {
        f"S50_0000000{seed}" for seed in range(4)
    }
    assert len(rows.all("SELECT id FROM raw_files")) == 4
