"""After a login: the page that was asked for, and never another site."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from demo.services import Site
from tests.contract.site.support import PASSWORD, Browser
from tests.contract.site.test_accounts import fresh_name

pytestmark = pytest.mark.one_database

ELSEWHERE = (
    "https://example.org/",
    "//example.org/stacks.php",
    "/\\example.org",
    "\\\\example.org",
    "stacks.php\r\nLocation: https://example.org",
    "stacks.php?x=\\example.org",
    "javascript:alert(1)",
    "data:text/html,x",
    " https://example.org",
    "https:stacks.php",
    "../stacks.php",
    "login.php?next=stacks.php",
    "logout.php",
    "stacks.php@example.org",
    "api/my_stacks.php",
    "stacks.php?" + "x" * 2000,
)


def log_in(browser: Browser, name: str, following: str, action: str = "login") -> Any:
    """Send a form of the login page that names the page to show afterwards."""
    fields = {
        "form_action": action,
        "csrf_token": browser.token("login.php"),
        "username": name,
        "password": PASSWORD,
        "next": following,
    }
    return browser.post("login.php", fields)


@pytest.fixture
def name(site: Site) -> str:
    """An account."""
    name = fresh_name()
    site.create_user(name, PASSWORD)
    return name


def test_a_login_leads_to_the_page_that_was_asked_for(visitor: Browser, name: str) -> None:
    asked = visitor.get("status.php?page=3&object=M+94")
    query = parse_qs(urlsplit(asked.headers["Location"]).query)
    form = visitor.get(asked.headers["Location"]).text
    assert form.count('name="next" value="status.php?page=3&amp;object=M+94"') == 2

    answer = log_in(visitor, name, query["next"][0])

    assert answer.headers["Location"] == "status.php?page=3&object=M+94"
    again = visitor.get("login.php", next="status.php")
    assert again.headers["Location"] == "status.php", "whoever is logged in goes on at once"


def test_so_does_a_registration(visitor: Browser) -> None:
    answer = log_in(visitor, f"new-{secrets.token_hex(4)}", "star.php?id=4", "register")

    assert answer.headers["Location"] == "star.php?id=4"


def test_a_wrong_password_keeps_the_page_in_mind(visitor: Browser, name: str) -> None:
    page = visitor.post(
        "login.php",
        {
            "form_action": "login",
            "csrf_token": visitor.token("login.php"),
            "username": name,
            "password": "wrong horse",
            "next": "stack.php?id=7",
        },
    )

    assert page.status_code == 401
    assert 'name="next" value="stack.php?id=7"' in page.text


@pytest.mark.parametrize("address", ELSEWHERE, ids=range(len(ELSEWHERE)))
def test_no_login_leads_to_another_site(visitor: Browser, name: str, address: str) -> None:
    assert 'name="next"' not in visitor.get("login.php", next=address).text

    assert log_in(visitor, name, address).headers["Location"] == "upload.php"
    assert visitor.get("login.php", next=address).headers["Location"] == "upload.php"


def test_what_a_script_asked_for_is_no_page(visitor: Browser) -> None:
    answer = visitor.call("upload.php?action=start", {})

    assert answer.status_code == 401
    assert visitor.post("job.php", {"job_id": 1}).headers["Location"] == (
        "login.php?msg=login_required"
    ), "only what a browser can GET again"
