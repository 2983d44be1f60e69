"""The HiPS: which regions are built of what, what is taken from a worker, and what is served."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import astropy.units as u
import numpy as np
import pytest
import requests
from astropy.io import fits
from mocpy import MOC
from PIL import Image

from crowdsky.hips.calibrated import read_calibrated
from crowdsky.hips.mosaic import Mosaic
from crowdsky.hips.region import write_region
from demo.services import ServiceError
from tests.contract.jobs.support import Worker
from tests.contract.site.support import Browser
from tests.contract.site.test_who_sees_what import choose
from tests.contract.vo.archive import Archive
from tests.contract.vo.hips_stacks import add_planted
from tests.support.cleanups import clean_up
from tests.support.sites import SiteUnderTest
from tests.support.worker_process import run_worker
from tests.unit.hips.conftest import plate
from tests.unit.hips.test_mosaic import centroid, place, region_of

pytestmark = pytest.mark.one_database
RA, DEC = 192.72, 41.12
REGION = region_of(RA, DEC)


@pytest.fixture
def build(site: SiteUnderTest) -> Callable[[], str]:
    """Run ``hips.php build`` as cron would and return what it printed."""
    site.create_user("boss", "not used here", admin=True)
    return lambda: site.run_php("hips.php", "build")


@pytest.fixture
def worker(site: SiteUnderTest) -> Worker:
    """A worker with an ordinary key."""
    return Worker(site, site.create_worker_key("painter"))


def paint(worker: Worker, lease: dict[str, Any], folder: Path) -> bytes:
    """Do what a worker does with the region of a lease, and return its file."""
    sums = folder / f"sums{lease['job_id']}"
    sums.mkdir()
    mosaic = Mosaic(sums, lease["hips"]["region"])
    for stack in lease["hips"]["stacks"]:
        answer = get_stack(worker, lease, stack["stack_id"])
        assert answer.status_code == 200, answer.text
        assert hashlib.sha256(answer.content).hexdigest() == stack["sha256"]
        assert len(answer.content) == stack["file_size_bytes"]
        path = folder / "stack.fits"
        path.write_bytes(answer.content)
        mosaic.add(read_calibrated(path))
    write_region(mosaic, folder / "tiles.tar", lambda _: None)
    return (folder / "tiles.tar").read_bytes()


def get_stack(worker: Worker, lease: dict[str, Any], stack: int) -> Any:
    headers = {"X-Lease-Token": lease["lease_token"]}
    return worker.get("job_stack", headers=headers, job_id=lease["job_id"], stack_id=stack)


def send(worker: Worker, lease: dict[str, Any], body: bytes, sha256: str = "") -> Any:
    return requests.put(
        f"{worker.api}/upload_tiles.php",
        params={"job_id": lease["job_id"]},
        data=body,
        headers={
            **worker.headers,
            "X-Lease-Token": lease["lease_token"],
            "X-SHA256": sha256 or hashlib.sha256(body).hexdigest(),
        },
        timeout=60,
    )


def archive_of(**files: bytes) -> bytes:
    """A tar file; dots and slashes of names are written as double underscores."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def test_tiles_are_built_served_and_leave_with_their_stack(
    archive: Archive, api: str, build: Callable[[], str], worker: Worker, tmp_path: Path
) -> None:
    star = (RA, DEC, 10.0)
    stack = add_planted(archive, plate(RA, DEC), [star])
    private = add_planted(archive, plate(RA, DEC + 0.05), [star], public=False)
    archive.add(RA, DEC)  # without zero points

    for name in ("", "/", "/properties", "/Norder3/Allsky.png"):
        assert "Nothing has been drawn yet" in why_not(api, name)
    assert build().startswith("1 region queued, 0 waiting already, 0 up to date, 0 removed")
    assert "0 region" in build(), "a region that waits is not queued again"
    assert worker.try_claim() is None, "older workers do not get it"
    lease = worker.claim(kinds="stack,hips")
    assert lease["kind"] == "hips"
    assert lease["hips"]["region"] == REGION
    assert [one["stack_id"] for one in lease["hips"]["stacks"]] == [stack]
    with fits.open(io.BytesIO(get_stack(worker, lease, stack).content)) as hdus:
        assert "SITELAT" not in hdus[0].header, "workers get the public copy"
    assert get_stack(worker, lease, private).status_code == 404
    body = paint(worker, lease, tmp_path)
    assert send(worker, lease, body, "0" * 64).status_code == 422
    assert send(worker, lease, body).status_code == 200
    assert send(worker, lease, body).status_code == 200, "repeating it is harmless"
    assert archive.rows.job(lease["job_id"])["status"] == "completed"

    tile, row, column = place(RA, DEC)
    name = f"Norder7/Dir{tile // 10000 * 10000}/Npix{tile}.png"
    answer = requests.get(f"{api}/hips.php/{name}", timeout=30)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    picture = np.asarray(Image.open(io.BytesIO(answer.content)))
    light = np.maximum(picture[..., 1] - 80.0, 0.0)
    assert centroid(light, row, column, 4) == pytest.approx((row, column), abs=0.5)
    properties = requests.get(f"{api}/hips.php/properties", timeout=30).text
    told = dict(line.split("=", 1) for line in properties.splitlines())
    told = {key.strip(): value.strip() for key, value in told.items()}
    assert (told["hips_order"], told["hips_tile_format"]) == ("7", "png")
    assert (told["hips_frame"], told["hips_tile_width"]) == ("equatorial", "512")
    answer = requests.get(f"{api}/hips.php/Norder3/Allsky.png", timeout=30)
    allsky = np.asarray(Image.open(io.BytesIO(answer.content)))
    assert allsky.shape == (29 * 64, 27 * 64, 4)
    at = np.argwhere(allsky[..., 3] > 0) // 64
    assert {(int(y), int(x)) for y, x in at} == {divmod(REGION, 27)}
    (tmp_path / "Moc.fits").write_bytes(
        requests.get(f"{api}/hips.php/Moc.fits", timeout=30).content
    )
    moc = MOC.from_fits(tmp_path / "Moc.fits")
    assert moc.contains_lonlat(RA * u.deg, DEC * u.deg)

    assert "1 up to date" in build()
    archive.rows.execute("UPDATE stacked_frames SET visibility = 'private' WHERE id = ?", stack)
    assert "1 removed" in build()
    assert requests.get(f"{api}/hips.php/{name}", timeout=30).status_code == 404
    assert not list((archive.site.data_dir / "sky").rglob("Npix*"))
    (tmp_path / "Moc.fits").write_bytes(
        requests.get(f"{api}/hips.php/Moc.fits", timeout=30).content
    )
    assert MOC.from_fits(tmp_path / "Moc.fits").empty()
    for name in ("", "/"):
        assert "hips.php/properties describes it" in why_not(api, name)
    assert "nothing is drawn there" in why_not(api, "/Norder3/Dir0/Npix1.png")


