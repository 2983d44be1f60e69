"""Files by PUT, checked against their hash, and the question which files need not be sent."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
import requests

from tests.contract.clients.support import Client
from tests.contract.site.subs import sub, taken_at
from tests.support.rows import Rows


def put(client: Client, token: str, body: bytes, **headers: str) -> requests.Response:
    return client.call(
        "PUT",
        "raw_upload",
        params={"action": "file", "session_token": token},
        data=body,
        headers={"X-Filename": "Light%2B%201.fit", **headers},
    )


def ask(client: Client, *hashes: str, **more: Any) -> dict[str, Any]:
    answer = client.call("POST", "known_frames", json={"sha256": hashes, **more})
    assert answer.status_code == 200, answer.text
    known: dict[str, Any] = answer.json()
    return known


def states(client: Client, *bodies: bytes, **more: Any) -> list[str | None]:
    hashes = [hashlib.sha256(body).hexdigest() for body in bodies]
    found = {row["sha256"]: row["state"] for row in ask(client, *hashes, **more)["known"]}
    return [found.get(sha256) for sha256 in hashes]


@pytest.mark.one_database
def test_a_file_by_put_is_taken_as_by_form(client: Client, rows: Rows) -> None:
    token, body = client.start(), sub()
    answer = put(client, token, body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["filename"] == "Light+ 1.fit"
    assert answer.json()["chunk_key"] == "20250327.05_HP033810"
    assert client.finalize(token).json()["jobs"] == 1


@pytest.mark.one_database
def test_other_bytes_than_the_hash_names_are_not_taken(client: Client, rows: Rows) -> None:
    token, body = client.start(), sub()
    sha256 = hashlib.sha256(body).hexdigest()
    changed = body[:-1] + bytes([body[-1] ^ 1])

    refused = put(client, token, changed, **{"X-SHA256": sha256})

    assert (refused.status_code, refused.json()["code"]) == (422, "hash_mismatch")
    assert rows.all("SELECT id FROM raw_files") == []
    assert list((client.site.data_dir / "spool").glob("*")) == []
    assert put(client, token, body, **{"X-SHA256": sha256.upper()}).status_code == 200


@pytest.mark.one_database
def test_only_a_file_may_be_put(client: Client) -> None:
    for action in ("start", "finalize", ""):
        answer = client.call("PUT", "raw_upload", params={"action": action})
        assert answer.status_code == 400, action
    token = client.start()
    nameless = client.call(
        "PUT", "raw_upload", params={"action": "file", "session_token": token}, data=sub()
    )
    assert nameless.status_code == 400 and "X-Filename" in nameless.json()["error"]


def test_the_site_knows_what_it_has(client: Client) -> None:
    first, second, unknown = (taken_at(f"2025-03-27T01:20:{n}") for n in (10, 20, 30))
    token = client.start()
    assert put(client, token, first).status_code == 200

    assert states(client, first, second) == [None, None], "nobody has submitted it"
    assert states(client, first, second, session_token=token) == ["uploaded", None]
    client.finalize(token)
    assert states(client, first, session_token=token) == ["queued"]
    client.upload(second)
    assert states(client, unknown, first, second) == [None, "queued", "queued"]
    assert ask(client, session_token=token)["is_open"] is False
    assert ask(client, session_token=client.start())["is_open"] is True


def test_a_thousand_files_are_asked_at_once(client: Client) -> None:
    body = sub()
    client.upload(body)
    hashes = [f"{number:064x}" for number in range(999)]
    hashes.append(hashlib.sha256(body).hexdigest())
    assert len(ask(client, *hashes)["known"]) == 1
    many = client.call("POST", "known_frames", json={"sha256": [*hashes, "0" * 64]})
    assert many.status_code == 400


@pytest.mark.parametrize("sha256", ["", "0" * 63, "0" * 65, "A" * 64, "g" * 64, 7, None, ["0"]])
@pytest.mark.one_database
def test_what_is_no_hash_is_refused(client: Client, sha256: object) -> None:
    answer = client.call("POST", "known_frames", json={"sha256": [sha256]})
    assert answer.status_code == 400 and "sha256" in answer.json()["error"]
