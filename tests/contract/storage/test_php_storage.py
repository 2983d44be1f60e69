"""The site's storage on real WebDAV servers; PHPUnit runs the same contract on a plain folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from demo.services import REPOSITORY, WebDavServer

SUITE = REPOSITORY / "tests" / "php"


def test_webdav_storage_keeps_the_contract(webdav: WebDavServer) -> None:
    finished = subprocess.run(
        [
            "phpunit",
            f"--configuration={SUITE / 'phpunit.xml'}",
            "--fail-on-warning",
            "--fail-on-risky",
            str(SUITE / "Storage" / "WebDavStorageCheck.php"),
        ],
        env={**os.environ, "SHARE_URL": webdav.url, "SHARE_TOKEN": webdav.token},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "OK (" in finished.stdout
    assert leftovers(webdav.root) == []


def leftovers(folder: Path) -> list[Path]:
    """Return every file that the suite did not clean up, temporary ones included."""
    return [path for path in folder.rglob("*") if path.is_file()]
