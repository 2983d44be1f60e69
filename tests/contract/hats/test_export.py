"""The export: what is in it, when it is built anew, and what is taken from a worker."""

from __future__ import annotations

import io
import json
import math
import re
import tarfile
from collections.abc import Callable

import pyarrow as pa
import pytest
import requests
from astropy.io import fits
from pyarrow import parquet

from crowdsky.hats.tables import SCHEMAS, Catalogue
from tests.contract.hats.conftest import DEC, MJD, RA, Archive
from tests.contract.hats.exporting import do_job, get_rows, partition_of, send
from tests.contract.jobs.support import Worker
from tests.contract.site.support import Browser
from tests.support.light_rows import TERMS
from tests.support.sites import SiteUnderTest


def read(archive: Archive, catalogue: str) -> pa.Table:
    """Read all partitions of a catalogue, as the pattern in the manifest finds them."""
    names = [
        file["name"] for file in archive.manifest()["files"] if file["name"].endswith(".parquet")
    ]
    parts = [
        parquet.read_table(pa.BufferReader(archive.get(name).content))
        for name in names
        if name.startswith(f"{catalogue}/dataset/Norder=")
    ]
    return pa.concat_tables(parts)


def test_export_is_built_and_served(
    archive: Archive, export: Callable[[], int], worker: Worker
) -> None:
    assert archive.get("MANIFEST.json").status_code == 404
    assert "1 partition queued, 0 waiting already" in archive.build()
    assert "0 partitions queued, 1 waiting already" in archive.build()
    assert worker.try_claim(kinds="stack,rescan,uploaded,hips") is None
    assert export() == 1
    assert "1 up to date" in archive.build()

    manifest = archive.manifest()
    assert manifest["catalogues"]["light_curves"] == {
        "rows": 6,
        "partitions": 1,
        "files": "light_curves/dataset/Norder=*/Dir=*/*.parquet",
    }
    assert manifest["catalogues"]["stars"]["rows"] == 1
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", manifest["created_at"])
    assert "series" not in manifest["catalogues"]
    for file in manifest["files"]:
        answer = archive.get(file["name"])
        assert (answer.status_code, len(answer.content)) == (200, file["size"])
        assert answer.headers["ETag"] == f'"{file["sha256"]}"'
        part = archive.get(file["name"].replace("=", "%3D"), Range="bytes=1-3")
        assert (part.status_code, part.content) == (206, answer.content[1:4])
    properties = dict(
        line.split("=", 1) for line in archive.get("light_curves/hats.properties").text.splitlines()
    )
    assert (properties["hats_nrows"], properties["dataproduct_type"]) == ("6", "source")
    assert properties["crowdsky_files"] == manifest["catalogues"]["light_curves"]["files"]
    without = requests.get(f"{archive.site.api_url}/hats.php/MANIFEST.json", timeout=30)
    assert without.status_code == 401, "as light curves, it needs a key"


