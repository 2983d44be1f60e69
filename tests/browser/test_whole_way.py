"""The whole way of a new owner in one browser, with a real worker beside it; and that of an admin.

What a step does in detail is tested by the other files of this folder; here one follows the other.
"""

from __future__ import annotations

import hashlib
import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
import requests

from crowdsky.solving.catalogue import CatalogueUnavailableError
from crowdsky.solving.tycho2 import open_tycho2
from crowdsky.synthetic.sky import SEESTAR_S50, demo_nights, write_night
from tests.browser.conftest import NAME, PASSWORD, enter_password
from tests.browser.gallery import COUNT, DRAG, LISTED, PLACE, PRESS, SENT, around, cookie_of
from tests.browser.gallery import wait_until as wait_until_it_returns
from tests.browser.webdriver import Chromium
from tests.contract.site.subs import taken_at
from tests.contract.site.support import Browser
from tests.support.fault_proxy import Fault, FaultProxy
from tests.support.site_pages import OWNER, filled
from tests.support.sites import SiteUnderTest
from tests.support.star_fields import INDEX_DIR
from tests.support.worker_process import WAIT_SECONDS, WorkerProcess

pytestmark = [pytest.mark.slow, pytest.mark.every]

OF_EACH = 4
CHUNKS = 2

FOREIGN = """
return performance.getEntriesByType('resource').map(({ name }) => name)
    .filter((name) => /^https?:/.test(name) && new URL(name).host !== location.host);
"""
COUNT_DUPLICATES = """
window.duplicates = 0;
const send = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.send = function (body) {
    this.addEventListener('load', () => {
        window.duplicates += this.responseText.split('"duplicate":true').length - 1;
    });
    send.call(this, body);
};
"""
IS_LIVE = "return document.getElementById('live')?.hasAttribute('data-live') ?? false"
SHOW_STARS = """
const choice = document.querySelector('[data-marks="stars"]');
choice.checked = true;
choice.dispatchEvent(new Event('change', { bubbles: true }));
"""
SHOWN_WIDTH = (
    "return document.querySelector('[data-stage] img').getBoundingClientRect().width"
    " / document.querySelector('[data-frame]').getBoundingClientRect().width"
)
BEYOND = "return document.documentElement.scrollWidth - innerWidth"


@pytest.fixture
def night(tmp_path: Path) -> Path:
    """A folder with half an hour of M 81 among its real stars: two chunks, and a picture."""
    try:
        open_tycho2(INDEX_DIR)
    except CatalogueUnavailableError as error:
        pytest.skip(f"{error}")
    folder = tmp_path / "M 81_sub"
    for number in range(CHUNKS):
        rng = np.random.default_rng(81 + number)
        plan, _ = demo_nights(rng, OF_EACH, SEESTAR_S50.resized(720, 1280))
        plan = replace(
            plan,
            start=plan.start + timedelta(minutes=15 * number),
            satellites=(), trailed=(), cloudy=(), jump_at=None,
        )  # fmt: skip
        write_night(folder, plan, rng)
    (folder / "preview.jpg").write_bytes(b"\xff\xd8\xff")
    return folder


@contextmanager
def working(folder: Path, site: SiteUnderTest) -> Iterator[WorkerProcess]:
    """A real worker that takes one chunk after the other, so slowly that people see it."""
    with FaultProxy(site.api_url) as proxy:
        proxy.inject(Fault("delay", "GET", "download_raw", times=99, seconds=2.0))
        proxy.inject(Fault("delay", "PUT", "upload_result", times=99, seconds=2.0))
        settings = {
            "INDEX_DIR": str(INDEX_DIR),
            "API_BASE_URL": proxy.url,
            "WORKER_API_KEY": site.create_worker_key("attic", trusted=True),
            "MAX_WORKERS": "1",
            "POLL_INTERVAL": "1",
        }
        with WorkerProcess(folder / "attic", settings) as worker:
            yield worker


