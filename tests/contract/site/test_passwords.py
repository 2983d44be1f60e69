"""Passwords forgotten and changed, addresses confirmed, browsers logged out."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.site.mailbox import CODE, MailFiles, code_in, settings, text_of
from tests.contract.site.support import PASSWORD, Browser
from tests.contract.site.test_accounts import fresh_name, register
from tests.contract.site.test_mail import ask, log_of
from tests.support.sites import SiteUnderTest

NEW = "another horse"
MakeSite = Callable[..., SiteUnderTest]


@pytest.fixture
def mailing(make_site: MakeSite) -> SiteUnderTest:
    """A site that writes its mails into files."""
    return make_site(**settings("file"))


@pytest.fixture
def name(mailing: SiteUnderTest) -> str:
    """An account with an address."""
    name = fresh_name()
    mailing.create_user(name, PASSWORD)
    mailing.rows.execute("UPDATE users SET email = ? WHERE username = ?", mail_of(name), name)
    return name


def mail_of(name: str) -> str:
    """The address of an account."""
    return f"{name}@example.org"


def browser_of(site: SiteUnderTest, name: str, password: str = PASSWORD) -> Browser:
    """A browser that is logged in."""
    browser = Browser(site)
    assert browser.log_in(name, password).status_code == 302
    return browser


def set_password(browser: Browser, code: str, password: str = NEW) -> Any:
    """Send the form for a new password."""
    form = {"form_action": "set", "code": code, "password": password}
    return browser.post("reset.php", {**form, "csrf_token": browser.token("reset.php")})


def act(browser: Browser, action: str, **fields: Any) -> str:
    """Send a form of the account and return what the next page says."""
    form = {"form_action": action, "csrf_token": browser.token("account.php"), **fields}
    answer = browser.post("account.php", form)
    if answer.status_code != 303:
        refused = re.search(r'role="alert" id="form-problem">([^<]*)<', answer.text)
        assert 400 <= answer.status_code < 500 and refused, answer.text
        return refused[1]
    return note_of(browser, answer.headers["Location"])


def note_of(browser: Browser, page: str) -> str:
    """The note of a page."""
    found = re.search(r'class="note" role="status">([^<]*)<', browser.get(page).text)
    return found[1] if found else ""


def test_a_code_sets_a_new_password_once(mailing: SiteUnderTest, name: str) -> None:
    before, visitor = browser_of(mailing, name), Browser(mailing)
    ask(visitor, mail_of(name).upper())
    (mail,) = MailFiles(mailing).wait_for(1)
    code = code_in(mail)
    assert mail["To"] == mail_of(name) and name in text_of(mail)
    stored = mailing.rows.all("SELECT * FROM mailed_codes")
    assert code not in str(stored)

    assert set_password(visitor, code, "short").status_code == 422
    answer = set_password(visitor, code.lower().replace("-", " "))

    assert answer.headers["Location"] == "login.php?msg=password_set"
    assert "Your new password is set." in visitor.get("login.php?msg=password_set").text
    assert before.get("upload.php").status_code == 302, "logins end"
    assert Browser(mailing).log_in(name).status_code == 401
    browser_of(mailing, name, NEW)
    assert set_password(visitor, code).status_code == 403
    row = mailing.rows.one("SELECT * FROM users WHERE username = ?", name)
    assert row["email_verified_at"] is not None
    for word in (code, NEW, PASSWORD):
        assert word not in log_of(mailing)
        assert word not in mailing.log_path.read_text()


def test_nobody_learns_who_has_an_account(mailing: SiteUnderTest, name: str) -> None:
    known, unknown = Browser(mailing), Browser(mailing)
    ask(known, mail_of(name))
    ask(unknown, "nobody@example.org")

    pages = [
        re.sub(r"[0-9a-f]{64}", "", browser.get("reset.php?msg=sent").text)
        for browser in (known, unknown)
    ]
    assert pages[0] == pages[1]
    MailFiles(mailing).wait_for(1)


def test_locked_accounts_and_old_codes_get_nothing(mailing: SiteUnderTest, name: str) -> None:
    visitor = Browser(mailing)
    ask(visitor, mail_of(name))
    (mail,) = MailFiles(mailing).wait_for(1)
    mailing.rows.execute("UPDATE mailed_codes SET expires_at = '2020-01-01 00:00:00'")
    assert set_password(visitor, code_in(mail)).status_code == 403
    mailing.rows.execute("UPDATE users SET is_active = 0 WHERE username = ?", name)

    ask(visitor, mail_of(name))

    assert set_password(visitor, "").status_code == 403
    assert len(mailing.rows.all("SELECT id FROM mailed_codes")) == 1, "only the old one"
    assert len(MailFiles(mailing).all()) == 1


def test_no_mailbox_is_flooded(mailing: SiteUnderTest, name: str) -> None:
    visitor = Browser(mailing)
    for _ in range(6):
        ask(visitor, mail_of(name))
    MailFiles(mailing).wait_for(3)
    assert len(mailing.rows.all("SELECT id FROM mailed_codes")) == 3

    form = {"form_action": "ask", "csrf_token": visitor.token("reset.php")}
    statuses = [
        visitor.post("reset.php", {**form, "email": f"{n}@example.net"}).status_code
        for n in range(25)
    ]
    assert statuses[:17] == [303] * 17 and statuses[-1] == 429


def test_a_form_of_another_site_asks_for_nothing(mailing: SiteUnderTest, name: str) -> None:
    answer = Browser(mailing).post("reset.php", {"form_action": "ask", "email": mail_of(name)})

    assert answer.status_code == 403
    assert MailFiles(mailing).all() == []


def test_a_changed_password_ends_the_other_logins(mailing: SiteUnderTest, name: str) -> None:
    here, there = browser_of(mailing, name), browser_of(mailing, name)

    assert act(here, "password", password="wrong horse", new_password=NEW) == (
        "This is not the password of your account."
    )
    assert "at least 8" in act(here, "password", password=PASSWORD, new_password="short")
    assert there.get("upload.php").status_code == 200
    assert "is changed" in act(here, "password", password=PASSWORD, new_password=NEW)

    assert here.get("upload.php").status_code == 200
    assert there.get("upload.php").status_code == 302
    assert Browser(mailing).log_in(name).status_code == 401
    (mail,) = MailFiles(mailing).wait_for(1)
    assert mail["Subject"] == "Your password for CrowdSky was changed"


def test_passwords_are_not_guessed_in_an_open_browser(mailing: SiteUnderTest, name: str) -> None:
    here = browser_of(mailing, name)
    for _ in range(10):
        act(here, "password", password="guess", new_password=NEW)

    assert "Too many" in act(here, "password", password=PASSWORD, new_password=NEW)
    assert here.get("upload.php").status_code == 200


def test_an_address_counts_when_it_is_confirmed(mailing: SiteUnderTest, name: str) -> None:
    here, visitor = browser_of(mailing, name), Browser(mailing)
    assert "on its way" in act(here, "email", password=PASSWORD, email="new@example.org")
    assert "new@example.org" in here.get("account.php?section=login").text
    row = mailing.rows.one("SELECT email FROM users WHERE username = ?", name)
    assert row["email"] == mail_of(name)
    code = code_in(MailFiles(mailing).wait_for(1)[0])
    assert set_password(visitor, code).status_code == 403, "it is for nothing else"

    form = {"csrf_token": visitor.token("confirm.php"), "code": code}
    assert visitor.post("confirm.php", form).headers["Location"] == "confirm.php?msg=confirmed"
    assert visitor.post("confirm.php", form).status_code == 403

    row = mailing.rows.one("SELECT * FROM users WHERE username = ?", name)
    assert row["email"] == "new@example.org" and row["email_verified_at"] is not None
    told = MailFiles(mailing).wait_for(2)[-1]
    assert told["To"] == mail_of(name) and "was changed" in told["Subject"]


def test_an_address_of_somebody_else_is_not_taken_over(mailing: SiteUnderTest, name: str) -> None:
    other = fresh_name()
    mailing.create_user(other, PASSWORD)
    here = browser_of(mailing, other)
    assert "on its way" in act(here, "email", password=PASSWORD, email=mail_of(name))
    code = code_in(MailFiles(mailing).wait_for(1)[0])

    form = {"csrf_token": here.token("confirm.php"), "code": code}
    assert here.post("confirm.php", form).status_code == 409
    row = mailing.rows.one("SELECT email FROM users WHERE username = ?", other)
    assert row["email"] is None


def test_registering_sends_a_confirmation(mailing: SiteUnderTest) -> None:
    visitor, name = Browser(mailing), fresh_name()
    register(visitor, name, email=f" {mail_of(name)}")
    code = code_in(MailFiles(mailing).wait_for(1)[0])

    visitor.post("confirm.php", {"csrf_token": visitor.token("confirm.php"), "code": code})

    row = mailing.rows.one("SELECT * FROM users WHERE username = ?", name)
    assert row["email"] == mail_of(name) and row["email_verified_at"] is not None
    assert row["last_login_at"] is not None, "registering logs in"


@pytest.mark.one_database
def test_addresses_bring_no_headers_into_mails(mailing: SiteUnderTest, name: str) -> None:
    here = browser_of(mailing, name)
    for address in ("a@example.org\r\nBcc: b@example.org", "a@example.org, b@example.org", "x"):
        assert "not valid" in act(here, "email", password=PASSWORD, email=address)
    assert MailFiles(mailing).all() == []


@pytest.mark.one_database
def test_a_site_without_mails_says_so(user: Browser, visitor: Browser) -> None:
    page = visitor.get("reset.php").text
    assert "This site sends no mails" in page and 'value="ask"' not in page
    assert "is saved" in act(user, "email", password=PASSWORD, email="u@example.org")
    ask_form = {"form_action": "ask", "email": "u@example.org"}
    answer = visitor.post("reset.php", {**ask_form, "csrf_token": visitor.token("reset.php")})
    assert answer.status_code == 303


def test_browsers_are_listed_and_logged_out(site: SiteUnderTest) -> None:
    name = fresh_name()
    site.create_user(name, PASSWORD)
    here, there = Browser(site), Browser(site)
    there.http.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"
    here.log_in(name)
    there.log_in(name)
    page = here.get("account.php?section=login").text
    assert "Firefox, Linux" in page and page.count("this browser") == 1
    ids = [row["id"] for row in site.rows.all("SELECT id FROM logins ORDER BY id")]
    assert f'name="login_id" value="{ids[1]}"' in page
    assert f'name="login_id" value="{ids[0]}"' not in page, "this one has the button at the top"

    stranger_name = fresh_name()
    site.create_user(stranger_name, PASSWORD)
    act(browser_of(site, stranger_name), "end_login", login_id=ids[1])
    assert there.get("upload.php").status_code == 200
    act(here, "end_login", login_id=ids[1])

    assert there.get("upload.php").status_code == 302
    assert here.get("upload.php").status_code == 200
    there.log_in(name)
    act(here, "end_logins")
    assert there.get("upload.php").status_code == 302
    here.post("logout.php", {"csrf_token": here.token()})
    mine = "SELECT l.id FROM logins l JOIN users u ON u.id = l.user_id WHERE u.username = ?"
    assert site.rows.all(mine, name) == []


def test_an_admin_hands_out_a_code(site: SiteUnderTest, admin: Browser) -> None:
    name = fresh_name()
    site.create_user(name, PASSWORD)
    user_id = site.rows.one("SELECT id FROM users WHERE username = ?", name)["id"]
    form = {"csrf_token": admin.token("admin_users.php"), "user_id": user_id}
    answer = admin.post("admin_users.php", {**form, "action": "new_password"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "admin_users.php")
    (code,) = CODE.findall(admin.get("admin_users.php").text)
    assert not CODE.findall(admin.get("admin_users.php").text)

    assert set_password(Browser(site), code).status_code == 303
    browser_of(site, name, NEW)
    printed = site.run_php("reset-login.php", "--username", name.upper()).strip()
    assert set_password(Browser(site), printed, PASSWORD).status_code == 303
    browser_of(site, name)