def test_rows_have_light_and_facts(archive: Archive, export: Callable[[], int]) -> None:
    dark = archive.light.epoch(archive.field, archive.owner, MJD + 2, telescope="Tube of Ann")
    archive.light.observe(archive.star, dark, -3.0, flux_b=None, error_b=None, flags=1)
    gray = archive.light.epoch(archive.field, archive.owner, MJD + 3, bands="L", width=None)
    archive.light.observe(archive.star, gray, 400.0)
    export()

    table = read(archive, "light_curves")
    assert table.schema == SCHEMAS[Catalogue.LIGHT_CURVES]
    rows = table.to_pylist()
    assert [row["band"] for row in rows] == ["TR", "TG", "TB"] * 3 + ["CV"]
    first = rows[1]
    _, colour, u_term, v_term, uu_term, uv_term, vv_term, _ = TERMS
    u, v = 2 * 270 / 1079 - 1, 2 * 1440 / 1919 - 1
    terms = u_term * u + v_term * v + uu_term * u * u + uv_term * u * v + vv_term * v * v
    mag = -2.5 * math.log10(1000.0) + 20.5 + 0.5 * colour + terms
    assert first["mag"] == pytest.approx(mag, abs=2e-6)
    # The zero point follows the noise of a comparison star, so its error is no error of that star.
    error = math.sqrt((1.0857362 * 5 / 1000) ** 2 + 0.006**2 - 0.004**2 + 0.003**2)
    assert first["mag_error"] == pytest.approx(error, abs=1e-6)
    assert (first["calibration"], first["quality"], first["stack_id"]) == (1, 256, 1)
    assert (first["star_id"], first["ra"], first["dec"]) == (archive.star, RA, DEC)
    assert (first["telescope"], first["part"]) == ("S50_8a95aa90", 0)
    assert (first["mjd_utc"], first["field_id"]) == (MJD, archive.field)
    assert rows[3]["calibration"] is None, "the calibration does not have this stack"
    assert rows[3]["mag"] == pytest.approx(-2.5 * math.log10(1001.0) + 20.0, abs=2e-6)
    assert [(row["mag"], row["mag_error"], row["quality"]) for row in rows[6:9]] == [
        (None, None, 17)
    ] * 3
    assert [row["flux"] for row in rows[6:9]] == [-3.0, -3.0, None]
    assert rows[6]["telescope"] is None, "it is none that public copies show"
    assert rows[9]["mag"] == pytest.approx(-2.5 * math.log10(400.0) + 20.0, abs=2e-6)
    (star,) = read(archive, "stars").to_pylist()
    assert star["gaia_id"] == 1234567890123456789
    assert (star["mag_tg"], star["n_tg"], star["mag_cv"], star["n_cv"]) == (13.25, 1, None, None)
    assert (star["n_observations"], star["flags"], star["calibration"]) == (4, 256, 1)
    assert (star["first_mjd_utc"], star["last_mjd_utc"]) == (MJD, MJD + 3)
    assert star["variable_kind"] is None


def test_points_are_those_of_the_light_curve(archive: Archive, export: Callable[[], int]) -> None:
    # In red it is no comparison star, in the other bands it is.
    archive.site.rows.execute("UPDATE star_calibrations SET flags = 0 WHERE band = 'R'")
    export()
    found = requests.get(
        f"{archive.site.api_url}/light_curve.php",
        params={"star": archive.star},
        headers={"Authorization": f"Bearer {archive.key}"},
        timeout=30,
    ).json()["points"]
    rows = sorted(read(archive, "light_curves").to_pylist(), key=lambda row: row["mjd_utc"])
    assert len(rows) == len(found)
    for row, point in zip(rows, found, strict=True):
        version = None if row["calibration"] is None else str(row["calibration"])
        assert version == point["calibration"]
        for name in ("band", "quality", "stack_id", "part", "telescope", "filter", "mjd_utc"):
            assert row[name] == point[name], name
        for name in ("mag", "mag_error", "flux", "flux_error", "exptime", "zero_point_error"):
            assert row[name] == pytest.approx(point[name], abs=1e-5, rel=1e-6), name
        assert row["bjd_tdb"] == pytest.approx(point["bjd_tdb"], abs=1.2e-6)


def test_variables_are_told(archive: Archive, export: Callable[[], int]) -> None:
    archive.site.rows.insert(
        "variable_candidates", calibration_id=1, star_id=archive.star, band="G", kind="periodic",
        score=9.5, excess_mag=0.1, n_points=2, n_nights=2, amplitude_mag=0.3, period_d=0.55,
        period_error_d=0.001, period_fap=1e-9,
    )  # fmt: skip
    export()
    (star,) = read(archive, "stars").to_pylist()
    assert (star["variable_kind"], star["variable_band"]) == ("periodic", "TG")
    assert (star["variable_period"], star["variable_t0"]) == (0.55, None)


