"""Somebody with subs on a disk and an account, whose disk is ingested in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crowdsky.client.ingest.journal import Journal, open_journal
from crowdsky.client.ingest.progress import Progress
from crowdsky.client.ingest.records import Report
from crowdsky.client.ingest.run import ingest
from crowdsky.client.ingest.watch import Watch
from crowdsky.client.site import NamePassword, Site
from crowdsky.net.retry import Waits
from tests.contract.site.subs import taken_at
from tests.support.sites import SiteUnderTest

NAME, PASSWORD = "vera rübin", "a blank, a colon: and ü+ß"


class Clock:
    """A time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    @property
    def waits(self) -> Waits:
        return Waits(self.sleep, lambda: self.now, lambda: 0.5)


class Owner:
    """An account and a disk with subs."""

    def __init__(self, site: SiteUnderTest, folder: Path, url: str | None = None) -> None:
        self.site = site
        self.disk = folder / "disk"
        self.state = folder / "state"
        self.url = url or site.base_url
        self.clock = Clock()
        self.notes: list[str] = []
        self.disk.mkdir(exist_ok=True)

    def put(self, name: str, moment: str, **cards: str) -> Path:
        """Write a sub with this DATE-OBS."""
        path = self.disk / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(taken_at(moment, **cards))
        return path

    def put_chunks(self, n_chunks: int = 2, n_subs: int = 3) -> list[Path]:
        """Write subs of blocks one after the other."""
        return [
            self.put(f"M 94_sub/Light_{block}_{n}.fit", f"2025-03-27T0{block}:20:{10 + 11 * n}")
            for block in range(n_chunks)
            for n in range(n_subs)
        ]

    @contextmanager
    def opened(self) -> Iterator[tuple[Site, Journal, Progress]]:
        """Open what an ingest needs."""
        site = Site.connect(self.url, NamePassword(NAME, PASSWORD), "the password")
        progress = Progress(lambda _, __: None, lambda _: None, self.notes.append)
        with open_journal(self.state, f"{NAME}@{self.site.base_url}") as journal:
            yield site, journal, progress

    def ingest(self, *, dry_run: bool = False) -> Report:
        """Ingest the disk."""
        with self.opened() as (site, journal, progress):
            waits = self.clock.waits
            return ingest(site, journal, [self.disk], progress, dry_run=dry_run, waits=waits)

    @contextmanager
    def watching(self) -> Iterator[Watch]:
        """Watch the disk; the test makes each look."""
        with self.opened() as (site, journal, progress):
            yield Watch(site, journal, [self.disk], progress, self.clock.waits)

    def stored(self) -> list[str]:
        """Return the names of the subs that the site has in jobs, in the order of their arrival."""
        rows = self.site.rows.all(
            "SELECT filename FROM raw_files WHERE job_id IS NOT NULL AND left_out IS NULL "
            "ORDER BY id"
        )
        return [str(row["filename"]) for row in rows]

    def n_received(self) -> int:
        """Return how many files the site has received, also those that it left out."""
        return int(self.site.rows.one("SELECT COUNT(*) AS n FROM raw_files")["n"])
