"""Measured stacks on the pages: solution, photometry, objects and pictures."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable

import pytest

from tests.contract.jobs.measured import BESIDE, STARS
from tests.contract.jobs.support import PNG
from tests.contract.site.conftest import MakeStack
from tests.contract.site.support import Browser
from tests.support.rows import Rows

pytestmark = pytest.mark.one_database


def test_the_page_shows_what_was_measured(user: Browser, make_stack: MakeStack) -> None:
    stack = make_stack()

    page = user.get("stack.php", id=stack).text

    for words in (
        'class="state solved"',
        "12h 51m 00.0s, +41° 03′ 00″",
        "RA 192.75000°, Dec +41.05000°",
        "2.370″/px",
        "42.7′ × 75.8′",
        "0.61″ RMS",
        "38 stars of 44",
        "in Tycho-2",
        "triangles, 0.03 s",
        "V Gaia DR3",
        "(0.03 mag for one star)",
        "21.02 mag",
        ">0.009 mag<",
        ">-0.14<",
        "19.85 mag/arcsec²",
        "Bortle class 5",
        "15.4 mag",
        "3.7″",
        "<strong>M 94</strong> NGC 4736",
        "36.8′",
        f'href="stars.php?id={stack}&amp;',
    ):
        assert words in page, words
    (shown,) = re.findall(rf'<img src="(picture\.php\?id={stack}&amp;v=[0-9a-f]+)"', page)
    assert user.get(html.unescape(shown)).headers["Content-Type"] == "image/jpeg"
    (whole,) = re.findall(r'<a href="([^"]+)"><img', page)
    assert user.get(html.unescape(whole)).content == BESIDE["full"]
    assert f'<a href="overlay.php?id={stack}&amp;v=' in page
    assert "as the telescope said" not in page


def test_an_unsolved_stack_says_why_and_what_to_try(user: Browser, make_stack: MakeStack) -> None:
    reason = "only 3 <stars>"
    stack = make_stack(
        solution=None,
        unsolved_reason=reason,
        photometry=None,
        objects=[],
        notes=[reason, "1 of 2 subs left out: trailed"],
    )

    page = user.get("stack.php", id=stack).text

    assert page.count("only 3 &lt;stars&gt;") == 1
    assert "only 3 <stars>" not in page
    assert "1 of 2 subs left out" in page
    assert "What to try" in page
    assert "Photometry" not in page
    assert 'class="state unsolved"' in page


def test_a_stack_of_a_worker_that_does_not_measure(user: Browser, make_stack: MakeStack) -> None:
    stack = make_stack(measures=False)

    page = user.get("stack.php", id=stack).text

    assert "not measured" in page
    assert "Objects in the field" not in page
    assert user.get("overlay.php", id=stack).status_code == 404
    assert user.get("stars.php", id=stack).status_code == 404


def test_another_object_than_the_owner_named_is_said(user: Browser, make_stack: MakeStack) -> None:
    stack = make_stack(object_mismatch="M 94 is <not> in this picture.")

    assert "M 94 is &lt;not&gt; in this picture." in user.get("stack.php", id=stack).text


def test_overlay_and_star_list_are_for_the_owner_and_admins(
    user: Browser,
    make_stack: MakeStack,
    new_user: Callable[..., Browser],
    admin: Browser,
    visitor: Browser,
) -> None:
    stack = make_stack()
    other = new_user()

    picture = user.get("overlay.php", id=stack)
    stars = user.get("stars.php", id=stack)

    assert (picture.headers["Content-Type"], picture.content) == ("image/png", PNG)
    assert stars.headers["Content-Type"] == "application/json"
    assert stars.json() == json.loads(STARS)
    for size, kind in (("page", "picture"), ("full", "full"), ("preview", "preview")):
        shown = user.get("picture.php", id=stack, size=size)
        assert shown.content == BESIDE[kind]
        assert shown.headers["Content-Type"] == f"image/{'jpeg' if kind == 'picture' else 'png'}"
        assert other.get("picture.php", id=stack, size=size).status_code == 404
    assert user.get("picture.php", id=stack, size="huge").status_code == 400
    # Pictures of public stacks need no login, star lists always do.
    for page, without_login in (("overlay.php", 404), ("picture.php", 404), ("stars.php", 302)):
        assert admin.get(page, id=stack).status_code == 200
        assert other.get(page, id=stack).status_code == 404
        assert visitor.get(page, id=stack).status_code == without_login


def test_marks_are_public_and_stars_are_for_readers_with_a_login(
    user: Browser, make_stack: MakeStack, visitor: Browser, rows: Rows
) -> None:
    stack = make_stack()
    assert visitor.get("stack_marks.php", id=stack).status_code == 404
    rows.execute("UPDATE stacked_frames SET visibility = 'public' WHERE id = ?", stack)

    seen, own = (reader.get("stack_marks.php", id=stack).json() for reader in (visitor, user))

    assert seen["objects"] == own["objects"]
    (mark,) = [found for found in own["objects"] if found["name"] == "M 94"]
    assert "NGC 4736" in mark["other_names"]
    assert 0 <= mark["x"] <= own["width"] and 0 <= mark["y"] <= own["height"]
    assert mark["radius"] > 10
    assert (seen["stars"], own["stars"]) == (None, []), "they are not read in yet"
    assert visitor.get("stack_marks.php", id=stack, format="csv").status_code == 302
    table = user.get("stack_marks.php", id=stack, format="csv")
    assert table.headers["Content-Type"].startswith("text/csv")
    assert table.text.startswith("id,ra,dec,x,y,mag_g,")
    assert user.get("stack_marks.php", id=stack, format="xml").status_code == 400


def test_buttons_that_need_a_login_say_so(
    user: Browser, make_stack: MakeStack, visitor: Browser, rows: Rows
) -> None:
    stack = make_stack()
    rows.execute("UPDATE stacked_frames SET visibility = 'public' WHERE id = ?", stack)

    for reader, hint in ((visitor, True), (user, False)):
        page = reader.get("stack.php", id=stack)
        assert page.status_code == 200
        buttons = re.findall(r'<a class="button.*?</a>', page.text, re.DOTALL)
        files = [button for button in buttons if re.search(r"(download|stars)\.php", button)]
        assert any("stars.php" in button for button in files)
        assert {"log in first" in button for button in files} == {hint}


def test_error_pages_run_nothing_either(user: Browser) -> None:
    missing = user.get("stack.php", id=999999)

    assert missing.status_code == 404
    assert "default-src 'none'" in missing.headers["Content-Security-Policy"]
