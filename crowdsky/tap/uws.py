"""Writes jobs as UWS 1.1."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.sax.saxutils import escape

from crowdsky.tap.jobs import Job

_NAMESPACES = (
    'xmlns:uws="http://www.ivoa.net/xml/UWS/v1.0" xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="1.1"'
)
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


def moment(seconds: float) -> str:
    """Write a time as ISO 8601; empty where there is none."""
    if not seconds:
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def job_list() -> str:
    """Return an empty list: who knows a job's id may read and delete it, so none is shown."""
    return f"{_XML}<uws:jobs {_NAMESPACES}></uws:jobs>\n"


def job(one: Job, url: str) -> str:
    """Describe one job; ``url`` is its address."""
    return (
        f"{_XML}<uws:job {_NAMESPACES}>\n<uws:jobId>{one.id}</uws:jobId>"
        + (f"<uws:runId>{escape(one.run_id)}</uws:runId>" if one.run_id else "")
        + '<uws:ownerId xsi:nil="true"/>'
        f'<uws:phase>{one.phase}</uws:phase><uws:quote xsi:nil="true"/>'
        f"<uws:creationTime>{moment(one.created)}</uws:creationTime>"
        f"{_time('startTime', one.started)}{_time('endTime', one.ended)}"
        f"<uws:executionDuration>{one.seconds:.0f}</uws:executionDuration>"
        f"<uws:destruction>{moment(one.destruction)}</uws:destruction>\n"
        f"{_inside(parameters(one))}{_inside(results(one, url))}{_error(one)}</uws:job>\n"
    )


def parameters(one: Job) -> str:
    """List the parameters of a job."""
    given = {"REQUEST": "doQuery", "LANG": one.language, "QUERY": one.query,
             "MAXREC": str(one.most_rows), "RESPONSEFORMAT": one.format or "votable"}  # fmt: skip
    parts = "".join(
        f'<uws:parameter id="{name}">{escape(value)}</uws:parameter>'
        for name, value in given.items()
    )
    return f"{_XML}<uws:parameters {_NAMESPACES}>{parts}</uws:parameters>\n"


def results(one: Job, url: str) -> str:
    """List the result of a job, if it has one."""
    part = ""
    if one.phase == "COMPLETED":
        part = f'<uws:result id="result" xlink:type="simple" xlink:href="{url}/results/result"/>'
    return f"{_XML}<uws:results {_NAMESPACES}>{part}</uws:results>\n"


def _inside(document: str) -> str:
    return document.removeprefix(_XML).replace(f" {_NAMESPACES}", "", 1)


def _time(name: str, seconds: float) -> str:
    if not seconds:
        return f'<uws:{name} xsi:nil="true"/>'
    return f"<uws:{name}>{moment(seconds)}</uws:{name}>"


def _error(one: Job) -> str:
    if one.phase != "ERROR":
        return ""
    return (
        '<uws:errorSummary type="fatal" hasDetail="true">'
        f"<uws:message>{escape(one.error)}</uws:message></uws:errorSummary>\n"
    )
