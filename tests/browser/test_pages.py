"""The pages in a real browser: uploading with and without script, and narrow windows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from demo.services import Site
from tests.browser.webdriver import Chromium
from tests.contract.site.subs import copy_of, sub

pytestmark = pytest.mark.slow

MARKUP = "<b id=x>M 94</b>"


@pytest.fixture
def night(tmp_path: Path) -> list[Path]:
    """Two good subs whose OBJECT is markup, and a web page named like a sub."""
    bodies = {
        "Light_1.fit": sub({"OBJECT": f"'{MARKUP}'"}),
        "Light_2.fit": sub({"OBJECT": f"'{MARKUP}'"}),
        "Light_3.fit": b"<!DOCTYPE html><html></html>",
    }
    paths = [tmp_path / name for name in bodies]
    for path in paths:
        path.write_bytes(bodies[path.name])
    return paths


def send(browser: Chromium, *paths: Path) -> None:
    """Choose files and send those that can be used."""
    browser.type("#files", "\n".join(map(str, paths)))
    number = browser.wait_for("Upload ", "#send").split()[1]
    browser.click("#send")
    browser.wait_for(f"{number} of {number} subs received", "#summary")


def test_uploading_and_watching_the_job(
    open_browser: Callable[..., Chromium], sqlite_site: Site, night: list[Path]
) -> None:
    browser = open_browser()
    browser.type("#files", "\n".join(map(str, night)))
    browser.wait_for("Upload 2 subs", "#send")
    shown = browser.text("#found")
    assert "web page" in shown
    assert MARKUP in shown
    browser.click("#send")
    browser.wait_for("2 of 2 subs received", "#summary")

    browser.click("#finalize")
    browser.wait_for("1 chunk now waits for a worker.", "#done")
    left = browser.text("#files-found")
    assert "Light_3.fit" in left
    assert "Light_1.fit" not in left
    browser.wait_until("return !document.body.innerText.includes('Stack these subs')")
    browser.click("#done a")
    assert MARKUP in browser.wait_for("waiting", "#live")
    assert browser.run("return document.getElementById('x')") is None

    # The page keeps itself up to date.
    sqlite_site.rows.execute(
        "UPDATE stacking_jobs SET status = 'processing', progress = 0.5, stage = 'register'"
    )
    browser.wait_for("register", "#live")
    refused = [line for line in browser.complaints() if "400 (Bad Request)" not in line]
    assert refused == []


def test_copies_stay_in_sight_with_the_reason(
    open_browser: Callable[..., Chromium], night: list[Path], tmp_path: Path
) -> None:
    copy = tmp_path / "Again.fit"
    copy.write_bytes(copy_of(night[0].read_bytes()))
    browser = open_browser()
    send(browser, night[0])
    browser.click("#finalize")
    browser.wait_for("1 chunk now waits for a worker.", "#done")

    send(browser, copy)
    browser.click("#finalize")

    shown = browser.wait_for("1 sub is left out, because light counts once.", "#done")
    assert "Nothing new to stack" in shown
    listed = browser.text("#files-found")
    assert "Again.fit" in listed
    assert "It shows the same light as Light_1.fit of job 1" in listed


def test_local_times_ask_for_a_time_zone(
    open_browser: Callable[..., Chromium], sqlite_site: Site, tmp_path: Path
) -> None:
    paths = [tmp_path / "plain.fit", tmp_path / "dwarf.fit"]
    paths[0].write_bytes(sub())
    paths[1].write_bytes(sub({"TELESCOP": "'DWARF 3 '"}))
    browser = open_browser()
    send(browser, paths[0])
    browser.wait_for("1 of 1 subs received", "#summary")
    assert browser.run("return document.getElementById('zone').hidden") is True
    browser.type("#files", str(paths[1]))
    browser.wait_for("Go on with 1 sub", "#send")
    browser.click("#send")
    browser.wait_for("2 of 2 subs received", "#summary")
    assert "Set the telescope’s time zone" in browser.wait_for("local times", "#zone")
    assert (
        browser.run("return getComputedStyle(document.getElementById('zone')).display") == "block"
    )
    browser.open(f"{sqlite_site.base_url}/upload.php")
    browser.wait_for("DWARF 3 writes local time", "#zoneless")

    # One notice at a time, and none over an upload that it does not concern.
    paths[0].write_bytes(sub({"EXPTIME": "11."}))
    send(browser, paths[0])
    shown = (
        "return document.querySelectorAll('.note.waiting:not([hidden]):not(.unfinished)').length"
    )
    assert browser.run(shown) == 0
    assert "have arrived and wait" in browser.wait_for("2 subs", ".unfinished")


def test_a_closed_tab_leaves_subs_that_can_be_stacked(
    open_browser: Callable[..., Chromium], sqlite_site: Site, night: list[Path]
) -> None:
    browser = open_browser()
    send(browser, *night)

    browser.open(f"{sqlite_site.base_url}/upload.php")
    shown = browser.wait_for("of Upload 1 have arrived", ".unfinished")
    assert "2 subs" in shown
    browser.click(".unfinished form button")

    assert MARKUP in browser.wait_for("waiting", "#live")
    browser.open(f"{sqlite_site.base_url}/upload.php")
    browser.wait_for("Upload subs", "main")
    assert "have arrived" not in browser.text("main")


def test_uploading_without_script(
    open_browser: Callable[..., Chromium], sqlite_site: Site, night: list[Path]
) -> None:
    browser = open_browser()
    browser.block("*.js")
    browser.open(f"{sqlite_site.base_url}/upload.php")
    browser.type("#files", "\n".join(map(str, night)))
    browser.click("#upload .without-script button")

    shown = browser.wait_for("2 subs received. 1 chunk now waits for a worker.")

    assert "Upload 1" in shown
    assert "web page" in shown


@pytest.mark.parametrize(
    "width",
    [320, *(pytest.param(width, marks=pytest.mark.every) for width in (400, 900))],
)
def test_narrow_windows_do_not_scroll_sideways(
    open_browser: Callable[..., Chromium], sqlite_site: Site, night: list[Path], width: int
) -> None:
    night[1].write_bytes(sub({"TELESCOP": "'DWARF 3 '"}))
    browser = open_browser(width=width)
    assert browser.run("return innerWidth") == width
    send(browser, *night)
    browser.click("#finalize")
    browser.wait_for("2 chunks now wait", "#done")
    admin_pages = [
        "admin_summary",
        "admin_storage",
        "admin",
        "admin_rescan",
        "admin_workers",
        "admin_users",
        "admin_held",
    ]
    pages = ["index", "upload", "status", "stacks", "account", "job", *admin_pages]

    wide = []
    for page in pages:
        browser.open(f"{sqlite_site.base_url}/{page}.php{'?id=1' if page == 'job' else ''}")
        if browser.run("return document.documentElement.scrollWidth") > width:
            wide.append(page)

    assert wide == []
