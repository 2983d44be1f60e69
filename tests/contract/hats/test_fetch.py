"""`crowdsky export fetch`: a copy of the export on a disk, continued and renewed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pyarrow import dataset

from crowdsky.base.errors import UnexpectedAnswerError
from crowdsky.client.client import Client
from crowdsky.client.errors import ExportMissingError
from crowdsky.client.export import ExportFile
from tests.contract.hats.conftest import MJD, Archive, export_all, fill
from tests.contract.jobs.support import Worker
from tests.support.sites import SiteUnderTest

pytestmark = pytest.mark.one_database


def run(archive: Archive, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a reader with a key."""
    settings = {"CROWDSKY_API_URL": archive.site.base_url, "CROWDSKY_API_KEY": archive.key}
    return subprocess.run(
        [sys.executable, "-m", "crowdsky", "export", "fetch", *arguments],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def client_of(archive: Archive) -> Client:
    """A client with a key."""
    return Client(archive.site.base_url, archive.key)


def contents(folder: Path) -> dict[str, str]:
    """Hashes of all files that are no locks, by name."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
    }


def test_a_copy_is_fetched_renewed_and_repaired(
    archive: Archive, export: Callable[[], int], tmp_path: Path
) -> None:
    folder = tmp_path / "a copy"
    nothing = run(archive, str(folder))
    assert nothing.returncode == 2
    assert "No light curves have been exported yet" in nothing.stderr
    export()
    done = run(archive, str(folder))
    assert done.returncode == 0, done.stderr
    assert "light_curves: 6 rows" in done.stdout
    listed = {file["name"]: file["sha256"] for file in archive.manifest()["files"]}
    found = contents(folder)
    assert found.pop("MANIFEST.json")
    assert found == listed
    pattern = sorted((folder / "light_curves/dataset").glob("Norder=*/Dir=*/*.parquet"))
    assert dataset.dataset(pattern).count_rows() == 6

    (folder / "notes.txt").write_text("mine")
    broken = pattern[0]
    whole = broken.read_bytes()
    broken.unlink()
    broken.with_name(f"{broken.name}.part").write_bytes(whole[:1000])
    assert client_of(archive).fetch_export(folder).new == 1
    assert broken.read_bytes() == whole
    broken.write_bytes(whole[:-1] + b"?")
    assert client_of(archive).fetch_export(folder).new == 0, "the copy's manifest is believed"
    assert client_of(archive).fetch_export(folder, verify=True).new == 1

    archive.site.rows.execute("UPDATE stacked_frames SET visibility = 'private' WHERE id = 1")
    export()
    assert client_of(archive).fetch_export(folder).rows["light_curves"] == 3
    archive.site.rows.execute("UPDATE stacked_frames SET visibility = 'private'")
    export()
    with pytest.raises(ExportMissingError):
        client_of(archive).fetch_export(folder)
    assert (folder / "notes.txt").read_text() == "mine"


def test_one_catalogue_is_enough(
    archive: Archive, export: Callable[[], int], tmp_path: Path
) -> None:
    export()
    fetched = client_of(archive).fetch_export(tmp_path, "stars")
    assert fetched.rows == {"stars": 1}
    assert not (tmp_path / "light_curves").exists()
    with pytest.raises(ExportMissingError, match="no catalogue planets; there are light_curves"):
        client_of(archive).fetch_export(tmp_path, "planets")


def test_partitions_that_left_are_removed(
    borrow_site: Callable[..., SiteUnderTest], tmp_path: Path
) -> None:
    crowded = fill(borrow_site("sqlite", {"CROWDSKY_EXPORT_PARTITION_OBSERVATIONS": "3"}))
    worker = Worker(crowded.site, crowded.site.create_worker_key("exporter"))
    export_all(crowded, worker)
    assert client_of(crowded).fetch_export(tmp_path).removed == 0
    for day in (2, 3):
        crowded.light.observe(crowded.star, crowded.light.epoch_of(2, crowded.field, MJD + day))
    export_all(crowded, worker)
    fetched = client_of(crowded).fetch_export(tmp_path)
    assert (fetched.removed, fetched.rows["light_curves"]) == (2, 12)
    assert len(list(tmp_path.glob("light_curves/dataset/Norder=*/Dir=*/*.parquet"))) == 1


@pytest.mark.parametrize(
    "name", ["../x.parquet", "/etc/passwd", "stars/../../x", "stars//x", ".hidden", "stars/.x", ""]
)
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    file = {"name": name, "catalogue": None, "size": 1, "sha256": "0" * 64}
    with pytest.raises(UnexpectedAnswerError):
        ExportFile.from_json(json.loads(json.dumps(file)))
