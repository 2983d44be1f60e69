"""Pages of stars: light curves, what was found in them, pictures, and who sees what of them."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from lxml import html
from PIL import Image

from tests.contract.site.support import PASSWORD, Browser
from tests.support import planted_stars
from tests.support.planted_stars import PlantedEpoch, PlantedStar
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest

BRIGHT, FAINT, NEW = 1, 2, 6
PERIOD = 4.0


@pytest.fixture
def owner(site: SiteUnderTest, rows: Rows) -> Browser:
    """The owner of a field of four stars in six public stacks, the last one not calibrated."""
    user = rows.add_user("ann", PASSWORD)
    planted_stars.plant(rows, user, field(), visits())
    return log_in(site, "ann")


@pytest.fixture
def other(site: SiteUnderTest, rows: Rows) -> Browser:
    """Somebody else."""
    rows.add_user("bob", PASSWORD)
    return log_in(site, "bob")


def log_in(site: SiteUnderTest, name: str) -> Browser:
    browser = Browser(site)
    assert browser.log_in(name).status_code == 302
    return browser


def field() -> list[PlantedStar]:
    return [
        PlantedStar(1, 150.0, 148.0, 12.2, planted_stars.sine(PERIOD, 1.0, visits()[0].bjd)),
        PlantedStar(2, 180.0, 150.0, 12.6),
        PlantedStar(3, 152.0, 110.0, 12.9),
        PlantedStar(4, 110.0, 190.0, 13.1),
    ]


def visits() -> list[PlantedEpoch]:
    """The first one sees the first star at its brightest, the second one at its faintest."""
    names = planted_stars.TELESCOPES
    return [
        PlantedEpoch(n, 61_200.0 + 2.0 * n, names[n % 3], 21.0 - 0.1 * n, n != NEW)
        for n in range(1, NEW + 1)
    ]


def find_variable(rows: Rows, star: int = 1, **changes: Any) -> None:
    """Write what a search has found in a star."""
    found = {
        "calibration_id": 1,
        "star_id": star,
        "band": "G",
        "kind": "periodic",
        "score": 50.0,
        "excess_mag": 0.3,
        "n_points": 5,
        "n_nights": 5,
        "amplitude_mag": 1.0,
        "period_d": PERIOD,
        "period_error_d": 0.0021,
        "period_fap": 1e-9,
        "t0_bjd": visits()[0].bjd,
        "bright_epoch_id": BRIGHT,
        "faint_epoch_id": FAINT,
    }
    rows.insert("variable_candidates", **{**found, **changes})


def shown(answer: Any) -> Any:
    """The document of a page, which must have nothing in it that the policy of pages forbids."""
    assert answer.status_code == 200, answer.text
    page = html.fromstring(answer.text)
    assert page.xpath("//@style | //style | //*[@onclick]") == []
    assert page.xpath("//script[not(@src)]") == []
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids)), "an id stands once in a page"
    assert all(link[1:] in ids for link in page.xpath("//use/@href"))
    return page


def marks(page: Any, plot: str = "curve") -> list[Any]:
    """The points of a plot."""
    return list(page.xpath(f"//svg[@aria-labelledby='{plot}-title']//use"))


def words(page: Any) -> str:
    """The text of a page's own part, or of an element."""
    part = page.xpath("//main")[0] if page.tag == "html" else page
    return " ".join(part.text_content().split())


def test_the_curve_of_a_star(owner: Browser) -> None:
    page = shown(owner.get("star.php", id=1))

    assert len(marks(page)) == NEW
    looks = page.xpath("//svg[@aria-labelledby='curve-title']//use/../@class")
    assert sum(" open" in look for look in looks) == 1
    assert len({look.split()[0] for look in looks}) == 3
    assert len(page.xpath("//h2[@id='points']/following-sibling::details//tbody/tr")) == NEW
    text = words(page)
    for said in (
        "Gaia DR3 1328057763000000001",
        "6 in TG, 6 nights 1 not yet calibrated",
        "Mean TR",
        "varies beyond its errors",
        "tied to V Gaia DR3",
        "hollow: not yet calibrated",
    ):
        assert said in text, said
    links = page.xpath("//a[starts-with(@href, 'star.php')]/text()")
    assert links == ["Star 2", "Star 3", "Star 4"], "comparison stars, the most similar first"
    formats = page.xpath("//ul[@class='formats']//@href")
    assert [link.split("format=")[1] for link in formats] == [
        "csv",
        "ecsv",
        "votable",
        "parquet",
        "json",
    ]
    for link in formats:
        assert owner.get(link).status_code == 200, link