def test_series_are_apart(archive: Archive, export: Callable[[], int]) -> None:
    for part in (1, 2):
        epoch = archive.light.epoch_of(
            1, archive.field, MJD + part / 1440, series_seconds=60, part=part
        )
        archive.light.observe(archive.star, epoch, 900.0)
    export()
    assert read(archive, "light_curves").num_rows == 6
    series = read(archive, "series").to_pylist()
    assert [(row["series_seconds"], row["part"]) for row in series[::3]] == [(60, 1), (60, 2)]
    assert read(archive, "stars").to_pylist()[0]["n_observations"] == 2


def test_private_stacks_are_in_no_row_or_number(
    archive: Archive, export: Callable[[], int], worker: Worker
) -> None:
    secret = archive.light.epoch(archive.field, archive.owner, MJD + 4, visibility="private")
    hidden = archive.light.star(RA + 0.01, DEC)
    elsewhere = archive.light.star(10.0, -30.0)
    for star in (archive.star, hidden, elsewhere):
        archive.light.observe(star, secret)
    archive.light.calibration(
        archive.field, 1, {secret: 25.0}, [archive.star, hidden], owner=archive.owner
    )
    assert export() == 1, "a region with private stacks alone has no partition"
    stars = read(archive, "stars").to_pylist()
    assert [star["star_id"] for star in stars] == [archive.star]
    assert stars[0]["n_observations"] == 2
    assert read(archive, "light_curves").num_rows == 6

    archive.site.rows.execute("UPDATE stacked_frames SET visibility = 'private' WHERE id = 2")
    assert "1 partition queued" in archive.build()
    assert export() == 1
    assert read(archive, "light_curves").num_rows == 3
    archive.site.rows.execute("UPDATE stacked_frames SET visibility = 'private' WHERE id = 1")
    assert "1 removed" in archive.build()
    assert archive.get("MANIFEST.json").status_code == 404
    assert archive.site.rows.all("SELECT * FROM hats_files") == []


def test_a_stack_that_becomes_private_leaves_at_once_with_its_partition(
    archive: Archive, export: Callable[[], int], worker: Worker
) -> None:
    far = archive.light.star(10.0, -30.0)
    elsewhere = archive.light.epoch(archive.light.field(10.0, -30.0), archive.owner, MJD + 5)
    archive.light.observe(far, elsewhere)
    assert export() == 2
    browser = Browser(archive.site)
    browser.log_in("ann", "not used here")
    fields = {"action": "visibility", "visibility": "private", "stack_id": 2}
    answer = browser.post("stack.php", {**fields, "csrf_token": browser.token()})
    assert answer.status_code == 303
    rows = read(archive, "light_curves").to_pylist()
    assert {row["stack_id"] for row in rows} == {elsewhere}, "other partitions stay"
    lease = worker.claim(kinds="hats")
    assert do_job(worker, lease).status_code == 200
    rows = read(archive, "light_curves").to_pylist()
    assert sorted({row["stack_id"] for row in rows}) == [1, elsewhere]
    calibrated = {row["calibration"] for row in rows if row["stack_id"] == 1}
    assert calibrated == {1}, "the hidden stack was in no calibration"
    stars = {star["star_id"]: star for star in read(archive, "stars").to_pylist()}
    assert stars[archive.star]["mag_tg"] == 13.25

    answer = browser.post("stack.php", {**fields, "stack_id": 1, "csrf_token": browser.token()})
    assert answer.status_code == 303
    browser.post("stack.php", {**fields, "visibility": "public", "csrf_token": browser.token()})
    assert do_job(worker, worker.claim(kinds="hats")).status_code == 200
    stars = {star["star_id"]: star for star in read(archive, "stars").to_pylist()}
    assert stars[archive.star]["mag_tg"] is None, "its mean is of light that is withdrawn"


