"""Finished stacks: lists, pages, and downloads for the owner only."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from crowdsky.frames.telescopes import unit_of_owner
from tests.contract.jobs.support import PNG, stack_file
from tests.contract.site.stacked import MakeStored
from tests.contract.site.support import Browser
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

pytestmark = pytest.mark.one_database


def test_a_download_is_the_stack_itself(user: Browser, make_stored: MakeStored) -> None:
    stack = make_stored(OBJECT="'M 94/NGC 4736'")

    answer = user.get("download.php", id=stack.id)

    assert answer.content == stack.body
    assert answer.headers["Content-Type"] == "application/fits"
    assert answer.headers["Content-Length"] == str(len(stack.body))
    name = "M_94_NGC_4736_20250327.05_193.0_+41.0.fits"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'


def test_a_download_can_be_resumed(user: Browser, make_stored: MakeStored) -> None:
    stack = make_stored()

    answer = user.get("download.php", id=stack.id, headers={"Range": "bytes=100-199"})

    assert answer.status_code == 206
    assert answer.content == stack.body[100:200]


def test_a_telescope_without_a_unit_gets_that_of_its_owner(
    user: Browser, make_stored: MakeStored, rows: Rows, site: SiteUnderTest
) -> None:
    stack = make_stored(TELESCOP="'Seestar S50'")

    page = user.get("stack.php", id=stack.id).text

    owner = rows.one("SELECT user_id FROM stacked_frames WHERE id = ?", stack.id)["user_id"]
    archive = rows.one("SELECT archive_id FROM archive_ids WHERE is_current = 1")["archive_id"]
    named = f"<code>Seestar S50_{unit_of_owner(archive, int(owner))}</code>"
    assert named in page
    for _ in range(2):
        site.run_php("site.php", "restored")
    assert named in user.get("stack.php", id=stack.id).text, "its file keeps that name too"
    assert "names no unit" not in user.get("stack.php", id=make_stored().id).text


def test_the_thumbnail_is_a_picture(user: Browser, make_stored: MakeStored) -> None:
    stack = make_stored()

    answer = user.get("thumbnail.php", id=stack.id)

    assert answer.content == PNG
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_only_the_owner_and_admins_get_a_stack(
    make_stored: MakeStored,
    new_user: Callable[..., Browser],
    admin: Browser,
    visitor: Browser,
) -> None:
    stack = make_stored()
    other = new_user()

    for page in ("download.php", "thumbnail.php", "stack.php"):
        assert other.get(page, id=stack.id).status_code == 404, page
        assert admin.get(page, id=stack.id).status_code == 200, page
        login_first = page == "download.php"
        assert visitor.get(page, id=stack.id).status_code == (302 if login_first else 404), page
    script = visitor.get("download.php", id=stack.id, headers={"Accept": "*/*"})
    assert script.status_code == 401


def test_a_stack_missing_in_storage_is_an_error_and_no_file(
    user: Browser, make_stored: MakeStored
) -> None:
    stack = make_stored()
    for path in stack.files:
        path.unlink()

    for page in ("download.php", "thumbnail.php"):
        answer = user.get(page, id=stack.id, headers={"Accept": "*/*"})
        assert answer.status_code == 404
        assert answer.headers["Content-Type"].startswith("text/plain")
        assert "Content-Disposition" not in answer.headers
    assert user.get("download.php", headers={"Accept": "*/*"}).status_code == 400


def test_pages_show_the_stack(user: Browser, make_stored: MakeStored) -> None:
    stack = make_stored(OBJECT="'<b>M 94</b>'")

    cards = user.get("stacks.php").text
    page = user.get("stack.php", id=stack.id).text

    assert f'src="thumbnail.php?id={stack.id}"' in cards
    for text in (cards, page):
        assert "&lt;b&gt;M 94&lt;/b&gt;" in text
        assert "<b>M 94" not in text
    assert "Only one sub was usable." in page
    assert "2025-03-27 01:20 UTC" in page


def test_stacks_data(user: Browser, make_stored: MakeStored) -> None:
    stack = make_stored()

    assert user.get("api/stacks_data.php").json() == [
        {
            "id": stack.id,
            "ra_deg": 193.04,
            "dec_deg": 40.97,
            "object_name": "M 94",
            "chunk_key": "20250327.05_193.0_+41.0",
            "date_obs_start": "2025-03-27T01:20:32.955",
            "n_frames_input": 1,
            "n_frames_aligned": 1,
            "total_exptime": 10.0,
            "file_size_bytes": len(stack.body),
            "smoothed": True,
        }
    ]


def test_smoothed_stacks_are_marked(user: Browser, make_stored: MakeStored) -> None:
    """A stack without the card is from before there was one, and was smoothed."""
    stacks = {
        make_stored(): True,
        make_stored(stack_file(cards=(("SMOOTHED", True),))): True,
        make_stored(stack_file(cards=(("SMOOTHED", False),))): False,
    }
    said = {row["id"]: row["smoothed"] for row in user.get("api/stacks_data.php").json()}
    for stack, is_smoothed in stacks.items():
        assert said[stack.id] is is_smoothed
        page = user.get("stack.php", id=stack.id).text
        assert ("<dt>Pixels</dt><dd>smoothed" in page) is is_smoothed


def test_stacks_data_of_nobody_and_of_others(
    visitor: Browser, make_stored: MakeStored, new_user: Callable[..., Browser]
) -> None:
    make_stored()

    assert visitor.get("api/stacks_data.php").status_code == 401
    assert new_user().get("api/stacks_data.php").json() == []