def test_bands_and_versions(owner: Browser, rows: Rows) -> None:
    planted_stars.calibrate(rows, field(), visits()[:3], 2)

    red = shown(owner.get("star.php", id=1, band="TR"))
    assert "Light curve in TR" in red.xpath("//svg/title/text()")
    newest = shown(owner.get("star.php", id=1))
    values = newest.xpath("//select[@id='version']/option/@value")
    assert values == ["", "2@1", "1@1"]
    older = shown(owner.get("star.php", id=1, version="1@1"))
    assert len(marks(newest)) == NEW
    assert len(marks(older)) == NEW - 1, "a version has what was calibrated with it"
    assert "format=csv" in older.xpath("//ul[@class='formats']//@href")[0]
    assert "version=1&field=1" in older.xpath("//ul[@class='formats']//@href")[0]

    assert owner.get("star.php", id=1, band="CV").status_code == 404
    assert owner.get("star.php", id=1, version="3@1").status_code == 404
    assert owner.get("star.php", id=1, version="1@x").status_code == 400
    assert owner.get("star.php", id=99).status_code == 404


@pytest.mark.one_database
def test_bands_of_other_cameras(owner: Browser, rows: Rows) -> None:
    rows.execute("UPDATE epochs SET bands = 'L' WHERE id <= 4")

    page = shown(owner.get("star.php", id=1))

    assert page.xpath("//select[@id='band']/option/@value") == ["CV", "TG", "TB", "TR"]
    assert len(marks(page)) == 4
    assert len(marks(shown(owner.get("star.php", id=1, band="TB")))) == 2
    # What was measured again is still in the versions that have it.
    rows.execute("UPDATE epochs SET superseded_at = '2026-01-02 03:04:05'")
    assert "no magnitude of this star" in words(shown(owner.get("star.php", id=1)))
    assert len(marks(shown(owner.get("star.php", id=1, band="TG", version="1@1")))) == 1


@pytest.mark.one_database
def test_series_of_short_parts(owner: Browser, rows: Rows) -> None:
    [epoch] = rows.all("SELECT * FROM epochs WHERE id = 1")
    [seen] = rows.all("SELECT * FROM star_observations WHERE star_id = 1 AND epoch_id = 1")
    assert "series" not in words(shown(owner.get("star.php", id=1)))
    for part in (1, 2, 3):
        times = {name: epoch[name] + part / 1440 for name in ("mjd_utc", "bjd_tdb")}
        new = {**epoch, **times, "id": 100 + part, "series_seconds": 60, "part": part}
        rows.insert("epochs", **new)
        rows.insert("star_observations", **{**seen, "epoch_id": 100 + part, "flags": 8})

    whole = shown(owner.get("star.php", id=1))
    assert whole.xpath("//select[@id='series']/option/@value") == ["", "60"]
    assert len(marks(whole)) == NEW
    assert "whole stacks" not in words(whole.xpath("//dl")[-1])
    parts = shown(owner.get("star.php", id=1, series=60))
    assert len(marks(parts)) == 3
    assert "1, part 2" in words(parts)
    assert "mag of whole stacks" in words(parts)
    assert "stated error" not in words(parts)
    assert "stated error" in words(whole)
    facts = words(parts.xpath("//dl")[-1])
    for said in (
        "Points3 of series, every 1 min, in TG, 1 night",
        "3 flagged",
        "varies beyond its errors of the star in whole stacks",
        "4 stars in 5 stacks",
    ):
        assert said in facts, said
    assert re.search(r"Stated error0\.\d{3} mag typical of these points", facts)
    assert "no search looks at the parts of series" in words(parts)
    assert all("series=60" in link for link in parts.xpath("//ul[@class='formats']//@href"))
    assert parts.xpath("//input[@type='hidden'][@name='series']/@value") == ["60", "60"]
    assert owner.get("star.php", id=1, series="x").status_code == 400
    assert owner.get("star.php", id=1, series=30).status_code == 404


