"""Files that are refused: each with a clear 4xx, nothing left behind, the others unaffected."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from demo.services import Site
from tests.contract.site.subs import header, sub
from tests.contract.site.support import Browser
from tests.support.rows import Rows

HUGE = {"NAXIS1": f"{200000:>20}", "NAXIS2": f"{200000:>20}"}
BAD_FILES = {
    "gzip": (gzip.compress(sub()), "not_fits", "gzip"),
    "zip": (b"PK\x03\x04" + bytes(6000), "not_fits", "zip"),
    "html": (b"<!DOCTYPE html><html><body>Not found</body></html>", "not_fits", "web page"),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(100), "not_fits", "PNG"),
    "empty": (b"", "truncated", "empty"),
    "thirty bytes": (sub()[:30], "truncated", "cut off"),
    "cut header": (sub()[:2000], "truncated", "cut off"),
    "cut data": (sub()[:8000], "size_mismatch", "cut off"),
    "bomb of 6 KiB": (sub(HUGE, data_bytes=2880), "bad_header", "20000"),
    "left over": (sub() + bytes(2880), "size_mismatch", "64 x 64"),
    "colour cube": (
        sub({"NAXIS": f"{3:>20}", "NAXIS3": f"{3:>20}"}, data_bytes=24576),
        "not_a_raw_sub",
        "Light_",
    ),
    "tile-compressed": (
        header({"SIMPLE": f"{'T':>20}", "BITPIX": f"{8:>20}", "NAXIS": f"{0:>20}"})
        + header({"XTENSION": "'BINTABLE'", "ZIMAGE": f"{'T':>20}"}),
        "compressed",
        "funpack",
    ),
    "no date": (sub({"DATE-OBS": None}), "no_date_obs", "DATE-OBS"),
    "impossible date": (sub({"DATE-OBS": "'2025-02-30T00:00:00'"}), "no_date_obs", "2025-02-30"),
    "a date beyond all calendars": (
        sub({"DATE-OBS": "'9999-12-31T23:30:00-01:00'"}),
        "no_date_obs",
        "9999-12-31",
    ),
    "no END": (sub().replace(b"END ", b"ENT ", 1), "bad_header", "END"),
}


def files_of(folder: Path) -> set[Path]:
    """Return every file that uploads have left in the data folder."""
    folders = [folder / name for name in ("raws", "spool", "stacks")]
    return {path for parent in folders for path in parent.rglob("*") if path.is_file()}


@pytest.mark.parametrize("send", [Browser.put, Browser.send_form])
def test_bad_files_are_refused_one_by_one(
    user: Browser, rows: Rows, send: Callable[..., object]
) -> None:
    session = user.start()
    assert user.put(session, sub(), "good_1.fit").status_code == 200
    before = files_of(user.site.data_dir)
    outside = set(user.site.data_dir.parent.iterdir())

    for name, (body, code, words) in BAD_FILES.items():
        answer = send(user, session, body, "Light.fit")
        assert answer.status_code == 400, (name, answer.text)
        assert answer.json()["code"] == code, name
        assert words in answer.json()["error"], name

    assert files_of(user.site.data_dir) == before
    assert set(user.site.data_dir.parent.iterdir()) == outside
    assert user.put(session, sub(), "good_2.fit").status_code == 200
    finalized = user.finalize(session).json()
    assert finalized["jobs"] == 1
    assert rows.job(finalized["job_ids"][0])["frame_count"] == 2


@pytest.mark.parametrize("name", ["a.txt", "a.fit.gz", "a.php", "fit", ".fits", "", "a.fits/"])
def test_other_extensions_are_refused(user: Browser, name: str) -> None:
    answer = user.put(user.start(), sub(), name)

    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_extension"


def test_a_file_over_the_limit_is_refused_in_words(make_site: Callable[..., Site]) -> None:
    user = logged_in(make_site(CROWDSKY_MAX_FILE_BYTES="10000"))
    session = user.start()

    for send in (user.put, user.send_form):
        answer = send(session, sub())
        assert answer.status_code == 413, answer.text
        assert "10000 bytes" in answer.json()["error"]
    assert files_of(user.site.data_dir) == set()


class SmallFormSite(Site):
    """A site on a host that takes forms of at most 64 KiB."""

    def command(self, port: int) -> Sequence[str]:
        """Return PHP's server with that limit."""
        php, *arguments = super().command(port)
        server = arguments.index("-S")
        return [php, *arguments[:server], "-d", "post_max_size=64K", *arguments[server:]]


def test_a_form_over_post_max_size_is_told_so(tmp_path: Path) -> None:
    with SmallFormSite(tmp_path / "site") as site:
        user = logged_in(site)
        session = user.start()
        big = sub({"NAXIS2": f"{640:>20}"}, data_bytes=2 * 64 * 640)

        answer = user.send_form(session, big)

        assert answer.status_code == 413, answer.text
        assert "post_max_size" in answer.json()["error"]
        # A raw body has no such limit.
        assert user.put(session, big).status_code == 200


def test_quota_is_enforced_and_frees_itself(user: Browser, rows: Rows) -> None:
    rows.execute("UPDATE users SET quota_bytes = ? WHERE username = ?", 2 * len(sub()), user.name)
    session = user.start()
    assert [user.put(session, sub()).status_code for _ in range(3)] == [200, 200, 507]

    refused = user.put(session, sub())
    assert refused.json()["code"] == "quota_exceeded"
    rows.execute(
        "UPDATE raw_files SET deleted_at = created_at"
        " WHERE user_id = (SELECT id FROM users WHERE username = ?)",
        user.name,
    )
    assert user.put(session, sub()).status_code == 200


def test_a_call_without_its_parameters(user: Browser) -> None:
    session = user.start()
    url = f"{user.site.base_url}/upload.php?action=file"

    no_token = user.http.put(f"{url}&filename=a.fit", data=sub(), timeout=60)
    no_name = user.http.put(f"{url}&session_token={session}", data=sub(), timeout=60)
    no_file = user.call("upload.php?action=file", {"session_token": session})
    no_action = user.call("upload.php", {"session_token": session})

    for answer in (no_token, no_name, no_file, no_action):
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"]


def test_a_compressed_body_is_refused(user: Browser) -> None:
    answer = user.put(user.start(), gzip.compress(sub()), **{"Content-Encoding": "gzip"})

    assert answer.status_code == 415


def test_a_lost_login_is_told_to_scripts_without_a_redirect(visitor: Browser) -> None:
    session = "0" * 32
    answers = [
        visitor.call("upload.php?action=start", {"csrf_token": "0" * 64}),
        visitor.put(session, sub()),
        visitor.send_form(session, sub()),
        visitor.call("finalize.php", {"session_token": session}),
        visitor.get("upload.php?action=status", headers={"Accept": "*/*"}, session_token=session),
    ]

    for answer in answers:
        assert answer.status_code == 401, answer.text
        assert answer.json()["code"] == "login_required"


def logged_in(site: Site) -> Browser:
    """Return a browser logged in to a fresh site."""
    site.create_user("owner", "correct horse")
    browser = Browser(site)
    assert browser.log_in("owner").status_code == 302
    return browser
