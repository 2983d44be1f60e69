"""Fixtures of the clients' tests: a site, an account, a disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.ingest.support import NAME, PASSWORD, Owner
from tests.support.fault_proxy import FaultProxy
from tests.support.sites import SiteUnderTest


@pytest.fixture
def owner(sqlite_site: SiteUnderTest, tmp_path: Path) -> Owner:
    """Somebody with an account and an empty disk."""
    sqlite_site.create_user(NAME, PASSWORD)
    return Owner(sqlite_site, tmp_path)


@pytest.fixture
def proxy(sqlite_site: SiteUnderTest) -> Iterator[FaultProxy]:
    """A connection to the site that fails on request."""
    with FaultProxy(sqlite_site.base_url) as proxy:
        yield proxy


@pytest.fixture
def far_owner(owner: Owner, proxy: FaultProxy, tmp_path: Path) -> Owner:
    """The same person, who reaches the site through that connection only."""
    return Owner(owner.site, tmp_path, proxy.url)