@pytest.mark.one_database
def test_a_report_for_the_aavso(owner: Browser) -> None:
    page = shown(owner.get("star.php", id=1))
    form = page.xpath("//form[.//input[@name='obscode']]")[0]

    fields = {field.get("name"): field.get("value") or "" for field in form.xpath(".//input")}
    fields |= {"obscode": "XYZ", "name": "RZ Test"}
    answer = owner.get(str(form.get("action")), headers=None, **fields)

    assert answer.status_code == 200, answer.text
    assert "#OBSCODE=XYZ" in answer.text
    assert "RZ Test," in answer.text


def test_folding_with_a_period(owner: Browser, rows: Rows) -> None:
    page = shown(owner.get("star.php", id=1))
    assert "varies beyond its errors in calibration 1" in words(page)
    assert "No period is claimed" in words(page)
    assert marks(page, "phase") == []
    assert "is not found to vary" in words(shown(owner.get("star.php", id=2)))
    rows.execute("UPDATE star_calibrations SET flags = 0")
    doubtful = words(shown(owner.get("star.php", id=1)))
    assert "scatters more than its errors, but is not found to vary" in doubtful
    assert "no search" not in doubtful

    entered = shown(owner.get("star.php", id=1, period="4,0"))
    # The three at phase 0 stand at both ends of the two cycles.
    assert len(marks(entered, "phase")) == 2 * NEW + 3
    assert "the archive does not claim it" in words(entered)

    find_variable(rows, amplitude_error_mag=0.025)
    found = shown(owner.get("star.php", id=1))
    assert "1.000 ± 0.025 mag" in words(found)
    assert "4.0000 ± 0.0021 d" in words(found)
    assert "1e-9" in words(found)
    assert len(marks(found, "phase")) == 2 * NEW + 3
    assert "does not claim" not in words(found)
    for wrong in ("0", "-1", "nan", "1e9", "a week"):
        assert owner.get("star.php", id=1, period=wrong).status_code == 400, wrong


def test_what_a_search_did_not_find(owner: Browser, rows: Rows) -> None:
    nothing = {"kind": "constant", "score": 0.0, "period_d": None, "t0_bjd": None}
    find_variable(rows, 2, remark="the period explains only 12% of the scatter", **nothing)

    page = shown(owner.get("star.php", id=2))

    assert "A search found nothing" in words(page)
    remark = "No period is claimed: the period explains only 12% of the scatter."
    assert remark in words(page)
    assert marks(page, "phase") == []


def test_asking_for_a_search(owner: Browser, other: Browser, rows: Rows) -> None:
    asked = {"star_id": 2, "csrf_token": owner.token("star.php?id=2")}

    assert owner.post("star.php", {**asked, "csrf_token": "0" * 64}).status_code == 403
    assert rows.all("SELECT * FROM period_requests") == []
    answer = owner.post("star.php", asked)
    assert (answer.status_code, answer.headers["Location"]) == (303, "star.php?id=2#search")
    assert owner.post("star.php", asked).status_code == 303

    assert [row["star_id"] for row in rows.all("SELECT * FROM period_requests")] == [2]
    page = shown(other.get("star.php", id=2))
    assert "A search for its period was asked for on" in words(page)
    assert page.xpath("//button[. = 'Search for a period']") == []
    rows.execute("UPDATE stacked_frames SET visibility = 'private'")
    hidden = {"star_id": 3, "csrf_token": other.token()}
    assert other.post("star.php", hidden).status_code == 404
    assert len(rows.all("SELECT * FROM period_requests")) == 1


