"""Sites that one test after the other finds as if fresh, without a server started for each."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from demo.services import Database, Site
from tests.support.rows import Rows
from tests.support.set_clock import VARIABLE

MOST_KEPT = 3
"""Number of servers with other settings that are kept running for a later test of the module."""

SQLITE_FILE = "crowdsky.sqlite"
SCHEMA_STAMP = "schema-checked"
DEPRECATION = "PHP deprecation: "


class SiteUnderTest(Site):
    """The site with its database at hand; it can be made as if fresh.

    Keys and accounts are made without a PHP process for each. The scripts that an operator uses
    for that are tested by themselves, with `run_php`.

    Args:
        data_dir: as for `Site`.
        database: as for `Site`.
        env: as for `Site`.
        template: SQLite file with nothing but the schema, which spares a new site its migrations.
    """

    def __init__(
        self,
        data_dir: Path,
        database: Database | None = None,
        env: Mapping[str, str] | None = None,
        template: Path | None = None,
    ) -> None:
        super().__init__(data_dir, database, {"CROWDSKY_CLEANUP_CONFIRM_HOURS": "0", **(env or {})})
        self._template = template
        self.rows = Rows(self)

    @property
    def settings(self) -> dict[str, str]:
        """Return the settings it was given, for another site like it."""
        return dict(self._settings)

    def prepare(self) -> None:
        """Make the data folder and, on SQLite, the tables, for commands without a server."""
        self.data_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
        file = self.data_dir / SQLITE_FILE
        if self._template is not None and not file.exists():
            shutil.copyfile(self._template, file)

    def start(self) -> None:
        """Start the site."""
        self.prepare()
        super().start()
        self._accept_clock()

    def stop(self) -> None:
        """Stop the site and let go of its database."""
        self.rows.close()
        super().stop()

    def create_user(self, name: str, password: str, admin: bool = False) -> None:
        """Create an account whose logins cost next to nothing."""
        self.rows.add_user(name, password, admin=admin)

    def create_worker_key(
        self, name: str, trusted: bool = False, scopes: Iterable[str] = ()
    ) -> str:
        """Create a worker key with these further scopes and return it in clear."""
        return self.rows.add_key(name, [*scopes, *(["trusted"] if trusted else [])])

    def reset(self) -> None:
        """Forget everything but the schema: rows, files, sessions, secret and logs."""
        kept = (SQLITE_FILE, SCHEMA_STAMP, self.log_path.name)
        for path in self.data_dir.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif not path.name.startswith(kept):
                path.unlink()
        (self.data_dir / "sessions").mkdir()
        self.rows.clean()
        # The server appends to it.
        self.log_path.write_text("")
        if self.is_running():
            self._accept_clock()
        else:
            self.start()

    def _accept_clock(self) -> None:
        """On another day (see other_days), let cleanup accept that disks keep the true time."""
        if VARIABLE not in os.environ:
            return
        now = round(time.time())
        probe = self.data_dir / "clock-probe"
        probe.touch()
        disk = now - round(probe.stat().st_mtime)
        probe.unlink()
        kept_by_server = self.database is not None
        row = self.rows.one("SELECT UNIX_TIMESTAMP() AS now") if kept_by_server else {"now": now}
        offsets = {"database_offset": now - row["now"], "disk_offset": disk}
        accepted = {f"accepted_{name}": offset for name, offset in offsets.items()}
        self.rows.insert("cleanup_runs", wall=now, proven_seconds=0, **offsets, **accepted)


class SitePool:
    """The servers of one test module, by engine and settings; a test has what it borrows to itself.

    Args:
        new_folder: makes an empty folder.
        template: SQLite file with nothing but the schema.
        mariadb: returns the database that one site after the other uses.
    """

    def __init__(
        self, new_folder: Callable[[], Path], template: Path, mariadb: Callable[[], Database]
    ) -> None:
        self._new_folder = new_folder
        self._template = template
        self._mariadb = mariadb
        self._idle: dict[tuple[object, ...], SiteUnderTest] = {}
        self._lent: list[tuple[tuple[object, ...], SiteUnderTest]] = []

    def borrow(self, engine: str, settings: Mapping[str, str]) -> SiteUnderTest:
        """Return a running site with these settings, as if fresh."""
        key = (engine, *sorted(settings.items()))
        site = self._idle.pop(key, None)
        if site is None:
            database = self._mariadb() if engine == "mariadb" else None
            site = SiteUnderTest(self._new_folder() / "site", database, settings, self._template)
            site.start()
        self._lent.append((key, site))
        site.reset()
        return site

    def take_back(self) -> None:
        """Keep what a test has borrowed for the next one, the latest few.

        Raises:
            AssertionError: PHP found something deprecated, which the site itself only logs.
        """
        for key, site in self._lent:
            log = site.data_dir / "log" / "crowdsky.log"
            if log.exists():
                found = [line for line in log.read_text().splitlines() if DEPRECATION in line]
                assert found == []
            self._idle[key] = site
        self._lent.clear()
        while len(self._idle) > MOST_KEPT:
            self._idle.pop(next(iter(self._idle))).stop()

    def close(self) -> None:
        """Stop all servers."""
        self.take_back()
        for site in self._idle.values():
            site.stop()
        self._idle.clear()
