"""Answers of a site, or of something that stands in its place, for proxies to give."""

from __future__ import annotations

import json

from tests.support.fault_proxy import html_answer, plain_answer


def says(status: str, code: str, headers: str = "", error: str = "for the test") -> bytes:
    """An error as the site itself words it."""
    body = json.dumps({"error": error, "code": code}).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}"
    return f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


BUSY = says("503 Service Unavailable", "unavailable", "Retry-After: 1\r\n")
THROTTLED = says("429 Too Many Requests", "too_many_requests", "Retry-After: 1\r\n")
BROKEN = says("500 Internal Server Error", "internal")
DENIED = says("401 Unauthorized", "unauthorized")
FORBIDDEN = says("403 Forbidden", "forbidden")
GONE = says("404 Not Found", "not_found")
LOST = says("409 Conflict", "lease_lost")
NOT_STORED = says("422 Unprocessable Content", "not_stored")
NOT_A_STACK = says("422 Unprocessable Content", "not_a_stack")
MOVED = plain_answer("301 Moved Permanently", "Location: http://elsewhere.example/\r\n")
PORTAL = html_answer()
