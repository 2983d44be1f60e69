"""Stopping a worker whose site takes no connection, as behind a firewall that drops packets."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from tests.support.worker_process import WorkerProcess


def is_knocking(pid: int, port: int) -> bool:
    """Whether the process has a connection to the port on its way (SYN_SENT)."""
    mine = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed while we look
            mine.add(link.readlink().name)
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    knocking = {row[9] for row in rows if row[2].endswith(f":{port:04X}") and row[3] == "02"}
    return any(f"socket:[{inode}]" in mine for inode in knocking)


def test_a_stop_does_not_wait_for_a_connection(tmp_path: Path, full_port: int) -> None:
    settings = {
        "API_BASE_URL": f"http://127.0.0.1:{full_port}/api",
        "WORKER_API_KEY": "some-key",
        "INDEX_DIR": str(tmp_path),
        "WARM_START": "off",
    }
    with WorkerProcess(tmp_path / "attic", settings) as worker:
        worker.wait_for(lambda: is_knocking(worker.process.pid, full_port), "no question")
        assert worker.stop() == 0, worker.log
        assert "the connection was cut" in worker.log, "it waited for its time-out"
        assert "Traceback" not in worker.log
