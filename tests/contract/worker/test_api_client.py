"""What a worker fetches from the real site, over a network and hosts that fail."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crowdsky.base.errors import (
    AccessDeniedError,
    ConfigurationError,
    CorruptTransferError,
    CrowdSkyError,
    InputMissingError,
    ServiceBusyError,
    ServiceUnreachableError,
    TransientError,
    UnexpectedAnswerError,
)
from crowdsky.net.connection import Api
from demo.services import Site
from tests.contract.jobs.support import Queue
from tests.contract.worker.support import claim
from tests.support.fault_proxy import Fault, FaultProxy, html_answer, plain_answer
from tests.support.rows import Rows
from worker.site import downloads, job_api
from worker.site.records import Job, RawFile


def body_answer(body: bytes) -> bytes:
    """An answer with this body; the proxy ends the connection after it, and must say so."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


@pytest.fixture
def job_with_raw(queue: Queue) -> bytes:
    """A queued job with one raw of 300 kB; its bytes."""
    body = os.urandom(300_000)
    job_id = queue.add_job(frames=0, frame_count=1, total_bytes=len(body))
    queue.add_raw(queue.add_session(), job_id, "Light 1.fit", body)
    return body


class TestClaim:
    def test_no_work_is_none(self, api: Api) -> None:
        assert job_api.get_next_job(api, "tester", "claim-0001") is None

    def test_a_lost_answer_costs_nothing(self, api: Api, proxy: FaultProxy, queue: Queue) -> None:
        queue.add_job()
        second = queue.add_job()
        proxy.inject(Fault("lose_reply", target="next_job"))
        with pytest.raises(ServiceUnreachableError):
            job_api.get_next_job(api, "tester", "claim-0001")
        first = job_api.get_next_job(api, "tester", "claim-0001")
        again = job_api.get_next_job(api, "tester", "claim-0001")
        assert first is not None
        assert first == again
        assert first.lease_token == again.lease_token
        assert claim(api).job_id == second

    @pytest.mark.parametrize(
        ("answer", "error", "words"),
        [
            (html_answer(), UnexpectedAnswerError, "not JSON"),
            (html_answer("404 Not Found"), ConfigurationError, "check API_BASE_URL"),
            (html_answer("500 Internal Server Error"), ServiceBusyError, "500"),
            (html_answer("302 Found", "Location: http://portal/\r\n"), TransientError, "302"),
            (
                plain_answer("301 Moved Permanently", "Location: https://new.example/api\r\n"),
                ConfigurationError,
                "https://new.example/api",
            ),
            (
                b'HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n{"job_id": 12, "user',
                ServiceUnreachableError,
                "cut",
            ),
            (
                body_answer(b'{"job_id": 12, "user'),
                UnexpectedAnswerError,
                "not JSON",
            ),
            (body_answer(b"[]"), UnexpectedAnswerError, "not JSON"),
            (b"", ServiceUnreachableError, "cut"),
        ],
    )
    def test_only_our_json_is_a_job(
        self,
        api: Api,
        proxy: FaultProxy,
        queue: Queue,
        answer: bytes,
        error: type[CrowdSkyError],
        words: str,
    ) -> None:
        queue.add_job()
        proxy.inject(Fault("answer", answer=answer))
        with pytest.raises(error, match=words):
            claim(api)
        assert len(proxy.requests) == 1
        claim(api)

    def test_what_the_site_asks_to_wait_is_kept(self, api: Api, proxy: FaultProxy) -> None:
        busy = plain_answer("429 Too Many Requests", "Retry-After: 17\r\n")
        proxy.inject(Fault("answer", answer=busy))
        with pytest.raises(ServiceBusyError) as refused:
            claim(api)
        assert refused.value.retry_after == 17.0

    def test_a_wrong_key_is_named_without_showing_it(self, proxy: FaultProxy) -> None:
        api = Api.connect(proxy.url, "wrong-secret-key")
        with pytest.raises(AccessDeniedError, match="WORKER_API_KEY") as denied:
            claim(api)
        assert "wrong-secret-key" not in f"{denied.value} {api!r} {denied.value.__cause__!r}"

    def test_no_netrc_entry_replaces_the_key(
        self, api: Api, queue: Queue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login someone password else\n", "utf-8")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        queue.add_job()
        claim(api)


class TestCheckConnection:
    def test_a_good_key_passes_and_claims_nothing(self, api: Api, queue: Queue, rows: Rows) -> None:
        job = queue.add_job()
        job_api.check_connection(api)
        assert rows.job(job)["status"] == "pending"

    def test_a_wrong_key_does_not(self, proxy: FaultProxy) -> None:
        with pytest.raises(AccessDeniedError):
            job_api.check_connection(Api.connect(proxy.url, "wrong"))

    def test_a_wrong_address_does_not(self, sqlite_site: Site, key: str) -> None:
        with pytest.raises(ConfigurationError, match="API_BASE_URL"):
            job_api.check_connection(Api.connect(f"{sqlite_site.base_url}/nowhere", key))

    def test_a_front_server_that_eats_the_key_is_named(self, api: Api, proxy: FaultProxy) -> None:
        health = b'{"ok": true, "authorization_header": false}'
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(health)}\r\n\r\n".encode()
        proxy.inject(Fault("answer", target="health", answer=head + health))
        with pytest.raises(ConfigurationError, match="Authorization header"):
            job_api.check_connection(api)


