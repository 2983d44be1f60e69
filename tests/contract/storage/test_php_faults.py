"""The site's storage on real WebDAV servers over a network that fails while it stores a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.services import WebDavServer
from tests.contract.storage.site_share import SiteShare
from tests.support.dav_makes import RcloneDav
from tests.support.fault_proxy import Fault, FaultProxy, html_answer, plain_answer
from tests.support.php_code import run_php

FOLDER = "crowdsky/stacks/user_3/M_94"
NAME = "stack_20250327.05_12.a1-01234567.fits"


def put(proxy: FaultProxy, webdav: WebDavServer, local: Path) -> str:
    """Store the file as the site does."""
    return SiteShare(proxy.url, webdav.token).put(local, f"/{FOLDER}/{NAME}")


def move(proxy: FaultProxy, webdav: WebDavServer) -> str:
    """Move the file as the site does; answers "moved" or the name of the refusal."""
    target = f"/crowdsky/trash/user_3/M_94/x_{NAME}"
    share = SiteShare(proxy.url, webdav.token)
    return share.move(f"/{FOLDER}/{NAME}", target).partition(":")[0]


def stored(webdav: WebDavServer) -> dict[str, bytes]:
    """Everything in the share."""
    return {path.name: path.read_bytes() for path in webdav.root.rglob("*") if path.is_file()}


def whole(webdav: WebDavServer) -> dict[str, bytes]:
    """Everything in the share that does not bear the name of an upload in progress.

    rclone writes the file of a cut upload after the request to delete it; the search for orphans
    finds what is left under such a name.
    """
    files = stored(webdav)
    if isinstance(webdav, RcloneDav):
        files = {name: content for name, content in files.items() if not name.endswith(".part")}
    return files


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault("cut_request", method="PUT", after_bytes=400_000), "PUT"),
        (Fault("lose_reply", method="PUT"), "PUT"),
        (Fault("lose_reply", method="MKCOL"), "MKCOL"),
        (Fault("cut_reply", method="GET", after_bytes=1000), "GET"),
        (Fault("corrupt_reply", method="GET", after_bytes=500), "other bytes than were sent"),
        (Fault("answer", method="MOVE", answer=plain_answer("507 Insufficient")), "is full"),
        (Fault("answer", method="PUT", answer=html_answer()), "answered with 200"),
        (Fault("answer", method="PUT", answer=plain_answer("302 Found")), "redirects"),
    ],
    ids=lambda value: f"{value.kind} {value.method}" if isinstance(value, Fault) else "",
)
def test_a_failed_upload_leaves_nothing_and_the_next_one_succeeds(
    proxy: FaultProxy, webdav: WebDavServer, local: Path, fault: Fault, words: str
) -> None:
    # Records count down; each server needs its own.
    proxy.inject(Fault(**{**vars(fault), "times": 1}))
    refusal = put(proxy, webdav, local)
    assert refusal.startswith("503 ")
    assert words in refusal
    assert whole(webdav) == {}
    assert put(proxy, webdav, local) == "stored"
    assert whole(webdav) == {NAME: local.read_bytes()}


def test_a_move_whose_answer_was_lost_is_not_done_twice(
    proxy: FaultProxy, webdav: WebDavServer, local: Path
) -> None:
    proxy.inject(Fault("lose_reply", method="MOVE"))
    assert put(proxy, webdav, local) == "stored"
    assert put(proxy, webdav, local).startswith("409 "), "the caller compares what is there"
    assert stored(webdav) == {NAME: local.read_bytes()}


def test_a_folder_is_created_once_and_again_after_somebody_removed_it(
    proxy: FaultProxy, webdav: WebDavServer, local: Path
) -> None:
    """One process stores three files, and the folder vanishes before the third."""
    said = run_php(
        """
        [, $local, $url, $root] = $argv;
        $hash = hash_file('sha256', $local);
        $file = new CrowdSky\\Storage\\SpooledFile($local, filesize($local), $hash);
        $client = new CrowdSky\\Storage\\WebDavClient($url, getenv('SHARE_TOKEN'));
        $storage = new CrowdSky\\Storage\\WebDavStorage($client);
        foreach (['1', '2', '3'] as $name) {
            if ($name === '3') {
                exec('rm -r ' . escapeshellarg("$root/crowdsky"));
            }
            try {
                $storage->put($file, "/crowdsky/stacks/$name.fits");
                echo 'stored ';
            } catch (CrowdSky\\Base\\Refusal $error) {
                // A server may answer before it has read the body, which then has no way.
                $storage->put($file, "/crowdsky/stacks/$name.fits");
                echo 'stored ';
            }
        }
        """,
        str(local),
        proxy.url,
        str(webdav.root),
        SHARE_TOKEN=webdav.token,
    )
    assert said.split() == ["stored"] * 3
    assert stored(webdav) == {"3.fits": local.read_bytes()}
    assert proxy.count("PUT") == 4
    created = proxy.count("MKCOL", "/crowdsky/stacks/")
    assert created == 4, "twice when the folder above it is missing too"


@pytest.mark.parametrize("status", ["404 Not Found", "412 Precondition Failed"])
def test_a_move_that_was_repeated_on_the_way_is_no_failure(
    proxy: FaultProxy, webdav: WebDavServer, local: Path, status: str
) -> None:
    """Servers look at the source, or at the target first."""
    proxy.inject(Fault("replace_reply", method="MOVE", answer=plain_answer(status)))
    assert put(proxy, webdav, local) == "stored"
    proxy.inject(Fault("replace_reply", method="MOVE", answer=plain_answer(status)))
    assert move(proxy, webdav) == "moved"
    assert list(stored(webdav)) == [f"x_{NAME}"]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault("lose_reply", method="MOVE"), "moved"),
        (Fault("answer", method="MOVE", answer=plain_answer("412 No")), "moved"),
        (Fault("answer", method="MOVE", answer=plain_answer("403 No"), times=2), "MoveRefused"),
        (Fault("answer", method="MOVE", answer=plain_answer("405 No"), times=2), "MoveRefused"),
        (
            Fault("answer", method="MOVE", answer=plain_answer("201 No"), times=2),
            "StorageUnavailable",
        ),
        (Fault("answer", method="MOVE", answer=html_answer(), times=2), "StorageUnavailable"),
        (Fault("lose_reply", method="HEAD"), "StorageUnavailable"),
    ],
    ids=lambda value: f"{value.kind} {value.answer[9:12]!r}" if isinstance(value, Fault) else "",
)
def test_a_move_is_believed_only_when_the_file_is_there(
    proxy: FaultProxy, webdav: WebDavServer, local: Path, fault: Fault, outcome: str
) -> None:
    assert put(proxy, webdav, local) == "stored"

    proxy.inject(Fault(**vars(fault)))

    assert move(proxy, webdav) == outcome
    assert list(stored(webdav)) == [f"x_{NAME}" if outcome == "moved" else NAME]
    if outcome != "moved":
        assert move(proxy, webdav) == "moved"
