"""A browser's side of the site: cookies, CSRF tokens, forms and the calls of the upload page.

Also a claim among the jobs that other tests have left.
"""

from __future__ import annotations

import re
from typing import Any

import requests

from demo.services import Site
from tests.contract.jobs.support import Worker
from tests.support.rows import Rows

PASSWORD = "correct horse"
PAGE = {"Accept": "text/html,application/xhtml+xml"}


class Browser:
    """One visitor with a cookie jar. Nothing follows redirects, so that tests see them."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.http = requests.Session()
        self.name = ""

    def get(self, page: str, /, *, headers: dict[str, str] | None = None, **query: Any) -> Any:
        """GET a page as a browser that shows it."""
        return self.http.get(
            f"{self.site.base_url}/{page}",
            params=query,
            headers=PAGE if headers is None else headers,
            allow_redirects=False,
            timeout=60,
        )

    def post(self, page: str, fields: dict[str, Any], **more: Any) -> Any:
        """POST a form as a browser that shows the answer."""
        return self.http.post(
            f"{self.site.base_url}/{page}",
            data=fields,
            allow_redirects=False,
            timeout=60,
            **{"headers": PAGE, **more},
        )

    def call(self, page: str, fields: dict[str, Any], **more: Any) -> Any:
        """POST a form as a script does."""
        return self.post(page, fields, **{"headers": {"Accept": "*/*"}, **more})

    def token(self, page: str = "upload.php") -> str:
        """Return the CSRF token of a page's form."""
        match = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', self.get(page).text)
        assert match, f"{page} has no form with a token"
        return match[1]

    def log_in(self, name: str, password: str = PASSWORD) -> Any:
        """Send the login form and return the answer."""
        self.name = name
        return self.post(
            "login.php",
            {
                "form_action": "login",
                "csrf_token": self.token("login.php"),
                "username": name,
                "password": password,
            },
        )

    def start(self) -> str:
        """Begin an upload and return its session token."""
        answer = self.call("upload.php?action=start", {"csrf_token": self.token()})
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["session_token"]
        return token

    def put(self, session: str, body: bytes, name: str = "Light.fit", **headers: str) -> Any:
        """Send one file as a request body."""
        return self.http.put(
            f"{self.site.base_url}/upload.php",
            params={"action": "file", "session_token": session, "filename": name},
            data=body,
            headers={"Accept": "*/*", **headers},
            allow_redirects=False,
            timeout=60,
        )

    def send_form(self, session: str, body: bytes, name: str = "Light.fit") -> Any:
        """Send one file as a form field."""
        return self.call(
            "upload.php?action=file",
            {"action": "file", "session_token": session},
            files={"file": (name, body)},
        )

    def finalize(self, session: str, token: str | None = None) -> Any:
        """End an upload and return the answer."""
        return self.call(
            "finalize.php", {"session_token": session, "csrf_token": token or self.token()}
        )

    def upload(self, *bodies: bytes) -> dict[str, Any]:
        """Upload subs in a session of their own, end it and return the answer."""
        session = self.start()
        for number, body in enumerate(bodies):
            answer = self.put(session, body, f"Light_{number}.fit")
            assert answer.status_code == 200, answer.text
        answer = self.finalize(session)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return {**result, "session": session}


def claim_first(rows: Rows, worker: Worker, job_id: int, **query: Any) -> dict[str, Any]:
    """Claim a job before those that other tests of the module have left."""
    rows.execute("UPDATE stacking_jobs SET priority = CASE WHEN id = ? THEN 9 ELSE 0 END", job_id)
    lease = worker.claim(**query)
    assert lease["job_id"] == job_id
    return lease