def stored(site: SiteUnderTest) -> list[str]:
    """Return the hashes of the subs that the site has recorded."""
    rows = site.rows.all("SELECT sha256 FROM raw_files WHERE deleted_at IS NULL")
    return [row["sha256"] for row in rows]


def register(browser: Chromium, address: str) -> None:
    """Create an account on the login page."""
    browser.renew(width=1200)
    browser.open(f"{address}/index.php")
    browser.open(f"{address}/login.php")
    browser.type("#new-name", NAME)
    browser.type("#new-password", PASSWORD)
    browser.click("#register button")
    browser.wait_until("return !location.pathname.endsWith('/login.php')")


def send_across_a_kill(browser: Chromium, site: SiteUnderTest, night: Path) -> None:
    """Drop the night, kill the server in the middle, and stack what has arrived at last."""
    subs = OF_EACH * CHUNKS
    with FaultProxy(site.base_url) as proxy:
        # Cookies are those of the host, whatever the port.
        browser.open(f"{proxy.url}/upload.php")
        browser.run(COUNT_DUPLICATES)
        browser.drop("#upload", night)
        browser.wait_for(f"Upload {subs} subs", "#send")
        assert stored(site) == [], "something was sent before it was asked for"
        assert f"{CHUNKS} chunks" in browser.text("#totals")
        assert browser.text("#chunk-rows").count(f"{OF_EACH} × 10 s") == CHUNKS
        assert "1 other file is no FITS file" in browser.text("#reasons")

        proxy.inject(Fault("delay", "PUT", "upload.php", times=99, seconds=0.5))
        browser.click("#send")
        deadline = time.monotonic() + WAIT_SECONDS
        while len(stored(site)) < 2:
            assert time.monotonic() < deadline, "nothing arrived"
            time.sleep(0.02)
        site.kill()
        browser.wait_for("The connection to the site is lost.", "#trouble")
        proxy.let_go()
        site.start()
        browser.wait_for(f"{subs} of {subs} subs received", "#summary")
        assert browser.run("return window.duplicates") == 0
        browser.complaints()  # of the server that was away
        browser.click("#finalize")
        browser.wait_for(f"{CHUNKS} chunks now wait for a worker.", "#done")
        assert browser.complaints() == []
    assert len(set(stored(site))) == len(stored(site)) == subs


def watched(browser: Chromium) -> list[str]:
    """Return what the page says, one after the other, while it changes by itself."""
    said: list[str] = []
    deadline = time.monotonic() + WAIT_SECONDS
    while browser.run(IS_LIVE):
        text = browser.text("#live")
        said += [text] if not said or said[-1] != text else []
        assert time.monotonic() < deadline, f"it is not done; the page says:\n{text}"
        time.sleep(0.2)
    return said


def check_page(browser: Chromium) -> None:
    """Fail if the page has complained, or has asked another host for something."""
    assert browser.run(FOREIGN) == []
    assert browser.complaints() == []


def test_from_the_registration_to_the_download(
    chromium: Chromium, own_site: SiteUnderTest, night: Path, tmp_path: Path
) -> None:
    browser, site = chromium, own_site
    register(browser, site.base_url)
    check_page(browser)
    send_across_a_kill(browser, site, night)

    browser.open(f"{site.base_url}/status.php")
    browser.run("window.isSamePage = true")
    with working(tmp_path, site):
        said = watched(browser)
    assert browser.run("return window.isSamePage"), "the page was loaded anew"
    assert any("Downloading" in text and " %" in text for text in said), said
    assert any("time left: not yet known" in text for text in said), said
    assert any(" left" in text.replace("time left", "") for text in said), said
    states = site.rows.all("SELECT status, stage_times FROM stacking_jobs ORDER BY id")
    assert [row["status"] for row in states] == ["completed"] * CHUNKS
    steps = {"download", "stack", "solve", "measure", "overlay", "upload"}
    assert all(steps <= set(json.loads(row["stage_times"])) for row in states), states
    check_page(browser)

    look_at_stack(browser, site)
    download_from_map(browser, site)
    blink(browser, site)
    look_at_night_on_a_phone_in_german(browser, site)


