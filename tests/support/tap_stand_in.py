"""A TAP service on loopback with stars of the test, and with the faults of services in the wild.

It answers the queries that `gaia_archives` writes, with real VOTables: at once (sync), and as jobs
of UWS (async). Nothing else of ADQL is understood.
"""

from __future__ import annotations

import io
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import numpy as np
from astropy.io import votable
from astropy.io.votable.tree import Info
from astropy.table import MaskedColumn, Table

from crowdsky.catalogues.star_rows import StarRows
from tests.support.http_stand_in import HttpStandIn

BETWEEN = re.compile(r"BETWEEN (\d+) AND (\d+) AND \S+ <= ([\d.]+)$")
GAIA_NAMES = {name: name for name in (
    "source_id", "ra", "dec", "ref_epoch", "pmra", "pmdec", "phot_g_mean_mag", "bp_rp",
)} | {"v_mag": "v_jkc_mag"}  # fmt: skip
VIZIER_NAMES = {
    "source_id": "Source", "ra": "RA_ICRS", "dec": "DE_ICRS", "pmra": "pmRA", "pmdec": "pmDE",
    "phot_g_mean_mag": "Gmag", "bp_rp": "BP-RP",
}  # fmt: skip


@dataclass
class Faults:
    """What the service does wrong; numbers of answers count down to 0.

    busy          -- so many answers are 503, with `retry_after` in seconds
    cut           -- so many tables end in the middle, with the length of the whole promised
    cut_unseen    -- the same, but with the length of what is sent
    html          -- so many answers are a page of a proxy, with status 200
    limit         -- rows that a table may have at most; more are left out, which it says
    says_so       -- whether it does say so
    status_last   -- whether it says so after the rows
    failing_jobs  -- so many jobs end as ERROR
    pending       -- so many looks at a job find it PENDING, then as many EXECUTING
    refused       -- every query is refused (400) with a VOTable that says why
    strangers     -- so many tables hold a star that was not asked for
    twins         -- so many tables hold a star twice
    compressed    -- tables are sent as gzip files
    form          -- serialisation of tables
    """

    busy: int = 0
    retry_after: str | None = None
    cut: int = 0
    cut_unseen: int = 0
    html: int = 0
    limit: int | None = None
    says_so: bool = True
    status_last: bool = False
    failing_jobs: int = 0
    pending: int = 0
    refused: bool = False
    strangers: int = 0
    twins: int = 0
    compressed: bool = False
    form: str = "binary2"

    def takes(self, name: str) -> bool:
        """Whether this answer has a fault; count it."""
        left = getattr(self, name)
        setattr(self, name, max(0, left - 1))
        return bool(left)


@dataclass
class TapStandIn(HttpStandIn):
    """The service; use as a context manager.

    queries  -- those it was asked, in order
    jobs     -- phases of jobs by number; those that were deleted are gone
    most     -- largest number of requests that were there at the same time
    agents   -- programs that asked
    """

    rows: StarRows
    vizier: bool = False
    faults: Faults = field(default_factory=Faults)
    queries: list[str] = field(default_factory=list)
    jobs: dict[int, dict[str, str]] = field(default_factory=dict)
    looks: dict[int, int] = field(default_factory=dict)
    agents: set[str] = field(default_factory=set)
    most: int = 0

    def __post_init__(self) -> None:
        self.here = 0
        self.lock = threading.Lock()
        super().__init__(type("Handler", (_Handler,), {"stand_in": self}))

    def stars_of(self, query: str) -> StarRows:
        found = BETWEEN.search(query)
        assert found, query
        first, last, faintest = int(found[1]), int(found[2]), float(found[3])
        ids, g_mag = self.rows.source_id, self.rows.phot_g_mean_mag
        return self.rows.take((ids >= first) & (ids <= last) & (g_mag <= faintest))

    def answer(self, query: str, maxrec: int | None) -> bytes:
        """The VOTable of a query."""
        stars = self.stars_of(query)
        if "COUNT(*)" in query:
            return self.votable(Table({"n": np.array([len(stars)], dtype=np.int64)}), False)
        if self.faults.takes("strangers"):
            stars = self.rows.take(np.r_[np.flatnonzero(~np.isin(self.rows.source_id,
                                   stars.source_id))[:1], np.flatnonzero(np.isin(
                                   self.rows.source_id, stars.source_id))[1:]])  # fmt: skip
        if len(stars) > 1 and self.faults.takes("twins"):
            stars = stars.take(np.r_[0, np.arange(len(stars) - 1)])
        limits = [limit for limit in (maxrec, self.faults.limit) if limit is not None]
        most = min(limits, default=len(stars))
        cut_off = len(stars) > most
        table = Table()
        for ours, theirs in (VIZIER_NAMES if self.vizier else GAIA_NAMES).items():
            values = getattr(stars, ours)[:most]
            missing = ~np.isfinite(values) if ours != "source_id" else np.zeros(len(values), bool)
            table[theirs] = MaskedColumn(np.where(missing, 0, values), mask=missing)
        return self.votable(table, cut_off and self.faults.says_so)

    def votable(self, table: Table, overflow: bool) -> bytes:
        tree = votable.from_table(table)
        resource = tree.resources[0]
        resource.type = "results"
        if not self.faults.status_last:
            resource.infos.append(Info(name="QUERY_STATUS", value="OVERFLOW" if overflow else "OK"))
        body = io.BytesIO()
        tree.to_xml(body, tabledata_format=self.faults.form, compressed=self.faults.compressed)
        text = body.getvalue()
        if self.faults.status_last and overflow:
            last = b'<INFO name="QUERY_STATUS" value="OVERFLOW"/></RESOURCE>'
            text = text.replace(b"</RESOURCE>", last)
        return text


