"""What the client API's tests are written with: the calls of a user's own program."""

from __future__ import annotations

import io
from typing import Any

import requests

from demo.services import Site
from tests.contract.jobs.support import PNG, Worker, stack_file
from tests.contract.site.stacked import sub_for

PASSWORD = "corr:ect horse"
TIMES = {"date_obs_start": "2025-03-27T01:20:32.955", "date_obs_end": "2025-03-27T01:20:42.955"}


class Client:
    """A program that sends name and password with each call, as requests encodes them."""

    def __init__(self, site: Site, name: str, password: str) -> None:
        self.site = site
        self.auth = (name, password)

    def get(self, endpoint: str, /, **query: Any) -> requests.Response:
        """GET an endpoint."""
        return self.call("GET", endpoint, params=query)

    def call(self, method: str, endpoint: str, **more: Any) -> requests.Response:
        """Send a request; nothing follows redirects, so that tests see them."""
        return requests.request(
            method,
            f"{self.site.api_url}/{endpoint}.php",
            timeout=60,
            allow_redirects=False,
            **{"auth": self.auth, **more},
        )

    def stacks(self, **query: str) -> list[dict[str, Any]]:
        """Return the list of my_stacks."""
        answer = self.get("my_stacks", **query)
        assert answer.status_code == 200, answer.text
        listed: list[dict[str, Any]] = answer.json()
        return listed

    def start(self) -> str:
        """Begin an upload of subs."""
        answer = self.call("POST", "raw_upload", params={"action": "start"})
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["session_token"]
        return token

    def send(self, token: str, body: bytes, name: str = "Light_1.fit") -> requests.Response:
        """Send a sub as multipart, without a type of its own."""
        return self.call(
            "POST",
            "raw_upload",
            params={"action": "file"},
            data={"session_token": token},
            files={"file": (name, io.BytesIO(body))},
        )

    def finalize(self, token: str, **fields: str) -> requests.Response:
        """End an upload of subs."""
        return self.call(
            "POST",
            "raw_upload",
            params={"action": "finalize"},
            data={"session_token": token, "scrub_location": "0", **fields},
        )

    def upload(self, *bodies: bytes, **fields: str) -> dict[str, Any]:
        """Upload subs in a session of their own and return the answer of finalize."""
        token = self.start()
        for number, body in enumerate(bodies):
            answer = self.send(token, body, f"Light_{number}.fit")
            assert answer.status_code == 200, answer.text
        answer = self.finalize(token, **fields)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result


def stack_next(worker: Worker, body: bytes | None = None, **report: Any) -> dict[str, Any]:
    """Claim the next job, store a stack for it, and return the answer to its completion."""
    lease = worker.claim(clocks="1")
    thumbnail = worker.upload(lease, PNG, kind="thumbnail").json()["path"]
    answer = worker.report(
        "complete_job",
        lease,
        **{
            **worker.archive(lease, stack_file() if body is None else body),
            "thumbnail_path": thumbnail,
            "total_exptime": 10.0,
            **TIMES,
            **report,
        },
    )
    assert answer.status_code == 200, answer.text
    done: dict[str, Any] = answer.json()
    return done


def small_sub(**cards: str) -> bytes:
    """Return a sub of the size of the stacks that ``stack_next`` stores."""
    return sub_for(stack_file(), cards)
