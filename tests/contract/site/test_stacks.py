"""Finished stacks: lists, pages, downloads for the owner only, and deleting a job whole."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.frames.telescopes import unit_of_owner
from crowdsky.stacking.product.cube import write_cube
from tests.contract.jobs.support import PNG, Worker, stack_file
from tests.contract.site.subs import sub
from tests.contract.site.support import Browser
from tests.support.rows import Rows

pytestmark = pytest.mark.one_database


@dataclass(frozen=True)
class Stacked:
    """A stack made of an upload through the worker API."""

    id: int
    job_id: int
    body: bytes
    files: tuple[Path, ...]


@pytest.fixture
def make_stack(user: Browser, rows: Rows, worker: Worker) -> Callable[..., Stacked]:
    """Upload a sub as the user, stack it as a worker, and return what came of it."""

    def make(body: bytes | None = None, **cards: str) -> Stacked:
        body = stack_file() if body is None else body
        job_id = user.upload(sub_for(body, cards))["job_ids"][0]
        rows.execute("UPDATE stacking_jobs SET priority = 9 WHERE id = ?", job_id)
        lease = worker.claim()
        report = worker.archive(lease, body)
        thumbnail = worker.upload(lease, PNG, kind="thumbnail").json()
        answer = worker.report(
            "complete_job",
            lease,
            **report,
            thumbnail_path=thumbnail["path"],
            thumbnail_size_bytes=len(PNG),
            total_exptime=10.0,
            date_obs_start="2025-03-27T01:20:32.955",
            date_obs_end="2025-03-27T01:20:42.955",
            ra_deg=193.04,
            dec_deg=40.97,
            engine="native",
            notes=["Only one sub was usable."],
        )
        assert answer.status_code == 200, answer.text
        stored = (report["ucloud_path"], thumbnail["path"])
        folder = user.site.data_dir / "stacks"
        paths = tuple(path for name in stored for path in folder.rglob(Path(name).name))
        assert len(paths) == 2
        return Stacked(answer.json()["stack_id"], job_id, body, paths)

    return make


def test_a_download_is_the_stack_itself(user: Browser, make_stack: Callable[..., Stacked]) -> None:
    stack = make_stack(OBJECT="'M 94/NGC 4736'")

    answer = user.get("download.php", id=stack.id)

    assert answer.content == stack.body
    assert answer.headers["Content-Type"] == "application/fits"
    assert answer.headers["Content-Length"] == str(len(stack.body))
    name = "M_94_NGC_4736_20250327.05_193.0_+41.0.fits"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'


def test_a_download_can_be_resumed(user: Browser, make_stack: Callable[..., Stacked]) -> None:
    stack = make_stack()

    answer = user.get("download.php", id=stack.id, headers={"Range": "bytes=100-199"})

    assert answer.status_code == 206
    assert answer.content == stack.body[100:200]


def sub_for(stack: bytes, cards: dict[str, str]) -> bytes:
    """Return a sub of the size of a stack."""
    with fits.open(io.BytesIO(stack)) as hdus:
        height, width = hdus["RED"].shape
    size = {"NAXIS1": f"{width:>20}", "NAXIS2": f"{height:>20}"}
    return sub({**size, **cards}, data_bytes=2 * width * height)


def test_a_telescope_without_a_unit_gets_that_of_its_owner(
    user: Browser, make_stack: Callable[..., Stacked], rows: Rows
) -> None:
    stack = make_stack(TELESCOP="'Seestar S50'")

    page = user.get("stack.php", id=stack.id).text

    owner = rows.one("SELECT user_id FROM stacked_frames WHERE id = ?", stack.id)["user_id"]
    archive = rows.one("SELECT archive_id FROM archive_ids WHERE is_current = 1")["archive_id"]
    assert f"<code>Seestar S50_{unit_of_owner(archive, int(owner))}</code>" in page
    assert "names no unit" not in user.get("stack.php", id=make_stack().id).text


def float_stack() -> bytes:
    """A stack of odd size, with cards of all kinds, and other parts between and behind planes."""
    rng = np.random.default_rng(5)
    primary = fits.PrimaryHDU()
    primary.header.update(OBJECT="M 94", NIMAGES=1, EXPTIME=10.0)
    primary.header["LONGTEXT"] = "It's carried on by CONTINUE, " * 6
    primary.header["CRVAL1"] = (192.75, "[deg]")
    primary.header["BUNIT"] = "nothing"
    for line in ("engine 1.0", "measuring: no plate"):
        primary.header.add_history(line)
    planes = {
        name: fits.ImageHDU(rng.normal(900.0, 30.0, (9, 7)).astype(np.float32), name=name)
        for name in ("BLUE", "RED", "GREEN")
    }
    for plane in planes.values():
        plane.header["BUNIT"] = ("adu", "on the scale of one sub")
    table = fits.BinTableHDU(np.zeros(3, dtype=[("x", "f8")]), name="STAR-TAB")
    buffer = io.BytesIO()
    parts = [primary, planes["BLUE"], table, planes["RED"], planes["GREEN"]]
    fits.HDUList([*parts, fits.ImageHDU(np.ones((9, 7)), name="FOOTPRINT")]).writeto(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("body", [stack_file(), float_stack()], ids=["uint16", "float32"])
def test_the_colour_cube_is_the_one_that_the_worker_writes(
    user: Browser, make_stack: Callable[..., Stacked], tmp_path: Path, body: bytes
) -> None:
    stack = make_stack(body)
    (tmp_path / "stack.fits").write_bytes(body)
    cube = write_cube(tmp_path / "stack.fits", tmp_path / "cube.fits").read_bytes()

    answer = user.get("download.php", id=stack.id, form="cube")

    assert answer.content == cube
    assert answer.headers["Content-Type"] == "application/fits"
    assert answer.headers["Content-Length"] == str(len(cube))
    assert answer.headers["Content-Disposition"].endswith('_rgb.fits"')
    assert answer.headers["ETag"] != user.get("download.php", id=stack.id).headers["ETag"]
    with fits.open(tmp_path / "stack.fits") as hdus, fits.open(io.BytesIO(cube)) as made:
        made.verify("exception")
        planes = [hdus[name].data for name in ("RED", "GREEN", "BLUE")]
        np.testing.assert_array_equal(made[0].data, planes)
    # Every border between header, planes and filling, and parts across them.
    width = len(planes[0].tobytes())
    header = len(cube) - (3 * width + 2879) // 2880 * 2880
    for first, last in (
        (0, 0), (header - 1, header), (header + width - 3, header + width + 2),
        (100, header + 2 * width + 1), (header + 3 * width - 1, len(cube) - 1),
        (len(cube) - 5, len(cube) - 1),
    ):  # fmt: skip
        wanted = {"Range": f"bytes={first}-{last}"}
        part = user.get("download.php", id=stack.id, form="cube", headers=wanted)
        assert part.status_code == 206
        assert part.content == cube[first : last + 1], (first, last)


def test_a_stack_without_three_planes_of_one_kind_has_no_cube(
    user: Browser, make_stack: Callable[..., Stacked]
) -> None:
    primary, planes = fits.PrimaryHDU(), [np.eye(4, dtype=np.float32)] * 3
    primary.header.update(NIMAGES=1, EXPTIME=10.0)
    planes[1] = np.eye(4, dtype=np.float64)
    names = ("RED", "GREEN", "BLUE")
    parts = [fits.ImageHDU(data, name=name) for data, name in zip(planes, names, strict=True)]
    buffer = io.BytesIO()
    fits.HDUList([primary, *parts]).writeto(buffer)
    stack = make_stack(buffer.getvalue())

    answer = user.get("download.php", id=stack.id, form="cube", headers={"Accept": "*/*"})

    assert answer.status_code == 404
    assert "no three planes of one kind" in answer.text
    wrong = user.get("download.php", id=stack.id, form="sphere", headers={"Accept": "*/*"})
    assert wrong.status_code == 400


def test_the_thumbnail_is_a_picture(user: Browser, make_stack: Callable[..., Stacked]) -> None:
    stack = make_stack()

    answer = user.get("thumbnail.php", id=stack.id)

    assert answer.content == PNG
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_only_the_owner_and_admins_get_a_stack(
    make_stack: Callable[..., Stacked],
    new_user: Callable[..., Browser],
    admin: Browser,
    visitor: Browser,
) -> None:
    stack = make_stack()
    other = new_user()

    for page in ("download.php", "thumbnail.php", "stack.php"):
        assert other.get(page, id=stack.id).status_code == 404, page
        assert admin.get(page, id=stack.id).status_code == 200, page
        assert visitor.get(page, id=stack.id).status_code == 302, page
    script = visitor.get("download.php", id=stack.id, headers={"Accept": "*/*"})
    assert script.status_code == 401


def test_a_stack_missing_in_storage_is_an_error_and_no_file(
    user: Browser, make_stack: Callable[..., Stacked]
) -> None:
    stack = make_stack()
    for path in stack.files:
        path.unlink()

    for page in ("download.php", "thumbnail.php"):
        answer = user.get(page, id=stack.id, headers={"Accept": "*/*"})
        assert answer.status_code == 404
        assert answer.headers["Content-Type"].startswith("text/plain")
        assert "Content-Disposition" not in answer.headers
    assert user.get("download.php", headers={"Accept": "*/*"}).status_code == 400


def test_pages_show_the_stack(user: Browser, make_stack: Callable[..., Stacked]) -> None:
    stack = make_stack(OBJECT="'<b>M 94</b>'")

    cards = user.get("stacks.php").text
    page = user.get("stack.php", id=stack.id).text

    assert f'src="thumbnail.php?id={stack.id}"' in cards
    for text in (cards, page):
        assert "&lt;b&gt;M 94&lt;/b&gt;" in text
        assert "<b>M 94" not in text
    assert "Only one sub was usable." in page
    assert "2025-03-27 01:20 UTC" in page


def test_stacks_data(user: Browser, make_stack: Callable[..., Stacked]) -> None:
    stack = make_stack()

    assert user.get("api/stacks_data.php").json() == [
        {
            "id": stack.id,
            "ra_deg": 193.04,
            "dec_deg": 40.97,
            "object_name": "M 94",
            "chunk_key": "20250327.05_193.0_+41.0",
            "date_obs_start": "2025-03-27T01:20:32.955",
            "n_frames_input": 1,
            "n_frames_aligned": 1,
            "total_exptime": 10.0,
            "file_size_bytes": len(stack.body),
        }
    ]


def test_stacks_data_of_nobody_and_of_others(
    visitor: Browser, make_stack: Callable[..., Stacked], new_user: Callable[..., Browser]
) -> None:
    make_stack()

    assert visitor.get("api/stacks_data.php").status_code == 401
    assert new_user().get("api/stacks_data.php").json() == []


def delete(browser: Browser, job_id: Any, token: str) -> Any:
    """Call api/delete_job.php."""
    return browser.http.post(
        f"{browser.site.base_url}/api/delete_job.php",
        json={"job_id": job_id, "csrf_token": token},
        allow_redirects=False,
        timeout=60,
    )


def test_deleting_removes_everything(
    user: Browser, rows: Rows, make_stack: Callable[..., Stacked]
) -> None:
    stack = make_stack()

    answer = delete(user, stack.job_id, user.token())

    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert [path for path in stack.files if path.exists()] == []
    for table, column in (
        ("stacking_jobs", "id"),
        ("stacked_frames", "job_id"),
        ("raw_files", "job_id"),
    ):
        assert rows.all(f"SELECT id FROM {table} WHERE {column} = ?", stack.job_id) == []  # noqa: S608
    assert rows.events(stack.job_id)[-1] == "deleted"
    assert user.get("api/stacks_data.php").json() == []
    assert delete(user, stack.job_id, user.token()).status_code == 404


def test_deleting_a_waiting_job_removes_its_subs(user: Browser, rows: Rows) -> None:
    body = sub()
    finalized = user.upload(body)
    (row,) = rows.all(
        "SELECT storage_name FROM raw_files WHERE job_id = ?", finalized["job_ids"][0]
    )
    path = user.site.data_dir / "raws" / row["storage_name"]
    assert path.exists()

    assert delete(user, finalized["job_ids"][0], user.token()).status_code == 200

    assert not path.exists()
    assert user.upload(body)["jobs"] == 1


def test_deleting_a_running_job_stops_its_worker(user: Browser, rows: Rows, worker: Worker) -> None:
    job_id = user.upload(sub())["job_ids"][0]
    rows.execute("UPDATE stacking_jobs SET priority = 9 WHERE id = ?", job_id)
    lease = worker.claim()
    stored = worker.archive(lease)
    name = Path(stored["ucloud_path"]).name

    assert delete(user, job_id, user.token()).status_code == 200

    assert list((user.site.data_dir / "stacks").rglob(name)) == []
    assert worker.report("heartbeat", lease, stage="upload", progress=1.0).status_code == 404
    assert worker.report("complete_job", lease, **stored).status_code == 404


def test_deleting_is_for_the_owner_with_a_token(
    user: Browser, new_user: Callable[..., Browser], visitor: Browser
) -> None:
    job_id = user.upload(sub())["job_ids"][0]
    other = new_user()

    assert delete(visitor, job_id, "0" * 64).status_code == 401
    assert delete(user, job_id, "0" * 64).status_code == 403
    assert delete(other, job_id, other.token()).status_code == 404
    assert delete(user, None, user.token()).status_code == 400
    assert user.get("api/delete_job.php").status_code == 405
    assert user.get("job.php", id=job_id).status_code == 200


def test_the_job_page_deletes_by_form(user: Browser) -> None:
    job_id = user.upload(sub())["job_ids"][0]
    token = user.token(f"job.php?id={job_id}")

    answer = user.post("job.php", {"action": "delete", "job_id": job_id, "csrf_token": token})

    assert answer.headers["Location"] == "status.php?msg=deleted"
    assert "was deleted" in user.get(answer.headers["Location"]).text
    assert user.get("job.php", id=job_id).status_code == 404