def look_at_stack(browser: Chromium, site: SiteUnderTest) -> None:
    """From the night to its stack, its picture and its subs."""
    browser.click("#live a.button")
    browser.wait_for("Star ", "[data-star-table] tbody")
    browser.click('[data-step="+"]')
    assert browser.run(SHOWN_WIDTH) == pytest.approx(1.6)
    browser.run(SHOW_STARS)
    browser.wait_until("return document.querySelectorAll('.stars circle').length > 3")
    check_page(browser)

    job = site.rows.one("SELECT MIN(id) AS id FROM stacking_jobs")["id"]
    browser.open(f"{site.base_url}/job.php?id={job}&view=subs")
    assert f"{OF_EACH} of {OF_EACH} subs are in the stack." in browser.text()
    titles = browser.text(".sub-plots")
    for title in ("FWHM", "Ellipticity", "Stars found", "Sky", "Weight"):
        assert title in titles
    check_page(browser)


def download_from_map(browser: Chromium, site: SiteUnderTest) -> None:
    """Choose the stacks on the map and the timeline, and take them home."""
    stacks = site.rows.all("SELECT * FROM stacked_frames ORDER BY date_obs_start DESC")
    place, _ = site.rows.all(
        "SELECT ra_center_deg AS ra, dec_center_deg AS dec FROM stack_solutions"
    )
    browser.open(f"{site.base_url}/stacks.php?view=map")
    wait_until_it_returns(browser, COUNT, f"{CHUNKS} stacks")
    browser.click("[data-tool=box]")
    box = around(browser.run(PLACE, place["ra"], place["dec"]))
    browser.run(DRAG, "#sky-canvas", [box[0], box[1], box[2]], False)
    wait_until_it_returns(browser, LISTED, [row["id"] for row in stacks])
    assert browser.text("#picked") == f"{CHUNKS} selected"
    day = str(stacks[0]["date_obs_start"])[:10]
    assert browser.run(PRESS, "End", False) == f"{day} to {day}"
    wait_until_it_returns(browser, COUNT, f"{CHUNKS} stacks")

    fields = browser.run(SENT)
    cookies = dict(part.split("=", 1) for part in cookie_of(browser))
    answer = requests.post(
        f"{site.base_url}/stacks_download.php", data=fields, cookies=cookies, timeout=60
    )
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        entries = json.loads(packed.read("manifest.json"))["stacks"]
        assert {entry["id"]: entry["sha256"] for entry in entries} == {
            row["id"]: row["sha256"] for row in stacks
        }
        for entry in entries:
            assert hashlib.sha256(packed.read(entry["file"])).hexdigest() == entry["sha256"]
    check_page(browser)


def blink(browser: Chromium, site: SiteUnderTest) -> None:
    """Compare the two stacks of the field."""
    first, second = (
        row["id"] for row in site.rows.all("SELECT id FROM stacked_frames ORDER BY id")
    )
    browser.open(f"{site.base_url}/blink.php?a={first}&b={second}")
    browser.click("[data-swap]")
    shown = "return document.querySelector('.is-shown').dataset.number"
    before = browser.run(shown)
    browser.click("[data-swap]")
    browser.wait_until(f"{shown} !== arguments[0]", before)
    browser.click("[data-mode=pair]")
    browser.wait_until("return document.querySelectorAll('img, canvas').length >= 2")
    check_page(browser)


