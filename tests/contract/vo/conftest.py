"""An archive with a few stacks, and its addresses."""

from __future__ import annotations

import pytest

from tests.contract.vo.archive import Archive
from tests.support.sites import SiteUnderTest


@pytest.fixture
def archive(site: SiteUnderTest) -> Archive:
    """An archive without stacks."""
    return Archive(site)


@pytest.fixture
def api(site: SiteUnderTest) -> str:
    """Where the services are."""
    return site.api_url
