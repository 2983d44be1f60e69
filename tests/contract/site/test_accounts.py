"""Accounts: registration, login, logout, CSRF, sessions, locking, and the limit on guessing."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest

from demo.services import ServiceError, Site
from tests.contract.site.support import PASSWORD, Browser
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

pytestmark = [pytest.mark.calendar, pytest.mark.one_database]


def register(browser: Browser, name: str, password: str = PASSWORD, email: str = "") -> Any:
    """Send the registration form."""
    return browser.post(
        "login.php",
        {
            "form_action": "register",
            "csrf_token": browser.token("login.php"),
            "username": name,
            "password": password,
            "email": email,
        },
    )


def fresh_name() -> str:
    """Return a user name nobody has."""
    return f"new-{secrets.token_hex(5)}"


def test_registering_logs_in(visitor: Browser, rows: Rows) -> None:
    name = fresh_name()

    answer = register(visitor, name, email=f"{name}@example.org")

    assert (answer.status_code, answer.headers["Location"]) == (302, "upload.php")
    assert visitor.get("upload.php").status_code == 200
    row = rows.one("SELECT * FROM users WHERE username = ?", name)
    assert row["role"] == "user"
    assert row["password_hash"].startswith("$2y$")


def test_log_in_by_name_or_address(visitor: Browser, site: Site) -> None:
    name = fresh_name()
    register(visitor, name, email=f"{name}@example.org")

    for login in (name, name.upper(), f"{name}@example.org"):
        assert Browser(site).log_in(login).status_code == 302, login


@pytest.mark.parametrize(
    ("name", "password", "email", "words"),
    [
        ("ab", PASSWORD, "", "3 to 64"),
        ("a" * 65, PASSWORD, "", "3 to 64"),
        ("me@example.org", PASSWORD, "", "3 to 64"),
        ("a b c", PASSWORD, "", "3 to 64"),
        ("<script>", PASSWORD, "", "3 to 64"),
        ("good-name", "seven77", "", "8 characters"),
        ("good-name", "x" * 73, "", "72 bytes"),
        ("good-name", PASSWORD, "no address", "e-mail"),
    ],
)
def test_bad_registrations_are_explained(
    visitor: Browser, rows: Rows, name: str, password: str, email: str, words: str
) -> None:
    answer = register(visitor, name, password, email)

    assert answer.status_code == 422
    assert words in answer.text
    assert "<script>" not in answer.text
    assert rows.all("SELECT id FROM users WHERE username = ?", name) == []


def test_names_and_addresses_are_unique_in_any_case(visitor: Browser, site: Site) -> None:
    name = fresh_name()
    register(visitor, name, email=f"{name}@example.org")

    assert register(Browser(site), name.upper()).status_code == 409
    other = register(Browser(site), fresh_name(), email=f"{name.upper()}@EXAMPLE.org")
    assert other.status_code == 409


def test_wrong_passwords_and_unknown_names_look_alike(visitor: Browser, user: Browser) -> None:
    wrong = visitor.log_in(user.name, "not the password")
    unknown = visitor.log_in(fresh_name(), "not the password")

    assert wrong.status_code == unknown.status_code == 401
    sentence = "User name or password is wrong"
    assert sentence in wrong.text
    assert sentence in unknown.text


@pytest.mark.parametrize("token", [None, "", "0" * 64])
def test_forms_without_the_token_are_refused(user: Browser, token: str | None) -> None:
    fields = {} if token is None else {"csrf_token": token}

    start = user.call("upload.php?action=start", fields)
    login = user.post("login.php", {"form_action": "login", "username": "x", **fields})
    logout = user.post("logout.php", fields)

    assert [start.status_code, login.status_code, logout.status_code] == [403, 403, 403]
    assert start.json()["code"] == "csrf"
    assert user.get("upload.php").status_code == 200


def test_the_session_id_changes_at_login_and_logout(site: Site, user: Browser) -> None:
    browser = Browser(site)
    planted = "planted0planted0planted0pl"
    browser.http.cookies.set("crowdsky", planted, domain="127.0.0.1")
    browser.log_in(user.name)
    during = browser.http.cookies.get("crowdsky")

    browser.post("logout.php", {"csrf_token": browser.token()})

    assert len({planted, during, browser.http.cookies.get("crowdsky")}) == 3
    stolen = Browser(site)
    stolen.http.cookies.set("crowdsky", during, domain="127.0.0.1")
    assert stolen.get("upload.php").status_code == 302


def test_cookies_are_out_of_reach_for_scripts(visitor: Browser, user: Browser) -> None:
    guest = visitor.get("login.php").headers["Set-Cookie"]
    login = visitor.log_in(user.name).headers["Set-Cookie"]

    for name, cookie in (("crowdsky_guest", guest), ("crowdsky", login)):
        assert cookie.startswith(f"{name}=")
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


def session_files(site: Site) -> list[str]:
    """Return the names of the sessions that the site keeps."""
    return sorted(path.name for path in (site.data_dir / "sessions").iterdir())


def test_only_a_login_keeps_a_session(site: Site) -> None:
    site.create_user("owner", PASSWORD)
    browser = Browser(site)
    for page in ("index.php", "login.php", "login.php?msg=logged_out", "upload.php", "stack.php"):
        Browser(site).get(page)
    browser.http.cookies.set("crowdsky", "invented0invented0invented", domain="127.0.0.1")
    browser.get("login.php")
    assert browser.log_in("owner", "not the password").status_code == 401
    browser.post("login.php", {"form_action": "login", "csrf_token": "0" * 64})
    assert session_files(site) == []

    assert browser.log_in("owner").status_code == 302
    assert len(session_files(site)) == 1

    browser.post("logout.php", {"csrf_token": browser.token()})
    assert session_files(site) == []


def test_a_login_form_is_good_for_one_browser(site: Site) -> None:
    site.create_user("owner", PASSWORD)
    form = {"form_action": "login", "username": "owner", "password": PASSWORD}
    victim, attacker = Browser(site), Browser(site)
    own, foreign = victim.token("login.php"), attacker.token("login.php")
    number = victim.http.cookies["crowdsky_guest"]

    for token in (foreign, number, number * 2, ""):
        assert victim.post("login.php", {**form, "csrf_token": token}).status_code == 403
    assert Browser(site).post("login.php", {**form, "csrf_token": own}).status_code == 403
    assert victim.token("login.php") == own
    assert victim.post("login.php", {**form, "csrf_token": own}).status_code == 302


def test_the_token_of_a_guest_is_no_good_after_the_login(user: Browser, site: Site) -> None:
    browser = Browser(site)
    as_guest = browser.token("login.php")
    browser.log_in(user.name)

    start = browser.call("upload.php?action=start", {"csrf_token": as_guest})

    assert (start.status_code, start.json()["code"]) == (403, "csrf")


def test_logging_out_needs_a_form(user: Browser) -> None:
    assert user.get("logout.php").status_code == 405
    assert user.get("upload.php").status_code == 200

    answer = user.post("logout.php", {"csrf_token": user.token()})

    assert answer.headers["Location"] == "login.php?msg=logged_out"
    assert (
        user.get("upload.php").headers["Location"] == "login.php?msg=login_required&next=upload.php"
    )


def test_locking_an_account_ends_its_logins(user: Browser, admin: Browser, rows: Rows) -> None:
    user_id = rows.one("SELECT id FROM users WHERE username = ?", user.name)["id"]
    token = admin.token("admin_users.php")

    admin.post("admin_users.php", {"csrf_token": token, "user_id": user_id, "action": "lock"})

    assert user.get("upload.php").status_code == 302
    assert user.log_in(user.name).status_code == 401
    admin.post("admin_users.php", {"csrf_token": token, "user_id": user_id, "action": "unlock"})
    assert user.get("upload.php").status_code == 302
    assert user.log_in(user.name).status_code == 302


def test_closed_registration(make_site: Callable[..., Site]) -> None:
    browser = Browser(make_site(CROWDSKY_REGISTRATION="closed"))

    assert "Create an account" not in browser.get("login.php").text
    refused = register(browser, fresh_name())
    assert refused.status_code == 403
    assert "Registration is closed" in refused.text


def test_an_address_registers_few_accounts_a_day(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site(CROWDSKY_MAX_REGISTRATIONS_PER_DAY="3")
    site.create_user("owner", PASSWORD)
    names = [fresh_name() for _ in range(4)]

    def answer(name: str, password: str = PASSWORD) -> Any:
        return register(Browser(site), name, password)

    # Slips of the form cost nothing; asking who has an account does.
    assert [answer("ab").status_code, answer(names[0], "short").status_code] == [422, 422]
    assert answer("owner").status_code == 409
    assert [answer(name).status_code for name in names[:2]] == [302, 302]
    refused = answer(names[2])
    assert refused.status_code == 429
    assert 86000 < int(refused.headers["Retry-After"]) <= 86400
    assert "Try again in 24 hours" in refused.text

    site.rows.execute("UPDATE registrations SET registered_at = registered_at - 86400000")
    assert answer(names[2]).status_code == 302
    assert len(site.rows.all("SELECT id FROM registrations")) == 1
    registered = site.rows.all("SELECT username FROM users ORDER BY id")
    assert [row["username"] for row in registered] == ["owner", *names[:3]]


def test_registrations_need_no_limit(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site(CROWDSKY_MAX_REGISTRATIONS_PER_DAY="0")

    assert [register(Browser(site), fresh_name()).status_code for _ in range(25)] == [302] * 25
    assert site.rows.all("SELECT id FROM registrations") == []


def test_an_admin_approves_accounts(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site(CROWDSKY_REGISTRATION="approval")
    site.create_user("chief", PASSWORD, admin=True)
    admin, welcome, unwelcome = Browser(site), Browser(site), Browser(site)
    admin.log_in("chief")
    assert "as soon as the operator" in welcome.get("login.php").text

    made = [register(welcome, "welcome"), register(unwelcome, "unwelcome")]

    assert [answer.headers["Location"] for answer in made] == ["login.php?msg=registered"] * 2
    assert "approved" in welcome.get("login.php?msg=registered").text
    assert welcome.get("upload.php").status_code == 302
    waiting = welcome.log_in("welcome")
    assert (waiting.status_code, "waits for the operator" in waiting.text) == (403, True)
    assert welcome.log_in("welcome", "not the password").status_code == 401

    token = admin.token("admin_users.php")
    assert admin.get("admin_users.php").text.count("waits for approval") == 2
    ids = {row["username"]: row["id"] for row in site.rows.all("SELECT id, username FROM users")}
    for name, action in (("welcome", "unlock"), ("unwelcome", "reject"), ("chief", "reject")):
        form = {"csrf_token": token, "user_id": ids[name], "action": action}
        admin.post("admin_users.php", form)

    assert "waits for approval" not in admin.get("admin_users.php").text
    assert welcome.log_in("welcome").status_code == 302
    assert unwelcome.log_in("unwelcome").status_code == 401
    assert register(unwelcome, "unwelcome").status_code == 303
    assert admin.get("admin.php").status_code == 200


def test_an_active_account_is_never_rejected(user: Browser, admin: Browser, rows: Rows) -> None:
    user_id = rows.one("SELECT id FROM users WHERE username = ?", user.name)["id"]
    form = {"csrf_token": admin.token("admin_users.php"), "user_id": user_id}

    admin.post("admin_users.php", {**form, "action": "reject"})
    assert user.get("upload.php").status_code == 200
    assert admin.post("admin_users.php", {**form, "action": "?"}).status_code == 400
    assert user.get("upload.php").status_code == 200


def test_guessing_is_stopped(make_site: Callable[..., Site]) -> None:
    site = make_site()
    site.create_user("owner", PASSWORD)
    guesser = Browser(site)
    codes = [guesser.log_in("owner", f"guess {number}").status_code for number in range(10)]
    assert codes == [401] * 10

    stopped = guesser.log_in("owner", PASSWORD)

    assert stopped.status_code == 429
    assert int(stopped.headers["Retry-After"]) > 0
    assert "Too many failed attempts" in stopped.text


def test_the_command_makes_admins_and_names_what_is_wrong(site: Site) -> None:
    name = fresh_name()
    Site.create_user(site, name, PASSWORD, admin=True)
    browser = Browser(site)
    browser.log_in(name)
    assert browser.get("admin.php").status_code == 200

    with pytest.raises(ServiceError, match="already taken"):
        Site.create_user(site, name, PASSWORD)
    with pytest.raises(ServiceError, match="8 characters"):
        Site.create_user(site, fresh_name(), "short")