@pytest.mark.one_database
def test_a_region_leaves_at_once_with_a_stack_that_is_hidden_or_deleted(
    archive: Archive, api: str, build: Callable[[], str], worker: Worker, tmp_path: Path
) -> None:
    stacks = [add_planted(archive, plate(RA, DEC + 0.02 * n), [(RA, DEC, 10.0)]) for n in (0, 1)]
    build()
    lease = worker.claim(kinds="hips")
    assert send(worker, lease, paint(worker, lease, tmp_path)).status_code == 200
    tile = place(RA, DEC)[0]
    name = f"Norder7/Dir{tile // 10000 * 10000}/Npix{tile}.png"
    assert requests.get(f"{api}/hips.php/{name}", timeout=30).status_code == 200

    # What a region was built of is known for as long as it is shown.
    old = archive.rows.one("SELECT * FROM stacking_jobs WHERE id = ?", lease["job_id"])
    del old["id"], old["claim_id"], old["group_key"]
    archive.rows.insert("stacking_jobs", **{**old, "status": "failed", "group_key": "later"})
    archive.rows.execute("UPDATE stacking_jobs SET updated_at = '2026-01-01' WHERE kind = 'hips'")
    clean_up(archive.site)
    owner = Browser(archive.site)
    owner.log_in("owner", "not used here")
    choose(owner, stacks[1], "private")

    assert requests.get(f"{api}/hips.php/{name}", timeout=30).status_code == 404
    lease = worker.claim(kinds="hips")
    assert [one["stack_id"] for one in lease["hips"]["stacks"]] == [stacks[0]]
    assert send(worker, lease, paint(worker, lease, tmp_path)).status_code == 200
    assert requests.get(f"{api}/hips.php/{name}", timeout=30).status_code == 200
    assert "1 up to date" in build()

    job = archive.rows.one("SELECT job_id FROM stacked_frames WHERE id = ?", stacks[0])["job_id"]
    form = {"csrf_token": owner.token(), "job_id": job, "action": "delete"}
    assert owner.post("job.php", form).status_code == 303
    assert requests.get(f"{api}/hips.php/{name}", timeout=30).status_code == 404


def why_not(api: str, name: str) -> str:
    """The reason for which there is no such file."""
    answer = requests.get(f"{api}/hips.php{name}", timeout=30)
    assert answer.status_code == 404
    return str(answer.json()["error"])


