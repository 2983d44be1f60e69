"""Requests that no client of ours would send: each is refused in words, none breaks anything.

Every call of the site is made as somebody who may make it, with one part replaced by something
that hurts: wrong types, huge values, NUL bytes, deep JSON, a million characters, invalid UTF-8,
wrong methods, wrong content types, odd headers. Endpoints answer JSON whatever they are sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
import requests

from tests.faults.actors import Call, Situation, Town
from tests.faults.calls import CALLS
from tests.support.sites import SiteUnderTest

MILLION = "x" * 1_000_000
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")

TEXTS = (
    "",
    " ",
    "\0",
    "1\0",
    "-1",
    "0",
    "1.5",
    "1e3",
    "0x10",
    "9" * 30,
    "\u0663",  # a digit, but not one of ours
    "\U0001f600",
    "'; DROP TABLE users; --",
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "a\r\nX-Injected: 1",
)
VALUES: tuple[Any, ...] = (
    *TEXTS,
    None,
    True,
    -1,
    0,
    1.5,
    2**31,
    2**63,
    10**30,
    -1e308,
    [],
    {},
    [[1]],
    {"a": {"b": 1}},
    ["x"] * 1000,
    MILLION,
)
RAW_TEXTS = ("%00", "%FF%FE", "a%00b", "%E2%82", "%", "%zz", "x" * 7000)
"""Query values as they are on the wire."""

BODIES = (
    b"",
    b"   ",
    b"job_id=1",
    b"[]",
    b"null",
    b"1e400",
    b"{",
    b'{"job_id": NaN}',
    b'{"job_id": "\xff\xfe"}',
    b'{"job_id": "\\ud800"}',
    b'{"job_id": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    b"{" + b",".join(b'"k%d":1' % number for number in range(20_000)) + b"}",
    b'{"job_id": 1, "x": "' + MILLION.encode() + b'"}',
    b"\0" * 1000,
)
TYPES = ("", "text/html", "multipart/form-data", "multipart/form-data; boundary=", "a" * 5000)
HEADERS = (
    ("Authorization", "Bearer"),
    ("Authorization", "Bearer " + "x" * 6000),
    ("Authorization", "Basic \xff:\xff"),
    ("Cookie", "crowdsky=../../etc/passwd"),
    ("Cookie", "crowdsky=" + "x" * 6000),
    ("Cookie", "crowdsky[]=1"),
    ("X-Lease-Token", "\xff\xfe"),
    ("X-Lease-Token", "x" * 6000),
    ("X-SHA256", "g" * 64),
    ("Content-Encoding", "gzip"),
    ("Range", "bytes=99999999999999999999-"),
    ("Range", "bytes=5-1,-0,x"),
    ("If-Match", "\xff"),
    ("If-Range", "W/"),
    ("X-Requested-With", "\xff"),
    ("Accept", "\xff" * 100),
)
VO_SERVICES = ("api/scs_stacks.php", "api/scs_stars.php", "api/sia2.php")
MORE_FIELDS: dict[str, dict[str, Any]] = {
    "claim": {"worker_id": "w", "claim_id": "claim-0001", "version": "1"},
    "heartbeat": {"lease_token": None, "progress": 0.5, "message": "frame 1"},
    "fail": {"lease_token": None, "retryable": True, "stage": "stack"},
    "release": {"lease_token": None, "reason": "shutdown"},
    "complete": {
        "lease_token": None,
        "thumbnail_path": None,
        "file_size_bytes": 10,
        "thumbnail_size_bytes": 1,
        "sha256": "0" * 64,
        "n_frames_input": 1,
        "total_exptime": 1.0,
        "date_obs_start": "2026-01-01T00:00:00",
        "date_obs_end": "2026-01-01T00:00:10",
        "ra_deg": 1.0,
        "dec_deg": 1.0,
        "n_stars_detected": 1,
        "engine": "native",
        "notes": ["a note"],
    },
    "cleanup": {"dry_run": "1"},
    "queue": {"state": "failed", "page": 2},
    "my stacks": {"page": 1},
    "wrong login": {"email": "a@b.c"},
    "job page": {"return": "admin.php"},
}


@dataclass(frozen=True)
class Knock:
    """One request; ``must_refuse`` where no reading of it makes sense."""

    label: str
    method: str
    query: dict[str, Any] | str
    body: Any = None
    as_json: Any = None
    headers: tuple[tuple[str, str], ...] = ()
    must_refuse: bool = False


def actor_of(name: str, call: Call) -> str:
    """Somebody who may make the call."""
    if name == "cleanup":
        return "janitor"
    is_for_people = call.by_password or name in ("delete", "stacks as data")
    if call.path.startswith("api/") and not is_for_people:
        return "holder"
    return "admin" if call.path.startswith("admin") or name == "priority" else "owner"


def knocks(name: str, call: Call, situation: Situation, csrf: str) -> Iterator[Knock]:
    """Everything that is tried on one call."""
    more = MORE_FIELDS.get(name, {})
    query = dict(call.query(situation))
    form = None if call.form is None else {"csrf_token": csrf, **call.form(situation)}
    fields = None if call.json is None else {"csrf_token": csrf, **call.json(situation), **more}
    if form is not None:
        form |= more
    elif fields is None:
        query |= more
    method = call.target.split()[0]
    right = Knock("right", method, query, call.body if form is None else form, fields)
    yield from _wrong_fields(right, query, form, fields)
    for wrong in set(METHODS) - _methods(call.path):
        yield replace(right, label=wrong, method=wrong, must_refuse=True)
    for header, value in HEADERS:
        label = f"{header}: {value[:20]!r}"
        yield replace(right, label=label, headers=((header, value),), must_refuse=False)
    if fields is not None:
        for body in BODIES:
            label = f"body {body[:20]!r}"
            yield replace(right, label=label, body=body, as_json=None, must_refuse=True)
        for kind in TYPES:
            text = json.dumps(fields)
            yield replace(
                right, label=kind[:20], body=text, as_json=None, headers=(("Content-Type", kind),)
            )


def _wrong_fields(
    right: Knock, query: dict[str, Any], form: dict[str, Any] | None, fields: Any
) -> Iterator[Knock]:
    for field in query:
        others = {other: value for other, value in query.items() if other != field}
        for text in (*TEXTS, *RAW_TEXTS):
            raw = text if text in RAW_TEXTS else requests.utils.quote(text)
            encoded = requests.models.RequestEncodingMixin._encode_params(others)
            yield replace(right, label=f"{field}={raw[:20]}", query=f"{field}={raw}&{encoded}")
        for shape in (f"{field}[]", f"{field}[a][b]"):
            yield replace(right, label=shape, query={**others, shape: "1"}, must_refuse=False)
    for field in form or ():
        others = {other: value for other, value in (form or {}).items() if other != field}
        for text in (*TEXTS, "\udcff", MILLION):
            value = text.encode("utf-8", "surrogatepass")
            yield replace(right, label=f"{field}={text[:20]!r}", body={**others, field: value})
        yield replace(right, label=f"{field}[]", body={**others, f"{field}[]": "1"})
    for field in fields or ():
        for value in VALUES:
            label = f"{field}: {str(value)[:20]!r}"
            yield replace(right, label=label, as_json={**fields, field: value})


def _methods(path: str) -> set[str]:
    """The methods that a file answers."""
    known = {call.target.split()[0] for call in CALLS.values() if call.path == path}
    return known | ({"GET", "POST"} if path in ("api/cleanup.php", *VO_SERVICES) else set())


@pytest.fixture(scope="module", params=["sqlite", pytest.param("mariadb", marks=pytest.mark.every)])
def town(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """One site on each engine for all knocks."""
    database = None
    if request.param == "mariadb":
        database = request.getfixturevalue("mariadb").new_database()
    folder = tmp_path_factory.mktemp("fuzz") / "site"
    with SiteUnderTest(folder, database) as site:
        yield Town(site)


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLS)
def test_nothing_breaks(town: Town, name: str) -> None:
    call = CALLS[name]
    actor = actor_of(name, call)
    situation = town.situation()
    log = town.errors_logged()
    complaints = []
    plan = list(knocks(name, call, situation, town.token(actor)))
    for number in range(len(plan)):
        knock = plan[number]
        answer = town.send(actor, call, knock, situation)
        problem = _problem(call, knock, answer)
        if problem:
            complaints.append(f"{knock.label}: {problem}")
        if answer.status_code < 400 and (knock.method != "GET" or name == "claim"):
            # It did something: the next knock finds everything new.
            situation = town.situation()
            town.welcome_back(actor)
            plan = list(knocks(name, call, situation, town.token(actor)))
    complaints += town.errors_logged()[len(log) :]
    assert not complaints, "\n".join(complaints)


FORMS = ("login.php", "reset.php", "confirm.php", "upload_form.php", "not_found.php")
"""Pages that show their form again with what is wrong, and that for unknown addresses."""


def _problem(call: Call, knock: Knock, answer: requests.Response) -> str | None:
    status, kind = answer.status_code, answer.headers.get("Content-Type", "")
    if status >= 500 or (knock.must_refuse and status < 400):
        return f"answered {status}: {answer.text[:200]}"
    if "X-Injected" in answer.headers:
        return "a header was injected"
    if status < 400:
        return None
    if kind == "text/plain; charset=utf-8" and call.path in (
        "download.php",
        "thumbnail.php",
        "picture.php",
    ):
        return None if answer.text.strip() else "refused without a reason"
    if kind == "text/html; charset=utf-8" and call.path in FORMS:
        return None
    if kind == "application/x-votable+xml" and call.path in VO_SERVICES:
        return None if 'value="ERROR">' in answer.text else f"no reason: {answer.text}"
    if kind != "application/json":
        return f"{status} as {kind}: {answer.text[:200]}"
    said = answer.json()
    return None if said.get("error") and said.get("code") else f"no reason: {said}"
