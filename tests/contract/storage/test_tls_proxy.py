"""A share behind a proxy that ends TLS and leaves the header Destination as it came."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crowdsky.base.errors import RequestRefusedError
from crowdsky.net.answers import no_tick
from crowdsky.net.retry import Waits
from crowdsky.storage import webdav as storage
from crowdsky.storage.webdav import Share
from demo.services import WebDavServer
from tests.contract.storage.site_share import SiteShare
from tests.support.apache_dav import ApacheDav
from tests.support.jobs import JOB
from tests.support.tls_front import TlsFront, missing_programs, passes_everything
from worker.commands import doctor_storage
from worker.config import load_settings
from worker.job.archive import share_store

AT_ONCE = Waits(sleep=lambda _: None, chance=lambda: 0.5)


@pytest.fixture
def front(webdav: WebDavServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of the share behind the proxy, whose certificate this process trusts."""
    if missing := missing_programs():
        pytest.skip(f"{', '.join(missing)} is not installed; ./dev test installs it")
    with TlsFront(tmp_path, passes_everything(webdav.port)) as running:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(running.authority))
        yield f"https://127.0.0.1:{running.port}{urlsplit(webdav.url).path}"


def test_a_result_gets_its_final_name_wherever_that_can_be(
    front: str, webdav: WebDavServer, local: Path
) -> None:
    share = Share.connect(front, webdav.token)
    stored = share_store(share, "/crowdsky")(JOB, "stack", local, AT_ONCE, no_tick)
    assert (".a1-" in stored.path) is isinstance(webdav, ApacheDav), "it takes no path alone"
    assert (webdav.root / stored.path[1:]).read_bytes() == local.read_bytes()


def test_a_taken_name_is_not_overwritten_either(
    front: str, webdav: WebDavServer, local: Path
) -> None:
    share = Share.connect(front, webdav.token)
    storage.upload_file(share, local, "/attempt.fits")
    (webdav.root / "final.fits").write_bytes(b"precious")
    with pytest.raises(RequestRefusedError):
        storage.move_file(share, "/attempt.fits", "/final.fits")
    assert (webdav.root / "final.fits").read_bytes() == b"precious"
    assert (webdav.root / "attempt.fits").exists()


@pytest.fixture
def site_share(front: str, webdav: WebDavServer, tmp_path: Path) -> SiteShare:
    """The same share as the site sees it, with a PHP that trusts the proxy's certificate."""
    (tmp_path / "trust.ini").write_text(f"curl.cainfo={tmp_path / 'authority.pem'}\n")
    return SiteShare(front, webdav.token, {"PHP_INI_SCAN_DIR": f":{tmp_path}"})


def test_the_site_stores_and_moves_wherever_that_can_be(
    site_share: SiteShare, webdav: WebDavServer, local: Path
) -> None:
    stored = site_share.put(local, "/crowdsky/stacks/final.fits")
    if isinstance(webdav, ApacheDav):
        assert stored.startswith("503 MOVE to /crowdsky/stacks/final.fits was answered with 502")
        assert "the proxy in front of it has to rewrite the header Destination" in stored
        assert not [path for path in webdav.root.rglob("*") if path.is_file()]
        return
    assert stored == "stored"

    assert site_share.move("/crowdsky/stacks/final.fits", "/crowdsky/trash/new/x.fits") == "moved"

    left = [path for path in webdav.root.rglob("*") if path.is_file()]
    assert left == [webdav.root / "crowdsky/trash/new/x.fits"]
    assert left[0].read_bytes() == local.read_bytes()


def test_the_site_overwrites_nothing_and_leaves_what_it_cannot_move(
    site_share: SiteShare, webdav: WebDavServer, local: Path
) -> None:
    apache = isinstance(webdav, ApacheDav)
    for name in ("first", "second"):
        assert SiteShare(webdav.url, webdav.token).put(local, f"/crowdsky/{name}.fits") == "stored"
    taken = site_share.move("/crowdsky/first.fits", "/crowdsky/second.fits")
    assert taken.startswith("ObjectExists: ")
    other = local.with_name("other.bin")
    other.write_bytes(b"other")
    assert site_share.put(other, "/crowdsky/second.fits").startswith("409 ") is not apache
    assert (webdav.root / "crowdsky/second.fits").read_bytes() == local.read_bytes()

    refused = site_share.move("/crowdsky/first.fits", "/crowdsky/third.fits")

    if apache:
        assert refused.startswith("MoveRefused: MOVE to /crowdsky/third.fits")
        assert "the proxy in front of it has to rewrite the header Destination" in refused
    else:
        assert refused == "moved"
    assert (webdav.root / "crowdsky/first.fits").exists() is apache


def test_the_doctor_says_what_the_proxy_has_to_do(
    front: str, webdav: WebDavServer, tmp_path: Path
) -> None:
    settings = load_settings(
        {
            "API_BASE_URL": "http://127.0.0.1:1/api",
            "WORKER_API_KEY": "some-key",
            "UCLOUD_WEBDAV_URL": front,
            "UCLOUD_SHARE_TOKEN": webdav.token,
            "WORK_DIR": str(tmp_path / "work"),
        },
        None,
    )
    found = doctor_storage.check_storage(settings)
    if isinstance(webdav, ApacheDav):
        assert isinstance(found, doctor_storage.Limited)
        assert "the proxy in front of it has to rewrite the header Destination" in found.detail
    else:
        assert found == "writes, reads, moves and deletes below /crowdsky"
