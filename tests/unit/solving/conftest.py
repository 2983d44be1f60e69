"""The star catalogue, decoded once for all solving tests."""

from __future__ import annotations

import pytest

from crowdsky.solving.catalogue import CatalogueUnavailableError, StarCatalogue, open_tycho2
from tests.support.star_fields import INDEX_DIR


@pytest.fixture(scope="session", autouse=True)
def ready(kernels: None) -> None:
    """Every test finds the kernels compiled."""


@pytest.fixture(scope="session")
def tycho() -> StarCatalogue:
    try:
        return open_tycho2(INDEX_DIR)
    except CatalogueUnavailableError as error:
        pytest.skip(f"{error}")
