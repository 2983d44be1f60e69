"""The upload page in a real browser: dropped folders, lost servers, pages that were left."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import NAME, PASSWORD
from tests.browser.webdriver import Chromium
from tests.contract.site.subs import pointing, sub, taken_at
from tests.support.fault_proxy import Fault, FaultProxy, html_answer
from tests.support.sites import SiteUnderTest

pytestmark = pytest.mark.slow

SUBS = 120


@pytest.fixture
def night(tmp_path: Path) -> Path:
    """A folder of a night: two fields, in folders of their own, with what telescopes put beside."""
    folder = tmp_path / "night"
    for name, place, hour in (("M 94_sub", (193.04, 40.97), 1), ("NGC 2403_sub", (114.2, 65.6), 2)):
        inner = folder / name
        inner.mkdir(parents=True)
        for number in range(SUBS // 2):
            moment = f"2025-03-27T0{hour}:{number // 6:02}:{number % 6 * 10:02}.{number:03}"
            cards = {**pointing(*place), "OBJECT": f"'{name[:-4]}'"}
            (inner / f"Light_{number}.fit").write_bytes(taken_at(moment, **cards))
            (inner / f"Light_{number}.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "Dark_1.fit").write_bytes(sub({"IMAGETYP": "'Dark    '"}))
    (folder / ".DS_Store").write_bytes(b"x")
    return folder


def stored(site: SiteUnderTest) -> list[str]:
    """Return the hashes of the subs that the site has recorded."""
    rows = site.rows.all("SELECT sha256 FROM raw_files WHERE deleted_at IS NULL")
    return [row["sha256"] for row in rows]


def test_a_dropped_folder_is_looked_at_before_a_byte_is_sent(
    open_browser: Callable[..., Chromium], sqlite_site: SiteUnderTest, night: Path
) -> None:
    browser = open_browser()
    browser.drop("#upload", night)
    browser.wait_for(f"Upload {SUBS} subs", "#send")

    assert stored(sqlite_site) == []
    assert sqlite_site.rows.all("SELECT id FROM upload_sessions") == []
    totals = browser.text("#totals")
    assert "2 chunks" in totals
    assert "1 file" in totals
    reasons = browser.text("#reasons")
    assert "Dark_1.fit: This is no light frame: IMAGETYP is “Dark”." in reasons
    assert f"{SUBS} other files are no FITS files and stay where they are ({SUBS} jpg)." in reasons
    chunks = browser.text("#chunk-rows")
    assert f"{SUBS // 2} × 10 s" in chunks
    assert "NGC 2403" in chunks
    rows = browser.run("return document.querySelectorAll('#rows li').length")
    assert rows < 40

    browser.click("#send")
    browser.wait_for(f"{SUBS} of {SUBS} subs received", "#summary")
    browser.click("#finalize")
    browser.wait_for("2 chunks now wait for a worker.", "#done")
    assert len(sqlite_site.rows.all("SELECT id FROM stacking_jobs")) == 2

    # The same folder once more: nothing is sent.
    browser.drop("#upload", night)
    browser.wait_for("Nothing to send", "#send")
    assert f"{SUBS} subs, not sent again" in browser.text("#totals")
    assert len(stored(sqlite_site)) == SUBS
    assert browser.complaints() == []


PICKER = """
const place = document.createElement('div');
place.id = 'picker';
place.style.height = '5rem';
place.addEventListener('dragover', (event) => event.preventDefault());
place.addEventListener('drop', async (event) => {
    event.preventDefault();
    const folder = await event.dataTransfer.items[0].getAsFileSystemHandle();
    window.showDirectoryPicker = async () => folder;
    const files = [];
    for await (const file of folder.values()) files.push(file);
    window.showOpenFilePicker = async () => files;
    window.picked = files.length;
});
document.body.prepend(place);
"""
"""A stand-in for the dialogs of the browser, with the real handles of a dropped folder."""


def test_files_of_the_dialog_are_added_once(
    open_browser: Callable[..., Chromium], night: Path
) -> None:
    browser = open_browser()
    browser.run(PICKER)
    browser.drop("#picker", night / "M 94_sub")
    browser.wait_until("return window.picked === arguments[0]", SUBS)
    browser.click("label[for=files]")
    browser.wait_for(f"Upload {SUBS // 2} subs", "#send")
    assert f"({SUBS // 2} jpg)" in browser.text("#reasons")
    # Chosen once more with their folder, they have another path, and are found to be copies.
    browser.click("#choose-folder")
    browser.wait_for(f"{SUBS // 2} copies, not sent", "#totals")
    assert browser.text("#send") == f"Upload {SUBS // 2} subs"
    browser.click("#choose-folder")
    browser.wait_until("return document.getElementById('found').checkVisibility()")
    assert browser.text("#views [data-count=all]") == str(SUBS)
    assert browser.complaints() == []


@pytest.mark.every
def test_what_a_host_or_a_disk_takes_away_does_not_stop_the_rest(
    log_in: Callable[..., Chromium], sqlite_site: SiteUnderTest, night: Path
) -> None:
    """A host that takes no large files, a file that vanishes, another tab, and odd names."""
    sqlite_site.create_user(NAME, PASSWORD)
    inner = night / "M 94_sub"
    (inner / "Light_7.fit").rename(inner / "<b>K\xf6nig & \u661f.fit")
    count = SUBS // 2 - 1
    with FaultProxy(sqlite_site.base_url) as proxy:
        browser = log_in(proxy.url)
        browser.open(f"{proxy.url}/upload.php")
        browser.drop("#upload", inner)
        browser.wait_for(f"Upload {SUBS // 2} subs", "#send")
        assert browser.run("return document.querySelector('#files-found b')") is None
        (inner / "Light_3.fit").unlink()
        browser.click("#send")
        browser.wait_for(f"{count} of {count} subs received · 1 refused", "#summary")

        size = {"BITPIX": f"{8:>20}", "NAXIS1": f"{1200:>20}", "NAXIS2": f"{1250:>20}"}
        large = sub({"DATE-OBS": "'2025-03-27T03:00:00'", **size}, data_bytes=1_500_480)
        (inner / "Large.fit").write_bytes(large)
        answer = html_answer("413 Request Entity Too Large")
        proxy.inject(Fault("answer", "PUT", "upload.php", times=99, answer=answer))
        browser.drop("#upload", inner)
        browser.wait_for("Go on with 1 sub", "#send")
        browser.click("#send")
        browser.wait_for(f"{count} of {count} subs received · 2 refused", "#summary")
        browser.click("input[value=refused]")
        refused = browser.text("#rows")
        assert "cannot be read any more" in refused
        assert "takes no file of this size" in refused or "The connection broke 6 times" in refused
        names = sqlite_site.rows.all("SELECT filename FROM raw_files")
        assert "_b_Koenig _ _.fit" in {row["filename"] for row in names}

        # The same upload in another tab, as this page sees it.
        token = sqlite_site.rows.one("SELECT session_token FROM upload_sessions")["session_token"]
        browser.open("about:blank")
        browser.open(f"{proxy.url}/upload.php")
        browser.run(f"navigator.locks.request('upload-{token}', () => new Promise(() => {{}}))")
        (inner / "New.fit").write_bytes(taken_at("2025-03-27T01:14:00"))
        browser.drop("#upload", inner)
        browser.wait_for("Go on with 2 subs", "#send")
        browser.wait_for(f"{count} of {count + 2} subs received", "#summary")
        browser.click("#send")
        browser.wait_for("Another tab of this browser is sending this upload.", "#done")
        assert len(stored(sqlite_site)) == count


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


def opened(browser: Chromium, proxy: FaultProxy) -> None:
    """Open the upload page through the proxy, and count what the site gets a second time."""
    browser.open(f"{proxy.url}/upload.php")
    browser.run(COUNT_DUPLICATES)


def wait_until_stored(site: SiteUnderTest, number: int) -> None:
    """Wait until the site has recorded so many subs."""
    deadline = time.monotonic() + 60
    while len(stored(site)) < number:
        assert time.monotonic() < deadline, f"{len(stored(site))} of {number} subs arrived"
        time.sleep(0.02)


@pytest.mark.parametrize("is_same_page", [pytest.param(True, marks=pytest.mark.every), False])
def test_a_killed_server_gets_nothing_twice(
    log_in: Callable[..., Chromium],
    own_site: SiteUnderTest,
    night: Path,
    is_same_page: bool,
) -> None:
    own_site.create_user(NAME, PASSWORD)
    with FaultProxy(own_site.base_url) as proxy:
        browser = log_in(proxy.url)
        opened(browser, proxy)
        browser.drop("#upload", night)
        browser.wait_for(f"Upload {SUBS} subs", "#send")
        # The answer to the first files is lost on the way, and the server is killed later.
        proxy.inject(Fault("lose_reply", "PUT", "upload.php", times=1))
        proxy.inject(Fault("delay", "PUT", "upload.php", times=99, seconds=0.4))
        browser.click("#send")
        wait_until_stored(own_site, SUBS // 3)
        own_site.kill()
        if is_same_page:
            browser.wait_for("The connection to the site is lost.", "#trouble")
            own_site.start()
        else:
            browser.open("about:blank")
            own_site.start()
            proxy.let_go()
            opened(browser, proxy)
            arrived = len(stored(own_site))
            browser.wait_for(f"{arrived} subs", ".unfinished")
            # The folder is remembered, and its owner does not let it be read again.
            browser.run("FileSystemHandle.prototype.requestPermission = async () => 'denied'")
            browser.click("[data-go-on]")
            browser.wait_for("Choose the same folder once more", "#again")
            browser.drop("#upload", night)
            browser.wait_for(f"Go on with {SUBS - arrived} subs", "#send")
            # What has arrived does not read as all of it.
            browser.wait_for(f"{arrived} of {SUBS} subs received", "#summary")
            assert browser.run("return document.getElementById('finalize').matches('.second')")
            assert f"{SUBS // 2} × 10 s" in browser.text("#chunk-rows")
            browser.click("#send")
        browser.wait_for(f"{SUBS} of {SUBS} subs received", "#summary")
        assert browser.run("return window.duplicates") == 0
    assert len(set(stored(own_site))) == len(stored(own_site)) == SUBS
    assert len(own_site.rows.all("SELECT id FROM upload_sessions")) == 1


LOG_IN_ELSEWHERE = """
const [name, password] = arguments;
const page = await (await fetch('login.php')).text();
const form = new DOMParser().parseFromString(page, 'text/html').querySelector('form');
const fields = new URLSearchParams(new FormData(form));
fields.set('username', name);
fields.set('password', password);
await fetch('login.php', { method: 'POST', body: fields });
"""


def begin_slowly(
    browser: Chromium, proxy: FaultProxy, site: SiteUnderTest, night: Path, *, seconds: float
) -> None:
    """Drop the night and send it, each request delayed, until some of it has arrived."""
    opened(browser, proxy)
    browser.drop("#upload", night)
    browser.wait_for(f"Upload {SUBS} subs", "#send")
    proxy.inject(Fault("delay", "PUT", "upload.php", times=99, seconds=seconds))
    browser.click("#send")
    wait_until_stored(site, 25)


def test_a_lost_login_is_waited_for(
    log_in: Callable[..., Chromium], sqlite_site: SiteUnderTest, night: Path
) -> None:
    sqlite_site.create_user(NAME, PASSWORD)
    with FaultProxy(sqlite_site.base_url) as proxy:
        browser = log_in(proxy.url)
        begin_slowly(browser, proxy, sqlite_site, night, seconds=0.4)
        sqlite_site.rows.execute("UPDATE users SET session_epoch = session_epoch + 1")
        browser.wait_for("You are not logged in any more.", "#trouble")
        proxy.let_go()

        # As in another tab; the token of the page's forms is that of the lost login.
        browser.run(f"return (async () => {{ {LOG_IN_ELSEWHERE} }})(...arguments)", NAME, PASSWORD)
        browser.wait_for(f"{SUBS} of {SUBS} subs received", "#summary")
        browser.click("#finalize")
        browser.wait_for("2 chunks now wait for a worker.", "#done")
        assert browser.run("return window.duplicates") == 0
    assert len(stored(sqlite_site)) == SUBS
    assert len(sqlite_site.rows.all("SELECT id FROM upload_sessions")) == 1


def test_stacking_early_is_asked_for_and_an_upload_can_be_discarded(
    log_in: Callable[..., Chromium], sqlite_site: SiteUnderTest, night: Path
) -> None:
    sqlite_site.create_user(NAME, PASSWORD)
    with FaultProxy(sqlite_site.base_url) as proxy:
        browser = log_in(proxy.url)
        begin_slowly(browser, proxy, sqlite_site, night, seconds=0.6)
        browser.wait_for("Stack these subs", "#finalize")
        browser.click("#finalize")
        assert "are still missing. Stack the" in browser.wait_for("subs", "#ask-text")
        browser.click("#ask button.second")
        browser.click("#pause")
        browser.wait_for("Go on", "#go-on")
        assert sqlite_site.rows.all("SELECT id FROM stacking_jobs") == []

        browser.click("#discard")
        browser.wait_for("Discard this upload?", "#ask-text")
        browser.click("#ask-yes")
        browser.wait_until("return document.getElementById('queue').hidden")
    (session,) = sqlite_site.rows.all("SELECT status FROM upload_sessions")
    assert session["status"] == "discarded"
    assert stored(sqlite_site) == []
