"""The servers that demo and tests rely on."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import requests

from demo.loopback_server import ServiceError, accepts_connections
from demo.services import Site, WebDavServer
from tests.support.mariadb import MariaDb

TIMEOUT = 10


def test_share_wants_its_token(webdav: WebDavServer) -> None:
    for auth in (None, ("someone", ""), (webdav.token, "wrong")):
        answer = requests.request("PROPFIND", webdav.url + "/", auth=auth, timeout=TIMEOUT)
        assert answer.status_code == 401


def test_share_stores_and_moves_awkward_names(webdav: WebDavServer) -> None:
    auth = (webdav.token, "")
    source = webdav.url + "/NGC%207000%20%5Bwide%5D%20%C3%BC%23.fits"
    target = webdav.url + "/final.fits"
    assert requests.put(source, data=b"SIMPLE", auth=auth, timeout=TIMEOUT).status_code == 201
    moved = requests.request(
        "MOVE", source, auth=auth, headers={"Destination": target}, timeout=TIMEOUT
    )
    assert moved.status_code == 201
    assert (webdav.root / "final.fits").read_bytes() == b"SIMPLE"
    assert requests.get(source, auth=auth, timeout=TIMEOUT).status_code == 404


def test_existing_folders_answer_405_to_mkcol(webdav: WebDavServer) -> None:
    auth = (webdav.token, "")
    answers = [
        requests.request("MKCOL", webdav.url + "/crowdsky", auth=auth, timeout=TIMEOUT).status_code
        for _ in range(2)
    ]
    assert answers == [201, 405]


def test_killed_server_comes_back_on_its_port(webdav: WebDavServer) -> None:
    (webdav.root / "kept").write_text("still here")
    webdav.kill()
    assert not accepts_connections(webdav.port)
    webdav.start()
    answer = requests.get(webdav.url + "/kept", auth=(webdav.token, ""), timeout=TIMEOUT)
    assert answer.text == "still here"


def test_site_in_a_relative_folder_is_one_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Site(Path("kept"), workers=1) as site:
        site.create_user("ann", "correct horse")
        for page in ("index.php", "api/health.php"):
            assert requests.get(f"{site.base_url}/{page}", timeout=TIMEOUT).status_code == 200
        answer = requests.get(
            f"{site.api_url}/my_stacks.php", auth=("ann", "correct horse"), timeout=TIMEOUT
        )
        assert answer.status_code == 200, answer.text
    assert (tmp_path / "kept" / "crowdsky.sqlite").is_file()


def test_stop_ends_every_php_process(tmp_path: Path) -> None:
    with Site(tmp_path / "site", workers=3) as site:
        assert php_processes(site.port)
        port = site.port
    assert not php_processes(port)
    assert not accepts_connections(port)


def test_server_that_cannot_start_says_what_its_log_says(tmp_path: Path) -> None:
    share = WebDavServer(tmp_path / "share")
    share.root.write_text("a file where the folder should be")
    with pytest.raises(FileExistsError):
        share.start()
    site = Site(tmp_path / "site", workers=1)
    site.data_dir.mkdir()
    site.command = lambda port: ["php", "-S", "127.0.0.1:notaport"]  # type: ignore[method-assign]
    with pytest.raises(ServiceError, match="notaport"):
        site.start()


def test_each_mariadb_account_sees_only_its_database(mariadb: MariaDb) -> None:
    first, second = mariadb.new_database(), mariadb.new_database()
    code = "new PDO($argv[1], $argv[2], $argv[3]);"
    own = ["php", "-r", code, first.dsn, first.user, first.password]
    foreign = ["php", "-r", code, second.dsn, first.user, first.password]
    assert subprocess.run(own, capture_output=True, check=False).returncode == 0
    refused = subprocess.run(foreign, capture_output=True, check=False)
    assert refused.returncode != 0
    assert b"Access denied" in refused.stdout + refused.stderr


def php_processes(port: int) -> list[int]:
    """Return the ids of running PHP servers on ``port``, read from /proc."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            state = (folder / "stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue
        if f"127.0.0.1:{port}".encode() in words and state != "Z":
            found.append(int(folder.name))
    return found