def test_what_changes_while_it_is_written_is_not_published(
    archive: Archive, worker: Worker
) -> None:
    archive.build()
    lease = worker.claim(kinds="hats")
    body = partition_of(get_rows(worker, lease).content)
    archive.site.rows.execute("UPDATE stacked_frames SET visibility = 'private' WHERE id = 2")
    answer = send(worker, lease, body)
    assert (answer.status_code, answer.json()["code"]) == (422, "outdated")
    body = partition_of(get_rows(worker, lease).content)
    assert send(worker, lease, body, "0" * 64).status_code == 422
    assert send(worker, lease, body).status_code == 200
    assert send(worker, lease, body).status_code == 200, "repeating it is harmless"
    assert read(archive, "light_curves").num_rows == 3


def test_a_new_calibration_and_a_new_measurement_are_exported(
    archive: Archive, export: Callable[[], int]
) -> None:
    export()
    archive.light.calibration(archive.field, 2, dict.fromkeys(archive.epochs, 21.0), [archive.star])
    assert export() == 1
    assert {row["calibration"] for row in read(archive, "light_curves").to_pylist()} == {2}
    again = archive.light.epoch_of(1, archive.field, MJD)
    archive.light.observe(archive.star, again, 1500.0)
    archive.site.rows.execute("UPDATE epochs SET superseded_at = 'now' WHERE id = 1")
    assert export() == 1
    rows = read(archive, "light_curves").to_pylist()
    assert len(rows) == 6
    assert {row["flux"] for row in rows} == {1500.0, 1001.0}
    assert export() == 0


def test_what_is_no_partition_is_refused(archive: Archive, worker: Worker) -> None:
    archive.build()
    lease = worker.claim(kinds="hats")
    rows = get_rows(worker, lease).content
    with fits.open(io.BytesIO(rows)) as hdus:
        hdus.verify("exception")
        assert [len(hdu.data) for hdu in hdus[1:3]] == [2, 1]
    whole = files_of(partition_of(rows))
    report = json.loads(whole["export.json"])
    wrong = {
        "export.json is missing": {**whole, "export.json": None},
        "is no JSON": {**whole, "export.json": b"no"},
        "update the worker": {**whole, "export.json": json.dumps({**report, "layout": 0}).encode()},
        "ask for its rows again": {
            **whole, "export.json": json.dumps({**report, "content": "0" * 64}).encode(),
        },
        "5 rows of light_curves": {
            **whole,
            "export.json": json.dumps({**report, "rows": {"stars": 1, "light_curves": 5}}).encode(),
        },
        "the rows are missing": {**whole, "stars.parquet": None},
        "the schema is missing": {**whole, "stars.schema": None},
        "no whole Parquet file": {**whole, "stars.parquet": b"PAR1 and no more"},
        "tables without rows": {**whole, "series.parquet": whole["stars.parquet"]},
        "is no file of a partition": {**whole, "../../properties": b"x"},
    }  # fmt: skip
    for reason, files in wrong.items():
        answer = send(worker, lease, archive_of(files))
        assert answer.status_code == 422, reason
        assert reason in answer.json()["error"]
    assert "no whole tar" in send(worker, lease, archive_of(whole)[:2000]).json()["error"]
    assert archive.get("MANIFEST.json").status_code == 404
    stranger = Worker(archive.site, archive.site.create_worker_key("stranger"))
    assert get_rows(stranger, lease).status_code == 409
    assert send(stranger, lease, archive_of(whole)).status_code == 409
    assert worker.report("complete_job", lease, **worker.archive(lease)).status_code == 400
    assert send(worker, lease, archive_of(whole)).status_code == 200


def test_volunteers_get_no_partitions(archive: Archive, site: SiteUnderTest) -> None:
    archive.build()
    volunteer = Worker(site, site.rows.add_key("anna", ["volunteer"]))
    assert volunteer.try_claim(kinds="stack,hats") is None


def files_of(body: bytes) -> dict[str, bytes]:
    """The files of a tar file by name."""
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        streams = {entry.name: tar.extractfile(entry) for entry in tar}
        return {name: stream.read() for name, stream in streams.items() if stream is not None}


def archive_of(files: dict[str, bytes | None]) -> bytes:
    """A tar file; what is None is left out."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in files.items():
            if content is not None:
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
    return stream.getvalue()