def test_private_stacks_are_for_their_owner(owner: Browser, other: Browser, rows: Rows) -> None:
    find_variable(rows)
    rows.execute("UPDATE stacked_frames SET visibility = 'private' WHERE id <= 2")

    assert len(marks(shown(owner.get("star.php", id=1)))) == NEW
    seen = shown(other.get("star.php", id=1))
    assert len(marks(seen)) == NEW - 2
    assert "stack.php?id=1" not in html.tostring(seen, encoding="unicode")
    assert "no two stacks that you see" in words(shown(other.get("variables.php")))
    assert other.get("star_picture.php", star=1, epoch=1).status_code == 404
    assert other.get("star_picture.php", star=1, epoch=3, like=1).status_code == 404

    rows.execute("UPDATE stacked_frames SET visibility = 'private'")
    assert other.get("star.php", id=1).status_code == 404
    assert other.get("star_picture.php", star=1, epoch=3).status_code == 404
    assert "has not found a variable star yet" in words(shown(other.get("variables.php")))
    assert "1 star found" in words(shown(owner.get("variables.php")))


def test_visitors_are_told_to_log_in(owner: Browser, visitor: Browser) -> None:
    for page in ("star.php?id=1", "star.php?id=99", "variables.php", "new_sources.php"):
        answer = visitor.get(page)
        assert answer.status_code == 401, page
        assert 'href="login.php"' in answer.text
        assert "1328057763000000001" not in answer.text
    assert visitor.get("star_picture.php", star=1, epoch=1).status_code == 302
    assert visitor.post("star.php", {"star_id": 1, "csrf_token": "0" * 64}).status_code == 302


def test_pictures_show_the_same_light_alike(
    owner: Browser, rows: Rows, site: SiteUnderTest
) -> None:
    planted_stars.write_pixels(rows, site.data_dir, field(), visits()[:2])
    find_variable(rows)

    page = shown(owner.get("variables.php"))

    assert "Equal light looks equal" in words(page)
    links = page.xpath("//svg[@class='finder']/image/@href")
    assert [link.split("&v=")[0] for link in links] == [
        f"star_picture.php?star=1&epoch={n}&like=1" for n in (BRIGHT, FAINT)
    ]
    bright, faint = (green(owner.get(link)) for link in links)
    # The star is in the middle; a magnitude fainter it has 0.4 of its light.
    star = [peak(picture, 0, 0) for picture in (bright, faint)]
    assert star[0] > 250
    sky = np.median(bright)
    assert 0.3 < (star[1] - sky) / (star[0] - sky) < 0.5
    places = [(s.x - field()[0].x, s.y - field()[0].y) for s in field()[1:]]
    others = [(peak(bright, *place), peak(faint, *place)) for place in places]
    for one, two in others:
        assert abs(one - two) < 40, "constant stars look alike, in stacks of other zero points"


def green(answer: Any) -> np.ndarray:
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "image/png"
    assert "private" in answer.headers["Cache-Control"]
    return np.asarray(Image.open(io.BytesIO(answer.content)))[:, :, 1].astype(float)


def peak(picture: np.ndarray, right: float, up: float) -> float:
    """The brightest pixel around a place, from the middle of the picture."""
    row, column = (
        round((picture.shape[0] - 1) / 2 + up),
        round((picture.shape[1] - 1) / 2 + right),
    )
    return float(picture[row - 3 : row + 4, column - 3 : column + 4].max())


@pytest.mark.one_database
def test_a_finder_chart_needs_a_solved_and_whole_stack(
    owner: Browser, rows: Rows, site: SiteUnderTest
) -> None:
    planted_stars.write_pixels(rows, site.data_dir, field(), visits()[-1:])
    page = shown(owner.get("star.php", id=1))
    [link] = page.xpath("//svg[@class='finder']/image/@href")
    assert green(owner.get(link)).shape == (286, 286)
    assert owner.get("star_picture.php", star=1, epoch=99).status_code == 404

    wcs = rows.one("SELECT wcs FROM stack_solutions WHERE stack_id = 6")["wcs"]
    moved = {**json.loads(wcs), "crpix": [140.0, 150.0]}
    rows.execute("UPDATE stack_solutions SET wcs = ?", json.dumps(moved))
    page = shown(owner.get("star.php", id=1))
    assert page.xpath("//svg[@class='finder']/image/@href") != [link], "browsers keep the old one"
    rows.execute("UPDATE stack_solutions SET solved = 0")
    assert "No stack that you see shows the place" in words(shown(owner.get("star.php", id=1)))
    assert owner.get(link).status_code == 404


