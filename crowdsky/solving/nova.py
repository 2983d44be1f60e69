"""Solves on a server with the nova.astrometry.net API: the public one, or one's own.

The stars are sent as a list, unless a picture is given, and submissions are not public by default.
Servers that only resemble nova are tolerated: a login without `status`, a job list that stays
[null] while the job is queued, other words for "not yet", calibrations without a size, no WCS file.
The calibration of a job that has not succeeded is not believed.

The protocol is here, the connections are in `nova_http`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeGuard

from astropy.io import fits

from crowdsky.base.errors import CrowdSkyError, RequestRefusedError, TransientError
from crowdsky.base.json_fields import LARGEST_INTEGER, JsonObject
from crowdsky.base.readable import readable
from crowdsky.solving.solver import SolveOutcome, SolveRequest
from crowdsky.solving.tan import ARCSEC_PER_DEGREE, TanWcs

NAME = "nova"
MAX_STARS = 300
POLL_SECONDS = 3.0
NOT_ASKED = "the service could not be asked"
POLLS_WITHOUT_JOB = 5
"""Number of polls after which a finished submission without a job will get none."""


class NovaTransport(Protocol):
    """Carries calls to a server; raises errors of `base.errors` when it cannot."""

    def post(self, call: str, arguments: JsonObject, file: bytes | None = None) -> JsonObject:
        """POST the arguments as the form field `request-json`, with a file if given."""

    def get(self, call: str) -> JsonObject:
        """GET an API path and return its JSON object."""

    def download(self, path: str) -> bytes:
        """GET a file outside the API."""


class NovaFailedError(CrowdSkyError):
    """The server gave up on the picture, or its answer cannot be used."""


class NovaSlowError(TransientError):
    """The server accepted the picture but had no answer in time; it may be less busy later."""


@dataclass(frozen=True, slots=True)
class NovaSolver:
    """Asks a nova server.

    transport   -- see `NovaTransport`
    api_key     -- key of an account on that server; look-alikes may ignore it
    picture     -- FITS file to send instead of the star list, with the pixels of the request
    public      -- whether the server may show the submission on its pages
    """

    transport: NovaTransport
    api_key: str = ""
    picture: bytes | None = None
    public: bool = False
    poll_seconds: float = POLL_SECONDS
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    name: str = NAME
    uses_position: bool = True

    def solve(self, request: SolveRequest, time_limit: float) -> SolveOutcome:
        """Propose the plate that the server found; any trouble with the server is a reason.

        A server that is out of reach, busy or slow says nothing about the picture: the outcome then
        is `passing`, unlike that of a server which found no match.
        """
        deadline = self.clock() + time_limit
        try:
            session = self._log_in()
            submission = self._submit(session, request)
            job = self._wait_for_job(submission, deadline)
            self._wait_for_success(job, deadline)
            return SolveOutcome(NAME, self._plate(job, request))
        except CrowdSkyError as error:
            # The server's words are in it: they go to logs, files and pages.
            reason = readable(str(error))
            if not isinstance(error, TransientError):
                return SolveOutcome(NAME, reason=reason)
            return SolveOutcome(NAME, reason=f"{NOT_ASKED}: {reason}", passing=True)

    def _log_in(self) -> str:
        answer = self.transport.post("login", {"apikey": self.api_key})
        session = answer.get("session")
        if not session:
            raise NovaFailedError("could not log in", why=_complaint(answer), hint="check the key")
        return str(session)

    def _submit(self, session: str, request: SolveRequest) -> int:
        arguments = {
            "session": session,
            "publicly_visible": "y" if self.public else "n",
            "allow_modifications": "n",
            "allow_commercial_use": "n",
            "crpix_center": True,
            "tweak_order": 0,
            "parity": 2,
            **_beliefs(request),
        }
        if self.picture is None:
            stars = request.stars.brightest(MAX_STARS)
            arguments["x"] = [round(float(x) + 1.0, 3) for x in stars.x]
            arguments["y"] = [round(float(y) + 1.0, 3) for y in stars.y]
            arguments["image_width"], arguments["image_height"] = stars.width, stars.height
        answer = self.transport.post("upload", arguments, self.picture)
        submission = answer.get("subid")
        if not _is_number_of(submission):
            hint = "" if self.picture else "the server may accept pictures only"
            raise NovaFailedError("could not submit", why=_complaint(answer), hint=hint)
        return submission

    def _wait_for_job(self, submission: int, deadline: float) -> int:
        polls_left = POLLS_WITHOUT_JOB
        while True:
            answer = self._poll(f"submissions/{submission}")
            jobs = [job for job in _listed(answer.get("jobs")) if _is_number_of(job)]
            if jobs:
                return jobs[0]
            if answer.get("error_message"):
                raise NovaFailedError("the server refused it", why=str(answer["error_message"]))
            if answer.get("processing_finished") not in (None, "", "None"):
                polls_left -= 1
            if polls_left <= 0:
                raise NovaFailedError("the server made no job of it")
            self._pause(deadline, "waiting in the server's queue")

    def _wait_for_success(self, job: int, deadline: float) -> None:
        while True:
            status = self._poll(f"jobs/{job}").get("status")
            if status == "success":
                return
            if status == "failure":
                raise NovaFailedError("the server found no match")
            self._pause(deadline, "the server was still solving")

    def _poll(self, call: str) -> JsonObject:
        """Ask once; a transient error counts as "not yet"."""
        try:
            return self.transport.get(call)
        except TransientError:
            return {}

    def _pause(self, deadline: float, what: str) -> None:
        if self.clock() + self.poll_seconds > deadline:
            raise NovaSlowError("time over", why=what)
        self.sleep(self.poll_seconds)

    def _plate(self, job: int, request: SolveRequest) -> TanWcs:
        """Return the plate of the WCS file, or of the calibration if the server has none."""
        calibration = self.transport.get(f"jobs/{job}/calibration/")
        if "error" in calibration:
            raise NovaFailedError("the server has no calibration", why=str(calibration["error"]))
        try:
            header = fits.Header.fromstring(self.transport.download(f"wcs_file/{job}"))
            return TanWcs.from_header(header)
        except (RequestRefusedError, TransientError, KeyError, ValueError, OSError):
            return _plate_of(calibration, request)


def _beliefs(request: SolveRequest) -> JsonObject:
    """Return position and scale as arguments of the API."""
    beliefs: JsonObject = {}
    if request.scale is not None:
        beliefs |= {
            "scale_units": "arcsecperpix",
            "scale_type": "ul",
            "scale_lower": request.scale.low,
            "scale_upper": request.scale.high,
        }
    if request.hint is not None:
        hint = request.hint
        beliefs |= {"center_ra": hint.ra, "center_dec": hint.dec, "radius": hint.radius}
    return beliefs


def _plate_of(calibration: JsonObject, request: SolveRequest) -> TanWcs:
    """Build a plate from centre, scale, orientation and parity, or raise NovaFailedError."""
    try:
        ra, dec = float(calibration["ra"]), float(calibration["dec"])
        scale = float(calibration["pixscale"]) / ARCSEC_PER_DEGREE
        turn = math.radians(float(calibration["orientation"]))
        parity = 1.0 if float(calibration["parity"]) > 0 else -1.0
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise NovaFailedError("the server's calibration cannot be read", why=repr(error)) from error
    if not all(map(math.isfinite, (ra, dec, scale, turn))):
        raise NovaFailedError("the server's calibration cannot be used", why="it is not finite")
    if not scale > 0.0:
        raise NovaFailedError("the server's calibration cannot be used", why="it has no scale")
    a, b = parity * scale * math.cos(turn), -parity * scale * math.sin(turn)
    x0, y0 = (request.stars.width - 1) / 2.0, (request.stars.height - 1) / 2.0
    return TanWcs(ra, dec, x0, y0, (a, -parity * b, b, parity * a))


def _is_number_of(value: object) -> TypeGuard[int]:
    """Whether this can be the number of a submission or job, which goes into addresses."""
    return isinstance(value, int) and abs(value) <= LARGEST_INTEGER


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _complaint(answer: JsonObject) -> str:
    return str(answer.get("errormessage") or "the answer is not of this API")
