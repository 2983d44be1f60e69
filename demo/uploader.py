"""Upload raw subs as a browser does: log in, start a session, send each file, finalize."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import requests

from crowdsky.base.errors import CrowdSkyError

TIMEOUT_SECONDS = 120.0


class UploadError(CrowdSkyError):
    """The site did not take what a browser sent."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A file the site did not take, and the reason it gave."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A finished upload: the jobs it made and the files that were left out."""

    job_ids: tuple[int, ...]
    refused: tuple[Refused, ...]


class Browser:
    """One logged-in browser, with its cookie and the CSRF token of the pages.

    Raises:
        UploadError: from every method, when the site answers otherwise than a browser needs.
    """

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.session = requests.Session()
        self._csrf_token = ""

    def log_in(self, username: str, password: str) -> None:
        """Log in with the form of the login page."""
        form = {
            "form_action": "login",
            "csrf_token": self._read_csrf_token("login.php"),
            "username": username,
            "password": password,
        }
        answer = self.session.post(
            f"{self.base_url}/login.php",
            data=form,
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
        )
        if answer.status_code not in (302, 303):
            raise UploadError("could not log in", where=f"{self.base_url}/login.php")
        self._csrf_token = self._read_csrf_token("upload.php")

    def upload(self, paths: Sequence[Path], on_file: Callable[[], None]) -> Upload:
        """Send files in one upload session and finalize it.

        Args:
            paths: the raw subs.
            on_file: called after each of them, for a progress bar.
        """
        csrf = {"csrf_token": self._csrf_token}
        started = self._post("upload.php?action=start", {"action": "start", **csrf})
        token = {"session_token": str(started["session_token"])}
        refused = []
        for path in paths:
            try:
                self._send_file(path, token)
            except UploadError as error:
                refused.append(Refused(path, error.why))
            on_file()
        if len(refused) == len(paths):
            raise UploadError(
                f"the site took none of the {len(paths)} files",
                where=refused[0].path.name,
                why=refused[0].reason,
            )
        finished = self._post("finalize.php", {**token, **csrf})
        job_ids = finished["job_ids"]
        if not isinstance(job_ids, list):
            raise UploadError("finalizing named no jobs", where=self.base_url)
        return Upload(tuple(int(job) for job in job_ids), tuple(refused))

    def links(self, page: str) -> list[str]:
        """Return where the links of a page lead to."""
        return self._read_page(page).links

    def _send_file(self, path: Path, token: dict[str, str]) -> None:
        with path.open("rb") as file:
            self._post(
                "upload.php?action=file",
                {"action": "file", **token},
                files={"file": (path.name, file)},
            )

    def _post(self, page: str, form: dict[str, str], **more: object) -> dict[str, object]:
        answer = self.session.post(
            f"{self.base_url}/{page}",
            data=form,
            timeout=TIMEOUT_SECONDS,
            headers={"Accept": "application/json"},
            allow_redirects=False,
            **more,  # type: ignore[arg-type]
        )
        content = self._json_of(answer, page)
        if not isinstance(content, dict):
            raise UploadError("the site answered with no object", where=page)
        return content

    def _json_of(self, answer: requests.Response, page: str) -> object:
        try:
            content: object = answer.json()
        except requests.JSONDecodeError as error:
            raise UploadError(
                "the site did not answer in JSON", where=page, why=f"status {answer.status_code}"
            ) from error
        if not answer.ok:
            reason = content.get("error", "") if isinstance(content, dict) else ""
            raise UploadError(
                f"the site refused with status {answer.status_code}", where=page, why=str(reason)
            )
        return content

    def _read_csrf_token(self, page: str) -> str:
        content = self._read_page(page)
        if not content.csrf_token:
            raise UploadError("the page carries no CSRF token", where=f"{self.base_url}/{page}")
        return content.csrf_token

    def _read_page(self, page: str) -> _Page:
        answer = self.session.get(
            f"{self.base_url}/{page}", timeout=TIMEOUT_SECONDS, allow_redirects=False
        )
        if not answer.ok:
            raise UploadError(
                "the page did not open",
                where=f"{self.base_url}/{page}",
                why=f"status {answer.status_code}",
            )
        content = _Page()
        content.feed(answer.text)
        return content


class _Page(HTMLParser):
    """What the demo needs of a page: its links and the value of the field ``csrf_token``."""

    def __init__(self) -> None:
        super().__init__()
        self.csrf_token = ""
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        fields = dict(attrs)
        if tag == "input" and fields.get("name") == "csrf_token":
            self.csrf_token = fields.get("value") or ""
        if tag == "a":
            self.links.append(fields.get("href") or "")
