"""A server on loopback that speaks the nova.astrometry.net API as `docs/solving.md` describes it.

It solves what it is sent with a function the test passes in, and can be told to behave like the
servers found in the wild: slow, failing, answering HTML, or a look-alike with its own dialect.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs

from astropy.io import fits

from crowdsky.solving.tan import TanWcs
from tests.support.http_stand_in import HttpStandIn

Submission = dict[str, Any]
Solve = Callable[[Submission], TanWcs | None]


@dataclass
class Manners:
    """How the server behaves.

    polls_queued    -- looks at a submission before it has a job
    polls_solving   -- looks at a job before it has an end
    look_alike      -- the dialect of the small reimplementations: login without status, job id as
                       subid, calibration without size, no WCS file, 4xx where nova answers 200
    refuse_lists    -- submissions without a file are refused
    error_message   -- every submission ends with this error
    html_answers    -- so many answers are an HTML page first
    busy_answers    -- so many answers are a 503 first
    job_never_made  -- submissions finish without a job
    """

    polls_queued: int = 1
    polls_solving: int = 1
    look_alike: bool = False
    refuse_lists: bool = False
    error_message: str = ""
    html_answers: int = 0
    busy_answers: int = 0
    job_never_made: bool = False


@dataclass
class NovaStandIn(HttpStandIn):
    """The server; use as a context manager. `submissions` keeps what clients sent."""

    solve: Solve
    api_key: str = "right-key"
    manners: Manners = field(default_factory=Manners)
    submissions: list[Submission] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)
    looks: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(type("Handler", (_Handler,), {"stand_in": self}))

    def plate(self, job: int) -> TanWcs | None:
        return self.solve(self.submissions[job - 1])

    def looked(self, what: str) -> int:
        """Count a look at something and say how many there were before."""
        before = self.looks.get(what, 0)
        self.looks[what] = before + 1
        return before


class _Handler(BaseHTTPRequestHandler):
    stand_in: NovaStandIn

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self._misbehaves():
            return
        arguments, file = self._form(body)
        if arguments is None:
            self._error("no json")
        elif self.path.rstrip("/") == "/api/login":
            self._login(arguments)
        elif self.path.rstrip("/") == "/api/upload":
            self._upload(arguments, file)
        else:
            self._not_found()

    def do_GET(self) -> None:
        if self._misbehaves():
            return
        parts = [part for part in self.path.split("/") if part]
        if parts[:2] == ["api", "submissions"] and len(parts) == 3:
            self._submission(int(parts[2]))
        elif parts[:2] == ["api", "jobs"] and len(parts) == 3:
            self._job(int(parts[2]))
        elif parts[:2] == ["api", "jobs"] and parts[3:] == ["calibration"]:
            self._calibration(int(parts[2]))
        elif parts[0] == "wcs_file" and not self.stand_in.manners.look_alike:
            self._wcs_file(int(parts[1]))
        else:
            self._not_found()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Stay silent."""

    def _misbehaves(self) -> bool:
        manners = self.stand_in.manners
        if manners.html_answers > 0:
            manners.html_answers -= 1
            self._send(200, b"<html>maintenance</html>", "text/html")
            return True
        if manners.busy_answers > 0:
            manners.busy_answers -= 1
            self._send(503, b"busy", "text/plain")
            return True
        return False

    def _form(self, body: bytes) -> tuple[Submission | None, bytes | None]:
        kind = self.headers["Content-Type"]
        if not kind.startswith("multipart/form-data"):
            texts = parse_qs(body.decode()).get("request-json")
            return (json.loads(texts[0]) if texts else None), None
        head = b"Content-Type: " + kind.encode() + b"\r\n\r\n"
        parts: dict[object, bytes] = {}
        for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            parts[name] = content
        return json.loads(parts["request-json"]), parts.get("file")

    def _login(self, arguments: Submission) -> None:
        if self.stand_in.manners.look_alike:
            self._json({"session": "no-session"})
        elif arguments.get("apikey") != self.stand_in.api_key:
            self._error("bad apikey")
        else:
            message = "authenticated user: someone"
            self._json({"status": "success", "message": message, "session": "s" * 32})

    def _upload(self, arguments: Submission, file: bytes | None) -> None:
        stand_in = self.stand_in
        if not stand_in.manners.look_alike and arguments.get("session") != "s" * 32:
            self._error(f'no session with key "{arguments.get("session")}"')
            return
        if file is None and ("x" not in arguments or stand_in.manners.refuse_lists):
            self._error("no file", 400 if stand_in.manners.look_alike else 200)
            return
        stand_in.submissions.append(arguments)
        stand_in.files.append(file or b"")
        self._json({"status": "success", "subid": len(stand_in.submissions), "hash": "0" * 40})

    def _submission(self, number: int) -> None:
        manners = self.stand_in.manners
        if number > len(self.stand_in.submissions):
            self._not_found()
            return
        waiting = self.stand_in.looked(f"submission {number}") < manners.polls_queued
        answer: Submission = {
            "user": 1,
            "processing_started": "2016-03-29 11:02:11.967627",
            "processing_finished": "None" if waiting else "2016-03-29 11:02:13.010625",
            "user_images": [number],
            "images": [number],
            "jobs": [None] if waiting or manners.job_never_made else [number],
            "job_calibrations": [number] if manners.look_alike else [],
        }
        if manners.error_message and not waiting:
            answer |= {"jobs": [], "error_message": manners.error_message}
        self._json(answer)

    def _job(self, number: int) -> None:
        manners = self.stand_in.manners
        if self.stand_in.looked(f"job {number}") < manners.polls_solving:
            self._json({"status": "none" if manners.look_alike else "solving"})
        else:
            solved = self.stand_in.plate(number) is not None
            self._json({"status": "success" if solved else "failure"})

    def _calibration(self, number: int) -> None:
        plate = self.stand_in.plate(number)
        if plate is None:
            self._json({"error": f"no calibration data available for job {number}"})
            return
        asked = self.stand_in.submissions[number - 1]
        width, height = asked.get("image_width", 1080), asked.get("image_height", 1920)
        ra, dec = plate.sky((width - 1) / 2, (height - 1) / 2)
        answer = {
            "ra": float(ra),
            "dec": float(dec),
            "radius": 0.7,
            "pixscale": plate.scale_arcsec,
            "orientation": plate.rotation_deg,
            "parity": float(plate.parity),
        }
        if not self.stand_in.manners.look_alike:
            answer["width_arcsec"] = width * plate.scale_arcsec
            answer["height_arcsec"] = height * plate.scale_arcsec
        self._json(answer)

    def _wcs_file(self, number: int) -> None:
        plate = self.stand_in.plate(number)
        if plate is None or not self.headers.get("Referer", "").endswith("/api/login"):
            self._not_found()
            return
        header = fits.PrimaryHDU().header
        header["CRVAL1"], header["CRVAL2"] = plate.ra0, plate.dec0
        header["CRPIX1"], header["CRPIX2"] = plate.x0 + 1, plate.y0 + 1
        for name, value in zip(("CD1_1", "CD1_2", "CD2_1", "CD2_2"), plate.cd, strict=True):
            header[name] = value
        self._send(200, header.tostring().encode(), "application/fits")

    def _json(self, answer: Submission, status: int = 200) -> None:
        self._send(status, json.dumps(answer).encode(), "text/plain")

    def _error(self, message: str, status: int = 200) -> None:
        self._json({"status": "error", "errormessage": message}, status)

    def _not_found(self) -> None:
        self._send(404, b"<html>Not found</html>", "text/html")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
