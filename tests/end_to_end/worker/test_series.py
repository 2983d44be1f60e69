"""A real worker makes a stack, and then a series of its subs that the owner has ordered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.solving.catalogue import StarCatalogue
from crowdsky.synthetic.sky import SEESTAR_S50, demo_nights, write_night
from tests.contract.site.support import PASSWORD, Browser
from tests.support.observatory import Observatory
from tests.support.star_fields import INDEX_DIR

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def slow_subs(
    tmp_path_factory: pytest.TempPathFactory, star_catalogue: StarCatalogue
) -> list[Path]:
    """Three subs of M 81 that begin 40 seconds after each other, and can be solved."""
    assert len(star_catalogue)
    rng = np.random.default_rng(81)
    night, _ = demo_nights(rng, 3, SEESTAR_S50.resized(720, 1280))
    night = replace(night, satellites=(), trailed=(), cloudy=(), jump_at=None, cadence_s=40.0)
    return list(write_night(tmp_path_factory.mktemp("slow"), night, rng).paths)


def test_a_series_is_made_of_subs_that_are_still_there(
    observatory: Observatory, slow_subs: list[Path], tmp_path: Path
) -> None:
    site, rows = observatory.site, observatory.rows
    site.create_user("ann", PASSWORD)
    observatory.queue.user_id = rows.one("SELECT id FROM users WHERE username = 'ann'")["id"]
    job = observatory.add_job(slow_subs)
    solving = {"INDEX_DIR": str(INDEX_DIR)}
    worker = observatory.start("one", "--once", **solving)
    assert worker.exit_code() == 0, worker.log
    stack = rows.one("SELECT id FROM stacked_frames WHERE job_id = ?", job)["id"]
    owner = Browser(site)
    owner.log_in("ann")
    fields = {"csrf_token": owner.token(), "action": "series", "stack_id": stack}
    assert owner.post("stack.php", {**fields, "seconds": 60}).status_code == 303

    killed = observatory.start("two", "--once", **solving, **observatory.hold())
    killed.wait_for_line("series of 60 s")
    killed.kill()
    observatory.let_go()
    series = rows.one("SELECT id FROM stacking_jobs WHERE kind = 'series'")["id"]
    observatory.expire(series)
    site.cleanup()
    assert observatory.raws_are_there(job)
    rows.execute("UPDATE stacking_jobs SET not_before = NULL WHERE id = ?", series)
    worker = observatory.start("three", "--once", **solving)
    assert worker.exit_code() == 0, worker.log
    assert rows.job(series)["status"] == "completed", worker.log

    path = tmp_path / "series.fits"
    path.write_bytes(owner.get("download.php", id=stack, series=60).content)
    with fits.open(path) as hdus:
        parts, stars = hdus["SERIES"].data, hdus["SERIES-STARS"].data
        assert parts["NSUBS"].tolist() == [2, 1]
        assert hdus["PARTS"].data.shape == (2, 1280, 720)
        assert hdus[0].header["NIMAGES"] == 3
        assert len(stars) == 2 * hdus[0].header["NSTARS"] > 20
    known = np.isfinite(stars["RA"])
    assert known.all()
    assert np.isfinite(parts["ZP_G"]).all()
    assert np.diff(parts["BJD_TDB"])[0] * 86400.0 == pytest.approx(60.0, abs=0.2)
    first, second = (stars["FLUX_G"][stars["PART"] == part] for part in (1, 2))
    bright = (first > np.quantile(first, 0.8)) & (stars["FLAGS"][stars["PART"] == 1] == 0)
    assert np.median(second[bright] / first[bright]) == pytest.approx(1.0, abs=0.03)
