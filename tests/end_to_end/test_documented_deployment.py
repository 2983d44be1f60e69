"""The configuration that docs/deployment.md prints, run on a real nginx and PHP-FPM."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from demo.loopback_server import BackgroundServer
from demo.services import PHP_API, Site
from tests.support.documented import documented
from tests.support.mariadb import MariaDb
from tests.support.nginx_scratch import scratch_folders
from tests.support.tls_front import TlsFront, missing_programs

TIMEOUT = 30


def program(name: str) -> str:
    """Return a server program, whose name may end in a version, or skip the test."""
    on_path = shutil.which(name)
    found = [on_path] if on_path else sorted(map(str, Path("/usr/sbin").glob(f"{name}*")))
    if not found:
        pytest.skip(f"{name} is not installed; ./dev test installs it")
    return found[0]


class PhpFpm(BackgroundServer):
    """PHP-FPM with the documented pool; its readiness is that of the nginx in front of it."""

    name = "PHP-FPM"

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        super().__init__(log_path=folder / "php-fpm.log")
        self._binary = program("php-fpm")
        self._config = folder / "php-fpm.conf"
        self._settings = settings
        self._folder = folder

    def command(self, port: int) -> Sequence[str]:
        """Write the documented pool with this test's paths; an extra TCP pool shows it is up."""
        pool = documented("php-fpm")
        user = "root" if os.geteuid() == 0 else ""
        pool = re.sub(r"(?m)^(user|group|listen\.owner|listen\.group) = .*\n", "", pool)
        variables = "".join(f'env[{key}] = "{value}"\n' for key, value in self._settings.items())
        identity = f"user = {user}\n" if user else ""
        pool = re.sub(r"(?m)^(\[crowdsky.*\])$", rf"\1\n{identity}{variables}", pool)
        pool = pool.replace("/run/php/", f"{self._folder}/")
        probe = f"[probe]\nlisten = 127.0.0.1:{port}\npm = static\npm.max_children = 1\n"
        probe += identity
        self._config.write_text(f"[global]\nerror_log = /dev/stderr\n{probe}{pool}\n")
        as_root = ["--allow-to-run-as-root"] if user else []
        return [self._binary, "--nodaemonize", "--fpm-config", str(self._config), *as_root]


class Nginx(BackgroundServer):
    """nginx with the documented server block."""

    name = "nginx"

    def __init__(self, folder: Path) -> None:
        super().__init__(log_path=folder / "nginx.log")
        self._binary = program("nginx")
        self._folder = folder

    def command(self, port: int) -> Sequence[str]:
        """Write the documented block with this test's paths inside a minimal main file."""
        block = documented("nginx")
        block = block.replace("listen 80;", f"listen 127.0.0.1:{port};")
        block = block.replace("/srv/crowdsky/php_api", str(PHP_API))
        block = block.replace("/run/php/", f"{self._folder}/")
        block = block.replace("include fastcgi_params", "include /etc/nginx/fastcgi_params")
        user = "user root;" if os.geteuid() == 0 else ""
        main = self._folder / "nginx.conf"
        main.write_text(
            f"{user}\ndaemon off;\nerror_log stderr;\npid {self._folder}/nginx.pid;\n"
            f"{documented('nginx-main')}http {{\ninclude /etc/nginx/mime.types;\naccess_log off;\n"
            f"{scratch_folders(self._folder)}{block}}}\n"
        )
        return [self._binary, "-c", str(main), "-e", "stderr", "-p", str(self._folder)]


@dataclass(frozen=True, slots=True)
class Deployment:
    """The site behind the documented nginx; ``site`` shares its data for the scripts in bin."""

    url: str
    site: Site


@pytest.fixture
def deployment(tmp_path: Path) -> Iterator[Deployment]:
    """nginx and PHP-FPM as documented, on a data folder of their own."""
    site = Site(tmp_path / "data")
    site.data_dir.mkdir()
    settings = {"CROWDSKY_DATA_DIR": str(site.data_dir)}
    with PhpFpm(tmp_path, settings), Nginx(tmp_path) as front:
        yield Deployment(f"http://127.0.0.1:{front.port}", site)


