"""Fixtures of the storage suite: a share, undisturbed or behind the fault proxy.

Every test runs on servers of six makes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crowdsky.storage.webdav import Share
from demo.services import WebDavServer
from tests.conftest import empty
from tests.support.dav_makes import MAKES, missing_for
from tests.support.fault_proxy import FaultProxy

FURTHER = [pytest.param(make, marks=pytest.mark.every) for make in MAKES]


@pytest.fixture(scope="module", params=["wsgidav", *FURTHER])
def webdav_of_module(request: pytest.FixtureRequest) -> Iterator[WebDavServer]:
    """A share on each make of server."""
    if request.param == "wsgidav":
        yield request.getfixturevalue("wsgi_dav_of_module")
        return
    if missing := missing_for(request.param):
        pytest.skip(f"{', '.join(missing)} is not installed; ./dev test installs it")
    with MAKES[request.param]() as running:
        yield running


@pytest.fixture
def webdav(webdav_of_module: WebDavServer) -> WebDavServer:
    """An empty share on each make of server."""
    empty(webdav_of_module)
    return webdav_of_module


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
