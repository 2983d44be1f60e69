"""A forgotten password and a second factor, as people meet them in a browser."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import NAME
from tests.browser.webdriver import Chromium
from tests.contract.site.mailbox import MailFiles, code_in, settings
from tests.contract.site.test_second_factor import code_of
from tests.support.sites import SiteUnderTest

pytestmark = pytest.mark.slow

NEW = "another horse"


def test_a_forgotten_password_and_a_second_factor(
    borrow_site: Callable[..., SiteUnderTest], chromium: Chromium
) -> None:
    """The whole way: code by mail, new password, picture for the app, login with a code."""
    site = borrow_site("sqlite", settings("file"))
    site.create_user(NAME, "correct horse")
    site.rows.execute("UPDATE users SET email = 'ann@example.org'")
    browser = chromium
    browser.renew(width=390)
    browser.open(f"{site.base_url}/login.php")
    browser.click("a[href='reset.php']")
    browser.type("#reset-email", "ann@example.org")
    browser.click("form:has(#reset-email) button")
    browser.wait_for("a mail is on its way")
    code = code_in(MailFiles(site).wait_for(1)[0])

    browser.open("about:blank")
    browser.open(f"{site.base_url}/reset.php#{code}")
    browser.wait_until("return document.querySelector('#reset-code').value === arguments[0]", code)
    assert browser.run("return location.href") == f"{site.base_url}/reset.php"
    assert browser.run("return document.activeElement.id") == "reset-password"
    browser.type("#reset-password", NEW)
    browser.click("form:has(#reset-password) button")
    browser.wait_for("Your new password is set.")
    browser.type("#login-name", NAME)
    browser.type("#login-password", NEW)
    browser.click("form:has(#login-password) button")
    browser.wait_for("Upload subs", "h1")

    browser.open(f"{site.base_url}/account.php?section=factor")
    browser.click(".preferences button[value=night]")
    browser.type("#prepare-password", NEW)
    browser.click("form:has(#prepare-password) button")
    browser.wait_for("Scan the picture")
    picture = Image.open(io.BytesIO(browser.picture(390, 4000))).convert("RGB")
    # A camera sees red as light.
    seen, _, _ = cv2.QRCodeDetector().detectAndDecode(np.asarray(picture)[..., 0].copy())
    secret = re.search(r"secret=([A-Z2-7]+)", seen)
    assert secret, f"a camera reads {seen!r}"
    key = base64.b32decode(secret[1])
    browser.type("#first-code", code_of(key, -1))
    browser.click("form:has(#first-code) button")
    browser.wait_for("The second factor is on.")
    assert browser.run("return document.querySelectorAll('.codes code').length") == 10

    browser.click("form[action='logout.php'] button")
    browser.wait_for("You are logged out.")
    browser.open(f"{site.base_url}/status.php")
    browser.type("#login-name", NAME)
    browser.type("#login-password", NEW)
    browser.click("form:has(#login-password) button")
    browser.wait_for("Second factor", "h1")
    browser.type("#login-code", code_of(key))
    browser.click("form:has(#login-code) button")
    browser.wait_until("return location.pathname.endsWith('/status.php')")
    assert browser.complaints() == []
