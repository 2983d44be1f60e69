"""Name and password with every call: encodings, refusals, and what is counted."""

from __future__ import annotations

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.contract.clients.support import PASSWORD, Client
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

ENDPOINTS = (
    ("GET", "my_stacks"),
    ("GET", "download_stack"),
    ("GET", "thumbnail"),
    ("POST", "raw_upload"),
)
UMLAUTS = "Gr\xfc\xdfe: schl\xe4ft"


def test_a_password_may_have_colons(client: Client) -> None:
    assert ":" in PASSWORD
    assert client.stacks() == []


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
@pytest.mark.one_database
def test_a_password_with_umlauts(site: SiteUnderTest, encoding: str) -> None:
    site.create_user("bea+1", UMLAUTS)
    sent = base64.b64encode(f"bea+1:{UMLAUTS}".encode(encoding)).decode()

    answer = requests.get(
        f"{site.api_url}/my_stacks.php", headers={"Authorization": f"basic {sent}"}, timeout=30
    )

    assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize(("method", "endpoint"), ENDPOINTS)
@pytest.mark.parametrize("auth", [None, ("ann", "wrong"), ("nobody", PASSWORD), ("", "")])
@pytest.mark.one_database
def test_whoever_is_not_known_gets_401(
    client: Client, method: str, endpoint: str, auth: tuple[str, str] | None
) -> None:
    answer = client.call(method, endpoint, auth=auth)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="CrowdSky"'
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["code"] == "unauthorized"
    assert answer.json()["error"]


@pytest.mark.parametrize("header", ["Basic", "Basic !", "Basic YW5u", "Bearer YW5u", "Basic Og=="])
@pytest.mark.one_database
def test_credentials_that_cannot_be_read(client: Client, header: str) -> None:
    answer = client.call("GET", "my_stacks", auth=None, headers={"Authorization": header})

    assert answer.status_code == 401, answer.text


@pytest.mark.parametrize("waits", [0, 1])
def test_an_account_that_is_not_active_gets_401(client: Client, rows: Rows, waits: int) -> None:
    rows.execute("UPDATE users SET is_active = 0, awaits_approval = ?", waits)

    answer = client.get("my_stacks")

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert "WWW-Authenticate" in answer.headers


def test_failures_are_limited(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site(CROWDSKY_MAX_LOGIN_FAILURES="3")
    site.create_user("ann", PASSWORD)
    guesses = Client(site, "ann", "wrong")

    statuses = [guesses.get("my_stacks").status_code for _ in range(5)]
    blocked = Client(site, "ann", PASSWORD).get("my_stacks")

    assert statuses == [401, 401, 401, 429, 429]
    assert blocked.status_code == 429
    assert int(blocked.headers["Retry-After"]) > 0
    assert blocked.json()["error"]


def test_right_passwords_are_never_limited(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site(CROWDSKY_MAX_LOGIN_FAILURES="3", PHP_CLI_SERVER_WORKERS="8")
    site.create_user("ann", PASSWORD)
    client = Client(site, "ann", PASSWORD)
    assert Client(site, "ann", "wrong").get("my_stacks").status_code == 401

    with ThreadPoolExecutor(30) as pool:
        statuses = list(pool.map(lambda _: client.get("my_stacks").status_code, range(30)))

    assert statuses == [200] * 30
    assert len(site.rows.all("SELECT * FROM login_failures")) == 1


@pytest.mark.parametrize(("method", "endpoint"), ENDPOINTS)
@pytest.mark.one_database
def test_another_method_is_405(client: Client, method: str, endpoint: str) -> None:
    answer = client.call("POST" if method == "GET" else "GET", endpoint)

    assert answer.status_code == 405
    assert method in answer.headers["Allow"].split(", ")
    assert answer.json()["code"] == "method_not_allowed"
