"""What an ingest must remember if it is killed: uploads that are open, and hashes of files.

Nothing is lost with it: the site knows what it has, and an upload that nobody submits expires.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crowdsky.client.errors import IngestRunningError, JournalUnusableError
from crowdsky.net.answers import sha256_of_file

FILE_NAME = "ingest.sqlite"
SCHEMA = """
CREATE TABLE IF NOT EXISTS hashes (
    path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, sha256 TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS uploads (
    account TEXT NOT NULL, block TEXT NOT NULL, token TEXT NOT NULL, PRIMARY KEY (account, block)
);
"""


class Journal:
    """The journal of one account; ``open_journal`` makes it."""

    def __init__(self, database: sqlite3.Connection, account: str) -> None:
        self._database = database
        self._account = account

    def hash_of(self, path: Path) -> str:
        """Return the SHA-256 of a file, from the journal if it has not changed; raises OSError."""
        found = path.stat()
        stamp = (found.st_size, found.st_mtime_ns)
        row = self._database.execute(
            "SELECT size, mtime_ns, sha256 FROM hashes WHERE path = ?", (os.fsencode(path),)
        ).fetchone()
        if row is not None and (row[0], row[1]) == stamp:
            return str(row[2])
        sha256 = sha256_of_file(path)
        self._database.execute(
            "INSERT OR REPLACE INTO hashes VALUES (?, ?, ?, ?)", (os.fsencode(path), *stamp, sha256)
        )
        return sha256

    def forget_hash(self, path: Path) -> None:
        """Forget a hash that turned out to be wrong: the file changed, and its time did not."""
        self._database.execute("DELETE FROM hashes WHERE path = ?", (os.fsencode(path),))

    def uploads(self) -> dict[str, str]:
        """Return the tokens of open uploads by their block of time."""
        rows = self._database.execute(
            "SELECT block, token FROM uploads WHERE account = ? ORDER BY block", (self._account,)
        )
        return {str(block): str(token) for block, token in rows}

    def note_upload(self, block: str, token: str) -> None:
        """Remember an upload before the first file is sent in it."""
        self._database.execute(
            "INSERT OR REPLACE INTO uploads VALUES (?, ?, ?)", (self._account, block, token)
        )

    def forget_upload(self, block: str) -> None:
        """Forget an upload that was submitted or has expired."""
        self._database.execute(
            "DELETE FROM uploads WHERE account = ? AND block = ?", (self._account, block)
        )


@contextmanager
def open_journal(folder: Path, account: str) -> Iterator[Journal]:
    """Open the journal in a folder, which is made, and keep it from any other ingest.

    Args:
        account: the account and its site, which have uploads of their own.

    Raises:
        IngestRunningError: another ingest uses it.
        JournalUnusableError: it is damaged, or the folder is not writable.
    """
    path = folder / FILE_NAME
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (folder / ".ingesting").open("w") as lock:
            _lock(lock.fileno(), folder)
            # Tokens of uploads are in it.
            path.touch(mode=0o600)
            database = sqlite3.connect(path, isolation_level=None)
            try:
                database.executescript(SCHEMA)
                yield Journal(database, account)
            finally:
                database.close()
    except sqlite3.Error as error:
        raise JournalUnusableError(
            "the journal of uploads cannot be used",
            where=str(path),
            why=str(error),
            hint="delete it if it is damaged: the site knows what it has",
        ) from error


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise IngestRunningError(
            "another ingest is running",
            where=str(folder),
            hint="wait for its end, or give this one another CROWDSKY_STATE_DIR",
        ) from error
