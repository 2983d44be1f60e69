"""What happens to the site as a whole while its queue is walked through.

A backup is restored, a fresh site or a clone of the database cleans up in the same storage, and the
clock is wrong for a while. After each of them the operator does what the site asks for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from demo.services import ServiceError
from tests.faults.queue_model import QueueModel
from tests.support.backups import Backup
from tests.support.set_clock import SetClock
from tests.support.sites import SiteUnderTest

INSIST = ("--orphans", "--delete", "--include-unknown")
DOUBTS = (
    "custody of another site",
    "another copy of this database",
    "the data folder is not the one",
    "the site's clock is",
    "stacks NOT verified",
)
"""What a cleanup may say that ends with code 1; the last of a stack that a walk has damaged."""

MONTH = 30 * 86400


@dataclass(frozen=True)
class Snapshot:
    """A backup: the database, the raws by their paths, and the model of that moment."""

    database: Backup
    raws: dict[Path, bytes]
    jobs: dict[int, list[Path]]
    model: QueueModel


@dataclass
class QueueCustody:
    """The operator of a site whose storage another one shares.

    Attributes:
        site: runs, with a clock that can be set.
        other: has a database on the same engine and the storage of ``site``; does not run.
        clock: of ``site``.
        engine: sqlite or mariadb.
        confirmed: what was confirmed to a worker: path in the storage and bytes.
    """

    site: SiteUnderTest
    other: SiteUnderTest
    clock: SetClock
    engine: str
    confirmed: dict[str, bytes] = field(default_factory=dict)

    def file(self, path: str) -> Path:
        """Return where a path of the storage is on disk."""
        return self.site.data_dir / "stacks" / path.lstrip("/")

    def back_up(self) -> Backup:
        """Copy the database."""
        return Backup(self.site.rows, self.engine)

    def restore(self, snapshot: Snapshot) -> None:
        """Put a backup back, and take the storage over as the chapter Restore says."""
        snapshot.database.restore(self.site.rows)
        for path, body in snapshot.raws.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        self._take_over()

    def meet_another_site(self, copied: Backup | None) -> None:
        """Let another site clean up and insist, and settle afterwards whose the storage is.

        Args:
            copied: of which database it is a clone; None for a fresh site.
        """
        if copied is None:
            self.other.rows.clean()
        else:
            copied.restore(self.other.rows)
        for arguments in ((), INSIST, INSIST):
            try:
                self.other.cleanup(*arguments)
            except ServiceError as error:
                assert any(doubt in str(error) for doubt in DOUBTS), error
        self._take_over()

    def misread_the_clock(self, months: int, clean_up: Callable[[], object]) -> None:
        """Clean up while the clock is wrong."""
        self.clock.set(months * MONTH)
        try:
            clean_up()
        finally:
            self.clock.set(0)

    def missing(self) -> Iterable[str]:
        """Return the confirmed stacks that are not in the storage as they were confirmed."""
        for path, body in self.confirmed.items():
            file = self.file(path)
            if not file.exists() or file.read_bytes() != body:
                yield path

    def _take_over(self) -> None:
        try:
            self.site.run_php("site.php", "restored")
        except ServiceError as error:
            marks = re.search(r"marks in storage: (.*)", str(error))
            assert marks is not None, error
            for lost in re.findall("[0-9a-f]{16}", marks[1]):
                self.site.run_php("site.php", "restored", "--continues", lost)
