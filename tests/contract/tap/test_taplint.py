"""STILTS checks the service as a whole."""

from __future__ import annotations

import shutil
import subprocess

import pytest
import requests

from tests.contract.tap.conftest import Service
from tests.contract.vo.archive import Archive

MISSING_ON_PURPOSE = ("F-LOC-NOTP", "F-UPL-NOUP")
"""No table of planned observations, and no uploads."""


@pytest.mark.every
@pytest.mark.one_database
@pytest.mark.skipif(shutil.which("stilts") is None, reason="stilts is not installed")
def test_taplint_finds_no_error(archive: Archive, tap: Service) -> None:
    archive.add(192.72, 41.12)
    archive.add(10.5, -20.25, object_name=None, filter_name=None)
    # The site gives itself an id when it is first needed.
    requests.get(f"{archive.site.api_url}/sia2.php?MAXREC=0", timeout=30).raise_for_status()
    done = subprocess.run(
        ["stilts", "taplint", f"tapurl={tap.url}", "maxtable=10"],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert "Totals: Errors: 0" in done.stdout, done.stdout
    found = [line for line in done.stdout.splitlines() if line.startswith(("W-", "F-"))]
    assert [line for line in found if not line.startswith(MISSING_ON_PURPOSE)] == []
