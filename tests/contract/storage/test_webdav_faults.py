"""The storage functions on a real WebDAV server, over a network and hosts that fail."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import requests

from crowdsky.base.errors import (
    AccessDeniedError,
    ConfigurationError,
    CorruptTransferError,
    RemoteExistsError,
    ServiceBusyError,
    ServiceUnreachableError,
    StorageRefusedError,
    TransientError,
    UnexpectedAnswerError,
)
from crowdsky.net.answers import no_tick
from crowdsky.net.retry import Waits
from crowdsky.storage import webdav as storage
from crowdsky.storage.webdav import Share
from demo.services import WebDavServer
from tests.support.fault_proxy import Fault, FaultProxy, html_answer, plain_answer
from tests.support.jobs import JOB
from worker.job.archive import share_store

FOLDER = "crowdsky/stacks/user_3/M_94"
FINAL = "stack_20250327.05_12.fits"
ATTEMPT = "stack_20250327.05_12.a1-01234567.fits"
AT_ONCE = Waits(sleep=lambda _: None, chance=lambda: 0.5)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (html_answer(), UnexpectedAnswerError, "status 200"),
        (html_answer("202 Accepted"), UnexpectedAnswerError, "status 202"),
        (plain_answer("207 Multi-Status"), UnexpectedAnswerError, "status 207"),
        (html_answer("302 Found", "Location: http://portal/\r\n"), UnexpectedAnswerError, "302"),
        (
            plain_answer("301 Moved Permanently", "Location: https://new.example/dav\r\n"),
            ConfigurationError,
            "https://new.example/dav",
        ),
        (plain_answer("401 Unauthorized"), AccessDeniedError, "UCLOUD_SHARE_TOKEN"),
        (plain_answer("413 Content Too Large"), StorageRefusedError, "413"),
        (plain_answer("507 Insufficient Storage"), StorageRefusedError, "the storage is full"),
        (html_answer("502 Bad Gateway"), ServiceBusyError, "502"),
        (plain_answer("423 Locked"), ServiceBusyError, "423"),
    ],
)
@pytest.mark.parametrize("method", ["PUT", "MOVE", "MKCOL", "DELETE"])
def test_only_webdav_success_is_success(
    far_share: Share,
    proxy: FaultProxy,
    webdav: WebDavServer,
    local: Path,
    method: str,
    answer: bytes,
    error: type[Exception],
    words: str,
) -> None:
    (webdav.root / "there").write_bytes(b"x")
    proxy.inject(Fault("answer", method=method, answer=answer))
    calls = {
        "PUT": lambda: storage.upload_file(far_share, local, "/new"),
        "MOVE": lambda: storage.move_file(far_share, "/there", "/elsewhere"),
        "MKCOL": lambda: storage.mkcol(far_share, "/folder"),
        "DELETE": lambda: storage.delete_files(far_share, ["/there"]),
    }
    with pytest.raises(error, match=words):
        calls[method]()
    assert (webdav.root / "there").read_bytes() == b"x"
    assert proxy.count(method) == 1, "a redirect was followed or the call was repeated"


def test_what_the_server_asks_to_wait_is_kept(
    far_share: Share, proxy: FaultProxy, local: Path
) -> None:
    busy = plain_answer("503 Service Unavailable", "Retry-After: 120\r\n")
    proxy.inject(Fault("answer", method="PUT", answer=busy))
    with pytest.raises(ServiceBusyError) as refused:
        storage.upload_file(far_share, local, "/new")
    assert refused.value.retry_after == 120.0


def test_bytes_changed_on_the_way_up_are_found(
    share: Share, webdav: WebDavServer, local: Path
) -> None:
    stored = storage.upload_file(share, local, "/stack.fits")
    remote = webdav.root / "stack.fits"
    damaged = bytearray(remote.read_bytes())
    damaged[500_000] ^= 1
    remote.write_bytes(damaged)
    with pytest.raises(CorruptTransferError, match="differ"):
        storage.verify_stored(share, stored)
    remote.write_bytes(damaged[:-1])
    with pytest.raises(CorruptTransferError, match="instead of"):
        storage.verify_stored(share, stored)


def test_a_false_hash_from_the_server_is_believed_to_be_damage(
    far_share: Share, proxy: FaultProxy, local: Path
) -> None:
    wrong = plain_answer("201 Created", f"X-Hash-SHA256: {'0' * 64}\r\n")
    proxy.inject(Fault("answer", method="PUT", answer=wrong))
    with pytest.raises(CorruptTransferError, match="other bytes arrived"):
        storage.upload_file(far_share, local, "/stack.fits")


def test_a_right_hash_from_the_server_saves_reading_back(
    far_share: Share, proxy: FaultProxy, local: Path
) -> None:
    right = plain_answer("201 Created", f"X-Hash-SHA256: {digest(local)}\r\n")
    proxy.inject(Fault("answer", method="PUT", answer=right))
    storage.upload_file(far_share, local, "/stack.fits")
    assert proxy.count("GET") == 0


def test_a_cut_download_leaves_the_old_file(
    far_share: Share, proxy: FaultProxy, webdav: WebDavServer, tmp_path: Path
) -> None:
    (webdav.root / "stack.fits").write_bytes(b"s" * 400_000)
    target = tmp_path / "stack.fits"
    target.write_bytes(b"an older file")
    proxy.inject(Fault("cut_reply", method="GET", after_bytes=1000))
    with pytest.raises(ServiceUnreachableError):
        storage.download_file(far_share, "/stack.fits", target)
    assert target.read_bytes() == b"an older file"
    storage.download_file(far_share, "/stack.fits", target)
    assert target.stat().st_size == 400_000


def test_a_server_that_does_not_answer_is_not_waited_for_without_end(
    far_share: Share, proxy: FaultProxy, local: Path
) -> None:
    far_share.client.timeout = (0.5, 0.5)
    proxy.inject(Fault("delay", method="PUT", seconds=3.0))
    with pytest.raises(ServiceUnreachableError, match="no answer in time"):
        storage.upload_file(far_share, local, "/stack.fits")


def test_a_web_page_instead_of_a_listing_is_no_listing(far_share: Share, proxy: FaultProxy) -> None:
    proxy.inject(Fault("answer", method="PROPFIND", answer=html_answer("207 Multi-Status")))
    with pytest.raises(UnexpectedAnswerError, match="not a WebDAV listing"):
        storage.stat(far_share, "/x")


@pytest.mark.parametrize("after_bytes", [0, 1, 400_000])
def test_a_cut_upload_is_cleared_and_repeated(
    far_share: Share, proxy: FaultProxy, webdav: WebDavServer, local: Path, after_bytes: int
) -> None:
    cut = proxy.inject(Fault("cut_request", method="PUT", after_bytes=after_bytes, times=2))
    stored = share_store(far_share, "/crowdsky")(JOB, "stack", local, AT_ONCE, no_tick)
    assert cut.times == 0
    assert stored.path == f"/{FOLDER}/{FINAL}"
    assert digest(webdav.root / FOLDER / FINAL) == stored.sha256 == digest(local)
    assert [path.name for path in (webdav.root / FOLDER).iterdir()] == [FINAL]


@pytest.mark.parametrize("method", ["PUT", "MOVE", "MKCOL", "PROPFIND"])
def test_a_lost_reply_does_no_harm(
    far_share: Share, proxy: FaultProxy, webdav: WebDavServer, local: Path, method: str
) -> None:
    lost = proxy.inject(Fault("lose_reply", method=method))
    stored = share_store(far_share, "/crowdsky")(JOB, "stack", local, AT_ONCE, no_tick)
    assert lost.times == 0
    assert stored.path == f"/{FOLDER}/{FINAL}"
    assert digest(webdav.root / FOLDER / FINAL) == digest(local)
    assert [path.name for path in (webdav.root / FOLDER).iterdir()] == [FINAL]


def test_after_a_lost_reply_the_bytes_are_not_sent_again(
    far_share: Share, proxy: FaultProxy, local: Path
) -> None:
    storage.mkcol(far_share, f"/{FOLDER}")
    proxy.inject(Fault("lose_reply", method="PUT"))
    share_store(far_share, "/crowdsky")(JOB, "stack", local, AT_ONCE, no_tick)
    assert proxy.count("PUT") == 1


def test_a_taken_final_name_keeps_the_attempts_name(
    share: Share, webdav: WebDavServer, local: Path
) -> None:
    storage.mkcol(share, f"/{FOLDER}")
    (webdav.root / FOLDER / FINAL).write_bytes(b"of an earlier attempt")
    stored = share_store(share, "/crowdsky")(JOB, "stack", local, AT_ONCE, no_tick)
    assert stored.path == f"/{FOLDER}/{ATTEMPT}"
    assert (webdav.root / FOLDER / FINAL).read_bytes() == b"of an earlier attempt"
    assert digest(webdav.root / FOLDER / ATTEMPT) == digest(local)


@pytest.mark.parametrize("status", ["403 Forbidden", "405 Method Not Allowed"])
def test_a_share_that_cannot_move_keeps_the_attempts_name(
    far_share: Share, proxy: FaultProxy, webdav: WebDavServer, local: Path, status: str
) -> None:
    proxy.inject(Fault("answer", method="MOVE", answer=plain_answer(status), times=2))
    stored = share_store(far_share, "/crowdsky")(JOB, "thumbnail", local, AT_ONCE, no_tick)
    assert stored.path == f"/{FOLDER}/stack_20250327.05_12.a1-01234567_thumb.png"
    assert digest(webdav.root / stored.path[1:]) == digest(local)


def test_a_storage_that_stays_away_is_given_up_in_the_end(
    far_share: Share, proxy: FaultProxy, local: Path
) -> None:
    slept: list[float] = []
    waits = Waits(sleep=slept.append, chance=lambda: 0.5)
    down = html_answer("503 Service Unavailable")
    proxy.inject(Fault("answer", times=1000, answer=down))
    with pytest.raises(TransientError, match="503"):
        share_store(far_share, "/crowdsky")(JOB, "stack", local, waits, no_tick)
    assert slept == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_a_locked_folder_is_waited_for(share: Share, webdav: WebDavServer, local: Path) -> None:
    storage.mkcol(share, "/locked")
    folder = f"{webdav.url}/locked/"
    wish = (
        '<?xml version="1.0"?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>'
        "<D:locktype><D:write/></D:locktype><D:owner>somebody</D:owner></D:lockinfo>"
    )
    headers = {"Depth": "infinity", "Timeout": "Second-60", "Content-Type": "application/xml"}
    password = (webdav.token, "")
    lock = requests.request("LOCK", folder, data=wish, headers=headers, auth=password, timeout=10)
    if lock.status_code in (405, 501):
        pytest.skip("this server has no locks")
    assert lock.status_code == 200
    # WsgiDAV refuses the file itself (423), Apache the change to its folder (207).
    with pytest.raises(TransientError, match=r"423|207"):
        storage.upload_file(share, local, "/locked/stack.fits")
    key = {"Lock-Token": lock.headers["Lock-Token"]}
    requests.request("UNLOCK", folder, headers=key, auth=password, timeout=10).raise_for_status()
    storage.upload_file(share, local, "/locked/stack.fits")


def test_something_foreign_under_the_attempts_name_is_not_hidden(
    share: Share, webdav: WebDavServer, local: Path
) -> None:
    (webdav.root / FOLDER / ATTEMPT).mkdir(parents=True)
    with pytest.raises(RemoteExistsError):
        storage.upload_file(share, local, f"/{FOLDER}/{ATTEMPT}")


@pytest.mark.parametrize("status", ["403 Forbidden", "405 Method Not Allowed"])
def test_a_broken_upload_that_nobody_may_delete_hands_the_job_back(
    far_share: Share, proxy: FaultProxy, webdav: WebDavServer, local: Path, status: str
) -> None:
    part = webdav.root / FOLDER / ATTEMPT
    part.parent.mkdir(parents=True)
    part.write_bytes(b"a part")
    proxy.inject(Fault("answer", "DELETE", answer=plain_answer(status)))
    with pytest.raises(StorageRefusedError, match="may not be deleted"):
        share_store(far_share, "/crowdsky")(JOB, "stack", local, AT_ONCE, no_tick)
    assert part.read_bytes() == b"a part"