@pytest.mark.every
def test_jobs_are_stored_on_a_mariadb_with_other_defaults(tmp_path: Path, mariadb: MariaDb) -> None:
    """The server of the tests has the defaults in ``HOSTILE``."""
    site = Site(tmp_path / "data", mariadb.new_database())
    site.data_dir.mkdir()
    with PhpFpm(tmp_path, dict(site.environment())), Nginx(tmp_path) as front:
        key = site.create_worker_key("behind-nginx")
        address = f"http://127.0.0.1:{front.port}/api"
        claim = f"{address}/next_job.php?worker_id=w&claim_id=0123456789abcdef"
        headers = {"Authorization": f"Bearer {key}"}
        assert requests.get(claim, headers=headers, timeout=TIMEOUT).status_code == 204
        ready = requests.get(f"{address}/health.php", params={"ready": "1"}, timeout=TIMEOUT)

    assert ready.json()["checks"]["database"] == "ok"
    assert site.database is not None
    query = "SELECT worker_name FROM workers"
    seen = mariadb.execute(f"USE {site.database.user}; {query}")
    assert seen.split() == ["w"]


def test_pages_and_health_answer(deployment: Deployment) -> None:
    health = requests.get(f"{deployment.url}/api/health.php", timeout=TIMEOUT)
    assert health.status_code == 200
    told = requests.get(f"{deployment.url}/api/sia2.php/capabilities", timeout=TIMEOUT)
    # Debian's nginx passes the host on without its port.
    assert ">http://127.0.0.1/api/sia2.php/query<" in told.text
    front_page = requests.get(f"{deployment.url}/", timeout=TIMEOUT)
    assert front_page.status_code == 200
    assert "CrowdSky" in front_page.text
    unknown = requests.get(
        f"{deployment.url}/no/page.css", headers={"Accept": "text/html"}, timeout=TIMEOUT
    )
    assert unknown.status_code == 404
    assert 'href="../login.php"' in unknown.text


@pytest.mark.parametrize(
    "path",
    ["config.example.php", "src/Kernel/App.php", "data/secret", ".htaccess", "api/nothing.php"],
)
def test_nothing_but_the_public_folder_is_served(deployment: Deployment, path: str) -> None:
    for address in (f"{deployment.url}/{path}", f"{deployment.url}/../{path}"):
        answer = requests.get(address, timeout=TIMEOUT)
        assert answer.status_code in (400, 403, 404)


def test_worker_key_reaches_php(deployment: Deployment) -> None:
    key = deployment.site.create_worker_key("behind-nginx")
    address = f"{deployment.url}/api/next_job.php?worker_id=w&claim_id=0123456789abcdef"
    assert requests.get(address, timeout=TIMEOUT).status_code == 401
    accepted = requests.get(address, headers={"Authorization": f"Bearer {key}"}, timeout=TIMEOUT)
    assert accepted.status_code == 204


def test_body_larger_than_php_would_take_by_default_arrives(deployment: Deployment) -> None:
    key = deployment.site.create_worker_key("behind-nginx")
    # Nobody holds such a job: the answer must come from CrowdSky, not from a limit before it.
    answer = requests.put(
        f"{deployment.url}/api/upload_result.php?job_id=1&kind=stack",
        data=bytes(40_000_000),
        headers={
            "Authorization": f"Bearer {key}",
            "X-Lease-Token": "0" * 64,
            "X-SHA256": "0" * 64,
        },
        timeout=TIMEOUT,
    )
    assert answer.status_code in (404, 409)
    assert "error" in answer.json()


def test_login_behind_a_proxy_that_ends_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if missing := missing_programs():
        pytest.skip(f"{', '.join(missing)} is not installed; ./dev test installs it")
    settings = {"CROWDSKY_TRUSTED_PROXIES": "127.0.0.1"}
    with (
        Site(tmp_path / "data", env=settings) as site,
        TlsFront(tmp_path, documented("nginx-proxy").replace(":8080", f":{site.port}")) as proxy,
        requests.Session() as browser,
    ):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(proxy.authority))
        site.create_user("observer", "correct horse")
        address = f"https://127.0.0.1:{proxy.port}/crowdsky"
        page = browser.get(f"{address}/login.php", timeout=TIMEOUT)
        token = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', page.text)
        assert token
        fields = {"form_action": "login", "csrf_token": token[1]}
        fields |= {"username": "observer", "password": "correct horse"}

        landed = browser.post(f"{address}/login.php", data=fields, timeout=TIMEOUT)

        assert landed.status_code == 200
        assert landed.url.startswith(f"{address}/")
        assert "observer" in landed.text
        assert all(cookie.secure for cookie in browser.cookies)
        health = browser.get(f"{address}/api/health.php", params={"ready": "1"}, timeout=TIMEOUT)
        assert health.status_code == 200
