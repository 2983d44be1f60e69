"""Public and private stacks: the setting of an account, that of a stack, and who sees what then."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest

from tests.contract.site.stacked import MakeStored, Stacked
from tests.contract.site.support import PASSWORD, Browser
from tests.support.rows import Rows

SECRETS = ("my garden", "Light_0.fit", "stacker", "job.php", "Only one sub was usable")
PICTURES = ("stack.php", "thumbnail.php")
CARD = re.compile(r'<meta property="([a-z:_]+)" content="([^"]*)">')
FILES = ("download.php",)


def choose(owner: Browser, stack: int, visibility: str) -> None:
    """Send the form on the page of a stack."""
    fields = {"csrf_token": owner.token(), "action": "visibility", "stack_id": stack}
    answer = owner.post("stack.php", {**fields, "visibility": visibility})
    assert answer.status_code == 303, answer.text


def make_account_public(owner: Browser, *, public: bool = True) -> None:
    """Send the form on the page Account as a browser does."""
    fields = {"csrf_token": owner.token("account.php"), "form_action": "stacks"}
    answer = owner.post("account.php", {**fields, **({"stacks_public": "1"} if public else {})})
    assert answer.status_code == 303, answer.text


def statuses(who: Browser, stack: Stacked, pages: tuple[str, ...]) -> set[int]:
    """What a visitor gets for these pages of a stack."""
    return {who.get(page, id=stack.id, headers={"Accept": "*/*"}).status_code for page in pages}


@pytest.fixture
def stack(make_stored: MakeStored) -> Stacked:
    """A stack of an object that is no known target."""
    return make_stored(OBJECT="'my garden'")


def test_the_account_and_the_stack_decide(
    user: Browser, visitor: Browser, new_user: Callable[..., Browser], stack: Stacked
) -> None:
    stranger = new_user()
    states = (
        (False, "inherit", 404),
        (True, "inherit", 200),
        (True, "private", 404),
        (False, "private", 404),
        (False, "public", 200),
        (True, "public", 200),
    )
    for account, choice, status in states:
        make_account_public(user, public=account)
        choose(user, stack.id, choice)

        assert statuses(visitor, stack, PICTURES) == {status}, (account, choice)
        assert statuses(stranger, stack, PICTURES + FILES) == {status}, (account, choice)
        assert statuses(user, stack, PICTURES + FILES) == {200}
        assert statuses(visitor, stack, FILES) == {401}, "a login or a key is needed for files"


@pytest.mark.one_database
def test_strangers_get_the_copy_without_position_and_no_names(
    user: Browser,
    visitor: Browser,
    new_user: Callable[..., Browser],
    stack: Stacked,
    admin: Browser,
) -> None:
    choose(user, stack.id, "public")
    stranger = new_user()
    copy = user.get("download.php", id=stack.id, form="public")

    assert stranger.get("download.php", id=stack.id).content == copy.content
    assert stranger.get("download.php", id=stack.id, form="cube").status_code == 403
    assert user.get("download.php", id=stack.id).content == stack.body
    for who in (visitor, stranger):
        page = who.get("stack.php", id=stack.id).text
        assert user.name not in page
        assert not [secret for secret in SECRETS if secret in page]
    disposition = stranger.get("download.php", id=stack.id).headers["Content-Disposition"]
    assert "garden" not in disposition
    assert "visibility" not in admin.get("stack.php", id=stack.id).text, "the owner decides alone"


@pytest.mark.one_database
def test_only_the_owner_changes_it(
    user: Browser, new_user: Callable[..., Browser], stack: Stacked, admin: Browser, rows: Rows
) -> None:
    stranger = new_user()
    choose(user, stack.id, "public")
    fields = {"action": "visibility", "stack_id": stack.id, "visibility": "private"}

    assert stranger.post("stack.php", {**fields, "csrf_token": stranger.token()}).status_code == 404
    assert user.post("stack.php", {**fields, "csrf_token": "0" * 64}).status_code == 403
    admin.post("stack.php", {**fields, "csrf_token": admin.token()})
    rescan = {"action": "rescan", "stack_id": stack.id, "csrf_token": stranger.token()}
    assert stranger.post("stack.php", rescan).status_code == 404
    wrong = {**fields, "visibility": "friends", "csrf_token": user.token()}
    assert user.post("stack.php", wrong).status_code == 400
    assert rows.one("SELECT visibility FROM stacked_frames")["visibility"] == "public"


@pytest.mark.one_database
@pytest.mark.parametrize(("box", "public"), [("1", 1), ("0", 0), (None, 1)])
def test_new_accounts_are_public_unless_the_box_is_cleared(
    visitor: Browser, rows: Rows, box: str | None, public: int
) -> None:
    form = visitor.get("login.php").text
    assert re.search(r'name="stacks_public" value="1" checked', form)
    fields = {"form_action": "register", "username": "newcomer", "password": PASSWORD}
    fields["csrf_token"] = visitor.token("login.php")
    visitor.post("login.php", {**fields, **({} if box is None else {"stacks_public": box})})

    row = rows.one("SELECT stacks_public FROM users WHERE username = 'newcomer'")
    assert row["stacks_public"] == public
    account = visitor.get("account.php").text
    assert ('name="stacks_public" value="1" checked' in account) is bool(public)


@pytest.mark.one_database
def test_the_setting_of_the_position_is_another_one(user: Browser, rows: Rows) -> None:
    make_account_public(user)
    user.post("account.php", {"csrf_token": user.token(), "share_position": "1"})

    row = rows.one("SELECT stacks_public, share_position FROM users WHERE username = ?", user.name)
    assert row == {"stacks_public": 1, "share_position": 1}


@pytest.mark.one_database
def test_a_public_stack_has_a_card_for_sharing_and_a_private_one_none(
    user: Browser, visitor: Browser, stack: Stacked
) -> None:
    choose(user, stack.id, "public")
    base = user.site.base_url
    card = dict(CARD.findall(visitor.get("stack.php", id=stack.id).text))

    assert card["og:title"] == "unnamed object", "a name that strangers do not get"
    assert card["og:url"] == f"{base}/stack.php?id={stack.id}"
    picture = visitor.http.get(html.unescape(card["og:image"]), timeout=60)
    assert card["og:image"].startswith(f"{base}/thumbnail.php?id={stack.id}")
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/png")
    assert "2025-03-27" in card["og:description"]
    assert "none is stated by this site" in visitor.get("stack.php", id=stack.id).text

    choose(user, stack.id, "private")
    assert "og:" not in user.get("stack.php", id=stack.id).text
