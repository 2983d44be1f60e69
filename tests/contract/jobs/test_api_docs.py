"""docs/api.md and docs/data-api.md: complete, and their example works as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from demo.services import PHP_API, REPOSITORY, Site
from tests.contract.jobs.support import Queue, stack_file

PAGE = "".join((REPOSITORY / "docs" / name).read_text() for name in ("api.md", "data-api.md"))


def test_every_endpoint_is_described() -> None:
    endpoints = [path.name for path in (PHP_API / "public" / "api").glob("*.php")]

    assert len(endpoints) > 10
    assert [name for name in endpoints if not re.search(rf"^###.*\b{name}\b", PAGE, re.M)] == []


def test_every_described_endpoint_exists() -> None:
    headings = re.findall(r"^### .*?(?:GET|POST|PUT) (?:or POST )?(api/)?(\w+\.php)", PAGE, re.M)

    assert len(headings) > 10
    for _, name in headings:
        assert list((PHP_API / "public").rglob(name)), name


def test_every_error_code_is_described() -> None:
    # Codes of a field are for pages, whose forms no program sends.
    paths = [
        path
        for path in (PHP_API / "src").rglob("*.php")
        if path.parent.name not in ("Accounts", "Bulk", "Regrouping") and "Pages" not in path.parts
    ]
    sources = "".join(path.read_text() for path in paths)
    codes = {
        *re.findall(r"(?:new self|__construct)\((?:\d{3}|RefusalKind::\w+), '(\w+)'", sources),
        *re.findall(r"Refusal::\w+\(.*[\"'], '(\w+)'\)(?!->at\()", sources),
        *re.findall(r"string \$code = '(\w+)'", sources),
    }

    assert len(codes) > 30
    assert sorted(code for code in codes if not re.search(rf'[`"]{code}[`"]', PAGE)) == []


def test_the_example_session_completes_a_job(sqlite_site: Site, tmp_path: Path) -> None:
    queue = Queue(sqlite_site, sqlite_site.rows)
    job = queue.add_job()
    stack = tmp_path / "stack.fits"
    stack.write_bytes(stack_file())
    session = re.search(r"^## A whole job with curl\n.*?```sh\n(.*?)```", PAGE, re.M | re.S)
    assert session is not None

    finished = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", session.group(1)],
        env={
            **os.environ,
            "API": sqlite_site.api_url,
            "KEY": sqlite_site.create_worker_key("curl"),
            "STACK": str(stack),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.endswith('{"ok":true,"status":"completed","stack_id":1}')
    assert (tmp_path / "frame.fits").read_bytes() == queue.raw_paths(job)[0].read_bytes()
