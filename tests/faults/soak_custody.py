"""Moves against what one seed of the soak keeps: a restored backup, other sites, wrong clocks.

Whatever an operator, a second site on the same share or a wrong clock does, a stack that was once
confirmed must be in the storage at the end, under the name and with the bytes that were confirmed.
"""

from __future__ import annotations

import hashlib
import random
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from demo.loopback_server import ServiceError
from demo.services import Database, WebDavServer
from tests.support.backups import Backup
from tests.support.set_clock import SetClock
from tests.support.sites import SiteUnderTest

DAY = 86400
JUMPS = (-400 * DAY, -30 * DAY, -DAY, DAY, 30 * DAY, 400 * DAY)
TRIES = 5
LONGEST_WAIT = 2.0
"""Seconds during which the original goes on before its clone cleans up."""

SEARCH = ("--orphans", "--delete")
INSIST = (*SEARCH, "--include-unknown")
IN_DOUBT = (
    "NOTHING DELETED",
    "clock",
    "NOT verified",
    "try again shortly",
    "custody of",
    "copy of this database",
    "mark is missing",
    "the data folder is not the one",
    "not available",
)
"""What a cleanup may say that refuses to delete, or that meets the storm."""

OF_A_RUN = re.compile(r"\.a[0-9]+-[0-9a-f]{8}\.fits$")
FILES = ("raws", "secret")
"""What a backup holds besides the database."""

_CONFIRMED = "SELECT ucloud_path, sha256, job_id FROM stacked_frames"


@dataclass(frozen=True)
class Engine:
    """Where the databases of a seed are.

    Attributes:
        template: SQLite file with nothing but the schema.
        databases: of the site and of the other one on a server, which may hold rows of an earlier
            seed; None for SQLite files in the data folders.
    """

    template: Path
    databases: tuple[Database, Database] | None = None

    @property
    def name(self) -> str:
        """The engine as the tests call it."""
        return "sqlite" if self.databases is None else "mariadb"

    def new_site(self, which: int, folder: Path, settings: dict[str, str]) -> SiteUnderTest:
        """Return the site (0) or the other one (1) as if fresh, not started."""
        database = None if self.databases is None else self.databases[which]
        site = SiteUnderTest(folder, database, settings, self.template)
        site.prepare()
        if database is not None:
            site.rows.clean()
        return site


