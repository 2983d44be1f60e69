"""Everybody who can knock at the site, and a situation in which each of them knocks."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import requests

from tests.contract.jobs.support import JPEG, NOW, PNG, Queue, Worker, job_columns, stack_file
from tests.contract.site.subs import sub
from tests.contract.site.support import PAGE, PASSWORD, Browser
from tests.support.openapi import problem_of
from tests.support.sites import SiteUnderTest

ACTORS = ("nobody", "owner", "other", "admin", "holder", "stranger", "revoked")
PEOPLE = ("owner", "other", "admin")
TIMEOUT = 200
STACK = stack_file(size=2)
STACK_SHA256 = hashlib.sha256(STACK).hexdigest()
SUB = sub()
TABLES = (
    "job_events",
    "stacked_frames",
    "raw_files",
    "stacking_jobs",
    "upload_sessions",
    "login_failures",
    "mail_requests",
    "code_failures",
    "key_failures",
)


@dataclass(frozen=True)
class Situation:
    """What exists when somebody knocks: one running job, one finished one, one open upload.

    ``lease`` is the lease of the running job; every worker that knocks shows its token, since a
    token may be stolen.
    """

    lease: Mapping[str, Any]
    file_id: int
    done_id: int
    stack_id: int
    session: str
    victim_id: int
    key_id: int


Fields = Callable[[Situation], Mapping[str, Any]]


def nothing(_: Situation) -> Mapping[str, Any]:
    """A call without any field."""
    return {}


@dataclass(frozen=True)
class Call:
    """One request as it would be right for somebody who may make it.

    Attributes:
        target: method and path.
        query, form, json: the fields, made from the situation.
        body: a raw body instead of fields.
        by_password: whether people send name and password with it, as their programs do.
    """

    target: str
    query: Fields = nothing
    form: Fields | None = None
    json: Fields | None = None
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    by_password: bool = False

    @property
    def path(self) -> str:
        """Path of the file that answers."""
        return self.target.split()[1]


class Knock(Protocol):
    """Any request, also one that no client would make."""

    method: str
    query: Mapping[str, Any] | str
    body: Any
    as_json: Any
    headers: tuple[tuple[str, str], ...]


def as_described(method: str, path: str, answer: requests.Response) -> requests.Response:
    """Return an answer of the API, which must be as ``docs/openapi.yaml`` has it."""
    if path.startswith("api/"):
        problem = problem_of(method, path.removeprefix("api/"), answer)
        assert not problem, f"{method} {path}: {problem}"
    return answer


class Town:
    """The site and everybody who uses it."""

    def __init__(self, site: SiteUnderTest) -> None:
        self._site = site
        self._rows = site.rows
        # Sends what is prepared, with nothing of its own in it.
        self._http = requests.Session()
        self._people = {name: self._person(name) for name in PEOPLE}
        self._person("victim")
        self._queue = Queue(site, site.rows)
        self._queue.user_id = self._user_id("owner")
        names = ("holder", "stranger", "revoked")
        self._workers = {name: Worker(site, site.create_worker_key(name), name) for name in names}
        janitor = site.create_worker_key("janitor", scopes=["cleanup"])
        self._workers["janitor"] = Worker(site, janitor, "janitor")
        site.rows.execute("UPDATE api_keys SET revoked_at = ? WHERE name = 'revoked'", NOW)
        self._tokens = {name: browser.token() for name, browser in self._people.items()}

    def situation(self) -> Situation:
        """Make a fresh one; whatever an earlier knock did is gone."""
        self._rows.run([{"sql": f"DELETE FROM {table}", "parameters": []} for table in TABLES])  # noqa: S608
        self._rows.execute("UPDATE users SET is_active = 1")
        self._rows.execute("UPDATE api_keys SET revoked_at = NULL WHERE name = 'holder'")
        self._queue.add_job(frames=1)
        lease = self._workers["holder"].claim()
        session = self._queue.add_session("uploading", last_activity_at="2999-01-01 00:00:00")
        done, stack = self._add_finished_job()
        return Situation(
            lease=lease,
            file_id=self._id("SELECT id FROM raw_files WHERE job_id = ?", lease["job_id"]),
            done_id=done,
            stack_id=stack,
            session=self._token_of(session),
            victim_id=self._user_id("victim"),
            key_id=self._id("SELECT id FROM api_keys WHERE name = 'holder'"),
        )

    def knock(
        self, actor: str, call: Call, situation: Situation, *, forged: bool = False
    ) -> requests.Response:
        """Make a call as somebody; a forged one lacks the token of the person's own pages."""
        method, path = call.target.split()
        cookies = self._people[actor].http.cookies if actor in self._people else None
        headers = {**call.headers}
        if actor in self._workers:
            headers |= self._workers[actor].headers
            headers["X-Lease-Token"] = situation.lease["lease_token"]
        if "/api/" not in f"/{path}" and "Accept" not in headers:
            headers |= PAGE
        if call.by_password:
            headers |= self._password_of(actor)
        csrf = {"csrf_token": "0" * 64 if forged else self._tokens.get(actor, "0" * 64)}
        answer = requests.request(
            method,
            f"{self._site.base_url}/{path}",
            params=call.query(situation),
            data=call.body if call.form is None else {**csrf, **call.form(situation)},
            json=None if call.json is None else {**csrf, **call.json(situation)},
            headers=headers,
            cookies=cookies,
            allow_redirects=False,
            timeout=TIMEOUT,
        )
        return as_described(method, path, answer)

    def send(self, actor: str, call: Call, knock: Knock, situation: Situation) -> requests.Response:
        """Send any request as somebody, from a script and not from a browser."""
        headers = {"Accept": "*/*", "X-SHA256": STACK_SHA256}
        if call.by_password:
            headers |= self._password_of(actor)
        if actor in self._workers:
            headers |= self._workers[actor].headers
            headers["X-Lease-Token"] = situation.lease["lease_token"]
        cookies = self._people[actor].http.cookies if actor in self._people else None
        given = dict(knock.headers)
        request = requests.Request(
            knock.method,
            f"{self._site.base_url}/{call.path}",
            params=knock.query,
            data=knock.body,
            json=knock.as_json,
            headers={name: value for name, value in headers.items() if name not in given},
            cookies=None if "Cookie" in given else cookies,
        ).prepare()
        for name, value in given.items():
            # Straight onto the wire: requests would refuse some of these before the site can.
            request.headers[name] = value.encode("latin-1")
        answer = self._http.send(request, timeout=TIMEOUT, allow_redirects=False)
        return as_described(knock.method, call.path, answer)

    def token(self, actor: str) -> str:
        """The CSRF token of somebody's pages."""
        return self._tokens.get(actor, "")

    def errors_logged(self) -> list[str]:
        """Lines of the logs that tell of a mistake in the site."""
        site_log = self._site.data_dir / "log" / "crowdsky.log"
        lines = site_log.read_text().splitlines() if site_log.exists() else []
        mistakes = [line for line in lines if " ERROR " in line]
        server = self._site.log_path.read_text(errors="replace").splitlines()
        # "in Unknown": PHP itself complains about a body before any line of the site has run.
        own = [line for line in server if "PHP " in line and "in Unknown" not in line]
        return mistakes + [line for line in own if "Development Server" not in line]

    def welcome_back(self, actor: str) -> None:
        """Log somebody in again who was logged out by a call."""
        if actor in self._people and self._people[actor].get("upload.php").status_code == 302:
            self._people[actor].log_in(self._people[actor].name)
            self._tokens[actor] = self._people[actor].token()

    def _password_of(self, actor: str) -> dict[str, str]:
        if actor not in self._people:
            return {}
        sent = base64.b64encode(f"{self._people[actor].name}:{PASSWORD}".encode()).decode()
        return {"Authorization": f"Basic {sent}"}

    def _person(self, role: str) -> Browser:
        name = f"{role}-{secrets.token_hex(4)}"
        self._site.create_user(name, PASSWORD, admin=role == "admin")
        browser = Browser(self._site)
        assert browser.log_in(name).status_code == 302
        return browser

    def _user_id(self, role: str) -> int:
        return self._id("SELECT id FROM users WHERE username LIKE ?", f"{role}-%")

    def _token_of(self, session: int) -> str:
        sql = "SELECT session_token FROM upload_sessions WHERE id = ?"
        token: str = self._rows.one(sql, session)["session_token"]
        return token

    def _id(self, sql: str, *parameters: Any) -> int:
        found: int = self._rows.one(sql, *parameters)["id"]
        return found

    def _add_finished_job(self) -> tuple[int, int]:
        user, session = self._queue.user_id, self._queue.add_session()
        columns = job_columns(user, session, status="completed", completed_at=NOW)
        job = self._rows.insert("stacking_jobs", **columns)
        stem = f"/crowdsky/stacks/user_{user}/M_94/stack_20260101.00_192.7_+41.1_{job}"
        names = {
            "ucloud_path": f"{stem}.fits",
            "thumbnail_path": f"{stem}_thumb.png",
            "picture_path": f"{stem}_picture.jpg",
            "overlay_path": f"{stem}_overlay.png",
            "stars_path": f"{stem}_stars.json",
        }
        for path, content in zip(names.values(), (STACK, PNG, JPEG, PNG, b"{}"), strict=True):
            stored = self._site.data_dir / "stacks" / path[1:]
            stored.parent.mkdir(parents=True, exist_ok=True)
            stored.write_bytes(content)
        stack = self._rows.insert(
            "stacked_frames",
            job_id=job,
            user_id=user,
            chunk_key=columns["chunk_key"],
            chunk_key_hp=columns["chunk_key_hp"],
            file_size_bytes=len(STACK),
            sha256=STACK_SHA256,
            n_frames_input=1,
            n_frames_aligned=1,
            notes="[]",
            created_at=NOW,
            verified_at=NOW,
            **names,
        )
        return job, stack
