"""Every form of the site comes back with what was put in, and with the reason at the field."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from demo.services import PHP_API
from tests.contract.site.subs import sub
from tests.contract.site.support import PASSWORD, Browser
from tests.support.rows import Rows

pytestmark = pytest.mark.one_database

GET = "get"
KEY = {"form_action": "create_key", "last_day": "2027-12-31"}
LEAVE = {"form_action": "delete_account", "public_stacks": "keep", "password": PASSWORD}
PASSWORDS = {"form_action": "password", "password": PASSWORD, "new_password": "long enough"}


@dataclass(frozen=True)
class Mistake:
    """One wrong value in a form."""

    template: str
    page: str
    """That the form is sent to."""
    wrong: str
    """Name of the field, with brackets for one of several values."""
    fields: dict[str, Any]
    """All that is sent; `{job}` and the like are filled in."""
    german: str
    reader: str = "user"
    kept: dict[str, str] = field(default_factory=dict)
    """What stands in other fields afterwards."""


MISTAKES = [
    Mistake(
        "data_keys",
        "account.php",
        "name",
        {**KEY, "name": "Käse;", "scopes[]": "upload"},
        "Ein Schlüssel braucht einen Namen",
        kept={"name": "Käse;", "last_day": "2027-12-31"},
    ),
    Mistake(
        "data_keys",
        "account.php",
        "name",
        {**KEY, "name": "taken", "scopes[]": "read"},
        "Es gibt schon einen Schlüssel mit diesem Namen",
        kept={"name": "taken"},
    ),
    Mistake(
        "data_keys",
        "account.php",
        "scopes[]",
        {**KEY, "name": "none"},
        "mindestens ein Feld",
        kept={"name": "none"},
    ),
    Mistake(
        "data_keys",
        "account.php",
        "last_day",
        {**KEY, "name": "late", "scopes[]": "read", "last_day": "2020-01-01"},
        "Vergangenheit",
        kept={"name": "late", "last_day": "2020-01-01"},
    ),
    Mistake(
        "data_keys",
        "admin_keys.php",
        "last_day",
        {**KEY, "name": "odd", "last_day": "soon"},
        "Das muss ein Tag sein",
        reader="admin",
        kept={"name": "odd", "last_day": "soon"},
    ),
    Mistake(
        "account_data",
        "account.php",
        "public_stacks",
        {"form_action": "delete_account", "typed_name": "me", "password": PASSWORD},
        "Wähle eines davon",
        kept={"typed_name": "me"},
    ),
    Mistake(
        "account_data", "account.php", "typed_name", {**LEAVE, "typed_name": "me"}, "nicht der Name"
    ),
    Mistake(
        "account_data",
        "account.php",
        "password",
        {**LEAVE, "typed_name": "{user}", "password": "wrong"},
        "nicht das Passwort",
        kept={"typed_name": "{user}"},
    ),
    Mistake(
        "account_login",
        "account.php",
        "password",
        {**PASSWORDS, "password": "wrong"},
        "nicht das Passwort",
    ),
    Mistake(
        "account_login",
        "account.php",
        "new_password",
        {**PASSWORDS, "new_password": "short"},
        "mindestens 8 Zeichen",
    ),
    Mistake(
        "account_login",
        "account.php",
        "email",
        {"form_action": "email", "email": "no address", "password": PASSWORD},
        "ungültig",
        kept={"email": "no address"},
    ),
    Mistake(
        "account_factor",
        "account.php",
        "password",
        {"form_action": "prepare_factor", "password": "wrong"},
        "nicht das Passwort",
    ),
    Mistake(
        "account_stacks", "account.php", "seconds", {"form_action": "series", "seconds": "x"}, ""
    ),
    Mistake(
        "job",
        "job.php",
        "priority",
        {"action": "priority", "job_id": "{job}", "priority": "high"},
        "Vorrang",
        reader="admin",
        kept={"priority": "high"},
    ),
    Mistake(
        "admin_queue",
        "admin.php",
        "priority",
        {"action": "priority", "jobs[]": "{job}", "priority": "2000"},
        "Vorrang",
        reader="admin",
        kept={"priority": "2000"},
    ),
    Mistake(
        "admin_queue",
        "admin.php",
        "hours",
        {"hours": "soon", "owner": "ann"},
        "Zahl von Stunden",
        reader="admin " + GET,
        kept={"hours": "soon", "owner": "ann"},
    ),
    Mistake(
        "admin_users",
        "admin_users.php",
        "quota_gb",
        {"action": "quota", "user_id": "{user_id}", "quota_gb": "much"},
        "Zahl von Gigabyte",
        reader="admin",
        kept={"quota_gb": "much"},
    ),
    Mistake(
        "admin_users",
        "admin_users.php",
        "public_stacks",
        {"action": "delete", "user_id": "{user_id}", "public_stacks": ""},
        "Wähle eines davon",
        reader="admin",
    ),
    Mistake(
        "admin_workers",
        "admin_workers.php",
        "last_day",
        {"name": "ok", "level": "trusted", "last_day": "2020-01-01"},
        "Vergangenheit",
        reader="admin",
        kept={"name": "ok", "last_day": "2020-01-01"},
    ),
    Mistake(
        "admin_workers",
        "admin_workers.php",
        "name",
        {"name": "a;b", "level": "trusted"},
        "Ein Schlüssel braucht",
        reader="admin",
        kept={"name": "a;b"},
    ),
    Mistake(
        "stacks_filters",
        "stacks.php",
        "minutes",
        {"minutes": "abc", "object": "M 31"},
        "Das muss eine Zahl sein",
        reader=GET,
        kept={"minutes": "abc", "object": "M 31"},
    ),
    Mistake(
        "stacks_filters",
        "stacks.php",
        "from",
        {"from": "never", "seeing": "2,5"},
        "Das muss ein Tag sein",
        reader=GET,
        kept={"from": "never", "seeing": "2,5"},
    ),
    Mistake("nights", "status.php", "until", {"until": "x"}, "Das muss ein Tag sein", reader=GET),
    Mistake(
        "volunteer",
        "volunteer.php",
        "note",
        {"action": "ask", "note": "x" * 2000},
        "zu lang",
        kept={"note": "x" * 2000},
    ),
    Mistake(
        "login",
        "login.php",
        "username",
        {"form_action": "register", "username": "{user}", "password": PASSWORD, "email": "a@b.de"},
        "schon vergeben",
        reader="nobody",
        kept={"username": "{user}", "email": "a@b.de"},
    ),
    Mistake(
        "reset",
        "reset.php",
        "code",
        {"form_action": "set", "code": "abc", "password": "long enough"},
        "Dieser Code gilt nicht",
        reader="nobody",
        kept={"code": "abc"},
    ),
    Mistake("confirm", "confirm.php", "code", {"code": "abc"}, "Dieser Code gilt nicht", "nobody"),
]

NOT_TYPED = {
    *(("account_stacks", name) for name in ("stacks_public", "share_position", "is_shared")),
    ("account_stacks", "time_zone"),
    *(("stacks_filters", name) for name in ("object", "telescope", "filter", "solved", "order")),
    *(("stacks_filters", name) for name in ("to", "seeing")),
    *(("star", name) for name in ("band", "version", "series")),
    *(("admin_queue", name) for name in ("kind", "all", "jobs[]")),
    *(("stack_pictures", name) for name in ("stretch", "strength", "black", "linked")),
    *(("upload", name) for name in ("files[]", "view")),
    *(("admin_chunk", "jobs[]"), ("admin_chunk", "subs[]"), ("admin_rescan", "stacks[]")),
    *(("unmeasured", "retry_failed"), ("data_keys", "read_all"), ("login", "stacks_public")),
    ("admin_users", "find"),
    *(("stack_series", "seconds"), ("stack_visibility", "visibility")),
}
"""Choices that a page offers, which no reader gets wrong, and fields like one of the table."""

ELSEWHERE = {
    ("account_data", "code"),
    ("account_factor", "code"),
    ("login", "password"),
    ("login", "email"),
    ("login_code", "code"),
    ("reset", "email"),
    ("reset", "password"),
    ("star_downloads", "obscode"),
    ("star_downloads", "name"),
    ("star_search", "period"),
    ("star_search", "t0"),
}
"""Fields whose mistakes other tests make: they need a second factor, mails or light curves."""


def test_every_field_of_every_form_is_known() -> None:
    found = set()
    for path in (PHP_API / "templates").glob("*.php"):
        text = path.read_text()
        fields = re.findall(
            r'<(?:input|select|textarea)\b((?:[^<>"]|"[^"]*"|<\?=.*?\?>)*)', text, re.S
        )
        for attributes in fields if "<form" in text else []:
            name = re.search(r'name="([a-z_0-9\[\]]+)"', attributes)
            if name and 'type="hidden"' not in attributes:
                found.add((path.stem, name[1]))
    known = {(mistake.template, mistake.wrong) for mistake in MISTAKES} | NOT_TYPED | ELSEWHERE
    assert found == known


@pytest.fixture
def readers(
    user: Browser, admin: Browser, visitor: Browser, rows: Rows
) -> tuple[dict[str, Browser], dict[str, str]]:
    """Everybody who fills in forms, in German, and what the forms are about."""
    job = user.upload(sub())["job_ids"][0]
    row = rows.one("SELECT id FROM users WHERE username = ?", user.name)
    form = {"csrf_token": user.token(), **KEY, "name": "taken", "scopes[]": "read"}
    assert user.post("account.php", form).status_code == 303
    for browser in (user, admin, visitor):
        browser.http.cookies.set("language", "de")
    names = {"job": str(job), "user": user.name, "user_id": str(row["id"])}
    return {"user": user, "admin": admin, "nobody": visitor}, names


def test_a_mistake_in_any_form_brings_the_form_back(
    readers: tuple[dict[str, Browser], dict[str, str]],
) -> None:
    browsers, names = readers
    pages = {"user": "confirm.php", "admin": "confirm.php", "nobody": "login.php"}
    tokens = {name: browsers[name].token(page) for name, page in pages.items()}
    for mistake in MISTAKES:
        by_get = mistake.reader.endswith(GET)
        browser = browsers[mistake.reader.removesuffix(GET).strip() or "user"]
        sent = {name: value.format(**names) for name, value in mistake.fields.items()}
        if by_get:
            answer = browser.get(mistake.page, **sent)
        else:
            token = tokens[mistake.reader]
            answer = browser.post(mistake.page, {"csrf_token": token, **sent})
        where = (mistake.page, mistake.wrong, mistake.fields)
        page = answer.text
        assert 400 <= answer.status_code < 500, where
        alert = re.findall(r'role="alert"[^>]*>([^<]*)', html.unescape(page))
        assert any(mistake.german in words for words in alert), (where, alert)
        assert "meanwhile" not in page and "inzwischen" not in page, where
        if mistake.reader != "nobody":
            bad = re.search(r'<\w+ [^>]*aria-invalid="true"[^>]*', page)
            assert bad and f'name="{mistake.wrong}"' in bad[0], (where, bad)
            assert page.count('id="form-problem"') == 1, where
        for name, value in mistake.kept.items():
            text = html.escape(value.format(**names))
            found = rf'(value="{re.escape(text)}"|>{re.escape(text)}<)'
            kept = re.search(rf'<(input|textarea) [^>]*name="{name}"[^>]*{found}', page)
            assert kept, (where, name)
        for secret in (PASSWORD, "long enough", "wrong"):
            assert f'value="{secret}"' not in page, where


def test_what_was_ticked_stays_ticked(user: Browser) -> None:
    form = {"csrf_token": user.token(), **KEY, "name": "a;b", "scopes[]": "upload"}

    page = user.post("account.php", form).text

    assert re.search(r'name="scopes\[\]" value="upload" checked', page)
    assert not re.search(r'name="scopes\[\]" value="read" checked', page)
    assert "There is a key" not in page and "A key needs a name" in page


def test_markup_that_was_put_in_is_text(user: Browser, admin: Browser) -> None:
    evil = '"><script>alert(1)</script><input value="$0 \\1'
    forms = [
        user.post("account.php", {"csrf_token": user.token(), **KEY, "name": evil}),
        user.get("stacks.php", minutes=evil[:90]),
        admin.get("admin.php", hours=evil),
    ]
    for answer in forms:
        assert answer.status_code == 400
        assert "<script>alert" not in answer.text
    assert html.escape(evil) in forms[0].text


def test_nothing_selected_leads_back_to_the_gallery(
    user: Browser, new_user: Callable[..., Browser]
) -> None:
    form = {"csrf_token": user.token(), "form": "zip", "return": "stacks.php?object=M31"}

    answer = user.post("stacks_download.php", form)

    assert (answer.status_code, answer.headers["Location"]) == (303, "stacks.php?object=M31")
    assert "No stack is selected." in user.get("stacks.php").text
