"""The second factor: set up, logins with it, recovery, and programs that cannot type a code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from typing import Any

import cv2
import numpy as np
import pytest
import requests

from tests.contract.site.support import PASSWORD, Browser
from tests.contract.site.test_accounts import fresh_name
from tests.contract.site.test_data_key_pages import created
from tests.contract.site.test_passwords import act, browser_of
from tests.support.sites import SiteUnderTest

PAGE = "account.php?section=factor"
RECOVERY = re.compile(r"<li><code>((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})</code>")


def code_of(secret: bytes, steps: int = 0) -> str:
    """The code of RFC 6238 that an app shows, some steps of 30 seconds from now."""
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.new(secret, counter, hashlib.sha1).digest()
    place = digest[19] & 15
    return f"{(struct.unpack('>I', digest[place : place + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def scanned(page: str) -> str:
    """What an app reads from the picture of the page."""
    path = re.search(r'<svg class="qr" viewBox="0 0 (\d+) .*?<path d="([^"]*)"', page, re.DOTALL)
    assert path
    picture = np.full((int(path[1]), int(path[1])), 255, np.uint8)
    for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", path[2]):
        picture[int(y), int(x)] = 0
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(np.kron(picture, np.ones((6, 6), np.uint8)))
    return str(text)


def sent(browser: Browser, action: str, **fields: Any) -> str:
    """Send a form of the account and return the page that follows."""
    form = {"form_action": action, "csrf_token": browser.token(PAGE), **fields}
    answer = browser.post("account.php", form)
    if answer.status_code != 303:
        assert 'id="form-problem"' in answer.text, answer.text
        return str(answer.text)
    assert answer.headers["Location"] == PAGE
    return str(browser.get(PAGE).text)


class Guarded:
    """An account with a second factor."""

    def __init__(self, site: SiteUnderTest) -> None:
        self.site = site
        self.name = fresh_name()
        site.create_user(self.name, PASSWORD)
        self.browser = browser_of(site, self.name)
        assert "scan the picture" in act(self.browser, "prepare_factor", password=PASSWORD)
        page = self.browser.get(PAGE).text
        shown = re.search(r'<code class="long">([A-Z2-7 ]+)</code>', page)
        assert shown
        self.text = shown[1].replace(" ", "")
        self.uri = scanned(page)
        self.secret = base64.b32decode(self.text)
        page = sent(self.browser, "confirm_factor", code=code_of(self.secret, -1))
        assert "The second factor is on." in page
        self.recovery = RECOVERY.findall(page)

    def password_given(self, following: str = "") -> Browser:
        """A browser that has sent the password."""
        browser = Browser(self.site)
        form = {"form_action": "login", "username": self.name, "password": PASSWORD}
        token = browser.token("login.php")
        answer = browser.post("login.php", {**form, "csrf_token": token, "next": following})
        after = f"?next={following}" if following else ""
        assert (answer.status_code, answer.headers["Location"]) == (303, f"login.php{after}")
        assert browser.get("upload.php").status_code == 302, "the password is not enough"
        return browser

    @staticmethod
    def give_code(browser: Browser, code: str, **fields: str) -> Any:
        """Send the second form."""
        form = {"form_action": "code", "csrf_token": browser.token("login.php"), "code": code}
        return browser.post("login.php", {**form, **fields})


@pytest.fixture
def guarded(site: SiteUnderTest) -> Guarded:
    """An account with a second factor."""
    return Guarded(site)


def test_a_code_is_asked_for_after_the_password(guarded: Guarded) -> None:
    assert (
        guarded.uri
        == f"otpauth://totp/CrowdSky:{guarded.name}?secret={guarded.text}&issuer=CrowdSky"
    )
    page = guarded.browser.get(PAGE).text
    assert guarded.text not in page and not RECOVERY.findall(page), "shown once"
    rows = guarded.site.rows.all("SELECT * FROM second_factors")
    assert guarded.secret.hex() not in str(rows)

    browser = guarded.password_given("stacks.php")
    assert 'name="next" value="stacks.php"' in browser.get("login.php?next=stacks.php").text
    assert guarded.give_code(browser, "123").status_code == 403
    code = code_of(guarded.secret)
    answer = guarded.give_code(browser, f"{code[:3]} {code[3:]}", next="stacks.php")

    assert (answer.status_code, answer.headers["Location"]) == (302, "stacks.php")
    assert browser.get("upload.php").status_code == 200


def test_no_code_counts_twice(guarded: Guarded) -> None:
    first, second = guarded.password_given(), guarded.password_given()
    code = code_of(guarded.secret)
    assert guarded.give_code(first, code).status_code == 302

    assert guarded.give_code(second, code).status_code == 403
    assert guarded.give_code(second, code_of(guarded.secret, -1)).status_code == 403
    assert guarded.give_code(second, code_of(guarded.secret, 1)).status_code == 302


def test_codes_of_another_time_are_wrong(guarded: Guarded) -> None:
    browser = guarded.password_given()
    for steps in (-20, 3, 20):
        assert guarded.give_code(browser, code_of(guarded.secret, steps)).status_code == 403


def test_codes_for_recovery_work_once_each(guarded: Guarded) -> None:
    assert len(set(guarded.recovery)) == 10
    stored = str(guarded.site.rows.all("SELECT * FROM recovery_codes"))
    assert not any(code in stored for code in guarded.recovery)

    code = guarded.recovery[3].lower().replace("-", "")
    assert guarded.give_code(guarded.password_given(), code).status_code == 302
    assert guarded.give_code(guarded.password_given(), code).status_code == 403

    assert "9 codes for recovery are left" in guarded.browser.get(PAGE).text
    page = sent(guarded.browser, "new_recovery_codes", password=PASSWORD, code=guarded.recovery[0])
    fresh = RECOVERY.findall(page)
    assert len(fresh) == 10 and not set(fresh) & set(guarded.recovery)
    assert guarded.give_code(guarded.password_given(), guarded.recovery[5]).status_code == 403


def test_codes_are_not_guessed(guarded: Guarded) -> None:
    browser = guarded.password_given()
    statuses = [guarded.give_code(browser, f"{n:06d}").status_code for n in range(7)]

    assert statuses == [403] * 5 + [429] * 2
    assert guarded.give_code(browser, code_of(guarded.secret)).status_code == 429


def test_a_code_without_the_password_is_nothing(guarded: Guarded) -> None:
    browser = Browser(guarded.site)
    answer = guarded.give_code(browser, code_of(guarded.secret))

    assert answer.headers["Location"] == "login.php?msg=login_required"
    assert browser.get("upload.php").status_code == 302
    waiting = guarded.password_given()
    guarded.site.rows.execute("UPDATE users SET is_active = 0 WHERE username = ?", guarded.name)
    answer = guarded.give_code(waiting, code_of(guarded.secret))
    assert answer.headers["Location"] == "login.php?msg=login_required"


def test_programs_need_a_key(guarded: Guarded) -> None:
    url = f"{guarded.site.api_url}/my_stacks.php"
    refused = requests.get(url, auth=(guarded.name, PASSWORD), timeout=60)
    assert refused.status_code == 401
    assert "a key in place of the password" in refused.json()["error"]
    assert "a key" not in requests.get(url, auth=(guarded.name, "x"), timeout=60).json()["error"]

    fields = {"scopes[]": "upload"}
    key = created(guarded.browser, "account.php?section=keys", name="scope", **fields)

    assert requests.get(url, auth=(guarded.name, key), timeout=60).status_code == 200


def test_it_is_switched_off_with_password_and_code(guarded: Guarded) -> None:
    code = guarded.recovery[0]
    assert "not the password" in act(guarded.browser, "remove_factor", password="x", code=code)
    assert "wrong" in act(guarded.browser, "remove_factor", password=PASSWORD, code="000000")
    assert "is off" in act(guarded.browser, "remove_factor", password=PASSWORD, code=code)

    assert Browser(guarded.site).log_in(guarded.name).headers["Location"] == "upload.php"
    assert guarded.site.rows.all("SELECT * FROM recovery_codes") == []


def test_an_admin_switches_it_off_for_who_has_lost_all(guarded: Guarded, admin: Browser) -> None:
    site = guarded.site
    assert admin.get("admin_users.php").text.count('value="reset_factor"') == 1
    user = site.rows.one("SELECT id FROM users WHERE username = ?", guarded.name)["id"]
    form = {"csrf_token": admin.token("admin_users.php"), "user_id": user}
    assert admin.post("admin_users.php", {**form, "action": "reset_factor"}).status_code == 303
    assert Browser(site).log_in(guarded.name).headers["Location"] == "upload.php"

    again = Guarded(site)
    site.run_php("reset-login.php", "--username", again.name, "--second-factor")
    assert Browser(site).log_in(again.name).headers["Location"] == "upload.php"


@pytest.mark.one_database
def test_a_wrong_first_code_switches_nothing_on(user: Browser) -> None:
    act(user, "prepare_factor", password=PASSWORD)
    assert "wrong" in act(user, "confirm_factor", code="000000")

    assert Browser(user.site).log_in(user.name).headers["Location"] == "upload.php"
    assert "not the password" in act(user, "prepare_factor", password="x")
