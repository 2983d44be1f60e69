"""Whose the stacks in a storage are: an id, a mark, and what is refused in doubt."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from demo.services import ServiceError, Site, WebDavServer
from tests.contract.jobs.support import Queue, Worker
from tests.contract.site.support import PASSWORD, Browser
from tests.support.backups import Backup
from tests.support.sites import SiteUnderTest

MARK = re.compile(r"mark_([0-9a-f]{16})_[0-9a-f]{16}\.json")


@pytest.fixture
def shared_site(
    make_site: Callable[..., SiteUnderTest], share_settings: dict[str, str]
) -> SiteUnderTest:
    """A fresh site that keeps its stacks in the share."""
    return make_site(**share_settings)


@pytest.fixture
def second_site(
    open_second: Callable[[dict[str, str]], SiteUnderTest], share_settings: dict[str, str]
) -> SiteUnderTest:
    """Another fresh site on the same share, running at the same time."""
    return open_second(share_settings)


def marks(root: Path) -> list[str]:
    """Return the names of the marks in a storage."""
    return sorted(path.name for path in root.glob("crowdsky/site/*"))


def custody(site: Site, key: str | None = None) -> str:
    """Return what the readiness check says about the storage's custody."""
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    answer = requests.get(f"{site.api_url}/health.php?ready=1", headers=headers, timeout=60)
    finding: str = answer.json()["checks"]["custody"]
    assert (answer.status_code == 200) is (finding == "ok")
    assert str(site.data_dir) not in answer.text
    return finding


def log(site: Site) -> str:
    """Return the site's log."""
    return (site.data_dir / "log" / "crowdsky.log").read_text()


def test_every_claim_names_the_archive(site: SiteUnderTest, queue: Queue, worker: Worker) -> None:
    queue.add_job()
    queue.add_job()

    first, second = worker.claim(), worker.claim()

    assert first["archive_id"] == second["archive_id"]
    kept = site.rows.one("SELECT archive_id FROM archive_ids WHERE is_current = 1")
    assert kept["archive_id"] == first["archive_id"]


def test_a_cleanup_gives_the_mark_a_new_name(
    shared_site: SiteUnderTest, webdav: WebDavServer
) -> None:
    shared_site.cleanup("--dry-run")
    assert marks(webdav.root) == []

    shared_site.cleanup()
    (first,) = marks(webdav.root)
    shared_site.cleanup()
    (second,) = marks(webdav.root)

    assert first != second
    names = [MARK.fullmatch(name) for name in (first, second)]
    assert names[0] and names[1]
    assert names[0][1] == names[1][1]
    assert custody(shared_site) == "ok"


def test_an_interrupted_renewal_goes_on(shared_site: SiteUnderTest, webdav: WebDavServer) -> None:
    shared_site.cleanup()
    (name,) = marks(webdav.root)
    nonce, pending = name.removesuffix(".json").split("_")[2], "0123456789abcdef"
    shared_site.rows.execute("UPDATE archive_ids SET pending_mark = ?", pending)
    assert custody(shared_site, shared_site.create_worker_key("w")) == "ok"

    (webdav.root / "crowdsky" / "site" / name.replace(nonce, pending)).write_text("{}")
    assert custody(shared_site, shared_site.create_worker_key("v")) == "ok"
    (webdav.root / "crowdsky" / "site" / name).unlink()
    shared_site.cleanup()

    assert len(marks(webdav.root)) == 1
    assert pending in marks(webdav.root)[0]
    shared_site.cleanup()
    assert pending not in marks(webdav.root)[0]


def test_an_earlier_mark_that_comes_back_is_no_doubt(
    shared_site: SiteUnderTest, webdav: WebDavServer
) -> None:
    """A request that a proxy has held up arrives when the mark has long had another name."""
    shared_site.cleanup()
    (first,) = marks(webdav.root)
    shared_site.cleanup()
    shared_site.cleanup()
    (webdav.root / "crowdsky" / "site" / first).write_text("{}")

    assert custody(shared_site, shared_site.create_worker_key("w")) == "ok"
    shared_site.cleanup()

    (left,) = marks(webdav.root)
    assert left != first


def test_two_sites_on_one_share_are_not_ready(
    shared_site: SiteUnderTest, second_site: SiteUnderTest, webdav: WebDavServer
) -> None:
    key = second_site.create_worker_key("w")
    assert custody(shared_site, shared_site.create_worker_key("w")) == "ok"

    assert "another site" in custody(second_site, key)
    assert "another site" in custody(second_site)
    with pytest.raises(ServiceError, match=r"NOTHING DELETED FROM STORAGE: .*another site"):
        second_site.cleanup()
    assert custody(second_site, key) != "ok"
    assert log(second_site).count("ERROR custody: ") == 1
    second_site.create_user("boss", PASSWORD, admin=True)
    boss = Browser(second_site)
    boss.log_in("boss")
    assert "The storage is in the custody of another site" in boss.get("admin.php").text

    shared_site.cleanup()
    assert custody(shared_site) == "ok"
    assert len(marks(webdav.root)) == 1


def test_a_restored_database_is_recognised(
    shared_site: SiteUnderTest, engine: str, webdav: WebDavServer
) -> None:
    shared_site.cleanup()
    backup = Backup(shared_site.rows, engine)
    shared_site.cleanup()

    backup.restore(shared_site.rows)

    with pytest.raises(ServiceError, match="another copy of this database"):
        shared_site.cleanup()
    assert "another copy" in custody(shared_site)
    for path in webdav.root.glob("crowdsky/site/*"):
        path.unlink()
    with pytest.raises(ServiceError, match="mark is missing from the storage"):
        shared_site.cleanup()


def test_a_clone_is_recognised_when_one_of_both_has_cleaned_up(
    shared_site: SiteUnderTest, second_site: SiteUnderTest, engine: str
) -> None:
    shared_site.cleanup()
    Backup(shared_site.rows, engine).restore(second_site.rows)
    shared_site.cleanup()

    with pytest.raises(ServiceError, match="another copy of this database"):
        second_site.cleanup()

    shared_site.cleanup()
