"""`crowdsky ingest` on a real site: what is sent, what is not, and what survives a cut."""

from __future__ import annotations

import base64
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from crowdsky.base.errors import AccessDeniedError, ConfigurationError, TransientError
from crowdsky.base.exit_codes import EXIT_CONFIGURATION, EXIT_DONE, EXIT_FAILED
from crowdsky.client.ingest.records import Report
from crowdsky.client.ingest.sort_out import Reason
from demo.services import REPOSITORY
from tests.contract.ingest.support import NAME, PASSWORD, Owner
from tests.contract.site.subs import BLOCK, copy_of
from tests.contract.site.support import Browser
from tests.support.documented import documented
from tests.support.fault_proxy import Fault, FaultProxy, html_answer
from tests.support.sites import SiteUnderTest
from tests.support.worker_process import bare_environment

GUIDE = REPOSITORY / "docs" / "ingest.md"
BUSY = html_answer("503 Service Unavailable")


def frames_of_jobs(owner: Owner) -> list[int]:
    jobs = owner.site.rows.all("SELECT frame_count FROM stacking_jobs ORDER BY id")
    return [int(row["frame_count"]) for row in jobs]


def open_uploads(owner: Owner) -> int:
    return len(owner.site.rows.all("SELECT id FROM upload_sessions WHERE status = 'uploading'"))


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def command(owner: Owner, program: str, options: tuple[str, ...], block: str = "once") -> list[str]:
    """Return the command as the documentation prints it, for this person's disk."""
    called, *arguments = shlex.split(documented(block, GUIDE))
    assert called == "crowdsky"
    paths = [str(owner.disk) if word.startswith("/") else word for word in arguments]
    return [sys.executable, "-m", program, *paths, *options]


def environment(owner: Owner, password: str = PASSWORD) -> dict[str, str]:
    given = {
        "CROWDSKY_API_URL": f"{owner.url}/api",
        "CROWDSKY_USERNAME": NAME,
        "CROWDSKY_PASSWORD": password,
        "CROWDSKY_STATE_DIR": str(owner.state),
    }
    return {**bare_environment(), **given}


