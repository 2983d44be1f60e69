"""The real crowdsky-client, unmodified, against the site: its documented uses."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.real_clients import environment_of
from tests.support.sites import SiteUnderTest

pytestmark = pytest.mark.one_database

DRIVER = Path(__file__).parents[2] / "support" / "crowdsky_client_driver.py"


def test_documented_uses(
    site: SiteUnderTest, make_stack: Callable[..., int], tmp_path: Path
) -> None:
    python = environment_of("crowdsky-client==0.1.0")
    stack = make_stack()
    site.rows.execute(
        "UPDATE stacked_frames SET visibility = 'public', filter_name = 'IRCUT',"
        " total_exptime = 120, date_obs_start = '2026-01-01T00:00:10.955'"
    )
    row = site.rows.one("SELECT sky_pixel, key_pixel FROM stacked_frames")

    run = subprocess.run(
        [python, DRIVER, f"{site.base_url}/", "192.9", "41.2", str(row["key_pixel"]), tmp_path],
        env={"CROWDSKY_API_KEY": site.rows.add_data_key(), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    assert [frame["id"] for frame in said["frames"]] == [stack]
    assert [frame["id"] for frame in said["in_pixel"]] == [stack]
    assert said["frames"][0]["ra_deg"] == 192.75, "the solved centre"
    assert said["starts_as_fits"] and said["same_bytes"]
    assert said["stars"] == []
    assert said["coverage"] == [[row["sky_pixel"], 1]]
    assert len(said["refusals"]) == 2 and all("HTTP 401" in text for text in said["refusals"])
