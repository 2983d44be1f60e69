"""The WSGI application: which address answers what."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from crowdsky.base.errors import CrowdSkyError, ServiceUnreachableError
from crowdsky.tap import uws, vosi
from crowdsky.tap.answers import VOTABLE, media_type, write, write_error
from crowdsky.tap.errors import QueryRefusedError, QueryTooLongError, ServiceFullError
from crowdsky.tap.jobs import Job, JobStore
from crowdsky.tap.requests import parameters, query_request
from crowdsky.tap.run_query import SYNC_SECONDS, QueryRunner

LONGEST_WAIT = 10.0
"""Seconds that a request for a job's next phase (WAIT) may take."""

_STATUS = {
    200: "200 OK", 303: "303 See Other", 400: "400 Bad Request", 404: "404 Not Found",
    405: "405 Method Not Allowed", 500: "500 Internal Server Error",
    503: "503 Service Unavailable",
}  # fmt: skip
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    body: bytes
    kind: str = "text/xml"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class TapService:
    """Answers requests.

    Args:
        url: public address of the service without a slash at its end.
        runner: runs the queries.
        jobs: keeps the asynchronous ones.
    """

    def __init__(self, url: str, runner: QueryRunner, jobs: JobStore) -> None:
        self._url = url
        self._runner = runner
        self._jobs = jobs

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer one request (WSGI)."""
        answer = self._answer(environ)
        headers = {"Content-Type": answer.kind, "Content-Length": str(len(answer.body)),
                   "Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff",
                   **answer.headers}  # fmt: skip
        start_response(_STATUS[answer.status], list(headers.items()))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]

    def _answer(self, environ: dict[str, Any]) -> Answer:
        try:
            method = environ["REQUEST_METHOD"]
            if method not in ("GET", "HEAD", "POST", "DELETE"):
                return _error("there is no such method here", 405)
            path = [part for part in environ.get("PATH_INFO", "").split("/") if part]
            return self._routed("GET" if method == "HEAD" else method, path, environ)
        except QueryRefusedError as error:
            return _error(str(error), 400)
        except QueryTooLongError as error:
            return _error(str(error), 400)
        except (ServiceFullError, ServiceUnreachableError) as error:
            if isinstance(error, ServiceUnreachableError):
                _log.error("%s", error)
                return _error("the archive cannot be read now; try again later", 503)
            return _error(str(error), 503)
        except CrowdSkyError as error:
            _log.error("%s", error)
            return _error("the service is not set up correctly", 500)
        except Exception:  # noqa: BLE001 - the caller gets an answer, the operator the reason
            _log.exception("a request failed")
            return _error("the request failed for a reason of the service's", 500)

    def _routed(self, method: str, path: list[str], environ: dict[str, Any]) -> Answer:
        if path == ["sync"]:
            return self._sync(parameters(environ))
        if path[:1] == ["async"]:
            return self._async(method, path[1:], parameters(environ))
        if path == ["capabilities"]:
            return Answer(vosi.capabilities(self._url).encode())
        if path == ["availability"]:
            return self._availability()
        if path == ["tables"]:
            return Answer(vosi.tables().encode())
        if path in ([], ["examples"]):
            return Answer(vosi.examples().encode(), "text/html; charset=utf-8")
        return _error("there is nothing at this address", 404)

    def _sync(self, given: dict[str, str]) -> Answer:
        asked = query_request(given)
        result = self._runner.run(
            asked.query, asked.language, asked.most_rows, SYNC_SECONDS, lambda: False
        )
        kind = media_type(asked.format)
        return Answer(write(result, kind), kind)

    def _availability(self) -> Answer:
        problem = ""
        try:
            self._runner.run("SELECT TOP 1 obs_id FROM ivoa.obscore", "ADQL", 1, 5.0, lambda: False)
        except CrowdSkyError as error:
            _log.error("not available: %s", error)
            problem = "queries cannot be answered now"
        return Answer(vosi.availability(problem).encode())

    def _async(self, method: str, path: list[str], given: dict[str, str]) -> Answer:
        if not path:
            if method != "POST":
                return Answer(uws.job_list().encode())
            asked = query_request(given)
            job = self._jobs.create(asked.query, asked.language, asked.most_rows, asked.format,
                                    asked.run_id)  # fmt: skip
            if given.get("PHASE", "").upper() == "RUN":
                self._jobs.start(job)
            return self._to(job)
        found = self._jobs.find(path[0])
        if found is None:
            return _error("there is no such job: it was deleted, or never existed", 404)
        if method == "DELETE" or (method == "POST" and given.get("ACTION", "").upper() == "DELETE"):
            self._jobs.delete(found)
            return _see_other(f"{self._url}/async")
        if method == "POST":
            return self._changed(found, path[1:], given)
        return self._shown(found, path[1:], given)

    def _changed(self, job: Job, path: list[str], given: dict[str, str]) -> Answer:
        phase = given.get("PHASE", "").upper()
        if path == ["phase"] and phase == "RUN":
            self._jobs.start(job)
        elif path == ["phase"] and phase == "ABORT":
            self._jobs.abort(job)
        elif path == ["destruction"]:
            self._jobs.destroy_at(job, _moment(given.get("DESTRUCTION", "")))
        elif path == ["executionduration"]:
            seconds = given.get("EXECUTIONDURATION", "")
            if not seconds.isdecimal():
                raise QueryRefusedError("EXECUTIONDURATION must be a whole number of seconds")
            self._jobs.limit(job, float(seconds[:9]))
        elif path == ["parameters"] and set(given) == {"RUNID"}:
            self._jobs.name(job, given["RUNID"])
        else:
            raise QueryRefusedError(
                "this cannot be changed", hint="send the query again, with other parameters"
            )
        return self._to(job)

    def _shown(self, job: Job, path: list[str], given: dict[str, str]) -> Answer:
        if not path:
            self._wait(job, given)
            return Answer(uws.job(job, self._job_url(job)).encode())
        texts = {
            "phase": job.phase, "owner": "", "quote": "",
            "executionduration": f"{job.seconds:.0f}", "destruction": uws.moment(job.destruction),
        }  # fmt: skip
        if len(path) == 1 and path[0] in texts:
            return Answer(texts[path[0]].encode(), "text/plain")
        if path == ["parameters"]:
            return Answer(uws.parameters(job).encode())
        if path == ["results"]:
            return Answer(uws.results(job, self._job_url(job)).encode())
        if path == ["results", "result"] and job.phase == "COMPLETED":
            return Answer(self._jobs.result(job).read_bytes(), media_type(job.format))
        if path == ["error"] and job.phase == "ERROR":
            return Answer(write_error(job.error), VOTABLE)
        return _error("the job has nothing at this address", 404)

    def _wait(self, job: Job, given: dict[str, str]) -> None:
        wanted = given.get("WAIT", "")
        if wanted.removeprefix("-").isdecimal() and job.phase in ("PENDING", "QUEUED", "EXECUTING"):
            seconds = LONGEST_WAIT if wanted.startswith("-") else float(wanted[:9])
            phase = given.get("PHASE", "").upper() or job.phase
            self._jobs.wait(job, phase, min(seconds, LONGEST_WAIT))

    def _job_url(self, job: Job) -> str:
        return f"{self._url}/async/{job.id}"

    def _to(self, job: Job) -> Answer:
        return _see_other(self._job_url(job))


def _see_other(url: str) -> Answer:
    return Answer(b"", "text/plain", 303, {"Location": url})


def _error(message: str, status: int) -> Answer:
    headers = {"Retry-After": "60"} if status == 503 else {}
    return Answer(write_error(message), VOTABLE, status, headers)


def _moment(text: str) -> float:
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise QueryRefusedError("DESTRUCTION must be a time, as 2026-01-02T03:04:05Z") from error
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
