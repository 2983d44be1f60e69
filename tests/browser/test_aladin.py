"""Aladin Lite shows the HiPS, the coverage and the stacks of a site where they belong.

It needs the npm package aladin-lite: ALADIN_LITE is the path of its aladin.js.
"""

from __future__ import annotations

import base64
import functools
import io
import os
import shutil
import threading
import time
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.browser.webdriver import Chromium, missing_programs
from tests.contract.jobs.support import Worker
from tests.contract.vo.archive import Archive
from tests.contract.vo.hips_stacks import add_planted
from tests.contract.vo.test_hips import DEC, RA, paint, send
from tests.support.sites import SiteUnderTest
from tests.unit.hips.conftest import plate

PAGE = """<!doctype html><meta charset="utf-8"><div id="sky" style="width:600px;height:500px"></div>
<script type="module">
import A from './aladin.js';
window.said = '';
try {
    await A.init;
    window.al = A.aladin('#sky', {target: 'RA DEC', fov: 0.4, survey: 'API/hips.php',
        cooFrame: 'ICRS', showReticle: false, log: false});
    al.addMOC(A.MOCFromURL('API/moc.php', {color: '#f00', opacity: 0.01}));
    al.addCatalog(A.catalogFromURL('API/scs_stacks.php?RA=ra&DEC=dec&SR=1', {name: 'stacks'}));
} catch (error) { window.said = String(error); }
</script>"""
STARS = [(RA, DEC, 9.0), (RA + 0.03, DEC + 0.04, 9.0)]
PATIENCE_SECONDS = 60.0


class Drawing(Chromium):
    """A Chromium that draws WebGL by itself."""

    def _wishes(self) -> dict[str, Any]:
        wishes = super()._wishes()
        options = wishes["goog:chromeOptions"]
        options["args"] = [one for one in options["args"] if one != "--disable-gpu"]
        options["args"] += ["--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
        return wishes

    def picture(self) -> np.ndarray:
        """Return the window as it is seen (height, width, 3)."""
        png = base64.b64decode(self._call("GET", "/screenshot"))
        return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


@pytest.fixture
def page(tmp_path: Path, sqlite_site: SiteUnderTest) -> Iterator[str]:
    """Address of a page of another site that shows an archive with one stack."""
    archive = Archive(sqlite_site)
    add_planted(archive, plate(RA, DEC, turn=30.0), STARS)
    sqlite_site.create_user("boss", "not used here", admin=True)
    sqlite_site.run_php("hips.php", "build")
    worker = Worker(sqlite_site, sqlite_site.create_worker_key("painter"))
    lease = worker.claim(kinds="hips")
    assert send(worker, lease, paint(worker, lease, tmp_path)).status_code == 200
    shown = tmp_path / "www"
    shown.mkdir()
    shutil.copy(os.environ["ALADIN_LITE"], shown / "aladin.js")
    text = PAGE.replace("RA DEC", f"{RA} {DEC:+}").replace("API", sqlite_site.api_url)
    (shown / "index.html").write_text(text.replace("=ra&DEC=dec", f"={RA}&DEC={DEC}"))
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(shown))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()


def brightness(browser: Drawing, ra: float, dec: float) -> int:
    """Return the brightest pixel within 4 pixels of where Aladin has a position."""
    x, y = browser.run("return [...window.al.world2pix(arguments[0], arguments[1])]", ra, dec)
    box = browser.run("const b = document.querySelector('#sky').getBoundingClientRect();"
                      "return [b.left, b.top]")  # fmt: skip
    row, column = round(y + box[1]), round(x + box[0])
    near = browser.picture()[row - 4 : row + 5, column - 4 : column + 5]
    return int(near.min(axis=2).max())


@pytest.mark.every
@pytest.mark.skipif("ALADIN_LITE" not in os.environ, reason="ALADIN_LITE names no aladin.js")
@pytest.mark.skipif(bool(missing_programs()), reason="no browser to test with")
def test_aladin_lite_shows_stars_where_they_are(page: str, tmp_path: Path) -> None:
    with Drawing(tmp_path / "profile") as browser:
        browser.open(page)
        deadline = time.monotonic() + PATIENCE_SECONDS
        shown: list[int] = []
        while not shown or min(shown) < 180:
            assert time.monotonic() < deadline, (shown, browser.run("return window.said"))
            time.sleep(1.0)
            if browser.run("return window.al !== undefined"):
                shown = [brightness(browser, ra, dec) for ra, dec, _ in STARS]
        # Mirrored or turned, the second star would be at one of these places.
        for ra, dec in ((RA - 0.03, DEC + 0.04), (RA + 0.03, DEC - 0.04), (RA - 0.03, DEC - 0.04)):
            assert brightness(browser, ra, dec) < 120
        stacks = "return window.al.view.catalogs.map(one => one.sources.length)"
        while browser.run(stacks) != [1]:
            assert time.monotonic() < deadline, browser.complaints()
            time.sleep(1.0)
        loaded = browser.run("return performance.getEntriesByType('resource')"
                             ".map(one => one.name + ' ' + one.responseStatus)")  # fmt: skip
        for file in ("properties", "Moc.fits", "Norder3/Allsky.png", "moc.php"):
            assert any(f"{file} 200" in one for one in loaded), (file, loaded)
