"""What an operator with curl is told when something is wrong: the thing that is, and what to do."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests

from demo.services import Site

pytestmark = pytest.mark.one_database

CREATE_USER = Path(__file__).parents[3] / "php_api" / "bin" / "create-user.php"


def ready(site: Site) -> dict[str, Any]:
    """Return the findings of a site that is not ready."""
    answer = requests.get(f"{site.api_url}/health.php?ready=1", timeout=60)
    assert answer.status_code == 503
    checks: dict[str, Any] = answer.json()["checks"]
    return checks


def test_metrics_without_a_key_say_which_one_is_needed(site: Site) -> None:
    answer = requests.get(f"{site.api_url}/metrics.php", timeout=60)

    assert answer.status_code == 401
    assert "scope metrics" in answer.json()["error"]
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_spoiled_data_folder_is_not_blamed_on_the_database(tmp_path: Path) -> None:
    with Site(tmp_path / "site") as site:
        assert requests.get(f"{site.api_url}/health.php?ready=1", timeout=60).status_code == 200
        (site.data_dir / "stacks").rmdir()
        (site.data_dir / "stacks").write_text("in the way")

        checks = ready(site)

    assert "data folder" in checks["data_folder"]
    assert "owner" in checks["data_folder"]
    assert (checks["database"], checks["storage"]) == ("not checked", "not checked")


def test_a_full_disk_is_told_with_both_figures(tmp_path: Path) -> None:
    wanted = 1 << 49
    with Site(tmp_path / "site", env={"CROWDSKY_MIN_FREE_BYTES": str(wanted)}) as site:
        checks = ready(site)

    assert f"bytes left, fewer than the {wanted} of min_free_bytes" in checks["free_space"]
    assert checks["database"] == "ok"


def test_a_password_ends_with_its_line(tmp_path: Path) -> None:
    """At a terminal nobody ends the input."""
    command = ["php", CREATE_USER, "--username", "typist", "--password-stdin"]
    place = {**os.environ, "CROWDSKY_DATA_DIR": str(tmp_path / "data")}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=place
    ) as typed:
        assert typed.stdin is not None
        typed.stdin.write("a long enough password\n")
        typed.stdin.flush()
        assert typed.wait(timeout=60) == 0
        assert typed.stdout is not None
        assert "Created the user typist" in typed.stdout.read()
