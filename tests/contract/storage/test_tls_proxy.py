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
