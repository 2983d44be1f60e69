"""The switches at the foot of every page: what they keep, and where they lead back to."""

from __future__ import annotations

import pytest

from tests.contract.site.support import PAGE, Browser

pytestmark = pytest.mark.one_database


def test_the_chosen_language_stays_and_leads_back_to_the_page(visitor: Browser) -> None:
    page = visitor.get("login.php", msg="logged_out").text
    assert '<html lang="en">' in page
    assert 'name="back" value="login.php?msg=logged_out"' in page

    answer = visitor.post("preferences.php", {"language": "de", "back": "login.php?msg=logged_out"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "login.php?msg=logged_out"
    assert "httponly" in answer.headers["Set-Cookie"].lower()

    german = visitor.get("index.php").text
    assert '<html lang="de">' in german
    assert "Zum Inhalt springen" in german


def test_the_browser_s_language_counts_until_one_is_chosen(visitor: Browser) -> None:
    german = {**PAGE, "Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}
    assert '<html lang="de">' in visitor.get("index.php", headers=german).text
    visitor.post("preferences.php", {"language": "en", "back": "index.php"})
    assert '<html lang="en">' in visitor.get("index.php", headers=german).text


@pytest.mark.parametrize(
    "back",
    ["", "//elsewhere.example/x.php", "https://elsewhere.example/", "a.php\r\nX: y", "/x.php"],
)
def test_a_switch_leads_nowhere_else(visitor: Browser, back: str) -> None:
    answer = visitor.post("preferences.php", {"language": "de", "back": back})
    assert answer.headers["Location"] == "index.php"


def test_only_what_the_site_has_can_be_chosen(visitor: Browser) -> None:
    answer = visitor.post("preferences.php", {"language": "xx", "back": "index.php"})
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers


def test_no_other_site_sets_a_switch(visitor: Browser, user: Browser) -> None:
    foreign = {**PAGE, "Sec-Fetch-Site": "cross-site"}
    assert visitor.post("preferences.php", {"language": "de"}, headers=foreign).status_code == 403
    assert user.post("preferences.php", {"language": "de"}).status_code == 403


def test_errors_keep_the_navigation_and_the_login(visitor: Browser, user: Browser) -> None:
    refused = user.get("job.php", id="999")
    assert refused.status_code == 404
    assert 'href="status.php"' in refused.text
    assert user.name in refused.text
    assert 'action="logout.php"' in refused.text
    assert 'href="login.php"' in visitor.get("stack.php", id="999").text
