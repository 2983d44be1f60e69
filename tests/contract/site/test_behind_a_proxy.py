"""Logins behind a proxy that ends TLS, and beside a PHP that starts sessions by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from demo.services import Site
from tests.contract.site.support import PAGE, PASSWORD, Browser

PROXY = {"CROWDSKY_TRUSTED_PROXIES": "127.0.0.1", "CROWDSKY_MAX_LOGIN_FAILURES": "1"}


class ProxiedBrowser(Browser):
    """A browser whose own connection is encrypted, so that it returns Secure cookies."""

    def get(self, page: str, /, *, headers: dict[str, str] | None = None, **query: Any) -> Any:
        """GET a page; the test's connection, which is not encrypted, counts as if it were."""
        answer = super().get(page, headers=headers, **query)
        for cookie in self.http.cookies:
            cookie.secure = False
        return answer


def visitor(site: Site, address: str) -> Browser:
    """A browser whose requests come through a proxy, which adds what it knows."""
    browser = ProxiedBrowser(site)
    browser.http.headers["X-Forwarded-For"] = f"203.0.113.1, {address}"
    browser.http.headers["X-Forwarded-Proto"] = "https"
    return browser


@pytest.mark.parametrize("trusted", [True, False])
def test_wrong_passwords_of_one_visitor_lock_out_nobody_else(tmp_path: Path, trusted: bool) -> None:
    settings = PROXY if trusted else {**PROXY, "CROWDSKY_TRUSTED_PROXIES": "192.0.2.0/24"}
    with Site(tmp_path / "site", env=settings) as site:
        site.create_user("observer", PASSWORD)
        guesser = visitor(site, "198.51.100.9")
        for number in range(4):
            refused = guesser.log_in(f"name{number}", "wrong password")
        assert refused.status_code == 429

        answer = visitor(site, "198.51.100.10").log_in("observer")

    assert answer.status_code == (302 if trusted else 429)
    if trusted:
        assert "; secure" in answer.headers["Set-Cookie"]


def test_a_session_that_php_started_itself_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "host.ini").write_text("session.auto_start=1\n")
    with Site(tmp_path / "site", env={"PHP_INI_SCAN_DIR": f":{tmp_path}"}) as site:
        site.create_user("observer", PASSWORD)
        browser = Browser(site)
        browser.http.cookies.set("PHPSESSID", "ofanotherprogram")

        assert browser.log_in("observer").status_code == 302
        page = browser.get("account.php", headers=PAGE)
        assert page.status_code == 200
        assert "PHPSESSID" not in page.headers.get("Set-Cookie", "")
        token = browser.token("account.php")
        assert browser.post("logout.php", {"csrf_token": token}).status_code in (302, 303)
        assert browser.get("account.php", headers=PAGE).status_code == 302
