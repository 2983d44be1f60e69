"""Reads the parameters of a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from crowdsky.tap.answers import media_type
from crowdsky.tap.errors import QueryRefusedError
from crowdsky.tap.run_query import MOST_ROWS, USUAL_ROWS

LONGEST_BODY = 65_536


@dataclass(frozen=True)
class QueryRequest:
    """What is asked of /sync, or of a new job."""

    query: str
    language: str
    most_rows: int
    format: str
    run_id: str


def parameters(environ: dict[str, Any]) -> dict[str, str]:
    """Return the parameters of the address and of a form; names are upper case, the last one wins.

    Raises:
        QueryRefusedError: the form is too long, or none that is read here.
    """
    text = environ.get("QUERY_STRING", "")
    if environ["REQUEST_METHOD"] == "POST":
        kind = environ.get("CONTENT_TYPE", "").split(";")[0].strip().lower()
        length = environ.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > LONGEST_BODY:
            raise QueryRefusedError("the request is too long", why=f"{LONGEST_BODY} bytes at most")
        if int(length) and kind != "application/x-www-form-urlencoded":
            raise QueryRefusedError(
                "the form must be application/x-www-form-urlencoded",
                hint="tables cannot be uploaded",
            )
        text += "&" + environ["wsgi.input"].read(int(length)).decode("utf-8", "replace")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=50)
    except ValueError as error:
        raise QueryRefusedError("there are too many parameters") from error
    return {name.upper(): value for name, value in pairs}


def query_request(given: dict[str, str]) -> QueryRequest:
    """Return the query of a request.

    Raises:
        QueryRefusedError: a parameter is missing or wrong.
    """
    if given.get("REQUEST", "doQuery").lower() != "doquery":
        raise QueryRefusedError("REQUEST must be doQuery")
    if given.get("UPLOAD"):
        raise QueryRefusedError("tables cannot be uploaded", hint="leave UPLOAD out")
    language = given.get("LANG", "ADQL")
    query = given.get("QUERY", "").strip()
    if not query:
        raise QueryRefusedError(
            "QUERY is needed", hint="as in QUERY=SELECT TOP 5 * FROM ivoa.obscore"
        )
    wanted = given.get("RESPONSEFORMAT") or given.get("FORMAT", "")
    media_type(wanted)
    rows = given.get("MAXREC") or str(USUAL_ROWS)
    if not rows.isdecimal():
        raise QueryRefusedError("MAXREC must be a whole number, 0 or more")
    most = min(int(rows[:18]), MOST_ROWS)
    return QueryRequest(query, language, most, wanted, given.get("RUNID", "")[:64])