class TestDownload:
    def fetch(self, api: Api, job: Job, raw: RawFile, folder: Path) -> bytes:
        target = folder / "raw.fit"
        downloads.download_raw_file(api, job, raw, target)
        assert not target.with_name("raw.fit.part").exists()
        return target.read_bytes()

    def test_it_goes_on_where_it_was_cut(
        self, api: Api, proxy: FaultProxy, job_with_raw: bytes, tmp_path: Path
    ) -> None:
        job = claim(api)
        [raw] = job_api.get_job_files(api, job)
        moved: list[int] = []
        proxy.inject(Fault("cut_reply", target="download_raw", after_bytes=50_000))
        with pytest.raises(ServiceUnreachableError, match=r"cut|ended"):
            downloads.download_raw_file(api, job, raw, tmp_path / "raw.fit", moved.append)
        assert not (tmp_path / "raw.fit").exists()
        part = (tmp_path / "raw.fit.part").stat().st_size
        assert 0 < part <= 50_000

        moved.clear()
        downloads.download_raw_file(api, job, raw, tmp_path / "raw.fit", moved.append)
        assert (tmp_path / "raw.fit").read_bytes() == job_with_raw
        assert sum(moved) == len(job_with_raw) - part, "bytes already there were fetched again"

    def test_changed_bytes_are_thrown_away(
        self, api: Api, proxy: FaultProxy, job_with_raw: bytes, tmp_path: Path
    ) -> None:
        job = claim(api)
        [raw] = job_api.get_job_files(api, job)
        proxy.inject(Fault("corrupt_reply", target="download_raw", after_bytes=1000))
        with pytest.raises(CorruptTransferError, match="differ"):
            self.fetch(api, job, raw, tmp_path)
        assert list(tmp_path.glob("raw*")) == []
        assert self.fetch(api, job, raw, tmp_path) == job_with_raw

    @pytest.mark.parametrize("length", [1, 299_999, 300_000, 300_001, 400_000])
    def test_a_wrong_part_does_not_spoil_the_file(
        self, api: Api, job_with_raw: bytes, tmp_path: Path, length: int
    ) -> None:
        job = claim(api)
        [raw] = job_api.get_job_files(api, job)
        (tmp_path / "raw.fit.part").write_bytes(b"\0" * length)
        with pytest.raises(CorruptTransferError):
            self.fetch(api, job, raw, tmp_path)
        assert self.fetch(api, job, raw, tmp_path) == job_with_raw

    def test_a_whole_part_is_not_fetched_again(
        self, api: Api, proxy: FaultProxy, job_with_raw: bytes, tmp_path: Path
    ) -> None:
        job = claim(api)
        [raw] = job_api.get_job_files(api, job)
        (tmp_path / "raw.fit.part").write_bytes(job_with_raw)
        assert self.fetch(api, job, raw, tmp_path) == job_with_raw
        assert proxy.count("GET", "download_raw") == 0

    @pytest.mark.parametrize(
        "answer",
        [
            html_answer(),
            plain_answer("200 OK", "Content-Encoding: gzip\r\n"),
            plain_answer("206 Partial Content", "Content-Range: bytes 5-9/10\r\n"),
            plain_answer("204 No Content"),
        ],
    )
    def test_nothing_else_is_taken_for_the_file(
        self, api: Api, proxy: FaultProxy, job_with_raw: bytes, tmp_path: Path, answer: bytes
    ) -> None:
        job = claim(api)
        [raw] = job_api.get_job_files(api, job)
        proxy.inject(Fault("answer", target="download_raw", answer=answer))
        with pytest.raises(UnexpectedAnswerError):
            self.fetch(api, job, raw, tmp_path)
        assert self.fetch(api, job, raw, tmp_path) == job_with_raw

    def test_a_raw_that_is_gone_is_named(
        self, api: Api, rows: Rows, job_with_raw: bytes, tmp_path: Path
    ) -> None:
        job = claim(api)
        [raw] = job_api.get_job_files(api, job)
        rows.execute("UPDATE raw_files SET deleted_at = created_at")
        with pytest.raises(InputMissingError, match=rf"frame_{raw.file_id}\.fits"):
            self.fetch(api, job, raw, tmp_path)
