"""download_raw_file of worker.api_client on the real site, over a network that fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crowdsky.base.errors import (
    CorruptInputError,
    InputMissingError,
    LeaseLostError,
    UnexpectedAnswerError,
)
from demo.services import Site
from tests.contract.worker.support import raws
from tests.support.fault_proxy import Fault, FaultProxy, plain_answer
from tests.support.rows import Rows
from worker import api_client

ALWAYS = 1000


def body_of(site: Site, rows: Rows, file: dict[str, Any]) -> bytes:
    """The bytes of a raw as they lie on the site's disk."""
    row = rows.one("SELECT storage_name FROM raw_files WHERE id = ?", file["id"])
    name: str = row["storage_name"]
    return (site.data_dir / "raws" / name).read_bytes()


class TestDownloadRawFile:
    def test_the_bytes_are_those_of_the_site(
        self, claimed: dict[str, Any], sqlite_site: Site, rows: Rows, tmp_path: Path
    ) -> None:
        files = raws(claimed)
        assert len(files) > 1
        for file in files:
            path = tmp_path / "raws" / file["filename"]
            # Older sites list ids as texts, and a script may use texts for paths.
            api_client.download_raw_file(str(file["id"]), str(path))  # type: ignore[arg-type]
            assert path.read_bytes() == body_of(sqlite_site, rows, file)

    def test_it_goes_on_where_it_was_cut_and_mends_what_came_broken(
        self,
        claimed: dict[str, Any],
        sqlite_site: Site,
        rows: Rows,
        proxy: FaultProxy,
        tmp_path: Path,
    ) -> None:
        file = raws(claimed)[0]
        # Two requests look it up, the second of them in peace; then it is fetched three times.
        for fault in (
            Fault("answer", target="download_raw", answer=plain_answer("502 Bad Gateway")),
            Fault("delay", target="download_raw"),
            Fault("cut_reply", target="download_raw", after_bytes=1500),
            Fault("corrupt_reply", target="download_raw", after_bytes=1000),
        ):
            proxy.inject(fault)
        path = tmp_path / file["filename"]
        api_client.download_raw_file(file["id"], path)
        assert path.read_bytes() == body_of(sqlite_site, rows, file)
        assert not path.with_name(path.name + ".part").exists()
        assert proxy.count("GET", "download_raw") == 2 + 3

    def test_a_part_of_an_earlier_script_is_continued(
        self,
        claimed: dict[str, Any],
        sqlite_site: Site,
        rows: Rows,
        proxy: FaultProxy,
        tmp_path: Path,
    ) -> None:
        file = raws(claimed)[0]
        whole = body_of(sqlite_site, rows, file)
        (tmp_path / "raw.fit.part").write_bytes(whole[:2000])
        # The rest gets through, all of it would not.
        proxy.inject(Fault("cut_reply", target="download_raw", after_bytes=1200, times=ALWAYS))
        api_client.download_raw_file(file["id"], tmp_path / "raw.fit")
        assert (tmp_path / "raw.fit").read_bytes() == whole
        assert proxy.count("GET", "download_raw") == 2, "looked up and fetched once"

    def test_a_file_that_always_arrives_broken_is_given_up(
        self, claimed: dict[str, Any], proxy: FaultProxy, tmp_path: Path
    ) -> None:
        file = raws(claimed)[0]
        proxy.inject(Fault("corrupt_reply", target="download_raw", after_bytes=1000, times=ALWAYS))
        with pytest.raises(CorruptInputError, match="differ"):
            api_client.download_raw_file(file["id"], tmp_path / "raw.fit")
        assert list(tmp_path.glob("raw*")) == []

    def test_a_raw_that_is_gone_is_named(
        self, claimed: dict[str, Any], rows: Rows, tmp_path: Path
    ) -> None:
        file = raws(claimed)[0]
        rows.execute("UPDATE raw_files SET deleted_at = created_at")
        with pytest.raises(InputMissingError, match=r"raw\.fit"):
            api_client.download_raw_file(file["id"], tmp_path / "raw.fit")

    def test_a_raw_of_another_keys_job_is_refused(
        self, claimed: dict[str, Any], tmp_path: Path, request: pytest.FixtureRequest
    ) -> None:
        file = raws(claimed)[0]
        request.getfixturevalue("elsewhere")
        with pytest.raises(LeaseLostError):
            api_client.download_raw_file(file["id"], tmp_path / "raw.fit")

    def test_an_answer_without_a_hash_is_not_believed(
        self, claimed: dict[str, Any], proxy: FaultProxy, tmp_path: Path
    ) -> None:
        answer = plain_answer("206 Partial Content", "Content-Range: bytes 0-0/3000\r\n")
        proxy.inject(Fault("answer", target="download_raw", answer=answer, times=ALWAYS))
        with pytest.raises(UnexpectedAnswerError, match="SHA-256"):
            api_client.download_raw_file(raws(claimed)[0]["id"], tmp_path / "raw.fit")
