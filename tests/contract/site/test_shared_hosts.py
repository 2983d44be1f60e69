"""Shared hosts with Apache: each way of running PHP, and what they allow a .htaccess to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import requests

from tests.contract.jobs.support import Worker
from tests.contract.site.subs import sub
from tests.contract.site.support import PASSWORD, Browser
from tests.support.apache_site import HANDLERS, ApacheSite, missing_for
from tests.support.documented import documented

pytestmark = pytest.mark.every

TIMEOUT = 30
USUAL = "AuthConfig FileInfo Indexes Limit"
"""The example in the configuration that Apache comes with."""

LARGE_SUB = sub({"NAXIS1": "1080", "NAXIS2": "1920"}, data_bytes=2 * 1080 * 1920)

Start = Callable[..., ApacheSite]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a shared host."""
    with ExitStack() as running:

        def started(handler: str, allow_override: str, more: str = "") -> ApacheSite:
            if missing := missing_for(handler):
                pytest.skip(f"{', '.join(missing)} not installed; ./dev test --all installs it")
            limit = documented("mod-fcgid") if handler == "fcgid" else ""
            return running.enter_context(ApacheSite(handler, allow_override, f"{limit}{more}"))

        yield started


def checks(site: ApacheSite) -> dict[str, str]:
    """What ready=1 finds."""
    answer = requests.get(f"{site.api_url}/health.php", params={"ready": "1"}, timeout=TIMEOUT)
    found: dict[str, str] = answer.json()["checks"]
    return found


@pytest.mark.parametrize("handler", HANDLERS)
@pytest.mark.parametrize("allow_override", ["AuthConfig FileInfo", USUAL, "All"])
def test_the_site_works_and_its_data_stay_closed(
    start: Start, handler: str, allow_override: str
) -> None:
    site = start(handler, allow_override)
    site.create_user("observer", PASSWORD)
    worker = Worker(site, site.create_worker_key("observatory"))
    browser = Browser(site)

    assert requests.get(f"{site.base_url}/", timeout=TIMEOUT).status_code == 200
    assert worker.try_claim() is None
    assert browser.log_in("observer").status_code == 302
    sent = browser.put(browser.start(), LARGE_SUB)
    assert sent.status_code == 200, sent.text
    chunks = (LARGE_SUB[at : at + 2**20] for at in range(0, len(LARGE_SUB), 2**20))
    chunked = browser.put(browser.start(), chunks)  # type: ignore[arg-type] # sent in chunks
    if chunked.status_code != 200:
        assert (chunked.status_code, chunked.json()["code"]) == (411, "length_required")
    host = site.base_url.removesuffix("/public")
    for path in ("migrations/sqlite/0001_users.sql", "data/secret", "src/Kernel/App.php"):
        assert requests.get(f"{host}/{path}", timeout=TIMEOUT).status_code == 403
    assert checks(site)["web_access"] == "ok"


@pytest.mark.parametrize("handler", HANDLERS)
def test_the_virtual_host_of_the_guide_works(start: Start, handler: str) -> None:
    site = start(handler, "None", documented("apache"))
    root = f"http://127.0.0.1:{site.port}"
    key = site.create_worker_key("observatory")
    headers = {"Authorization": f"Bearer {key}"}

    health = requests.get(f"{root}/api/health.php", headers=headers, timeout=TIMEOUT).json()

    assert (health["authorization_header"], health["valid_key"]) == (True, True)
    assert requests.get(f"{root}/", timeout=TIMEOUT).status_code == 200
    unknown = requests.get(f"{root}/no/page", headers={"Accept": "text/html"}, timeout=TIMEOUT)
    assert unknown.status_code == 404
    assert 'href="../login.php"' in unknown.text
    for path in (".user.ini", ".htaccess"):
        assert requests.get(f"{root}/{path}", timeout=TIMEOUT).status_code == 403
    large = requests.put(
        f"{root}/api/upload_result.php?job_id=1&kind=stack",
        data=bytes(40_000_000),
        headers={**headers, "X-Lease-Token": "a" * 32, "X-SHA256": "0" * 64},
        timeout=60,
    )
    assert large.headers["Content-Type"] == "application/json", large.text


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_host_that_ignores_the_deny_file_is_reported(start: Start, handler: str) -> None:
    site = start(handler, "None")

    found = checks(site)

    host = site.base_url.removesuffix("/public")
    assert requests.get(f"{host}/data/secret", timeout=TIMEOUT).status_code in (200, 404)
    shown = requests.get(f"{host}/migrations/sqlite/0001_users.sql", timeout=TIMEOUT)
    assert "CREATE TABLE" in shown.text
    assert "anybody can fetch" in found["web_access"]
