"""The real seestarpy, unmodified, against the site: its documented uses."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.clients.finished import KEY, NAME, finish, native_cube, product
from tests.contract.clients.support import PASSWORD, small_sub, stack_next
from tests.contract.jobs.support import Worker, stack_file
from tests.support.real_clients import Seestarpy, SeestarpyError
from tests.support.sites import SiteUnderTest

NEWEST = "0.7.1"
OLDER = ("0.6.0", "0.5.2")
UMLAUTS = "Sch\xe4ferin: \xfcber"


@pytest.fixture(
    scope="module", params=[NEWEST, *(pytest.param(old, marks=pytest.mark.every) for old in OLDER)]
)
def running(request: pytest.FixtureRequest) -> Iterator[Seestarpy]:
    """One process of each version."""
    with Seestarpy(request.param) as seestarpy:
        yield seestarpy


@pytest.fixture
def seestarpy(running: Seestarpy, sqlite_site: SiteUnderTest) -> Seestarpy:
    """It, with the credentials of an account."""
    sqlite_site.create_user("ann", PASSWORD)
    running("set_base_url", sqlite_site.base_url)
    running("set_credentials", "ann", PASSWORD)
    return running


@pytest.fixture
def sqlite_worker(sqlite_site: SiteUnderTest) -> Worker:
    """A worker beside it."""
    return Worker(sqlite_site, sqlite_site.create_worker_key("stacker"))


def test_raw_subs_become_a_stack_that_comes_back(
    seestarpy: Seestarpy, sqlite_worker: Worker, tmp_path: Path
) -> None:
    body = stack_file()
    path = tmp_path / "Light_M 94+\xfc_10.0s_IRCUT_20250327-022032.fit"
    path.write_bytes(small_sub(OBJECT="'M 94+x'"))

    session = seestarpy("raw_start_session")
    taken = seestarpy("raw_upload_file", session, str(path))
    queued = seestarpy("raw_finalize", session)
    assert seestarpy("list_stacks") == []
    stack_next(sqlite_worker, body)
    listed = seestarpy("list_stacks", "M 94+x")
    saved = seestarpy("download_stack", listed[0]["chunk_key"], str(tmp_path / "here"))

    assert taken["ok"]
    assert (queued["jobs"], queued["chunks"]) == (1, [taken["chunk_key"]])
    assert [stack["chunk_key"] for stack in listed] == [taken["chunk_key"]]
    assert [Path(one).read_bytes() for one in saved] == [body]
    assert Path(saved[0]).name == f"M_94+x_{taken['chunk_key']}_{listed[0]['id']}.fits"
    assert seestarpy("list_stacks", "M 94") == []


def test_what_is_stacked_is_skipped_or_replaced(
    seestarpy: Seestarpy, sqlite_worker: Worker, tmp_path: Path
) -> None:
    path = tmp_path / "Light.fit"
    path.write_bytes(small_sub())

    def upload(**options: bool) -> dict[str, object]:
        session = seestarpy("raw_start_session")
        seestarpy("raw_upload_file", session, str(path))
        answer: dict[str, object] = seestarpy("raw_finalize", session, **options)
        return answer

    first = upload(scrub_location=True)
    stack_next(sqlite_worker)
    skipped = upload()
    replaced = upload(overwrite=True)

    assert (skipped["jobs"], skipped["skipped"]) == (0, first["chunks"])
    assert (replaced["job_ids"], replaced["skipped"]) == (first["job_ids"], [])


def test_all_stacks_of_a_folder_are_sent_and_later_skipped(
    seestarpy: Seestarpy, sqlite_site: SiteUnderTest, sqlite_worker: Worker, tmp_path: Path
) -> None:
    body = native_cube()
    (tmp_path / NAME).write_bytes(body)
    folder = {"local_dir": str(tmp_path)}

    first = seestarpy("upload_all_stacks", **folder)
    again = seestarpy("upload_all_stacks", **folder)
    finish(sqlite_worker, product(body))
    later = seestarpy("upload_all_stacks", **folder)
    told = seestarpy("upload_stack", str(tmp_path / NAME), None, 60, 38, "2026-02-27", "", 1)

    assert (first["uploaded"], first["failed"]) == ([NAME], [])
    assert again["uploaded"] == [NAME]
    assert (later["uploaded"], later["skipped"]) == ([], [NAME])
    assert told["chunk_key"] == KEY
    assert len(sqlite_site.rows.all("SELECT id FROM stacking_jobs")) == 1


def test_a_password_with_umlauts(seestarpy: Seestarpy, sqlite_site: SiteUnderTest) -> None:
    sqlite_site.create_user("bea", UMLAUTS)
    seestarpy("set_credentials", "bea", UMLAUTS)

    assert seestarpy("list_stacks") == []


def test_a_wrong_password_ends_a_sync_at_once(seestarpy: Seestarpy) -> None:
    seestarpy("set_credentials", "ann", "wrong")
    # Version 0.5 has no sync; its first call is what sync begins with.
    login = "list_stacks" if seestarpy.version.startswith("0.5") else "sync"
    began = time.monotonic()
    with pytest.raises(SeestarpyError, match="authentication failed \\(401\\)"):
        seestarpy(login)

    assert time.monotonic() - began < 10.0


def test_refusals_are_raised(seestarpy: Seestarpy, tmp_path: Path) -> None:
    path = tmp_path / "Light.fit"
    path.write_bytes(small_sub(**{"DATE-OBS": "'soon'"}))
    session = seestarpy("raw_start_session")

    with pytest.raises(SeestarpyError, match="400"):
        seestarpy("raw_upload_file", session, str(path))
    with pytest.raises(SeestarpyError, match="400"):
        seestarpy("raw_finalize", session)
    with pytest.raises(SeestarpyError, match="404"):
        seestarpy("download_stack", "20250327.05_HP000001", str(tmp_path))
