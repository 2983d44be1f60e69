"""`crowdsky tap`: the TAP service of an archive, a process of the operator."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crowdsky.base.errors import ConfigurationError
from crowdsky.base.extras import require_extra

SWEEP_SECONDS = 600.0
THREADS = 24
LONGEST_BODY = 65_536


def add_parser(commands: Any) -> None:
    """Add the subcommand to the parsers of `crowdsky`."""
    parser = commands.add_parser(
        "tap",
        help="serve the public stacks to queries in ADQL (TAP)",
        description="Will serve the public stacks of a site's database, which it only reads, to"
        " queries in ADQL. The database is that of CROWDSKY_DB_DSN, CROWDSKY_DB_USER and"
        " CROWDSKY_DB_PASSWORD in the environment, as for the site.",
    )
    parser.add_argument(
        "--site", required=True, type=_url, metavar="URL", help="address of the site"
    )
    parser.add_argument(
        "--url", required=True, type=_url,
        help="address at which clients reach this service, behind a web server",
    )  # fmt: skip
    parser.add_argument(
        "--folder", required=True, type=Path, help="folder for its copy and for results"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default %(default)s)"
    )
    parser.add_argument("--port", type=int, default=8090, help="port (default %(default)s; 0: any)")
    parser.set_defaults(run=_serve)


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise argparse.ArgumentTypeError("it must be an address, as https://sky.example.org/tap")
    return text.rstrip("/")


def _serve(options: argparse.Namespace) -> None:
    dsn = os.environ.get("CROWDSKY_DB_DSN", "")
    if not dsn.startswith(("sqlite:", "mysql:")):
        raise ConfigurationError(
            "no database is named",
            why="CROWDSKY_DB_DSN must begin with sqlite: or mysql:",
            hint="set it as for the site",
        )
    require_extra("tap", "the TAP service", "queryparser", "antlr4", "cheroot", "pymysql")
    from cheroot.wsgi import Server

    from crowdsky.tap.jobs import JobStore
    from crowdsky.tap.published import Published
    from crowdsky.tap.run_query import QueryRunner
    from crowdsky.tap.service import TapService
    from crowdsky.tap.site_database import SiteDatabase

    database = SiteDatabase(
        dsn, os.environ.get("CROWDSKY_DB_USER", ""), os.environ.get("CROWDSKY_DB_PASSWORD", "")
    )
    published = Published(database, options.folder / "published", options.site, time.monotonic)
    published.connect().close()
    runner = QueryRunner(published)
    jobs = JobStore(options.folder / "jobs", runner, time.time)
    server = Server(
        (options.host, options.port), TapService(options.url, runner, jobs),
        numthreads=THREADS, max=THREADS, timeout=30, server_name="CrowdSky",
    )  # fmt: skip
    server.max_request_body_size = LONGEST_BODY
    ended = threading.Event()

    def sweep() -> None:
        while not ended.wait(SWEEP_SECONDS):
            jobs.sweep()

    def interrupted(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupted)
    threading.Thread(target=sweep, daemon=True, name="tap-sweep").start()
    try:
        server.prepare()
        sys.stderr.write(f"TAP at http://{server.bind_addr[0]}:{server.bind_addr[1]}\n")
        server.serve()
    except KeyboardInterrupt:
        sys.stderr.write("TAP stopped\n")
    finally:
        ended.set()
        server.stop()
        jobs.close()
