"""The chapters Backup and Restore of the operations page, run as they are written."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.services import PHP_API, REPOSITORY
from tests.contract.jobs.support import Queue, Worker
from tests.support.sites import SiteUnderTest

PAGE = (REPOSITORY / "docs" / "operations.md").read_text("utf-8")
AT_ONCE = {
    "CROWDSKY_RAW_GRACE_HOURS": "0",
    "CROWDSKY_FAILED_RAW_DAYS": "0",
    "CROWDSKY_ORPHAN_MIN_AGE_HOURS": "0",
}


def commands(chapter: str) -> list[str]:
    """Return the blocks of commands of a chapter, without those for MariaDB."""
    text = re.split(rf"(?m)^## {chapter}$", PAGE)[1]
    text = re.split(r"(?m)^#{2,3} ", text)[0]
    blocks = re.findall(r"(?ms)^( *)```\n(.*?)^\1```$", text)
    scripts = [re.sub(rf"(?m)^{indent}", "", block) for indent, block in blocks]
    return [script for script in scripts if "mariadb" not in script]


class Host:
    """A checkout of the site in a folder, on which an operator types commands."""

    def __init__(self, checkout: Path, site: SiteUnderTest, tools: Path) -> None:
        self.checkout = checkout
        self.site = site
        self._path = f"{tools}:{os.environ['PATH']}"

    def run(self, script: str) -> str:
        """Run commands in the folder of the checkout; return what they printed."""
        finished = subprocess.run(
            ["bash", "-e", "-c", script],
            cwd=self.checkout,
            env={**os.environ, **self.site.environment(), "PATH": self._path},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert finished.returncode == 0, script + finished.stdout + finished.stderr
        return finished.stdout

    def back_up(self) -> None:
        """Follow the chapter Backup."""
        (script,) = commands("Backup")
        self.run(script)

    def restore(self) -> str:
        """Follow the chapter Restore, with the site stopped as it says; return what was printed."""
        self.site.stop()
        *before, last = commands("Restore")
        said = "".join(map(self.run, before))
        self.site.start()
        return said + self.run(last)

    def clean_up(self) -> str:
        """Run the hourly cleanup twice; what one run finds due is deleted by the next."""
        self.run("php php_api/bin/cleanup.php")
        return self.run("php php_api/bin/cleanup.php")


@pytest.fixture
def host(tmp_path: Path, sqlite_template: Path) -> Iterator[Host]:
    """A checkout whose chown only takes note, since the tests need not be root."""
    checkout, tools = tmp_path / "checkout", tmp_path / "tools"
    (checkout / "php_api").mkdir(parents=True)
    for part in ("bin", "src", "migrations", "public", "templates"):
        (checkout / "php_api" / part).symlink_to(PHP_API / part)
    (checkout / "php_api" / "config.php").write_text("<?php return [];\n")
    tools.mkdir()
    (tools / "chown").write_text('#!/bin/sh\n[ "$1 $2 $3" = "-R www-data php_api/data" ]\n')
    (tools / "chown").chmod(0o755)
    data = checkout / "php_api" / "data"
    with SiteUnderTest(data, None, AT_ONCE, sqlite_template) as site:
        yield Host(checkout, site, tools)


def complete(host: Host, queue: Queue, worker: Worker, frames: int) -> Path:
    """Complete a job; return the file of its stack, under its final name as on a share."""
    job = queue.add_job(frames)
    lease = worker.claim()
    assert lease["job_id"] == job
    report = worker.archive(lease)
    stored = host.site.data_dir / "stacks" / report["ucloud_path"].lstrip("/")
    final = stored.with_name(stored.name.replace(f".{lease['attempt_tag']}", ""))
    if not final.exists():
        stored.rename(final)
        report["ucloud_path"] = report["ucloud_path"].replace(stored.name, final.name)
        stored = final
    assert worker.report("complete_job", lease, **report).status_code == 200
    return stored


def test_nothing_is_lost_between_backup_and_restore(host: Host) -> None:
    queue = Queue(host.site, host.site.rows)
    worker = Worker(host.site, host.site.create_worker_key("w"))
    known = complete(host, queue, worker, 2)
    running = queue.add_job(3)
    lease = worker.claim()
    host.clean_up()
    host.back_up()

    report = worker.archive(lease)
    assert worker.report("complete_job", lease, **report).status_code == 200
    ran = host.site.data_dir / "stacks" / report["ucloud_path"].lstrip("/")
    later = complete(host, queue, worker, 20)
    assert "23 raws due" in host.clean_up()
    bodies = {path: path.read_bytes() for path in (known, ran, later)}

    said = host.restore()

    assert "custody: ok" in said
    place = later.relative_to(host.site.data_dir / "stacks")
    assert re.search(rf"(?m)^adopted\t/{re.escape(str(place))}\tas job 3 ", said)
    archived = host.site.rows.all("SELECT ucloud_path, sha256 FROM stacked_frames")
    assert {row["ucloud_path"]: row["sha256"] for row in archived} == {
        f"/{path.relative_to(host.site.data_dir / 'stacks')}": hashlib.sha256(body).hexdigest()
        for path, body in bodies.items()
    }
    one_more = complete(host, queue, worker, 1)
    host.site.rows.execute("UPDATE stacking_jobs SET lease_expires_at = 1 WHERE id = ?", running)
    for _ in range(2):
        host.clean_up()
    host.run("php php_api/bin/cleanup.php --orphans --delete")
    assert {path: path.read_bytes() for path in bodies} == bodies
    assert one_more not in bodies
    assert one_more.exists()
    assert [path.exists() for path in queue.raw_paths(running)] == [True] * 3


def test_a_restored_site_that_skips_the_command_deletes_nothing(host: Host) -> None:
    queue = Queue(host.site, host.site.rows)
    worker = Worker(host.site, host.site.create_worker_key("w"))
    complete(host, queue, worker, 2)
    host.clean_up()
    host.back_up()
    later = complete(host, queue, worker, 20)
    host.clean_up()

    host.site.stop()
    for script in commands("Restore"):
        host.run(script.replace("php php_api/bin/site.php restored", "true"))
    host.site.start()
    complete(host, queue, worker, 1)

    with pytest.raises(AssertionError, match="another copy of this database"):
        host.clean_up()
    assert later.exists()
