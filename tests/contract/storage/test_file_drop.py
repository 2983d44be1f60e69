"""A share that takes files and shows nothing: nobody mistakes it for a storage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from crowdsky.base.errors import FileDropError
from crowdsky.storage import webdav as storage
from crowdsky.storage.webdav import Share
from tests.support.file_drop import FileDrop
from tests.support.php_code import run_php


@pytest.fixture(params=[True, False], ids=["flattens folders", "refuses folders"])
def drop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FileDrop]:
    """A file drop as older and as newer Nextclouds have it."""
    with FileDrop(tmp_path / "drop", flattens=request.param) as running:
        yield running


@pytest.fixture
def drop_share(drop: FileDrop) -> Share:
    """A worker's connection to the drop."""
    return Share.connect(drop.url, drop.token)


def test_the_drop_renames_what_would_collide(drop: FileDrop) -> None:
    # The very behaviour that forbids a second try; without it these tests would prove nothing.
    headers = {"X-Requested-With": "XMLHttpRequest"}
    for body in (b"first", b"second"):
        answer = requests.put(
            f"{drop.url}/x.fits", body, auth=(drop.token, ""), headers=headers, timeout=10
        )
        assert answer.status_code == 201
    stored = {path.name: path.read_bytes() for path in drop.root.iterdir()}
    assert stored == {"x.fits": b"first", "x (2).fits": b"second"}


def test_a_worker_sends_nothing_to_a_drop(drop: FileDrop, drop_share: Share, local: Path) -> None:
    with pytest.raises(FileDropError, match="only takes new files"):
        storage.mkcol(drop_share, "/crowdsky/stacks")
    with pytest.raises(FileDropError, match="only takes new files"):
        storage.upload_file(drop_share, local, "/stack.fits")
    assert drop.count("PUT") == 0
    assert list(drop.root.iterdir()) == []


def test_the_site_sends_nothing_to_a_drop(drop: FileDrop, local: Path) -> None:
    said = run_php(
        """
        $hash = hash_file('sha256', $argv[1]);
        $file = new CrowdSky\\Storage\\SpooledFile($argv[1], filesize($argv[1]), $hash);
        $client = new CrowdSky\\Storage\\WebDavClient($argv[2], getenv('SHARE_TOKEN'));
        $storage = new CrowdSky\\Storage\\WebDavStorage($client);
        foreach ([
            fn () => $storage->put($file, '/crowdsky/x.fits'),
            fn () => $storage->size('/x.fits'),
            fn () => $storage->delete('/x.fits'),
            fn () => $storage->read('/x.fits', strlen(...)),
            fn () => [...$storage->list('/crowdsky')],
        ] as $try) {
            try {
                $try();
                echo "accepted\\n";
            } catch (CrowdSky\\Storage\\StorageUnavailable $error) {
                echo CrowdSky\\Http\\Status::of($error->kind), " {$error->getMessage()}\\n";
            }
        }
        """,
        str(local),
        drop.url,
        SHARE_TOKEN=drop.token,
    )
    assert len(said.splitlines()) == 5
    for line in said.splitlines():
        assert line.startswith("503 The result storage only takes new files")
    assert drop.count("PUT") == 0
    assert list(drop.root.iterdir()) == []
