"""What ``doctor`` says about a share: broken, or only limited."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from demo.services import WebDavServer
from tests.support.fault_proxy import Fault, FaultProxy, plain_answer
from worker.commands import doctor
from worker.config import Settings, load_settings

FOREVER = 1000
FORBIDDEN = plain_answer("403 Forbidden")
UNKNOWN = plain_answer("405 Method Not Allowed")
BUSY = plain_answer("503 Service Unavailable")


@pytest.fixture
def settings(proxy: FaultProxy, webdav: WebDavServer, tmp_path: Path) -> Settings:
    """The settings of a worker that stores on the share."""
    return load_settings(
        {
            "API_BASE_URL": "http://127.0.0.1:1/api",
            "WORKER_API_KEY": "some-key",
            "UCLOUD_WEBDAV_URL": proxy.url,
            "UCLOUD_SHARE_TOKEN": webdav.token,
            "WORK_DIR": str(tmp_path / "work"),
        },
        None,
    )


@pytest.fixture(autouse=True)
def storage_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the checks that have nothing to do with the share."""
    checks = tuple(entry for entry in doctor._CHECKS if entry[0] == "storage")
    monkeypatch.setattr(doctor, "_CHECKS", checks)


def examined(settings: Settings) -> tuple[int, dict[str, Any]]:
    """The exit code, and the finding as a program reads it."""
    channel = io.BytesIO()
    code = doctor.examine(settings, channel)
    report = json.loads(channel.getvalue())
    (finding,) = report["checks"]
    assert report["ok"] is (code == 0) is finding["well"]
    return code, finding


def files(webdav: WebDavServer) -> list[str]:
    """The names of all files on the share."""
    return [path.name for path in webdav.root.rglob("*") if path.is_file()]


def test_a_share_that_may_be_edited_is_well(settings: Settings, webdav: WebDavServer) -> None:
    code, finding = examined(settings)
    assert (code, finding["warning"]) == (0, False)
    assert finding["detail"] == "writes, reads, moves and deletes below /crowdsky"
    assert files(webdav) == []


@pytest.mark.parametrize("answer", [FORBIDDEN, UNKNOWN], ids=["forbidden", "unknown"])
def test_a_share_that_forbids_moving_is_a_warning(
    settings: Settings,
    proxy: FaultProxy,
    webdav: WebDavServer,
    capsys: pytest.CaptureFixture[str],
    answer: bytes,
) -> None:
    proxy.inject(Fault("answer", "MOVE", times=FOREVER, answer=answer))
    code, finding = examined(settings)
    assert (code, finding["warning"]) == (0, True)
    assert "jobs work; files may not be moved" in finding["detail"]
    assert "delete" not in finding["detail"]
    assert doctor.examine(settings, None) == 0
    assert capsys.readouterr().out.startswith("warn  storage ")
    assert files(webdav) == []


@pytest.mark.parametrize("answer", [FORBIDDEN, UNKNOWN], ids=["forbidden", "unknown"])
def test_a_share_that_forbids_deleting_is_a_warning(
    settings: Settings, proxy: FaultProxy, webdav: WebDavServer, answer: bytes
) -> None:
    proxy.inject(Fault("answer", "DELETE", times=FOREVER, answer=answer))
    code, finding = examined(settings)
    assert (code, finding["warning"]) == (0, True)
    (left,) = files(webdav)
    assert left.endswith("-moved.txt")
    assert f"/crowdsky/{left} of this check" in finding["detail"], "somebody has to remove it"


def test_a_share_that_forbids_both_says_both(
    settings: Settings, proxy: FaultProxy, webdav: WebDavServer
) -> None:
    for method in ("MOVE", "DELETE"):
        proxy.inject(Fault("answer", method, times=FOREVER, answer=FORBIDDEN))
    code, finding = examined(settings)
    assert (code, finding["warning"]) == (0, True)
    (left,) = files(webdav)
    for words in ("may not be moved", "may not be deleted", left):
        assert words in finding["detail"]


@pytest.mark.parametrize(
    ("method", "answer"),
    [("PUT", FORBIDDEN), ("GET", FORBIDDEN), ("MOVE", BUSY), ("DELETE", BUSY)],
    ids=["writing", "reading", "moving while busy", "deleting while busy"],
)
def test_what_stops_jobs_is_a_failure(
    settings: Settings, proxy: FaultProxy, webdav: WebDavServer, method: str, answer: bytes
) -> None:
    proxy.inject(Fault("answer", method, times=FOREVER, answer=answer))
    code, finding = examined(settings)
    assert (code, finding["warning"]) == (1, False)
    assert "could not" in finding["detail"]
    assert method == "DELETE" or files(webdav) == []


def test_a_share_that_can_only_be_read_does_not_blame_the_token(
    settings: Settings, proxy: FaultProxy
) -> None:
    proxy.inject(Fault("answer", "PUT", times=FOREVER, answer=FORBIDDEN))

    code, finding = examined(settings)

    assert code == 1
    assert "the share can be read but takes no files (403)" in finding["detail"]
    assert "UCLOUD_SHARE_TOKEN" not in finding["detail"]
