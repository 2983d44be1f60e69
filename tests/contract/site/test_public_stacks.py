"""The copy of a stack that its owner can pass on: the same planes, and nothing of place or name."""

from __future__ import annotations

import hashlib
import io
import math
import warnings

import numpy as np
import pytest
from astropy.io import fits

from tests.contract.jobs.support import Worker
from tests.contract.site.subs import SIDE, sub
from tests.contract.site.support import Browser
from tests.support.rows import Rows

SECRETS = (b"48.1371", b"11.5754", b"212046", b"Munich", b"in my garden", b"f70e8a27")
ANGLE = math.radians(2.3)
NAMES = ["Light_M 94_10.0s_IRCUT_20250326-212046.fit", "frame_77.fits", "x.fit"]


def stack_body() -> bytes:
    """A stack whose headers and tables tell place, local time and name."""
    rng = np.random.default_rng(1)
    hdus = fits.HDUList([fits.PrimaryHDU()])
    header = hdus[0].header
    header["SITELAT"] = (48.1371, "latitude")
    header["OBJECT"] = ("M 94", "in my garden")
    header["NIMAGES"], header["EXPTIME"], header["MYPLACE"] = 1, 10.0, "Munich"
    header["BJD_TDB"] = 2460761.5627314815
    header.add_history("stacked at 48.1371, 11.5754")
    for name in ("RED", "GREEN", "BLUE"):
        hdus.append(fits.ImageHDU(rng.normal(900, 9, (SIDE, SIDE)).astype(np.float32), name=name))
        hdus[-1].header["SITELONG"] = 11.5754
    hdus.append(fits.ImageHDU(np.full((SIDE, SIDE), 3, np.uint8), name="FOOTPRINT"))
    hdus.append(
        fits.ImageHDU(rng.uniform(20, 30, (SIDE, SIDE)).astype(np.float32), name="VARIANCE")
    )
    hdus.append(fits.ImageHDU(np.eye(SIDE, dtype=np.uint8), name="REJECTED"))
    turn = [math.cos(ANGLE), -math.sin(ANGLE), 4.4, math.sin(ANGLE), math.cos(ANGLE), -7.3]
    columns = [
        fits.Column("FILENAME", "42A", array=NAMES),
        fits.Column("SHA256", "64A", array=["f70e8a27" * 8, "ab" * 32, ""]),
        fits.Column("DATE_OBS", "23A", array=["2025-03-27T01:20:32.955", "at 48.1371", ""]),
        fits.Column("EXPTIME", "D", array=[10.0, 10.0, 10.0]),
        fits.Column("ELLIPTIC", "E", array=[0.07, 0.31, np.nan]),
        fits.Column("TRANSFORM", "6D", array=[turn, [1, 0, 0, 0, 1, 0], [np.nan] * 6]),
        fits.Column("REASON", "20A", array=["", "in Munich", ""]),
        fits.Column("LAT", "D", array=[48.1371] * 3),
    ]
    hdus.append(fits.BinTableHDU.from_columns(columns, name="FRAMES"))
    hdus.append(fits.ImageHDU(np.frombuffer(b"Munich, 48.1371 ", np.uint8), name="NOTES"))
    buffer = io.BytesIO()
    hdus.writeto(buffer, checksum=True)
    return buffer.getvalue()


@pytest.fixture
def stack(user: Browser, worker: Worker, rows: Rows) -> tuple[int, bytes]:
    """A stack in the user's archive: its id and bytes."""
    user.upload(sub())
    lease, body = worker.claim(), stack_body()
    report = worker.archive(lease, body)
    report.update(n_frames_aligned=1, total_exptime=10.0)
    answer = worker.report("complete_job", lease, **report)
    assert answer.status_code == 200, answer.text
    return rows.one("SELECT id FROM stacked_frames")["id"], body


