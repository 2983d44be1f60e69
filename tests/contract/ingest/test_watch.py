"""`crowdsky ingest --watch`: a folder that fills during a night, sent once and chunk by chunk."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from crowdsky.base.errors import TransientError
from crowdsky.base.exit_codes import EXIT_DONE
from crowdsky.client.errors import PathMissingError
from crowdsky.client.ingest.records import Report
from crowdsky.client.ingest.sort_out import Reason
from crowdsky.client.ingest.watch import (
    FULL_SECONDS,
    LOOK_SECONDS,
    PATIENCE_SECONDS,
    QUIET_SECONDS,
    Watch,
)
from crowdsky.net.retry import Waits
from tests.contract.ingest.support import Owner
from tests.contract.ingest.test_ingest import BUSY, frames_of_jobs, start_command, wait_until
from tests.support.fault_proxy import Fault, FaultProxy


def test_a_night_is_sent_as_it_comes_and_each_chunk_once(owner: Owner) -> None:
    with owner.watching() as watch:
        watch.look()
        for second in range(10, 60, 10):
            owner.put(f"Light_0{second}.fit", f"2025-03-27T01:20:{second}")
            owner.clock.sleep(LOOK_SECONDS)
            watch.look()
        assert owner.n_received() == 4, "the last one may still be written"
        assert frames_of_jobs(owner) == []
        owner.put("Light_110.fit", "2025-03-27T01:31:00")
        owner.clock.sleep(LOOK_SECONDS)
        watch.look()
        owner.clock.sleep(QUIET_SECONDS - 1)
        watch.look()
        assert owner.n_received() == 6 and frames_of_jobs(owner) == []
        owner.clock.sleep(1)
        watch.look()
        assert frames_of_jobs(owner) == [5]
        owner.clock.sleep(QUIET_SECONDS)
        watch.look()
        watch.look()
        assert frames_of_jobs(owner) == [5, 1]
        assert (watch.report.sent, watch.report.frames) == (6, 6)
    assert owner.n_received() == 6
    assert owner.notes == [
        *["20250327.05: 1 frame sent"] * 5,
        "20250327.06: 1 frame sent",
        "20250327.05: 5 frames sent, job 1",
        "20250327.06: 1 frame sent, job 2",
    ]
    assert owner.ingest().known == {"queued": 6}


def test_the_log_names_what_is_watched_and_what_the_site_has(owner: Owner) -> None:
    owner.put_chunks(1, 3)
    owner.ingest()
    owner.notes.clear()
    looks = iter(range(3))

    def stop_after_looks(seconds: float) -> None:
        owner.clock.sleep(seconds)
        if next(looks) == 2:
            raise KeyboardInterrupt

    with owner.opened() as (site, journal, progress):
        waits = Waits(stop_after_looks, lambda: owner.clock.now, lambda: 0.5)
        watch = Watch(site, journal, [owner.disk], progress, waits)
        with pytest.raises(KeyboardInterrupt):
            watch.run()
    begin, known = owner.notes
    assert begin.startswith(f"watching {owner.disk}, every 15 s; stop with")
    assert known == "3 frames on the site already"
    assert watch.report.is_done
    assert Report(dry_run=False).is_done, "an empty folder is no mistake in a watch"


def test_a_file_that_is_being_written_is_waited_for(owner: Owner) -> None:
    whole = owner.put("Light_1.fit", "2025-03-27T01:20:10").read_bytes()
    path = owner.disk / "Light_1.fit"
    with owner.watching() as watch:
        for size in (0, 1000, 2880, 5000, len(whole)):
            path.write_bytes(whole[:size])
            for _ in range(3):
                watch.look()
                owner.clock.sleep(LOOK_SECONDS)
            assert owner.n_received() == (size == len(whole)), size
            assert not watch.report.left_out


def test_a_file_that_stays_incomplete_is_reported_once(owner: Owner) -> None:
    path = owner.put("Light_1.fit", "2025-03-27T01:20:10")
    path.write_bytes(path.read_bytes()[:5000])
    with owner.watching() as watch:
        for _ in range(3):
            watch.look()
            owner.clock.sleep(PATIENCE_SECONDS)
        assert watch.report.left_out == {Reason.UNREADABLE: 1}
        assert len([note for note in owner.notes if "truncated" in note]) == 1


def test_a_watch_that_was_stopped_goes_on_where_it_was(owner: Owner) -> None:
    owner.put_chunks(1, 2)
    with owner.watching() as watch:
        watch.look()
        watch.look()
    assert owner.n_received() == 2 and frames_of_jobs(owner) == []
    owner.put("M 94_sub/Light_0_9.fit", "2025-03-27T00:25:00")
    with owner.watching() as watch:
        watch.look()
        watch.look()
        owner.clock.sleep(QUIET_SECONDS)
        watch.look()
        assert watch.report.sent == 1
    assert owner.n_received() == 3 and frames_of_jobs(owner) == [3]


def test_outages_of_site_and_share_are_waited_out(far_owner: Owner, proxy: FaultProxy) -> None:
    paths = far_owner.put_chunks(1, 2)
    away = far_owner.disk.with_name("away")
    with far_owner.watching() as watch:
        watch.look()
        outage = proxy.inject(Fault("answer", target="action=file", times=999, answer=BUSY))
        with pytest.raises(TransientError):
            watch.look()
        outage.times = 0
        far_owner.disk.rename(away)
        with pytest.raises(PathMissingError):
            watch.look()
        away.rename(far_owner.disk)
        watch.look()
        far_owner.clock.sleep(QUIET_SECONDS)
        far_owner.disk.rename(away)
        far_owner.disk.mkdir()
        watch.look()
    assert frames_of_jobs(far_owner) == [len(paths)]


def test_frames_without_room_are_sent_when_there_is_some(owner: Owner) -> None:
    size = owner.put_chunks(2, 2)[0].stat().st_size
    owner.site.rows.execute("UPDATE users SET quota_bytes = ?", 3 * size)
    with owner.watching() as watch:
        watch.look()
        watch.look()
        assert (watch.report.sent, watch.report.unsent) == (2, 2)
        owner.clock.sleep(QUIET_SECONDS)
        watch.look()
        assert frames_of_jobs(owner) == [2]
        owner.site.rows.execute("UPDATE raw_files SET deleted_at = '2025-04-01 00:00:00'")
        owner.site.rows.execute("UPDATE stacking_jobs SET status = 'completed'")
        owner.clock.sleep(FULL_SECONDS)
        watch.look()
        owner.clock.sleep(QUIET_SECONDS)
        watch.look()
        assert (watch.report.sent, watch.report.unsent) == (4, 0)
    assert frames_of_jobs(owner) == [2, 2]


@pytest.mark.every
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_the_command_watches_until_it_is_told_to_stop(
    far_owner: Owner, proxy: FaultProxy, tmp_path: Path, sign: signal.Signals
) -> None:
    far_owner.put_chunks(1, 1)
    with start_command(
        far_owner, tmp_path, "--json", block="watch", stdout=subprocess.PIPE
    ) as program:
        wait_until(lambda: proxy.count("PUT", "action=file") == 1)
        program.send_signal(sign)
        said, _ = program.communicate(timeout=60)
    assert program.returncode == EXIT_DONE
    assert b'"ok": true' in said