class Custody:
    """The site's backups, and everything that was ever confirmed.

    Args:
        site: the site of the seed, running.
        share: its storage, which other sites reach undisturbed.
        folder: takes backups and the data of other sites.
        clock: the clock by which ``site`` lives.
        engine: where databases are.
        rng: decides what is restored, copied and insisted on.
        complain: takes a sentence about something that went wrong.
    """

    def __init__(
        self,
        site: SiteUnderTest,
        share: WebDavServer,
        folder: Path,
        clock: SetClock,
        engine: Engine,
        rng: random.Random,
        complain: Callable[[str], None],
    ) -> None:
        self._site = site
        self._share = share
        self._folder = folder
        self._clock = clock
        self._engine = engine
        self._rng = rng
        self._complain = complain
        self._backups: list[Backup] = []
        self._had_company = False
        self.confirmed: dict[str, tuple[str, int]] = {}
        self.archives: set[str] = set()

    @property
    def confirmed_jobs(self) -> set[int]:
        """Numbers of the jobs whose stacks were ever confirmed."""
        return {job for _, job in self.confirmed.values()}

    def remember(self) -> None:
        """Note the stacks that the site has confirmed so far, and the ids of its archive."""
        rows = self._site.rows
        for row in rows.all(_CONFIRMED):
            self.confirmed[row["ucloud_path"]] = (row["sha256"], row["job_id"])
        self._remember_ids_of(self._site)

    def back_up(self) -> None:
        """Copy database and raws, as the chapter Backup says."""
        self._backups.append(Backup(self._site.rows, self._engine.name))
        self._copy_files(self._site.data_dir, self._folder / str(len(self._backups)))

    def restore(self) -> None:
        """Put a backup back and follow the chapter Restore: what came later is adopted.

        The workers know nothing of it and go on, as those of volunteers do.
        """
        number = self._rng.randrange(len(self._backups))
        self._site.stop()
        self.remember()
        self._backups[number].restore(self._site.rows)
        self._copy_files(self._folder / str(number + 1), self._site.data_dir)
        self.take_over(self._site)
        self._had_company = False
        self._site.start()
        self._run("cleanup.php", "--adopt")

    def meet_another_site(self) -> None:
        """Let a fresh site, or a copy of this one, clean up on the same share, and insist."""
        self.remember()
        self._had_company = True
        settings = {**self._site.settings, "CROWDSKY_WEBDAV_URL": self._share.url}
        other = self._engine.new_site(1, self._folder / "other", settings)
        kind = self._rng.choice(("fresh", "clone", "clone of a backup", "clone that takes over"))
        if kind != "fresh":
            backup = self._rng.choice(self._backups)
            if kind != "clone of a backup":
                backup = Backup(self._site.rows, self._engine.name)
            backup.restore(other.rows)
            self._copy_files(self._site.data_dir, other.data_dir, ("secret",))
            time.sleep(self._rng.uniform(0.0, LONGEST_WAIT))
        if kind == "clone that takes over":
            other.run_php("migrate.php", "--accept-host")
            self.take_over(other)
        for arguments in ((), INSIST, INSIST):
            self._try(other, *arguments)
        other.rows.close()
        self.remember()
        if self._rng.random() < 0.5:
            self.settle_doubt()

    def misread_the_clock(self) -> None:
        """Clean up while the clock is wrong by a day up to a year; it is right again afterwards."""
        self.remember()
        self._clock.set(self._rng.choice(JUMPS))
        try:
            for arguments in ((), SEARCH, SEARCH, ()):
                self._try(self._site, *arguments)
        finally:
            self._clock.set(0)

    def settle_doubt(self) -> None:
        """Do what readiness asks for where another site or a copy has been at the storage."""
        try:
            self._site.run_php("site.php", "show")
        except ServiceError as error:
            if not self._had_company:
                self._complain(f"custody is in doubt though nobody else was there: {error}")
            self.take_over(self._site)
            self._had_company = False

    def take_over(self, site: SiteUnderTest) -> None:
        """Run ``site.php restored``, and where it finds the id of a lost database, continue that.

        Databases are lost here: that of a site that was restored twice from the same backup has
        never heard of the id that it got the first time.
        """
        for _ in range(TRIES):
            try:
                site.run_php("site.php", "restored")
                break
            except ServiceError as error:
                if "not available" in str(error):
                    continue  # WsgiDAV cannot list a folder while a worker moves a file there
                for lost in _marks(str(error)):
                    self._continue(site, lost)
                break
        self._remember_ids_of(site)

    def _continue(self, site: SiteUnderTest, lost: str) -> None:
        try:
            site.run_php("site.php", "restored", "--continues", lost)
        except ServiceError as error:
            self._complain(f"site.php restored --continues {lost}: {error}")

    def _remember_ids_of(self, site: SiteUnderTest) -> None:
        """Note the ids of another site's archive too: it may have become this one's."""
        ids = site.rows.all("SELECT archive_id FROM archive_ids")
        self.archives |= {row["archive_id"] for row in ids}

    def check(self) -> None:
        """Complain of every confirmed stack that is not in the storage as it was confirmed.

        A job that ran again because a restored database did not know its stack may let go of the
        first one, under the name of its run, once the second one was proven.
        """
        self.remember()
        kept = {path for path, (sha256, _) in self.confirmed.items() if self._hash(path) == sha256}
        stacked = {self.confirmed[path][1] for path in kept}
        for path in sorted(set(self.confirmed) - kept):
            if OF_A_RUN.search(path) is None or self.confirmed[path][1] not in stacked:
                self._complain(f"{path} was confirmed, and is gone")

    def _hash(self, path: str) -> str:
        file = self._share.root / path.lstrip("/")
        return hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else ""

    def _copy_files(self, source: Path, target: Path, names: tuple[str, ...] = FILES) -> None:
        for name in names:
            if (source / name).is_dir():
                shutil.copytree(source / name, target / name, dirs_exist_ok=True)
            elif (source / name).exists():
                target.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source / name, target / name)

    def _try(self, site: SiteUnderTest, *arguments: str) -> None:
        """Run cleanup, which may refuse."""
        try:
            site.cleanup(*arguments)
        except ServiceError as error:
            if not any(words in str(error) for words in IN_DOUBT):
                self._complain(f"cleanup {' '.join(arguments)}: {error}")

    def _run(self, script: str, *arguments: str) -> str:
        """Run a command of the chapter, which must do what it says."""
        try:
            return self._site.run_php(script, *arguments)
        except ServiceError as error:
            self._complain(f"{script} {' '.join(arguments)}: {error}")
            return ""


def _marks(said: str) -> list[str]:
    """The ids of archives whose marks are in storage, as ``site.php`` lists them."""
    found = re.search(r"marks in storage: (.*)", said)
    return re.findall(r"[0-9a-f]{16}", found[1]) if found else []
