"""`./dev demo` and `./dev serve` as a person starts them."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.solving.tan import separation
from crowdsky.synthetic.sky import demo_nights, write_night
from demo.loopback_server import accepts_connections, kept_port
from demo.services import REPOSITORY, Site
from demo.uploader import Browser, UploadError

pytestmark = pytest.mark.slow

N_SUBS = 4
TIMEOUT = 500
NGC_7023 = (315.40, 68.17)


def demo_command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "demo", *arguments]


@pytest.fixture(scope="module")
def subs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One short synthetic night of a single target, and a file that only claims to be a sub."""
    rng = np.random.default_rng(7)
    folder = tmp_path_factory.mktemp("subs")
    _, night = demo_nights(rng, n_subs=N_SUBS)
    write_night(folder, night, rng)
    (folder / "Light_not_a_sub.fit").write_text("<html>not found</html>")
    return folder


def test_demo_of_own_frames_prints_one_json_object(subs: Path) -> None:
    finished = subprocess.run(
        demo_command("demo", "--frames", str(subs), "--json"),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    report = json.loads(finished.stdout)
    assert sorted(report) == ["seconds", "stacks"]
    (stack,) = report["stacks"]
    assert stack["n_frames_input"] == N_SUBS
    assert stack["object_name"] == "NGC 7023"
    assert stack["chunk_key"] in Path(stack["stack"]).name
    assert "/stack.php?id=" in stack["url"]
    assert Path(stack["thumbnail"]).read_bytes().startswith(b"\x89PNG")
    assert Path(stack["overlay"]).read_bytes().startswith(b"\x89PNG")
    assert json.loads(Path(stack["stars"]).read_text())
    assert separation(stack["solution"]["ra_deg"], stack["solution"]["dec_deg"], *NGC_7023) < 0.3
    assert stack["solution"]["rms_arcsec"] < 1.0
    assert re.search(r"solution +RA 315\.\d{4}, Dec \+68\.\d{4} degrees, 2\.37", finished.stderr)
    for name in ("overlay", "stars"):
        assert stack[name] in finished.stderr
    with fits.open(stack["stack"]) as product:
        assert product[0].header["NIMAGES"] == stack["n_frames_aligned"]
    assert "Light_not_a_sub.fit" in finished.stderr


def test_demo_fails_clearly_when_the_site_takes_no_file(tmp_path: Path) -> None:
    (tmp_path / "page.fit").write_text("<html>")
    finished = subprocess.run(
        demo_command("demo", "--frames", str(tmp_path), "--json"),
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert finished.returncode == 1
    assert finished.stdout == ""
    assert "the site took none of the 1 files" in finished.stderr
    assert "page.fit" in finished.stderr


@contextmanager
def serving(folder: Path, port: int) -> Iterator[Browser]:
    """Run `serve` on a folder, log in with what it printed, and stop it by SIGTERM."""
    process = subprocess.Popen(
        demo_command("serve", "--data", str(folder), "--port", str(port)),
        cwd=REPOSITORY,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        told = (re.search(r"log in as +(\S+) +with password +(\S+)", x) for x in process.stderr)
        login = next(found for found in told if found)
        browser = Browser(f"http://127.0.0.1:{port}")
        browser.log_in(login[1], login[2])
        yield browser
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=TIMEOUT)
    assert process.returncode == 128 + signal.SIGTERM


def test_served_site_keeps_its_data_and_leaves_nothing_running(tmp_path: Path) -> None:
    access = tmp_path / "site" / "access.json"
    with kept_port() as port:
        with serving(tmp_path / "site", port) as browser:
            assert any("admin.php" in link for link in browser.links("index.php"))
            first_login = access.read_text()
        assert not accepts_connections(port)
        assert access.stat().st_mode & 0o077 == 0
        with serving(tmp_path / "site", port):
            assert access.read_text() == first_login


def test_a_second_server_on_the_same_data_is_refused(tmp_path: Path) -> None:
    def refused(folder: Path, port: int) -> str:
        command = demo_command("serve", "--data", str(folder), "--port", str(port))
        done = subprocess.run(
            command, cwd=REPOSITORY, capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
        assert done.returncode == 1, done.stderr
        return done.stderr

    with kept_port() as port, kept_port() as other, serving(tmp_path / "site", port):
        assert f"port {port} is taken; name another" in refused(tmp_path / "elsewhere", port)
        assert "another ./dev serve runs on" in refused(tmp_path / "site", other)


def test_wrong_password_is_refused(sqlite_site: Site) -> None:
    sqlite_site.create_user("demo", "the right password")
    with pytest.raises(UploadError, match="could not log in"):
        Browser(sqlite_site.base_url).log_in("demo", "a wrong password")
