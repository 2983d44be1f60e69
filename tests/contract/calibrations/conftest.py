"""An archive, the command that queues calibrations, and a worker that takes them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.contract.calibrations.calibrator import Calibrator
from tests.contract.vo.archive import Archive
from tests.support.sites import SiteUnderTest


@pytest.fixture
def archive(site: SiteUnderTest) -> Archive:
    """An archive without stacks, with an admin."""
    site.create_user("boss", "not used here", admin=True)
    return Archive(site)


@pytest.fixture
def queue(site: SiteUnderTest) -> Callable[..., str]:
    """Run ``calibrate.php queue`` as cron would and return what it printed."""
    return lambda *options: site.run_php("calibrate.php", "queue", *options)


@pytest.fixture
def calibrator(site: SiteUnderTest) -> Calibrator:
    """A worker with an ordinary key."""
    return Calibrator(site, site.create_worker_key("photometer"))
