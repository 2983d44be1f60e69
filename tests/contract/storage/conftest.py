"""Fixtures of the storage suite: a share, undisturbed or behind the fault proxy.

Every test runs on two servers of different make.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crowdsky.storage.webdav import Share
from demo.services import WebDavServer
from tests.support.fault_proxy import FaultProxy


@pytest.fixture(params=["wsgidav", pytest.param("apache", marks=pytest.mark.every)])
def webdav(request: pytest.FixtureRequest) -> WebDavServer:
    """An empty share on each server."""
    if request.param == "apache":
        apache: WebDavServer = request.getfixturevalue("apache_dav")
        return apache
    wsgidav: WebDavServer = request.getfixturevalue("wsgi_dav")
    return wsgidav


@pytest.fixture
def share(webdav: WebDavServer) -> Share:
    """The share itself."""
    return Share.connect(webdav.url, webdav.token)


@pytest.fixture
def proxy(webdav: WebDavServer) -> Iterator[FaultProxy]:
    """A proxy before the share that fails on request."""
    with FaultProxy(webdav.url) as running:
        yield running


@pytest.fixture
def far_share(proxy: FaultProxy, webdav: WebDavServer) -> Share:
    """The share as seen through the proxy."""
    return Share.connect(proxy.url, webdav.token)


@pytest.fixture
def local(tmp_path: Path) -> Path:
    """A local file of a megabyte."""
    path = tmp_path / "local.bin"
    path.write_bytes(bytes(range(256)) * 4000)
    return path
