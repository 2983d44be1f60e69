"""Data below the web root of a server that ignores .htaccess: the site itself warns."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
import requests

from demo.services import PHP_API, Site, php_command
from tests.contract.site.support import PASSWORD, Browser


class SiteBelowTheWebRoot(Site):
    """The whole of php_api below the root of PHP's own server, which knows no .htaccess."""

    def __init__(self, root: Path, data_dir: Path) -> None:
        super().__init__(data_dir)
        self._root = root
        shutil.copytree(
            PHP_API, root / "my site" / "php_api", ignore=shutil.ignore_patterns("data")
        )

    @property
    def base_url(self) -> str:
        """Address of the pages."""
        return f"http://127.0.0.1:{self.port}/my%20site/php_api/public"

    def command(self, port: int) -> Sequence[str]:
        """Return PHP's built-in server on a folder above the public one."""
        return [*php_command(), "-S", f"127.0.0.1:{port}", "-t", str(self._root)]


@pytest.mark.parametrize("inside", [True, False])
def test_data_that_can_be_fetched_are_reported(tmp_path: Path, inside: bool) -> None:
    root = tmp_path / "www"
    data = root / "my site" / "data" if inside else tmp_path / "data"
    with SiteBelowTheWebRoot(root, data) as site:
        ready = requests.get(f"{site.api_url}/health.php", params={"ready": "1"}, timeout=30)
        site.create_user("observer", PASSWORD, admin=True)
        browser = Browser(site)
        assert browser.log_in("observer").status_code == 302
        page = browser.get("admin.php")
        secret = requests.get(
            f"http://127.0.0.1:{site.port}/my%20site/data/web-access.txt", timeout=9
        )

    assert secret.ok is inside
    assert ready.status_code == (503 if inside else 200), ready.text
    assert ("anybody can fetch" in ready.json()["checks"]["web_access"]) is inside
    assert ("Anybody can fetch" in page.text) is inside