class _Handler(BaseHTTPRequestHandler):
    stand_in: TapStandIn
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # or each small answer waits 40 ms for an acknowledgement

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._serve(self._form(body))

    def do_DELETE(self) -> None:
        number = int(urlsplit(self.path).path.rsplit("/", 1)[1])
        self.stand_in.jobs.pop(number, None)
        self._send(303, b"", location=f"{self.stand_in.url}/tap/async")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Stay silent."""

    def _serve(self, form: dict[str, str]) -> None:
        stand_in = self.stand_in
        with stand_in.lock:
            stand_in.here += 1
            stand_in.most = max(stand_in.most, stand_in.here)
            stand_in.agents.add(self.headers.get("User-Agent", ""))
        try:
            self._answer(form)
        finally:
            with stand_in.lock:
                stand_in.here -= 1

    def _answer(self, form: dict[str, str]) -> None:
        faults = self.stand_in.faults
        if faults.takes("busy"):
            self._send(503, b"busy", "text/plain", retry_after=faults.retry_after)
            return
        if faults.takes("html"):
            self._send(200, b"<html><body>Please log in</body></html>", "text/html")
            return
        parts = urlsplit(self.path)
        form |= {key.upper(): values[0] for key, values in parse_qs(parts.query).items()}
        steps = parts.path.strip("/").split("/")
        if steps == ["tap", "sync"]:
            self._sync(form)
        elif steps == ["tap", "async"]:
            self._create(form)
        else:
            self._job(int(steps[2]), steps[3:], form)

    def _sync(self, form: dict[str, str]) -> None:
        self.stand_in.queries.append(form["QUERY"])
        if self.stand_in.faults.refused:
            tree = votable.from_table(Table({"n": [0]}))
            tree.resources[0].tables.clear()
            info = Info(name="QUERY_STATUS", value="ERROR")
            info.content = "no such table: gaiadr3"
            tree.resources[0].infos.append(info)
            body = io.BytesIO()
            tree.to_xml(body)
            self._send(400, body.getvalue(), "application/x-votable+xml")
            return
        self._table(self.stand_in.answer(form["QUERY"], None))

    def _create(self, form: dict[str, str]) -> None:
        stand_in = self.stand_in
        number = 1 + max([0, *stand_in.jobs, *stand_in.looks])
        stand_in.queries.append(form["QUERY"])
        stand_in.jobs[number] = {**form, "PHASE": "PENDING"}
        stand_in.looks[number] = 0
        self._send(303, b"", location=f"{stand_in.url}/tap/async/{number}")

    def _job(self, number: int, steps: list[str], form: dict[str, str]) -> None:
        job = self.stand_in.jobs.get(number)
        if job is None:
            self._send(404, b"no such job", "text/plain")
        elif steps == ["phase"]:
            failing = self.stand_in.faults.takes("failing_jobs")
            job["PHASE"] = "ERROR" if failing else "COMPLETED"
            self.stand_in.looks[number] = -2 * self.stand_in.faults.pending
            self._send(303, b"", location=f"{self.stand_in.url}/tap/async/{number}")
        elif steps == ["results", "result"]:
            self._table(self.stand_in.answer(job["QUERY"], int(job["MAXREC"])))
        else:
            self._send(200, self._summary(number, job), "text/xml")

    def _summary(self, number: int, job: dict[str, str]) -> bytes:
        looks, phase = self.stand_in.looks[number], job["PHASE"]
        if looks < 0:
            self.stand_in.looks[number] += 1
            phase = "PENDING" if looks < -self.stand_in.faults.pending else "EXECUTING"
        result = f"{self.stand_in.url}/tap/async/{number}/results/result"
        ended = {
            "COMPLETED": f'<uws:results><uws:result id="result" xlink:href="{result}"/>'
            "</uws:results>",
            "ERROR": '<uws:errorSummary type="fatal" hasDetail="false"><uws:message>out of memory'
            "</uws:message></uws:errorSummary>",
        }.get(phase, "")
        return (
            '<?xml version="1.0" encoding="UTF-8"?><uws:job version="1.1" '
            'xmlns:uws="http://www.ivoa.net/xml/UWS/v1.0" '
            'xmlns:xlink="http://www.w3.org/1999/xlink">'
            f"<uws:jobId>{number}</uws:jobId><uws:phase>{phase}</uws:phase>{ended}</uws:job>"
        ).encode()

    def _table(self, body: bytes) -> None:
        faults = self.stand_in.faults
        kind = "application/x-votable+xml"
        if faults.takes("cut"):
            self._send(200, body[: len(body) * 2 // 3], kind, promised=len(body))
            self.close_connection = True
        elif faults.takes("cut_unseen"):
            self._send(200, body[: len(body) * 2 // 3], kind)
        else:
            self._send(200, body, kind)

    def _form(self, body: bytes) -> dict[str, str]:
        return {key.upper(): values[0] for key, values in parse_qs(body.decode()).items()}

    def _send(
        self,
        status: int,
        body: bytes,
        kind: str = "text/plain",
        *,
        location: str | None = None,
        retry_after: str | None = None,
        promised: int | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if promised is None else promised))
        if location:
            self.send_header("Location", location)
        if retry_after:
            self.send_header("Retry-After", retry_after)
        self.end_headers()
        self.wfile.write(body)
