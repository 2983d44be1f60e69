"""A site whose host has switched off functions of PHP, with the lists that hosts use."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from crowdsky.base.errors import TransientError
from crowdsky.net.connection import Api
from demo.loopback_server import ServiceError
from demo.services import Site
from tests.contract.jobs.support import PNG, Queue, Worker
from tests.contract.site.subs import sub
from tests.contract.site.support import PASSWORD, Browser
from tests.support.rows import Rows
from worker.site import job_api

OPTIONAL = (
    "chmod,disk_free_space,disk_total_space,error_log,fileperms,fsync,ini_set,link,realpath,"
    "set_time_limit,umask,usleep"
)
USUAL = (
    "exec,passthru,shell_exec,system,proc_open,popen,curl_exec,curl_multi_exec,parse_ini_file,"
    "show_source,symlink,readlink,chown,chgrp,disk_total_space,ini_restore,ini_get_all,putenv,"
    "phpinfo,php_uname,getmypid,getmyuid,gethostname,sys_getloadavg,ignore_user_abort,mail,touch,"
    "tempnam,tmpfile,sleep,opcache_get_status,readfile,posix_uname,highlight_file,sys_get_temp_dir"
)

Start = Callable[[str], Site]


def without(lacking: str, folder: Path) -> str:
    """Return where PHP finds its settings if it lacks a function, or an extension."""
    if lacking == "curl_exec":
        (folder / "host.ini").write_text(f"disable_functions={lacking}\n")
        return f":{folder}"
    scanned = subprocess.run(
        ["php", "-r", "echo php_ini_scanned_files();"], capture_output=True, text=True, check=True
    ).stdout
    for path in map(Path, scanned.replace(",", " ").split()):
        if f"-{lacking}." not in path.name:
            shutil.copy(path, folder)
    environment = {**os.environ, "PHP_INI_SCAN_DIR": str(folder)}
    if (
        lacking
        in subprocess.run(
            ["php", "-m"], env=environment, capture_output=True, text=True, check=True
        ).stdout.split()
    ):
        pytest.skip(f"{lacking} is built into this PHP")
    return str(folder)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a site whose PHP lacks these functions."""
    with ExitStack() as running:

        def started(functions: str) -> Site:
            (tmp_path / "ini").mkdir()
            (tmp_path / "ini" / "host.ini").write_text(f"disable_functions={functions}\n")
            # The colon keeps the folder of the distribution, with its extensions.
            env = {"PHP_INI_SCAN_DIR": f":{tmp_path / 'ini'}"}
            return running.enter_context(Site(tmp_path / "site", env=env))

        yield started


def test_a_whole_job_does_without_what_hosts_switch_off(start: Start) -> None:
    site = start(f"{OPTIONAL},{USUAL}")
    site.create_user("observer", PASSWORD)
    worker = Worker(site, site.create_worker_key("observatory"))
    browser = Browser(site)
    assert browser.log_in("observer").status_code == 302
    assert browser.put(browser.start(), sub()).status_code == 200
    with Rows(site) as rows:
        Queue(site, rows).add_job(frames=2)

        lease = worker.claim()
        held = {"X-Lease-Token": lease["lease_token"]}
        files = worker.get("job_files", held, job_id=lease["job_id"])
        assert files.status_code == 200, files.text
        for file in files.json()["files"]:
            assert worker.get("download_raw", held, file_id=file["id"]).ok
        assert worker.report("heartbeat", lease).status_code == 200
        stack = worker.archive(lease)
        assert worker.upload(lease, PNG, "thumbnail").status_code == 200
        done = worker.report("complete_job", lease, **stack)

        assert done.status_code == 200, done.text
        assert rows.job(lease["job_id"])["status"] == "completed"
    assert site.cleanup()
    ready = requests.get(f"{site.api_url}/health.php", params={"ready": "1"}, timeout=60).json()
    again = requests.get(f"{site.api_url}/health.php", params={"ready": "1"}, timeout=60).json()
    assert ready["checks"]["functions"] == again["checks"]["functions"] == "ok"
    log = (site.data_dir / "log" / "crowdsky.log").read_text()
    for name in OPTIONAL.split(","):
        assert log.count(f"the host has switched off {name}: ") == 1
    assert "ERROR" not in log


def test_a_function_that_nothing_works_without_is_named_everywhere(start: Start) -> None:
    site = start("flock")

    page = requests.get(f"{site.base_url}/", headers={"Accept": "text/html"}, timeout=60)
    ready = requests.get(f"{site.api_url}/health.php", params={"ready": "1"}, timeout=60)

    assert (page.status_code, ready.status_code) == (503, 503)
    assert "switched off: flock;" in page.text
    assert page.headers["Content-Type"].startswith("text/plain")
    assert "switched off: flock;" in ready.json()["error"]
    with pytest.raises(ServiceError, match="switched off: flock;"):
        site.run_php("migrate.php")
    with pytest.raises(TransientError, match="switched off: flock;"):  # as the doctor reports it
        job_api.check_connection(Api.connect(site.api_url, "csk_key"))


@pytest.mark.parametrize("lacking", ["curl_exec", "xmlreader", "curl"])
def test_a_share_without_what_it_needs_is_not_ready(tmp_path: Path, lacking: str) -> None:
    settings = {
        "PHP_INI_SCAN_DIR": without(lacking, tmp_path),
        "CROWDSKY_STORAGE": "webdav",
        "CROWDSKY_WEBDAV_URL": "http://127.0.0.1:1/dav",
        "CROWDSKY_WEBDAV_TOKEN": "token",
    }
    with Site(tmp_path / "site", env=settings) as site:
        answer = requests.get(f"{site.api_url}/health.php", params={"ready": "1"}, timeout=60)

    assert answer.status_code == 503
    assert lacking in answer.json()["checks"]["functions"].lower()