def test_stack_that_became_private_meanwhile_is_not_published(
    archive: Archive, api: str, build: Callable[[], str], worker: Worker
) -> None:
    stack = add_planted(archive, plate(RA, DEC), [])
    build()
    lease = worker.claim(kinds="hips")
    tiles = archive_of(**{"coverage.json": b"[]"})
    archive.rows.execute("UPDATE stacked_frames SET visibility = 'private' WHERE id = ?", stack)
    assert get_stack(worker, lease, stack).status_code == 404
    answer = send(worker, lease, tiles)
    assert (answer.status_code, answer.json()["code"]) == (422, "outdated")
    archive.rows.execute("UPDATE stacked_frames SET visibility = 'public' WHERE id = ?", stack)
    assert send(worker, lease, tiles).status_code == 200
    assert archive.rows.one("SELECT cell, tiles FROM hips_cells") == {"cell": REGION, "tiles": 0}


def test_what_is_not_of_the_region_is_refused(
    archive: Archive, build: Callable[[], str], worker: Worker
) -> None:
    add_planted(archive, plate(RA, DEC), [])
    build()
    lease = worker.claim(kinds="hips")
    png, fine = b"\x89PNG\r\n\x1a\nrest", {"coverage.json": b"[]"}
    here = f"Norder3/Dir0/Npix{REGION}.png"
    pixel = REGION << 16
    wrong: tuple[dict[str, bytes], ...] = (
        {},
        {**fine, here: b"GIF89a"},
        {**fine, f"Norder3/Dir0/Npix{REGION + 1}.png": png},
        {**fine, f"Norder4/Dir0/Npix{REGION}.png": png},
        {**fine, f"Norder3/Dir10000/Npix{REGION}.png": png},
        {**fine, "../../secret": png},
        {**fine, "properties": b"hips_order = 29"},
        {**fine, "allsky.rgba": b"short"},
        {"coverage.json": json.dumps([[pixel - 1, pixel]]).encode()},
        {"coverage.json": json.dumps([[pixel + 1, pixel]]).encode()},
        {"coverage.json": b'{"0": [1]}'},
    )
    for files in wrong:
        answer = send(worker, lease, archive_of(**files))
        assert (answer.status_code, answer.json()["code"]) == (422, "wrong_format"), files
    whole = archive_of(**fine, **{here: png})
    for body in (b"x" * 600, whole[:700], whole[:1800]):
        assert send(worker, lease, body).status_code == 422
    assert not list((archive.site.data_dir / "sky").rglob("Npix*"))
    stranger = Worker(archive.site, archive.site.create_worker_key("stranger"))
    assert send(stranger, lease, whole).status_code == 409
    report = worker.archive(lease)
    assert worker.report("complete_job", lease, **report).status_code == 400
    assert send(worker, lease, whole).status_code == 200


def test_volunteers_get_no_regions_and_a_region_without_an_admin_is_not_queued(
    archive: Archive, site: SiteUnderTest
) -> None:
    add_planted(archive, plate(RA, DEC), [])
    with pytest.raises(ServiceError, match="create an admin"):
        site.run_php("hips.php", "build")
    site.create_user("boss", "not used here", admin=True)
    site.run_php("hips.php", "build")
    volunteer = Worker(site, site.rows.add_key("anna", ["volunteer"]))
    assert volunteer.try_claim(kinds="stack,hips") is None
    site.rows.execute("UPDATE stacking_jobs SET updated_at = '2020-01-01 00:00:00'")
    scraper = Worker(site, site.rows.add_key("scraper", ["metrics"]))
    assert "\ncrowdsky_stalled 0\n" in scraper.get("metrics").text, "that tiles wait is no alarm"
    site.rows.execute("UPDATE stacking_jobs SET kind = 'stack'")
    assert "\ncrowdsky_stalled 1\n" in scraper.get("metrics").text


def test_real_worker_builds_a_region(
    archive: Archive, api: str, build: Callable[[], str], tmp_path: Path, site: SiteUnderTest
) -> None:
    add_planted(archive, plate(RA, DEC), [(RA, DEC, 10.0)])
    unfit = add_planted(archive, plate(RA, DEC + 0.1), [])
    path = site.data_dir / "stacks/crowdsky/stacks/planted_1.fits"
    with fits.open(path, mode="update") as hdus:
        del hdus[0].header["ZPG"]
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    size = path.stat().st_size
    archive.rows.execute(
        "UPDATE stacked_frames SET sha256 = ?, file_size_bytes = ? WHERE id = ?",
        sha256,
        size,
        unfit,
    )
    assert "1 region queued" in build()
    settings = {"API_BASE_URL": api, "WORKER_API_KEY": site.create_worker_key("painter")}
    done = run_worker(tmp_path, settings, "--once")
    assert done.returncode == 0, done.stderr
    assert f"stack {unfit} is left out" in done.stderr
    tile, _, _ = place(RA, DEC)
    name = f"Norder7/Dir{tile // 10000 * 10000}/Npix{tile}.png"
    assert requests.get(f"{api}/hips.php/{name}", timeout=30).status_code == 200
    assert archive.rows.one("SELECT stacks FROM hips_cells")["stacks"] == 2
    assert "1 up to date" in build()