def look_at_night_on_a_phone_in_german(browser: Chromium, site: SiteUnderTest) -> None:
    """All pages of an owner at the telescope."""
    browser.renew(width=390)
    browser.open(f"{site.base_url}/login.php")
    enter_password(browser)
    browser.wait_for("Upload subs", "h1")
    browser.click(".preferences button[value=night]")
    browser.wait_until("return document.documentElement.dataset.theme === 'night'")
    browser.click(".preferences button[value=de]")
    browser.wait_until("return document.documentElement.lang === 'de'")
    pages = [page for page in filled(site.rows) if page.reader == OWNER]
    assert len(pages) > 15
    for page in pages:
        browser.open(f"{site.base_url}/{page.address}")
        shown = browser.run(
            "const {lang, dataset} = document.documentElement; return [lang, dataset.theme]"
        )
        assert shown == ["de", "night"], page.name
        assert browser.run(BEYOND) <= 0, page.name
        check_page(browser)


def test_an_admin_changes_many_jobs_and_lends_keys(
    open_browser: Callable[..., Chromium], sqlite_site: SiteUnderTest
) -> None:
    browser, site = open_browser(), sqlite_site
    site.create_user("bob", PASSWORD)
    owner = Browser(site)
    owner.log_in("bob", PASSWORD)
    for hour, name in ((1, "M 81"), (2, "M 81"), (3, "NGC 7023")):
        owner.upload(taken_at(f"2025-03-27T0{hour}:20:00", OBJECT=f"'{name}'"))

    browser.open(f"{site.base_url}/admin.php")
    browser.type("input[name=object]", "M 81")
    browser.click(".queue-filter button")
    browser.wait_until("return document.querySelectorAll('input[name=\"jobs[]\"]').length === 2")
    browser.click("input[name=all]")
    browser.click(".bulk button[value=cancel]")
    browser.wait_for("Cancel 2 jobs?")
    browser.click("button[value=go]")
    browser.wait_until("return document.querySelectorAll('.state.cancelled').length === 2")
    assert browser.run("return new URLSearchParams(location.search).get('object')") == "M 81"
    assert statuses(site) == {"M 81": ["cancelled"] * 2, "NGC 7023": ["pending"]}
    browser.click("input[name=all]")
    browser.click(".bulk button[value=requeue]")
    browser.wait_for("Queue 2 jobs again?")
    browser.click("button[value=go]")
    browser.wait_until("return document.querySelectorAll('.state.pending').length === 2")
    assert statuses(site) == {"M 81": ["pending"] * 2, "NGC 7023": ["pending"]}
    check_page(browser)

    # A user asks for a key, an admin grants it, and the user makes it.
    log_in_as(browser, site, "bob")
    browser.open(f"{site.base_url}/volunteer.php")
    browser.type("#note", "an old laptop")
    browser.click("button[value=ask]")
    browser.wait_for("You asked for a key on")
    log_in_as(browser, site, NAME)
    browser.open(f"{site.base_url}/admin_workers.php")
    browser.wait_for("an old laptop")
    browser.click("button[value=grant]")
    browser.wait_until("return document.querySelector('button[value=grant]') === null")
    log_in_as(browser, site, "bob")
    browser.open(f"{site.base_url}/volunteer.php")
    browser.click("button[value=make]")
    browser.wait_for("WORKER_API_KEY=", "pre")
    check_page(browser)


def statuses(site: SiteUnderTest) -> dict[str, list[str]]:
    """The states of all jobs by their object."""
    found: dict[str, list[str]] = {}
    for row in site.rows.all("SELECT object_name, status FROM stacking_jobs ORDER BY id"):
        found.setdefault(row["object_name"], []).append(row["status"])
    return found


def log_in_as(browser: Chromium, site: SiteUnderTest, name: str) -> None:
    """Begin anew as somebody."""
    browser.renew()
    browser.open(f"{site.base_url}/login.php")
    browser.type("#login-name", name)
    browser.type("#login-password", PASSWORD)
    browser.click("form:has(#login-name) button")
    # Admins come to another page than owners.
    browser.wait_until("return !location.pathname.endsWith('/login.php')")
