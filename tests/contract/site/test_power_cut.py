"""What the site has confirmed is on the disk: with SQLite and for the files beside it.

No plug is pulled. Triggers note how each change is committed, and strace what is flushed; that a
flush is enough is SQLite's and the kernel's word. MariaDB flushes each commit by itself.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from demo.services import Site, php_command
from tests.contract.jobs.support import Queue, Worker
from tests.contract.site.subs import sub
from tests.contract.site.support import PASSWORD, Browser
from tests.support.cleanups import clean_up
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

NORMAL, FULL = 1, 2
"""PRAGMA synchronous; in WAL mode only the second flushes each commit."""

TRIGGER = """
CREATE TRIGGER note_TABLE_CHANGE AFTER CHANGE ON TABLE
BEGIN INSERT INTO notes SELECT 'TABLE', synchronous FROM pragma_synchronous; END"""

KEEP_SCRIPT = Path(__file__).with_name("keep.php")


class Notes:
    """How the commits of the site are flushed, written down by triggers."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._rows.execute("CREATE TABLE notes (changed TEXT, flushed INTEGER)")
        tables = self._rows.all(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            " AND name NOT IN ('notes', 'schema_migrations') AND name NOT LIKE 'sqlite_%'"
        )
        for table in tables:
            for change in ("INSERT", "UPDATE", "DELETE"):
                trigger = TRIGGER.replace("TABLE", table["name"]).replace("CHANGE", change)
                self._rows.execute(trigger)

    def of(self, action: Callable[[], Any]) -> dict[str, set[int]]:
        """Run an action and return how the changes of each table were committed."""
        self._rows.execute("DELETE FROM notes")
        action()
        found: dict[str, set[int]] = {}
        for row in self._rows.all("SELECT DISTINCT changed, flushed FROM notes"):
            found.setdefault(row["changed"], set()).add(row["flushed"])
        return found


@pytest.fixture
def site(own_site: SiteUnderTest) -> SiteUnderTest:
    """A site on SQLite of the test's own: the triggers change its schema."""
    return own_site


@pytest.fixture
def notes(site: SiteUnderTest) -> Notes:
    """Notes about the site."""
    return Notes(site.rows)


@pytest.fixture
def queue(site: Site, rows: Rows) -> Queue:
    """An empty queue on the site."""
    return Queue(site, rows)


def test_an_upload_is_flushed_before_it_is_confirmed(user: Browser, notes: Notes) -> None:
    session = user.start()

    stored = notes.of(lambda: user.put(session, sub()))
    finalized = notes.of(lambda: user.finalize(session))

    assert stored == {
        table: {FULL} for table in ("upload_sessions", "raw_files", "server_identity")
    }
    assert finalized["upload_sessions"] == finalized["raw_files"] == {FULL}
    assert finalized["stacking_jobs"] == finalized["job_events"] == {FULL}


def test_room_is_reserved_without_a_flush(user: Browser, rows: Rows, notes: Notes) -> None:
    rows.execute("UPDATE users SET quota_bytes = 1000000")
    session = user.start()

    stored = notes.of(lambda: user.put(session, sub()))

    assert NORMAL in stored["upload_reservations"]
    assert stored["raw_files"] == {FULL}


def test_only_leases_may_be_forgotten(worker: Worker, queue: Queue, notes: Notes) -> None:
    for _ in range(3):
        queue.add_job()

    lease: dict[str, Any] = {}
    claimed = notes.of(lambda: lease.update(worker.claim()))
    alive = notes.of(lambda: worker.report("heartbeat", lease, stage="stack"))
    failed = notes.of(lambda: worker.report("fail_job", lease, error_message="no stars"))
    lease = worker.claim()
    released = notes.of(lambda: worker.report("release_job", lease))
    lease = worker.claim()
    report = worker.archive(lease)
    completed = notes.of(lambda: worker.report("complete_job", lease, **report))

    assert claimed["stacking_jobs"] == claimed["workers"] == {NORMAL}
    assert alive == {"stacking_jobs": {NORMAL}}
    assert failed["stacking_jobs"] == released["stacking_jobs"] == {FULL}
    assert completed["stacking_jobs"] == completed["stacked_frames"] == {FULL}
    assert completed["raw_files"] == {FULL}


def test_accounts_and_keys_are_flushed(site: Site, notes: Notes) -> None:
    made = notes.of(lambda: Site.create_user(site, "somebody", PASSWORD))
    created = notes.of(lambda: Site.create_worker_key(site, "a key"))
    revoked = notes.of(lambda: site.run_php("worker-key.php", "revoke", "1"))

    assert made["users"] == {FULL}
    assert created == revoked == {"api_keys": {FULL}}


def test_a_frame_is_marked_for_good_before_its_file_goes(
    site: Site, user: Browser, rows: Rows, notes: Notes
) -> None:
    session = user.start()
    user.put(session, sub())
    rows.execute("UPDATE upload_sessions SET last_activity_at = '2001-01-01 00:00:00'")
    rows.execute("CREATE TABLE marks (flushed INTEGER)")
    rows.execute(
        "CREATE TRIGGER mark AFTER UPDATE OF deleted_at ON raw_files"
        " BEGIN INSERT INTO marks SELECT synchronous FROM pragma_synchronous; END"
    )

    clean_up(site)

    assert [row["flushed"] for row in rows.all("SELECT flushed FROM marks")] == [FULL]
    assert not list((site.data_dir / "raws").rglob("*.fits"))


@pytest.mark.parametrize("store", ["raws", "stacks"])
def test_the_name_of_a_file_is_flushed_too(site: Site, store: str) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    watched = ["strace", "-f", "-y", "-e", "trace=fsync,rename,link"]
    finished = subprocess.run(
        [*watched, *php_command(), str(KEEP_SCRIPT), store],
        env={**os.environ, **site.environment()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if "ptrace" in finished.stderr:
        pytest.skip("strace may not watch processes here")
    assert finished.returncode == 0, finished.stderr

    calls = re.findall(r"(fsync|rename|link)\((?:\d+<)?\"?([^\">]+)", finished.stderr)
    data = str(site.data_dir.resolve())
    steps = [(call, path.removeprefix(data)) for call, path in calls if path.startswith(data)]
    arrival = next(n for n, (call, path) in enumerate(steps) if call in ("rename", "link"))
    assert ("fsync", steps[arrival][1]) in steps[:arrival], "the bytes come first"
    folder = finished.stdout.strip()
    assert ("fsync", folder) in steps[arrival:], "then the name"
    parent = str(Path(folder).parent)
    assert ("fsync", parent) in steps[:arrival], "a new folder has a name as well"
