"""cleanup as tests need it: what one run finds due is deleted by a later one."""

from __future__ import annotations

from demo.services import Site


def clean_up(site: Site, *arguments: str) -> str:
    """Run cleanup twice and return what the second run printed.

    With ``CROWDSKY_CLEANUP_CONFIRM_HOURS=0`` the first run marks what is due, and the second
    deletes it.
    """
    site.cleanup(*arguments)
    return site.cleanup(*arguments)
