"""The list of pages that browser tests and pictures go through."""

from __future__ import annotations

from demo.services import PHP_API
from tests.support.site_pages import NO_PAGE_OF_THEIR_OWN, PAGES


def test_every_page_of_the_site_is_listed() -> None:
    files = {path.name for path in (PHP_API / "public").glob("*.php")}
    listed = {page.address.partition("?")[0] for page in PAGES if page.name != "not-found"}
    assert not listed & NO_PAGE_OF_THEIR_OWN
    assert files == listed | NO_PAGE_OF_THEIR_OWN
