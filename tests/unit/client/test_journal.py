"""The journal outlives the program, and belongs to one at a time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crowdsky.client.errors import IngestRunningError, JournalUnusableError
from crowdsky.client.ingest.journal import FILE_NAME, open_journal

ACCOUNT = "vera@https://sky.example.org"


def test_open_uploads_are_remembered_for_their_account(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    with open_journal(folder, ACCOUNT) as journal:
        journal.note_upload("20250327.06", "b" * 32)
        journal.note_upload("20250327.05", "a" * 32)
        journal.note_upload("20250327.05", "c" * 32)
    with open_journal(folder, ACCOUNT) as journal:
        assert list(journal.uploads().items()) == [
            ("20250327.05", "c" * 32),
            ("20250327.06", "b" * 32),
        ]
        journal.forget_upload("20250327.05")
    with open_journal(folder, "else") as journal:
        assert journal.uploads() == {}
    with open_journal(folder, ACCOUNT) as journal:
        assert journal.uploads() == {"20250327.06": "b" * 32}
    assert (folder / FILE_NAME).stat().st_mode & 0o077 == 0, "tokens are nobody else's business"


def test_a_hash_is_computed_anew_when_the_file_has_changed(tmp_path: Path) -> None:
    file = tmp_path / os.fsdecode(b"caf\xe9.fit")
    file.write_bytes(b"one")
    with open_journal(tmp_path / "state", ACCOUNT) as journal:
        first = journal.hash_of(file)
    file.chmod(0o000)
    with open_journal(tmp_path / "state", ACCOUNT) as journal:
        assert journal.hash_of(file) == first
        file.chmod(0o600)
        file.write_bytes(b"two")
        os.utime(file, ns=(0, 1))
        assert journal.hash_of(file) != first


def test_a_second_ingest_waits_for_the_first(tmp_path: Path) -> None:
    with (
        open_journal(tmp_path, ACCOUNT),
        pytest.raises(IngestRunningError, match="another ingest is running"),
        open_journal(tmp_path, ACCOUNT),
    ):
        pass
    with open_journal(tmp_path, ACCOUNT):
        pass


def test_a_damaged_journal_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database" * 1000)
    with (
        pytest.raises(JournalUnusableError, match="delete it if it is damaged"),
        open_journal(tmp_path, ACCOUNT),
    ):
        pass
