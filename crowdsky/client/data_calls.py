"""The calls that read the archive, one function each. They try once; `client` repeats them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crowdsky.base.errors import UnexpectedAnswerError
from crowdsky.base.json_fields import Fields
from crowdsky.client.download import fetch_file
from crowdsky.client.errors import StackNotFoundError, StarNotFoundError
from crowdsky.client.records import Stack, StackPage
from crowdsky.client.site import Site, SiteRefusedError

MAX_BYTES = 256 * 2**20
"""Size of the largest list that is read."""


def query_of(**conditions: Any) -> dict[str, str]:
    """Return conditions as parameters of a call; those that are None are left out.

    Times without a zone are UTC.
    """
    return {name: _text(value) for name, value in conditions.items() if value is not None}


def search(site: Site, query: Mapping[str, str]) -> StackPage:
    """Return one page of the stacks that a search finds."""
    what = "could not search the archive"
    fields = Fields("page of stacks", _json(site, "search.php", query, what))
    stacks = tuple(Stack.from_json(row) for row in fields.objects("stacks"))
    return StackPage(stacks, fields.optional_text("next"))


def download_frame(site: Site, stack_id: int, folder: Path) -> Path:
    """Download a stack into a folder; raises StackNotFoundError when there is no such stack."""
    what = f"could not download stack {stack_id}"
    try:
        return fetch_file(site, "download_frame.php", {"id": str(stack_id)}, folder, what)
    except SiteRefusedError as error:
        raise _not_found(error, what) from error


def frame_stars(site: Site, stack_id: int) -> Fields:
    """Return the stars of a stack as the site sends them.

    Raises StackNotFoundError when there is no such stack, it is not public, or it has no stars.
    """
    what = f"could not read the stars of stack {stack_id}"
    try:
        return Fields("star list", _json(site, "frame_stars.php", {"id": str(stack_id)}, what))
    except SiteRefusedError as error:
        raise _not_found(error, what) from error


def sky_coverage(site: Site) -> str:
    """Return the table of observed pixels as text in ECSV."""
    answer = site.call(
        "GET",
        "sky_coverage.php",
        "could not read what was observed",
        longest=MAX_BYTES,
    )
    return answer.body.decode()


def star_table(site: Site, endpoint: str, query: Mapping[str, str], what: str) -> str:
    """Return a list of stars as text in ECSV."""
    answer = site.call("GET", endpoint, what, query={**query, "format": "ecsv"}, longest=MAX_BYTES)
    return answer.body.decode()


def light_curve(site: Site, query: Mapping[str, str], form: str = "ecsv") -> bytes:
    """Return a light curve in a format of the site; raises StarNotFoundError."""
    what = "could not read the light curve"
    try:
        answer = site.call(
            "GET", "light_curve.php", what, query={**query, "format": form}, longest=MAX_BYTES
        )
    except SiteRefusedError as error:
        if error.status != 404:
            raise
        raise StarNotFoundError(what, why=error.why) from error
    return answer.body


def _text(value: object) -> str:
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return moment.isoformat().replace("+00:00", "Z")
    return str(int(value)) if isinstance(value, bool) else str(value)


def _not_found(error: SiteRefusedError, what: str) -> Exception:
    if error.status != 404:
        return error
    return StackNotFoundError(what, why=error.why)


def _json(site: Site, endpoint: str, query: Mapping[str, str], what: str) -> Any:
    answer = site.call("GET", endpoint, what, query=query, longest=MAX_BYTES)
    try:
        return json.loads(answer.body)
    except ValueError as error:
        raise UnexpectedAnswerError(
            what,
            where=site.url,
            why="the answer is not JSON, so perhaps it is not from a CrowdSky archive",
            hint="check CROWDSKY_API_URL",
        ) from error
