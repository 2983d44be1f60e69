"""The functions of worker.webdav on real shares, with nothing but a .env."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crowdsky.base.errors import (
    AccessDeniedError,
    ConfigurationError,
    RemoteExistsError,
    RemoteParentMissingError,
    RequestRefusedError,
    ServiceBusyError,
)
from crowdsky.net import retry
from crowdsky.storage.stored_file import StoredFile
from demo.services import WebDavServer
from tests.support.fault_proxy import Fault, FaultProxy, plain_answer
from tests.support.scripts import settings_read_anew, write_env
from worker import webdav as storage
from worker.config import current_settings

ALWAYS = 1000
SITE = {"API_BASE_URL": "http://127.0.0.1:1/api", "WORKER_API_KEY": "some-key"}
FOLDER = "/crowdsky/stacks/user_1/M_94"

CALLS: dict[str, Callable[[], object]] = {
    "upload_file": lambda: storage.upload_file("local.bin", "/x.bin"),
    "download_file": lambda: storage.download_file("/x.bin", "back.bin"),
    "mkcol": lambda: storage.mkcol("/x"),
    "delete_files": lambda: storage.delete_files(["/x.bin"]),
}


@pytest.fixture(autouse=True)
def script(
    tmp_path: Path, proxy: FaultProxy, webdav: WebDavServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Run as a script in a folder with nothing but a .env, which never waits between tries."""
    share = {"UCLOUD_WEBDAV_URL": proxy.url, "UCLOUD_SHARE_TOKEN": webdav.token}
    write_env(tmp_path, {**SITE, **share})
    monkeypatch.setattr(retry.Policy, "wait", lambda *_: 0.0)
    monkeypatch.setattr(retry, "DENIED_RETRY_SECONDS", 0.0)
    with settings_read_anew(tmp_path, monkeypatch):
        yield


def test_a_file_goes_up_and_comes_back(local: Path, webdav: WebDavServer, tmp_path: Path) -> None:
    storage.mkcol(FOLDER)
    storage.mkcol(FOLDER)
    # A script may use texts for paths.
    stored = storage.upload_file(str(local), f"{FOLDER}/a stack.fits")
    body = local.read_bytes()
    sha256 = hashlib.sha256(body).hexdigest()
    assert stored == StoredFile(f"{FOLDER}/a stack.fits", len(body), sha256)
    assert (webdav.root / FOLDER[1:] / "a stack.fits").read_bytes() == body
    storage.download_file(f"{FOLDER}/a stack.fits", str(tmp_path / "back.bin"))
    assert (tmp_path / "back.bin").read_bytes() == body


def test_a_name_is_never_overwritten(local: Path, webdav: WebDavServer, tmp_path: Path) -> None:
    storage.upload_file(local, "/stack.fits")
    storage.upload_file(local, "/stack.fits")  # the same bytes are there already
    other = tmp_path / "other.bin"
    other.write_bytes(b"other bytes")
    with pytest.raises(RemoteExistsError, match="nothing is overwritten"):
        storage.upload_file(other, "/stack.fits")
    assert (webdav.root / "stack.fits").read_bytes() == local.read_bytes()


def test_a_missing_folder_is_named(local: Path) -> None:
    with pytest.raises(RemoteParentMissingError, match="its folder does not exist"):
        storage.upload_file(local, f"{FOLDER}/stack.fits")


def test_a_file_in_place_of_a_folder_is_named(local: Path) -> None:
    storage.upload_file(local, "/crowdsky")
    with pytest.raises(RemoteExistsError, match="a file has this name"):
        storage.mkcol(FOLDER)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequestRefusedError, match="there is no such file"):
        storage.download_file("/nothing.fits", tmp_path / "back.bin")
    assert not (tmp_path / "back.bin").exists()


def test_files_are_deleted_whether_they_exist_or_not(local: Path, webdav: WebDavServer) -> None:
    for name in ("one", "two", "kept"):
        storage.upload_file(local, f"/{name}")
    storage.delete_files(name for name in ("/one", "/never", "/two"))
    assert {path.name for path in webdav.root.iterdir() if path.is_file()} == {"kept"}


def test_a_lost_reply_costs_nothing(local: Path, webdav: WebDavServer, proxy: FaultProxy) -> None:
    faults = [
        proxy.inject(Fault("lose_reply", method="MKCOL")),
        proxy.inject(Fault("lose_reply", method="PUT")),
        proxy.inject(Fault("cut_reply", method="GET", after_bytes=1000)),
        proxy.inject(Fault("lose_reply", method="DELETE")),
    ]
    storage.mkcol(FOLDER)
    storage.upload_file(local, f"{FOLDER}/stack.fits")
    storage.download_file(f"{FOLDER}/stack.fits", "back.bin")
    assert Path("back.bin").read_bytes() == local.read_bytes()
    storage.delete_files([f"{FOLDER}/stack.fits"])
    assert [fault.kind for fault in faults if fault.times] == []


def test_a_share_that_stays_busy_is_an_error(proxy: FaultProxy) -> None:
    busy = plain_answer("503 Service Unavailable")
    proxy.inject(Fault("answer", answer=busy, times=ALWAYS))
    with pytest.raises(ServiceBusyError, match="503"):
        storage.mkcol("/crowdsky")
    assert len(proxy.requests) == retry.STORAGE.tries


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_refused_token_is_named_without_showing_it(
    call: Callable[[], object], local: Path, webdav: WebDavServer
) -> None:
    share = {"UCLOUD_WEBDAV_URL": webdav.url, "UCLOUD_SHARE_TOKEN": "wrong-token"}
    write_env(Path(), {**SITE, **share})
    assert local.exists()
    with pytest.raises(AccessDeniedError, match="UCLOUD_SHARE_TOKEN") as denied:
        call()
    assert "wrong-token" not in str(denied.value)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_without_a_share_every_call_says_what_is_missing(call: Callable[[], object]) -> None:
    write_env(Path(), SITE)
    with pytest.raises(ConfigurationError, match="UCLOUD_WEBDAV_URL and UCLOUD_SHARE_TOKEN"):
        call()
    assert not current_settings().uses_webdav
    write_env(Path(), {"UCLOUD_WEBDAV_URL": "no address"})
    current_settings.cache_clear()
    with pytest.raises(ConfigurationError) as refused:
        call()
    assert len(refused.value.problems) == 4, "every problem of the .env"