def test_the_copy_tells_neither_place_nor_name(user: Browser, stack: tuple[int, bytes]) -> None:
    stack_id, body = stack

    copy = user.get("download.php", id=stack_id, form="public").content

    for secret in SECRETS:
        assert secret in body and secret not in copy, secret
    assert len(copy) == len(body)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a checksum that does not fit is only a warning
        with fits.open(io.BytesIO(copy), checksum=True) as made, fits.open(io.BytesIO(body)) as own:
            made.verify("exception")
            for name in ("RED", "GREEN", "BLUE", "FOOTPRINT", "VARIANCE", "REJECTED"):
                assert made[name].data.tobytes() == own[name].data.tobytes()
                assert made[name].header["DATASUM"] == own[name].header["DATASUM"]
            assert all("CHECKSUM" in hdu.header for hdu in made)
            header, frames = made[0].header, made["FRAMES"].data
            assert (header["OBJECT"], header["BJD_TDB"]) == ("M 94", 2460761.562731)
            assert not made["NOTES" if "NOTES" in made else 8].data.any()
            first = np.array(frames["TRANSFORM"])
            assert list(frames["FILENAME"]) == ["frame_1.fits", "frame_77.fits", "frame_3.fits"]
            assert list(frames["EXPTIME"]) == [10.0] * 3
            assert list(frames["DATE_OBS"]) == ["2025-03-27T01:20:32.955", "", ""]
            assert list(frames["ELLIPTIC"]) == pytest.approx([0.07, 0.31, np.nan], nan_ok=True)
            assert not np.array(frames["LAT"]).any()
    angle = math.radians(2.0)
    middle = (SIDE - 1) / 2
    turned = first[0].reshape(2, 3) @ [middle, middle, 1] - middle
    own_shift = np.array([[4.4, -7.3]]) + middle * np.array(
        [[math.cos(ANGLE) - math.sin(ANGLE) - 1, math.sin(ANGLE) + math.cos(ANGLE) - 1]]
    )
    assert first[0][[0, 3]] == pytest.approx([math.cos(angle), math.sin(angle)])
    assert turned == pytest.approx(np.round(own_shift[0]))
    assert list(first[1]) == [1, 0, 0, 0, 1, 0]
    assert np.isnan(first[2]).all()


def test_the_copy_has_a_hash_of_its_own_that_is_computed_once(
    user: Browser, stack: tuple[int, bytes], rows: Rows
) -> None:
    stack_id, body = stack
    answer = user.get("download.php", id=stack_id, form="public")
    copy, tag = answer.content, answer.headers["ETag"]
    end = len(copy) - 1

    assert tag == f'"{hashlib.sha256(copy).hexdigest()}"'
    assert answer.headers["Content-Disposition"].endswith('_public.fits"')
    for first, last in ((0, 0), (11, 2880), (2879, 9000), (end - 3000, end), (end, end)):
        wanted = {"Range": f"bytes={first}-{last}", "If-Range": tag}
        part = user.get("download.php", id=stack_id, form="public", headers=wanted)
        assert (part.status_code, part.content) == (206, copy[first : last + 1])
    kept = rows.one("SELECT source_sha256, sha256 FROM public_stacks")
    assert kept == {"source_sha256": hashlib.sha256(body).hexdigest(), "sha256": tag.strip('"')}
    rows.execute("UPDATE public_stacks SET sha256 = ?", "0" * 64)
    again = user.get("download.php", id=stack_id, form="public")
    assert again.headers["ETag"] == f'"{"0" * 64}"'
    for stale in (
        "UPDATE public_stacks SET rule = 0",
        "UPDATE public_stacks SET source_sha256 = ''",
    ):
        rows.execute(stale)
        again = user.get("download.php", id=stack_id, form="public")
        assert again.headers["ETag"] == tag, stale


def test_the_archived_file_stays_as_it_is(user: Browser, stack: tuple[int, bytes]) -> None:
    stack_id, body = stack
    user.get("download.php", id=stack_id, form="public")

    assert user.get("download.php", id=stack_id).content == body
    assert "form=public" in user.get("stack.php", id=stack_id).text


def test_the_owner_is_told_what_the_pixels_show(user: Browser) -> None:
    account = " ".join(user.get("account.php").text.split())

    assert "gives your latitude to a few degrees" in account
