"""Where the telescope stands is in a published stack only if its owner wants it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from astropy.io import fits

from tests.support.observatory import Observatory
from tests.support.star_fields import INDEX_DIR

pytestmark = pytest.mark.slow

SITE = ("SITELAT", "SITELONG")


def published(observatory: Observatory) -> tuple[fits.Header, bool]:
    """The primary header of the only stack, and whether the site keeps it for trusted workers."""
    row = observatory.rows.one("SELECT ucloud_path, tells_position FROM stacked_frames")
    content = (observatory.share.root / row["ucloud_path"][1:]).read_bytes()
    with fits.open(io.BytesIO(content), checksum=True) as hdus:
        return hdus[0].header.copy(), bool(row["tells_position"])


def archive(observatory: Observatory) -> str:
    """The id of the site's archive."""
    identity: str = observatory.rows.one("SELECT archive_id FROM archive_ids")["archive_id"]
    return identity


def work(observatory: Observatory, folder: str, *, trusted: bool, **settings: str) -> None:
    key = observatory.site.create_worker_key(folder, trusted=trusted)
    worker = observatory.start(folder, "--once", WORKER_API_KEY=key, **settings)
    assert worker.exit_code() == 0, worker.log


@pytest.mark.parametrize(
    ("trusted", "shares"),
    [
        (True, False),
        (False, True),
        pytest.param(False, False, marks=pytest.mark.every),
        pytest.param(True, True, marks=pytest.mark.every),
    ],
)
def test_the_owner_decides_what_a_stack_tells(
    observatory: Observatory, subs: list[Path], trusted: bool, shares: bool
) -> None:
    assert all(keyword in fits.getheader(subs[0]) for keyword in SITE)
    observatory.add_job()
    observatory.rows.execute("UPDATE users SET share_position = ?", int(shares))

    work(observatory, "dome", trusted=trusted)

    header, tells = published(observatory)
    assert [keyword in header for keyword in SITE] == [shares, shares]
    assert tells is (shares or trusted), "a trusted worker knows the names of the frames"
    assert header["ARCHID"] == archive(observatory)


def test_times_are_measured_with_the_site_that_is_then_left_out(
    observatory: Observatory, starry: list[Path]
) -> None:
    """And a rescan, which does not know the site any more, keeps the time."""
    observatory.add_job(starry, object_name="M 81")
    work(observatory, "dome", trusted=True, INDEX_DIR=str(INDEX_DIR))
    header, tells = published(observatory)
    assert tells, "the frames have their own names"
    assert not any(keyword in header for keyword in SITE)
    first = header["BJD_TDB"]
    assert first == round(first, 6), "the exact time would tell the site"
    assert abs(first - 2400000.5 - header["MJD-AVG"]) * 86400 < 500 + 70

    # As after a restored backup.
    observatory.rows.execute("UPDATE archive_ids SET archive_id = ?", "0123456789abcdef")
    old = observatory.rows.one("SELECT id, ucloud_path FROM stacked_frames")
    desk = observatory.site.run_php(
        "worker-key.php", "create", "--name", "desk", "--scope", "admin"
    )
    command = ("rescan", str(old["id"]))
    queued = observatory.start("desk", *command, WORKER_API_KEY=desk.strip())
    assert queued.exit_code() == 0, queued.log
    work(observatory, "shed", trusted=True, INDEX_DIR=str(INDEX_DIR))

    again, tells = published(observatory)
    assert observatory.rows.one("SELECT ucloud_path FROM stacked_frames") != {
        "ucloud_path": old["ucloud_path"]
    }
    assert (again["BJD_TDB"], tells) == (first, True)
    assert again["ARCHID"] == "0123456789abcdef"