def test_variable_stars_are_ranked(owner: Browser, other: Browser, rows: Rows) -> None:
    find_variable(rows, 1, score=10.0)
    find_variable(rows, 3, score=90.0, kind="eclipses", depth_mag=0.012, duration_d=0.1)
    find_variable(rows, 4, score=0.0, kind="constant", period_d=None)
    own = planted_stars.calibrate(rows, field(), visits()[:5], 1, owner=2)
    find_variable(rows, 2, calibration_id=own)

    page = shown(other.get("variables.php"))

    assert page.xpath("//ol[@class='found']//h2/a/@href") == ["star.php?id=3", "star.php?id=1"]
    assert "0.012 mag deep, 144 min long" in words(page)
    assert len(page.xpath("//svg[contains(@class, 'small-plot')]")) == 2
    of_stack = shown(other.get("variables.php", stack=1))
    assert "2 stars found by the archive itself in stack 1" in words(of_stack)
    rows.execute("DELETE FROM star_observations WHERE star_id = 3 AND epoch_id = 1")
    assert "1 star found" in words(shown(other.get("variables.php", stack=1)))
    assert other.get("variables.php", stack=77).status_code == 404

    # An older version says nothing any more.
    planted_stars.calibrate(rows, field(), visits()[:5], 2)
    assert "has not found a variable star yet" in words(shown(other.get("variables.php")))


def test_a_scope_of_ones_own_counts_while_it_has_private_stacks(
    owner: Browser, other: Browser, rows: Rows
) -> None:
    find_variable(rows)
    own = planted_stars.calibrate(rows, field(), visits()[:5], 1, owner=1)
    find_variable(rows, 2, calibration_id=own)

    assert "star.php?id=1" in owner.get("variables.php").text
    rows.execute("UPDATE stacked_frames SET visibility = 'private' WHERE id = 6")
    listed = shown(owner.get("variables.php")).xpath("//ol[@class='found']//h2/a/@href")
    assert sorted(listed) == ["star.php?id=1", "star.php?id=2"], "one from each calibration"
    seen = shown(other.get("variables.php")).xpath("//ol[@class='found']//h2/a/@href")
    assert seen == ["star.php?id=1"]


@pytest.mark.one_database
def test_known_variables_are_named(
    owner: Browser, rows: Rows, site: SiteUnderTest, tmp_path: Path
) -> None:
    find_variable(rows)
    find_variable(rows, 3)
    star = rows.one("SELECT ra_deg, dec_deg FROM stars WHERE id = 1")
    known = tmp_path / "vsx.csv"
    known.write_text(
        "name,ra,dec,type,period,max,min,band\n"
        f"RZ <b>Test</b>,{star['ra_deg']:.6f},{star['dec_deg']:.6f},RRAB,4.0,12.2,13.2,V\n"
    )
    site.run_php("variables.php", "import", str(known))

    page = shown(owner.get("star.php", id=1))
    assert words(page.xpath("//h1")[0]) == "RZ <b>Test</b> star 1"
    assert page.xpath("//input[@name='name']/@value") == ["RZ <b>Test</b>"]
    listed = shown(owner.get("variables.php")).xpath("//ol[@class='found']//h2")
    assert sorted(map(words, listed)) == ["Star 1 known as RZ <b>Test</b>", "Star 3"]


