"""The front page shows what the archive has for everybody, and nothing else of it."""

from __future__ import annotations

import re

from tests.contract.site.support import Browser
from tests.contract.site.test_who_sees_what import choose, make_account_public
from tests.support import planted_stars
from tests.support.rows import Rows

THUMBNAIL = (
    "UPDATE stacked_frames SET thumbnail_path = '/x.png', visibility = 'inherit',"
    " object_name = ?, object_key = ?"
)


def test_nothing_is_shown_of_private_stacks_and_at_once_of_public_ones(
    visitor: Browser, user: Browser, rows: Rows
) -> None:
    owner = rows.one("SELECT id FROM users")["id"]
    planted_stars.plant(
        rows,
        owner,
        planted_stars.stars(12, planted_stars.sine(0.5, 0.1)),
        planted_stars.epochs(4, 2),
    )
    rows.execute("UPDATE epochs SET n_stars = 12")
    rows.execute(THUMBNAIL, "M 94", "m94")
    rows.execute("UPDATE users SET stacks_public = 0")

    for who in (visitor, user):
        page = who.get("index.php").text
        assert "thumbnail.php" not in page
        assert "<svg" not in page
        assert "public stack" not in page.partition("You have a smart telescope")[0]

    make_account_public(user)
    page = visitor.get("index.php").text
    # One picture of each object, of the numbers all stacks, and as many stars as were measured.
    assert re.findall(r"<dd>([\d.]+)</dd>", page)[0] == "4"
    assert len(re.findall(r'<img src="thumbnail.php', page)) == 1
    assert "M 94" in page
    assert 'class="dots' in page
    assert "the brightest of 12 stars" in page
    assert 'class="star-field"' in page

    rows.execute("UPDATE stacked_frames SET damaged_at = '2026-01-01 00:00:00' WHERE id > 1")
    choose(user, 1, "private")
    page = visitor.get("index.php").text
    assert "thumbnail.php" not in page
    assert re.findall(r"<dd>([\d.]+)</dd>", page)[0] == "3"


def test_names_that_strangers_do_not_get_are_no_picture_of_the_site(
    visitor: Browser, user: Browser, rows: Rows
) -> None:
    owner = rows.one("SELECT id FROM users")["id"]
    planted_stars.plant(
        rows,
        owner,
        planted_stars.stars(5, planted_stars.sine(0.5, 0.1)),
        planted_stars.epochs(2, 1),
    )
    rows.execute(THUMBNAIL, "my garden", "mygarden")
    rows.execute("UPDATE users SET stacks_public = 1")
    page = visitor.get("index.php").text
    assert "garden" not in page
    assert "thumbnail.php" not in page
