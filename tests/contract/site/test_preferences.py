"""The switches at the foot of every page: what they keep, and where they lead back to."""

from __future__ import annotations

import re

import pytest

from demo.services import PHP_API
from tests.contract.site.support import PAGE, Browser

CSS = PHP_API / "public" / "assets" / "css"
THEMES = ("colours", "dark", "night")
RED = r"#[0-9a-f]{2}0000|#[0f]00|rgb\(0 0 0 / \d+%\)"

pytestmark = pytest.mark.one_database


def test_the_chosen_language_stays_and_leads_back_to_the_page(visitor: Browser) -> None:
    page = visitor.get("login.php", msg="logged_out").text
    assert '<html lang="en"' in page
    assert 'name="back" value="login.php?msg=logged_out"' in page

    answer = visitor.post("preferences.php", {"language": "de", "back": "login.php?msg=logged_out"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "login.php?msg=logged_out"
    assert "httponly" in answer.headers["Set-Cookie"].lower()

    german = visitor.get("index.php").text
    assert '<html lang="de"' in german
    assert "Zum Inhalt springen" in german


def test_the_browser_s_language_counts_until_one_is_chosen(visitor: Browser) -> None:
    german = {**PAGE, "Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}
    assert '<html lang="de"' in visitor.get("index.php", headers=german).text
    visitor.post("preferences.php", {"language": "en", "back": "index.php"})
    assert '<html lang="en"' in visitor.get("index.php", headers=german).text


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


@pytest.mark.parametrize(
    ("theme", "linked", "schemes"),
    [
        ("system", 'dark.css" media="(prefers-color-scheme: dark)"', "light dark"),
        ("dark", 'dark.css" media="all"', "dark"),
        ("night", 'night.css"', "dark"),
    ],
)
def test_the_chosen_colours_are_those_of_the_first_picture_of_the_page(
    visitor: Browser, theme: str, linked: str, schemes: str
) -> None:
    """No script changes them afterwards, so that nothing white flashes at the telescope."""
    visitor.post("preferences.php", {"theme": theme, "back": "index.php"})
    page = visitor.get("index.php").text
    assert f'data-theme="{theme}"' in page
    assert f"assets/css/{linked}" in page
    assert f'name="color-scheme" content="{schemes}"' in page


def test_sheets_have_no_colours_of_their_own() -> None:
    """All colours are in the sheets of the themes; elsewhere, one would stay in night mode."""
    # Black shadows are black in all themes.
    colour = re.compile(r"#[0-9a-f]{3,8}\b(?=[;, )])|(?:rgb|hsl)a?\((?!0 0 0 /)")
    sheets = [sheet for sheet in CSS.glob("*.css") if sheet.stem not in THEMES]
    found = {sheet.name: colour.findall(sheet.read_text()) for sheet in sheets}
    assert found
    assert [name for name, colours in found.items() if colours] == []


def test_a_selector_belongs_to_one_sheet() -> None:
    """All sheets are linked on every page: what two of them call the same looks like the later."""
    found: dict[str, list[str]] = {}
    for sheet in sorted(CSS.glob("*.css")):
        if sheet.stem in THEMES:
            continue
        rules = re.sub(
            r"/\*.*?\*/|@media[^{]*\{(?:[^{}]*\{[^}]*\})*\s*\}", "", sheet.read_text(), flags=re.S
        )
        for selectors in re.findall(r"([^{}]+)\{", rules):
            for selector in selectors.split(","):
                found.setdefault(" ".join(selector.split()), []).append(sheet.name)
    twice = {selector: sheets for selector, sheets in found.items() if len(set(sheets)) > 1}
    assert len(found) > 300
    assert twice == {}


def test_night_mode_sets_every_colour_to_red() -> None:
    setting = re.compile(r"(--[a-z0-9-]+): ([^;]+);")
    light = dict(setting.findall((CSS / "colours.css").read_text()))
    night = dict(setting.findall((CSS / "night.css").read_text()))
    assert set(night) == set(light)
    assert [name for name, red in night.items() if not re.fullmatch(RED, red)] == []


@pytest.mark.parametrize(
    ("address", "root"),
    [("nothing", ""), ("a/b/nothing.php", "../../"), ("assets/nothing.css", "../")],
)
def test_an_unknown_address_keeps_the_navigation(user: Browser, address: str, root: str) -> None:
    """PHP's own server shows it by its router, other servers as docs/deployment.md says."""
    answer = user.get(address)
    assert answer.status_code == 404
    assert f'href="{root}status.php"' in answer.text
    assert f'href="{root}assets/css/frame.css"' in answer.text
    assert user.name in answer.text
    program = user.get(address, headers={"Accept": "*/*"})
    kind = program.headers["Content-Type"]
    assert kind.startswith("text/html"), "JSON would be that of an API without what was asked for"


def test_what_the_site_has_is_found_past_the_router(visitor: Browser) -> None:
    assert visitor.get("").status_code == 200
    assert visitor.get("assets/icon.svg").headers["Content-Type"] == "image/svg+xml"
    assert "xml" in visitor.get("api/sia2.php/capabilities").headers["Content-Type"]
