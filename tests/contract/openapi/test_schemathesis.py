"""Schemathesis calls a running site by all that ``docs/openapi.yaml`` allows and forbids."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.contract.archive_client.support import OWNER, PASSWORD, Archive, star
from tests.support.openapi import FILE
from tests.support.real_clients import environment_of
from tests.support.sites import SitePool

pytestmark = pytest.mark.every

VERSION = "4.32.5"
TIMEOUT = 900
UNLIMITED = {"CROWDSKY_MAX_LOGIN_FAILURES": "1000", "CROWDSKY_MAX_KEY_FAILURES": "10000"}
"""It tries wrong keys, and must not be shut out for that."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)


@pytest.mark.parametrize("tag", ["worker", "operator", "pages", "client", "data", "vo"])
def test_a_site_answers_as_described(sites: SitePool, tmp_path: Path, tag: str) -> None:
    site = sites.borrow("sqlite", UNLIMITED)
    archive = Archive(site)
    archive.add(stars=[star(193.1, 41.0, 1000.0)])
    worker = site.create_worker_key("fuzzer", trusted=True, scopes=["admin", "cleanup", "metrics"])
    settings = {
        "workerKey": {"bearer": worker},
        "dataKey": {"bearer": site.rows.add_data_key()},
        "password": {"username": OWNER, "password": PASSWORD},
    }
    lines = [f"auth.openapi.{name}.{key} = {json.dumps(value)}"
             for name, given in settings.items() for key, value in given.items()]  # fmt: skip
    # PHP's own server knows no QUERY.
    lines.append('phases.coverage.unexpected-methods = ["DELETE", "GET", "PATCH", "POST", "PUT"]')
    (tmp_path / "schemathesis.toml").write_text("\n".join(lines) + "\n")
    program = environment_of(f"schemathesis=={VERSION}").with_name("st")
    done = subprocess.run(
        [
            str(program), "--config-file", "schemathesis.toml", "run", str(FILE),
            "--url", site.api_url, "--include-tag", tag, "--checks", ",".join(CHECKS),
            "--phases", "coverage,fuzzing", "--max-examples", "15", "--seed", "15",
            "--generation-database", "none", "--request-timeout", "60", "--warnings", "off",
            "--continue-on-failure", "--no-color",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2000:]