def run_command(
    owner: Owner,
    folder: Path,
    *options: str,
    program: str = "crowdsky",
    password: str = PASSWORD,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(owner, program, options),
        cwd=folder,
        env=environment(owner, password),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def start_command(
    owner: Owner, folder: Path, *options: str, block: str = "once", stdout: int | None = None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command(owner, "crowdsky", options, block),
        stdout=stdout,
        cwd=folder,
        env=environment(owner),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def numbers(report: Report) -> tuple[int, int, int]:
    return report.frames, report.sent, len(report.job_ids)


def test_a_disk_is_sent_once_and_chunk_by_chunk(owner: Owner) -> None:
    names = sorted(path.name for path in owner.put_chunks(n_chunks=2, n_subs=3))
    owner.put("M 94/Stacked_3_M 94.fit", "2025-03-27T01:20:10", NAXIS="3", NAXIS3="3")
    owner.put("darks/d.fit", "2025-03-27T01:20:10", IMAGETYP="'Dark'")
    (owner.disk / "M 94" / "Stacked_3_M 94.jpg").touch()
    (owner.disk / "M 94_sub" / "copy.fit").write_bytes(
        (owner.disk / "M 94_sub" / names[0]).read_bytes()
    )

    planned = owner.ingest(dry_run=True)
    assert owner.n_received() == 0
    report = owner.ingest()

    assert numbers(report) == (6, 6, 2)
    assert report.left_out == {Reason.STACK: 1, Reason.DARK: 1, Reason.PREVIEW: 1, Reason.COPY: 1}
    expected = (report.to_send, report.bytes_to_send, report.chunks)
    assert (planned.to_send, planned.bytes_to_send, planned.chunks) == expected
    assert report.chunks == 2 and report.bytes_sent == report.bytes_to_send
    assert sorted(owner.stored()) == names
    counts = owner.site.rows.all("SELECT frame_count FROM stacking_jobs")
    assert [row["frame_count"] for row in counts] == [3, 3]

    again = owner.ingest()
    assert numbers(again) == (6, 0, 0) and again.known == {"queued": 6} and again.is_done
    owner.put("M 94_sub/late.fit", "2025-03-27T01:20:59")
    assert numbers(owner.ingest()) == (7, 1, 1)
    assert owner.n_received() == 7


def test_what_became_of_a_frame_decides_whether_it_is_sent_again(
    site: SiteUnderTest, tmp_path: Path
) -> None:
    site.create_user(NAME, PASSWORD)
    owner, rows = Owner(site, tmp_path), site.rows
    first, second = owner.put_chunks(n_chunks=2, n_subs=1)
    (owner.disk / "copy.fit").write_bytes(copy_of(first.read_bytes(), FILTER="'LP'"))
    report = owner.ingest()
    assert report.sent == 3 and len(set(report.job_ids)) == 2

    assert owner.ingest().known == {"queued": 2, "left_out": 1}
    rows.execute("UPDATE stacking_jobs SET status = 'completed' WHERE id = ?", report.job_ids[0])
    assert owner.ingest().known == {"stacked": 1, "left_out": 1, "queued": 1}
    rows.execute("UPDATE stacking_jobs SET status = 'failed' WHERE id = ?", report.job_ids[1])
    assert owner.ingest().known == {"stacked": 1, "left_out": 1, "failed": 1}
    rows.execute(
        "UPDATE raw_files SET deleted_at = '2025-04-01 00:00:00' WHERE filename = ?", second.name
    )
    assert owner.ingest(dry_run=True).to_send == 1
    browser = Browser(site)
    assert browser.log_in(NAME, PASSWORD).status_code == 302
    wish = {"job_id": report.job_ids[0], "csrf_token": browser.token()}
    assert browser.http.post(f"{site.base_url}/api/delete_job.php", json=wish).status_code == 200

    again = owner.ingest()

    assert again.known == {} and again.sent == 3
    assert owner.ingest().to_send == 0


def test_another_account_knows_nothing_of_it(owner: Owner, tmp_path: Path) -> None:
    owner.put_chunks(1)
    owner.ingest()
    owner.site.rows.execute("UPDATE users SET username = 'somebody else'")
    owner.site.create_user(NAME, PASSWORD)
    assert owner.ingest(dry_run=True).to_send == 3


def test_an_answer_that_is_lost_costs_no_second_transfer(
    far_owner: Owner, proxy: FaultProxy
) -> None:
    far_owner.put_chunks(1, 3)
    for target in ("action=start", "action=file", "action=finalize", "known_frames"):
        proxy.inject(Fault("lose_reply", target=target))

    report = far_owner.ingest()

    assert numbers(report) == (3, 3, 1)
    assert proxy.count("PUT", "action=file") == 3
    assert far_owner.n_received() == 3


def test_a_cut_transfer_is_sent_again(far_owner: Owner, proxy: FaultProxy) -> None:
    far_owner.put_chunks(1, 2)
    proxy.inject(Fault("cut_request", target="action=file", after_bytes=4000))
    proxy.inject(Fault("answer", target="action=file", answer=BUSY))

    assert numbers(far_owner.ingest()) == (2, 2, 1)
    assert far_owner.n_received() == 2


def break_after(proxy: FaultProxy, n_files: int) -> Fault:
    """Let this many files through; set ``times`` of the returned fault to 0 to end the outage."""
    proxy.inject(Fault("delay", target="action=file", times=n_files))
    return proxy.inject(Fault("answer", target="action=file", times=999, answer=BUSY))


def test_an_ingest_that_gave_up_is_continued_in_the_same_uploads(
    far_owner: Owner, proxy: FaultProxy
) -> None:
    far_owner.put_chunks(2, 4)
    outage = break_after(proxy, 5)
    with pytest.raises(TransientError, match="503"):
        far_owner.ingest()
    assert far_owner.n_received() == 5
    outage.times = 0

    report = far_owner.ingest()

    assert numbers(report) == (8, 3, 1)
    assert report.known == {"queued": 4}
    assert frames_of_jobs(far_owner) == [4, 4]
    assert open_uploads(far_owner) == 0


def test_what_was_sent_is_submitted_even_if_the_disk_is_another(
    far_owner: Owner, proxy: FaultProxy
) -> None:
    paths = far_owner.put_chunks(1, 3)
    outage = break_after(proxy, 2)
    with pytest.raises(TransientError):
        far_owner.ingest()
    outage.times = 0
    for path in paths:
        path.unlink()

    report = far_owner.ingest()

    assert numbers(report) == (0, 0, 1)
    assert frames_of_jobs(far_owner) == [2]


def test_an_upload_that_has_expired_is_begun_anew(far_owner: Owner, proxy: FaultProxy) -> None:
    far_owner.put_chunks(1, 3)
    outage = break_after(proxy, 2)
    with pytest.raises(TransientError):
        far_owner.ingest()
    outage.times = 0
    rows = far_owner.site.rows
    rows.execute("UPDATE upload_sessions SET status = 'expired'")
    rows.execute("UPDATE raw_files SET deleted_at = '2025-04-01 00:00:00'")

    assert numbers(far_owner.ingest()) == (3, 3, 1)
    assert frames_of_jobs(far_owner) == [3]


def test_an_upload_that_was_submitted_on_the_page_is_not_sent_again(
    far_owner: Owner, proxy: FaultProxy
) -> None:
    far_owner.put_chunks(1, 3)
    outage = break_after(proxy, 2)
    with pytest.raises(TransientError):
        far_owner.ingest()
    outage.times = 0
    browser = Browser(far_owner.site)
    browser.log_in(NAME, PASSWORD)
    token = far_owner.site.rows.one("SELECT session_token FROM upload_sessions")["session_token"]
    assert browser.finalize(token).status_code == 200

    report = far_owner.ingest()

    assert report.known == {"queued": 2} and report.sent == 1
    assert sum(frames_of_jobs(far_owner)) == 3


def test_a_killed_ingest_is_continued(far_owner: Owner, proxy: FaultProxy, tmp_path: Path) -> None:
    far_owner.put_chunks(1, 4)
    proxy.inject(Fault("delay", target="action=file", times=2))
    proxy.inject(Fault("delay", target="action=file", seconds=60.0))
    with start_command(far_owner, tmp_path) as program:
        wait_until(lambda: proxy.count("PUT", "action=file") == 3)
        program.kill()
    proxy.let_go()
    proxy.settle("action=file")

    done = run_command(far_owner, tmp_path, "--json")

    report = json.loads(done.stdout)
    assert (done.returncode, report["ok"], report["frames"]) == (EXIT_DONE, True, 4)
    assert sorted(far_owner.stored()) == [f"Light_0_{n}.fit" for n in range(4)]
    assert frames_of_jobs(far_owner) == [4]


def test_the_command_speaks_in_numbers_and_keeps_the_password(
    far_owner: Owner, tmp_path: Path
) -> None:
    far_owner.put_chunks(2, 2)
    planned = run_command(far_owner, tmp_path, "--dry-run")
    sent = run_command(far_owner, tmp_path, program="worker")
    wrong = run_command(far_owner, tmp_path, "--json", password="wrong")

    assert planned.returncode == sent.returncode == EXIT_DONE
    assert "4 light frames found" in planned.stderr
    assert "to send: 4 frames, 0.0 MB, in 2 chunks" in planned.stderr
    assert planned.stdout == "nothing was sent (--dry-run)\n"
    assert "20250327.01: 2 frames sent, job " in sent.stderr
    assert sent.stdout == "4 frames sent, 0.0 MB, 2 jobs\n"
    assert json.loads(wrong.stdout)["error"].endswith(
        "check CROWDSKY_USERNAME and CROWDSKY_PASSWORD"
    )
    assert wrong.returncode == EXIT_CONFIGURATION
    assert "check CROWDSKY_USERNAME and CROWDSKY_PASSWORD" in wrong.stderr
    said = "".join(run.stdout + run.stderr for run in (planned, sent, wrong))
    assert PASSWORD not in said
    log = (far_owner.site.data_dir / "log" / "crowdsky.log").read_text()
    for secret in (PASSWORD, base64.b64encode(f"{NAME}:{PASSWORD}".encode()).decode()):
        assert secret not in log
        assert not any(secret.encode() in path.read_bytes() for path in files_in(far_owner.state))


def test_a_folder_without_light_frames_is_no_success(owner: Owner, tmp_path: Path) -> None:
    owner.put("darks/d.fit", "2025-03-27T01:20:10", IMAGETYP="'Dark'")
    wrong = run_command(owner, tmp_path)
    planned = run_command(owner, tmp_path, "--dry-run")
    counted = json.loads(run_command(owner, tmp_path, "--json").stdout)

    sentence = f"no light frames found in {owner.disk}\n"
    assert (wrong.returncode, wrong.stdout) == (EXIT_FAILED, sentence)
    assert "left out: 1 darks" in wrong.stderr
    assert planned.returncode == EXIT_FAILED
    assert planned.stdout == f"{sentence}nothing was sent (--dry-run)\n"
    assert (counted["ok"], counted["frames"], counted["left_out"]) == (False, 0, {"dark": 1})


def test_a_full_account_is_sent_whole_chunks_only(owner: Owner) -> None:
    paths = owner.put_chunks(3, 2)
    size = paths[0].stat().st_size
    owner.site.rows.execute("UPDATE users SET quota_bytes = ?", 3 * size)

    report = owner.ingest()

    assert (report.sent, report.unsent, report.is_done) == (2, 4, False)
    assert report.remaining_bytes == 3 * size
    assert any("room for" in note for note in owner.notes)
    owner.site.rows.execute("UPDATE raw_files SET deleted_at = '2025-04-01 00:00:00'")
    owner.site.rows.execute("UPDATE stacking_jobs SET status = 'completed'")
    assert owner.ingest().sent == 2


def test_a_chunk_larger_than_the_account_is_sent_as_far_as_it_goes(owner: Owner) -> None:
    size = owner.put_chunks(1, 3)[0].stat().st_size
    owner.site.rows.execute("UPDATE users SET quota_bytes = ?", 2 * size)
    report = owner.ingest()
    assert (report.sent, report.unsent) == (2, 1)
    assert frames_of_jobs(owner) == [2], "else its subs would take up the room for ever"


def test_a_file_that_the_site_refuses_does_not_hold_up_the_others(
    far_owner: Owner, proxy: FaultProxy
) -> None:
    far_owner.put_chunks(1, 3)
    refusal = b'{"error": "It is cloudy.", "code": "bad_header"}'
    head = f"HTTP/1.1 400 Bad\r\nContent-Length: {len(refusal)}\r\nConnection: close\r\n\r\n"
    proxy.inject(Fault("answer", target="action=file", answer=head.encode() + refusal))

    report = far_owner.ingest()

    assert numbers(report) == (3, 2, 1) and not report.is_done
    assert [problem.why for problem in report.problems] == [
        "the site does not take it: It is cloudy."
    ]
    assert far_owner.ingest().sent == 1


def test_a_file_that_changes_meanwhile_is_not_stored_as_another(owner: Owner) -> None:
    path = owner.put_chunks(1, 1)[0]
    with owner.opened() as (_, journal, _progress):
        journal.hash_of(path)
    times = path.stat()
    changed = bytearray(path.read_bytes())
    changed[-BLOCK] ^= 1
    path.write_bytes(changed)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    report = owner.ingest()

    assert report.sent == 0 and owner.n_received() == 0
    assert [problem.why for problem in report.problems] == ["it has changed since it was read"]
    assert owner.ingest().sent == 1, "it is read anew"


def test_a_wrong_password_is_no_reason_to_try_again_and_again(
    far_owner: Owner, proxy: FaultProxy
) -> None:
    far_owner.put_chunks(1, 1)
    far_owner.site.rows.execute("UPDATE users SET is_active = 0")
    with pytest.raises(AccessDeniedError):
        far_owner.ingest()
    assert len(proxy.requests) == 1, "one mistake is one failure"


def test_a_password_that_worked_is_tried_once_more(far_owner: Owner, proxy: FaultProxy) -> None:
    far_owner.put_chunks(1, 1)
    denied = html_answer("401 Unauthorized")
    proxy.inject(Fault("answer", target="action=file", answer=denied))
    assert far_owner.ingest().sent == 1


def test_a_dry_run_gives_up_soon(far_owner: Owner, proxy: FaultProxy) -> None:
    far_owner.put_chunks(1, 1)
    proxy.inject(Fault("answer", target="known_frames", times=999, answer=BUSY))
    before = far_owner.clock.now
    with pytest.raises(TransientError):
        far_owner.ingest(dry_run=True)
    assert far_owner.clock.now - before < 60


def test_a_site_without_this_call_is_named_as_such(owner: Owner, tmp_path: Path) -> None:
    owner.put_chunks(1, 1)
    elsewhere = Owner(owner.site, tmp_path, f"{owner.site.base_url}/assets")
    with pytest.raises(ConfigurationError, match="there is no CrowdSky archive at this address"):
        elsewhere.ingest()
