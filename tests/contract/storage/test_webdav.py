"""The storage functions on a real WebDAV server, undisturbed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from crowdsky.base.errors import (
    AccessDeniedError,
    BadDataError,
    RemoteExistsError,
    RemoteParentMissingError,
    RequestRefusedError,
    ServiceUnreachableError,
)
from crowdsky.storage import webdav as storage
from crowdsky.storage.webdav import Share
from demo.services import WebDavServer

NAMES = [
    "plain.fits",
    "a+b.fits",
    "a#b.fits",
    "50%.fits",
    "a%20b.fits",
    "a%2Bb.fits",
    "what?.fits",
    "this&that;x=1.fits",
    "with  blanks .fits",
    "(brackets) [square] {curly}.fits",
    "quote'double\".fits",
    "Müller Ångström 星.fits",
    "e\u0301 combining.fits",
    "colon:comma,.fits",
    "~tilde.fits",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_survive_the_round_trip(
    share: Share, webdav: WebDavServer, local: Path, tmp_path: Path, name: str
) -> None:
    folder = "/crowdsky/M 94 + #1?"
    storage.mkcol(share, folder)
    stored = storage.upload_file(share, local, f"{folder}/{name}")
    assert (webdav.root / folder[1:] / name).read_bytes() == local.read_bytes()
    assert stored.path == f"{folder}/{name}"
    assert stored.size_bytes == local.stat().st_size
    assert stored.sha256 == hashlib.sha256(local.read_bytes()).hexdigest()

    back = tmp_path / "back.bin"
    storage.download_file(share, f"{folder}/{name}", back)
    assert back.read_bytes() == local.read_bytes()


@pytest.mark.parametrize("path", ["relative", "/a//b", "/a/../b", "/a/./b", "/a/", "/a/b\n", "/.."])
def test_paths_that_would_be_rewritten_are_refused(share: Share, local: Path, path: str) -> None:
    with pytest.raises(BadDataError, match="not a valid remote path"):
        storage.upload_file(share, local, path)


def test_folders_are_made_with_those_above_and_may_exist(
    share: Share, webdav: WebDavServer, capfd: pytest.CaptureFixture[str]
) -> None:
    storage.mkcol(share, "/a/b/c")
    storage.mkcol(share, "/a/b/c")
    storage.mkcol(share, "/a/b")
    assert (webdav.root / "a/b/c").is_dir()
    # The library's own mkdir prints; a JSON answer on stdout would be spoiled.
    assert capfd.readouterr().out == ""


def test_a_file_where_a_folder_is_wanted_is_an_error(share: Share, webdav: WebDavServer) -> None:
    (webdav.root / "taken").write_bytes(b"x")
    with pytest.raises(RemoteExistsError, match="/taken"):
        storage.mkcol(share, "/taken/deeper")


def test_a_taken_name_is_never_overwritten(share: Share, webdav: WebDavServer, local: Path) -> None:
    (webdav.root / "stack.fits").write_bytes(b"precious")
    with pytest.raises(RemoteExistsError, match="nothing is overwritten"):
        storage.upload_file(share, local, "/stack.fits")
    assert (webdav.root / "stack.fits").read_bytes() == b"precious"


def test_the_same_bytes_under_a_taken_name_count_as_uploaded(
    share: Share, webdav: WebDavServer, local: Path
) -> None:
    first = storage.upload_file(share, local, "/stack.fits")
    before = (webdav.root / "stack.fits").stat().st_mtime_ns
    assert storage.upload_file(share, local, "/stack.fits") == first
    assert (webdav.root / "stack.fits").stat().st_mtime_ns == before


def test_a_missing_folder_is_named(share: Share, local: Path) -> None:
    with pytest.raises(RemoteParentMissingError, match="its folder does not exist"):
        storage.upload_file(share, local, "/nowhere/stack.fits")


def test_an_empty_file_arrives(share: Share, webdav: WebDavServer, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    storage.upload_file(share, empty, "/empty")
    assert (webdav.root / "empty").read_bytes() == b""


def test_a_file_gets_another_name_but_never_a_taken_one(
    share: Share, webdav: WebDavServer, local: Path
) -> None:
    storage.upload_file(share, local, "/attempt.fits")
    storage.move_file(share, "/attempt.fits", "/final.fits")
    assert not (webdav.root / "attempt.fits").exists()
    (webdav.root / "second.fits").write_bytes(b"other")
    with pytest.raises(RemoteExistsError):
        storage.move_file(share, "/second.fits", "/final.fits")
    assert (webdav.root / "final.fits").read_bytes() == local.read_bytes()
    with pytest.raises(RequestRefusedError) as missing:
        storage.move_file(share, "/gone.fits", "/new.fits")
    assert missing.value.status == 404


def test_deleting_what_is_not_there_is_fine(share: Share, webdav: WebDavServer) -> None:
    (webdav.root / "a").write_bytes(b"a")
    storage.delete_files(share, ["/a", "/not there"])
    assert not (webdav.root / "a").exists()


def test_a_failed_download_leaves_the_old_file(share: Share, tmp_path: Path) -> None:
    old = tmp_path / "old.fits"
    old.write_bytes(b"old but good")
    with pytest.raises(RequestRefusedError, match="no such file"):
        storage.download_file(share, "/missing.fits", old)
    assert old.read_bytes() == b"old but good"
    assert list(tmp_path.glob("*.part")) == []


def test_a_wrong_token_is_named_without_showing_it(webdav: WebDavServer, local: Path) -> None:
    share = Share.connect(webdav.url, "wrong-secret-token")
    with pytest.raises(AccessDeniedError, match="UCLOUD_SHARE_TOKEN") as denied:
        storage.upload_file(share, local, "/stack.fits")
    assert "wrong-secret-token" not in f"{denied.value} {share!r}"


def test_a_stopped_server_is_unreachable(share: Share, webdav: WebDavServer, local: Path) -> None:
    webdav.kill()
    with pytest.raises(ServiceUnreachableError, match="refused"):
        storage.upload_file(share, local, "/stack.fits")