def test_what_may_be_new_is_shown_before_and_after(
    owner: Browser, other: Browser, rows: Rows, site: SiteUnderTest
) -> None:
    new, rest = field()[3], field()[:3]
    rows.execute("DELETE FROM star_observations WHERE star_id = 4 AND epoch_id <= 3")
    rows.execute("UPDATE stars SET gaia_id = NULL WHERE id = 4")
    rows.execute("UPDATE epochs SET limiting_mag = 17 WHERE id = 1")
    rows.insert("new_sources", star_id=new.id, epoch_id=4, mag=new.mag)
    for epoch in (1, 2):
        rows.insert("new_source_epochs", star_id=new.id, epoch_id=epoch)
    planted_stars.write_pixels(rows, site.data_dir, rest, visits()[:1])
    planted_stars.write_pixels(rows, site.data_dir, field(), visits()[3:5])

    page = shown(other.get("new_sources.php"))

    assert page.xpath("//ol[@class='found']//h2/a/@href") == ["star.php?id=4"]
    assert "in 3 chunks; not in 2 earlier stacks" in words(page)
    links = page.xpath("//svg[@class='finder']/image/@href")
    assert [link.split("&v=")[0] for link in links] == [
        f"star_picture.php?star=4&epoch={epoch}&like=4" for epoch in (1, 4, 5)
    ]
    before, after, again = (peak(green(other.get(link)), 0, 0) for link in links)
    assert before < 130 < 200 < min(after, again)

    rows.execute("UPDATE stacked_frames SET visibility = 'private' WHERE id >= 5")
    assert "No point of light looks new" in words(shown(other.get("new_sources.php")))
    assert "star.php?id=4" in owner.get("new_sources.php").text


@pytest.mark.one_database
def test_a_stack_leads_to_its_stars(owner: Browser, visitor: Browser, rows: Rows) -> None:
    find_variable(rows)

    page = shown(owner.get("stack.php", id=1))
    links = page.xpath("//a[starts-with(@href, 'star.php')]/@href")
    assert sorted(links) == [f"star.php?id={n}" for n in range(1, 5)]
    assert page.xpath("//a[@href='variables.php?stack=1']/text()") == ["1 variable star"]
    rows.execute("DELETE FROM variable_candidates")
    assert "No star of this stack is found to vary" in words(shown(owner.get("stack.php", id=1)))
    rows.execute("DELETE FROM epoch_zero_points")
    searched = words(shown(owner.get("stack.php", id=1)))
    assert "in no calibration yet, so that nothing can be said" in searched

    rows.execute(
        "UPDATE stack_solutions SET photometry = ?",
        json.dumps({"catalogue": None, "numbers": {"limiting_mag": 15.0}}),
    )
    assert "Log in to see how bright each star" in words(shown(visitor.get("stack.php", id=1)))


def test_a_stack_that_no_search_has_looked_at(owner: Browser, rows: Rows) -> None:
    for page in ("stack.php?id=1", "variables.php?stack=1"):
        assert "No star of this stack is found to vary" in words(shown(owner.get(page)))
    rows.execute("DELETE FROM calibrations")
    for page in ("stack.php?id=1", "variables.php?stack=1"):
        said = words(shown(owner.get(page)))
        assert "nothing can be said about whether its stars vary" in said
        assert "is found to vary" not in said


@pytest.mark.one_database
def test_names_of_telescopes_are_not_markup(owner: Browser, rows: Rows) -> None:
    rows.execute("UPDATE epochs SET telescope = ?", "\"'><script>alert(1)</script>")

    answer = owner.get("star.php", id=1)

    assert not re.search(r"<script>alert|\"'>", answer.text)
    assert "&lt;script&gt;" in answer.text
    shown(answer)


@pytest.mark.one_database
def test_points_without_a_magnitude_are_in_the_table_alone(owner: Browser, rows: Rows) -> None:
    rows.execute("UPDATE star_observations SET flux_g = -3.0 WHERE star_id = 1 AND epoch_id = 2")
    page = shown(owner.get("star.php", id=1))
    assert len(marks(page)) == NEW - 1
    assert "no light measured" in words(page)

    rows.execute("UPDATE star_observations SET flux_g = NULL WHERE star_id = 1")
    page = shown(owner.get("star.php", id=1, band="TG"))
    assert "There is no magnitude of this star that could be shown" in words(page)


@pytest.mark.one_database
def test_many_points_are_paged(owner: Browser, rows: Rows) -> None:
    more = [
        replace(visits()[0], id=n, mjd=61_300.0 + 0.01 * n, is_calibrated=False)
        for n in range(10, 130)
    ]
    planted_stars.add(rows, 1, field()[:1], more)

    page = shown(owner.get("star.php", id=1, page=2, band="TG"))

    assert len(page.xpath("//details[@open]//tbody/tr")) == NEW + 120 - 100
    assert page.xpath("//nav[@class='pager']/a/@href") == ["star.php?id=1&band=TG&page=1"]
