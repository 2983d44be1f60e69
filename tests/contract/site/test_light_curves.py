"""Light curves: which points, which magnitudes, and who sees them."""

from __future__ import annotations

import csv
import html
import io
import math
from dataclasses import dataclass
from typing import Any

import pytest

from tests.contract.site.support import PASSWORD, Browser
from tests.contract.site.test_data_api import Reader
from tests.support.light_rows import TERMS, LightRows
from tests.support.sites import SiteUnderTest

MJD = 61000.25
FORMATS = ("json", "csv", "ecsv", "votable", "parquet", "aavso")
RA, DEC = 192.9, 41.3


@dataclass
class Archive:
    """One field with a star that everybody sees and one that only bob's private stack shows.

    ``epochs`` are ann's three public ones and bob's private one; the first calibration has ann's
    first two.
    """

    site: SiteUnderTest
    light: LightRows
    field: int
    star: int
    secret: int
    epochs: list[int]
    ann: int
    bob: int
    root: int

    def reader(self, user: int | None) -> Reader:
        """A program of a user, or one without a key."""
        return Reader(self.site, None if user is None else self.site.rows.add_data_key(user))

    def service(self, *, reads_all: bool = False) -> Reader:
        """A program that belongs to nobody."""
        return Reader(self.site, self.site.rows.add_data_key(reads_all=reads_all))


@pytest.fixture
def archive(site: SiteUnderTest) -> Archive:
    """The archive on each database."""
    ann, bob = (site.rows.add_user(name, PASSWORD) for name in ("ann", "bob"))
    root = site.rows.add_user("root", PASSWORD, admin=True)
    light = LightRows(site.rows)
    field = light.field()
    star, secret = light.star(RA, DEC, gaia_id=1234567890123456789), light.star(192.5, 41.0)
    epochs = [light.epoch(field, ann, MJD + day) for day in range(3)]
    epochs.append(light.epoch(field, bob, MJD + 3, visibility="private", telescope="Bobs tube"))
    for number, epoch in enumerate(epochs):
        light.observe(star, epoch, 1000.0 + number)
    light.observe(secret, epochs[3])
    light.calibration(field, 1, {epochs[0]: 20.5, epochs[1]: 20.6}, [star])
    return Archive(site, light, field, star, secret, epochs, ann, bob, root)


def curve(reader: Reader, **query: Any) -> dict[str, Any]:
    """Ask for a light curve as JSON."""
    answer = reader.get("light_curve.php", **query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def green(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The points in green."""
    return [point for point in found["points"] if point["band"] == "TG"]


def expected_mag(flux: float, zero_point: float) -> float:
    """The magnitude of a star of colour 0.5 where `LightRows.observe` puts it."""
    _, colour, u_term, v_term, uu_term, uv_term, vv_term, _ = TERMS
    u, v = 2 * 270 / 1079 - 1, 2 * 1440 / 1919 - 1
    terms = u_term * u + v_term * v + uu_term * u * u + uv_term * u * v + vv_term * v * v
    return -2.5 * math.log10(flux) + zero_point + 0.5 * colour + terms


def test_points_have_the_magnitudes_of_the_calibration(archive: Archive) -> None:
    found = curve(archive.service(), star=archive.star)

    assert found["star"]["gaia_id"] == "1234567890123456789"
    assert [point["band"] for point in found["points"][:3]] == ["TR", "TG", "TB"]
    first, second, third = green(found)
    assert first["mag"] == pytest.approx(expected_mag(1000.0, 20.5), abs=1e-5)
    assert second["mag"] == pytest.approx(expected_mag(1001.0, 20.6), abs=1e-5)
    # The zero point follows the noise of a comparison star, so its error is no error of that star.
    error = math.sqrt((1.0857362 * 5 / 1000) ** 2 + 0.006**2 - 0.004**2 + 0.003**2)
    assert first["mag_error"] == pytest.approx(error, abs=1e-5)
    assert (first["calibration"], first["zero_point_error"], first["quality"]) == ("1", 0.004, 256)
    assert (first["stack_id"], first["part"], first["exptime"]) == (1, 0, 840.0)
    assert (first["telescope"], first["filter"]) == ("S50_8a95aa90", "IRCUT")
    assert third["calibration"] is None, "it is newer than the calibration"
    assert third["mag"] == pytest.approx(-2.5 * math.log10(1002.0) + 20.0, abs=1e-5)
    error = math.sqrt((1.0857362 * 5 / 1002) ** 2 + 0.15**2)
    assert (third["mag_error"], third["zero_point_error"]) == (pytest.approx(error, abs=1e-5), 0.15)
    (calibration,) = found["calibrations"]
    assert (calibration["version"], calibration["catalogue"]) == ("1", "V of Tycho-2")
    mean = next(mean for mean in found["means"] if mean["band"] == "TG")
    assert (mean["mag"], mean["calibration"]) == (13.25, "1")


def test_a_star_that_is_no_comparison_star_has_the_error_of_the_zero_point(
    archive: Archive,
) -> None:
    archive.site.rows.execute("UPDATE star_calibrations SET flags = 0")
    first = green(curve(archive.service(), star=archive.star))[0]
    error = math.sqrt((1.0857362 * 5 / 1000) ** 2 + 0.006**2 + 0.004**2 + 0.003**2)
    assert (first["mag_error"], first["quality"]) == (pytest.approx(error, abs=1e-5), 0)


def test_light_that_is_not_positive_has_no_magnitude(archive: Archive) -> None:
    epoch = archive.light.epoch(archive.field, archive.ann, MJD + 5)
    archive.light.observe(archive.star, epoch, -3.0, flux_b=None, flags=1)
    gray = archive.light.epoch(archive.field, archive.ann, MJD + 6, bands="L")
    archive.light.observe(archive.star, gray)
    found = curve(archive.service(), star=archive.star)

    *dark, bright = found["points"][-4:]
    assert [(point["mag"], point["mag_error"], point["quality"]) for point in dark] == [
        (None, None, 17)
    ] * 3
    assert [point["flux"] for point in dark] == [-3.0, -3.0, None]
    assert (bright["band"], bright["mag"]) == ("CV", 12.5)
    good = curve(archive.service(), star=archive.star, quality="good", band="TG")
    assert [point["mjd_utc"] for point in good["points"]] == [MJD, MJD + 1]


def test_a_trace_of_light_has_no_error_that_no_format_can_write(
    archive: Archive, engine: str
) -> None:
    # A square of the error is too large for a double; floats of MariaDB never are so small.
    trace = 1e-200 if engine == "sqlite" else 1e-30
    epoch = archive.light.epoch(archive.field, archive.ann, MJD + 5)
    archive.light.observe(archive.star, epoch, trace, error_r=None)
    archive.site.rows.execute("UPDATE epochs SET zero_point_b = NULL WHERE id = ?", epoch)

    *_, red, green_, blue = curve(archive.service(), star=archive.star)["points"]

    assert red["mag"] == green_["mag"] == pytest.approx(20.0 - 2.5 * math.log10(trace), abs=0.01)
    assert red["mag_error"] is None
    assert (green_["mag_error"] is None) is (engine == "sqlite")
    assert (blue["mag"], blue["mag_error"]) == (None, None), "it has no zero point"
    for form in FORMATS:
        answer = archive.service().get("light_curve.php", star=archive.star, format=form)
        assert answer.status_code == 200


def test_a_new_version_changes_the_curve_but_no_older_version(archive: Archive) -> None:
    reader = archive.service()
    query = {"star": archive.star, "version": 1}
    before = {form: reader.get("light_curve.php", format=form, **query) for form in FORMATS}
    assert [point["mjd_utc"] for point in green(before["json"].json())] == [MJD, MJD + 1]
    default = curve(reader, star=archive.star)
    # The first stack is measured again, and all are calibrated.
    again = archive.light.epoch_of(1, archive.field, MJD)
    archive.light.observe(archive.star, again, 1500.0)
    archive.site.rows.execute("UPDATE epochs SET superseded_at = 'now' WHERE id = 1")
    archive.site.rows.execute("UPDATE stacked_frames SET sky_x = 0.5, ra_deg = 100.0")
    zero_points = {again: 21.5, archive.epochs[1]: 21.6, archive.epochs[2]: 21.7}
    archive.light.calibration(archive.field, 2, zero_points, [archive.star])

    for form in FORMATS:
        after = reader.get("light_curve.php", format=form, **query)
        assert after.status_code == 200
        assert after.content == before[form].content, form
        assert after.headers["ETag"] == before[form].headers["ETag"]
    new = green(curve(reader, star=archive.star))
    assert [point["calibration"] for point in new] == ["2"] * 3
    assert new[0]["mag"] == pytest.approx(expected_mag(1500.0, 21.5), abs=1e-5)
    assert new != green(default)
    assert reader.get("light_curve.php", star=archive.star, version=3).status_code == 404
    archive.site.rows.execute("UPDATE stacked_frames SET visibility = 'private' WHERE id = 2")
    left = green(curve(reader, **query))
    assert [point["mjd_utc"] for point in left] == [MJD], "what was made private leaves at once"


def test_versions_of_two_fields_are_not_confused(archive: Archive) -> None:
    other = archive.light.field(193.5, 41.6)
    epoch = archive.light.epoch(other, archive.ann, MJD + 10)
    archive.light.observe(archive.star, epoch)
    reader = archive.service()
    before = reader.get("light_curve.php", star=archive.star, version=1).content
    archive.light.calibration(other, 2, {epoch: 19.0}, [archive.star])

    assert reader.get("light_curve.php", star=archive.star, version=1).content == before
    assert {point["field"] for point in curve(reader, star=archive.star)["points"]} == {
        archive.field,
        other,
    }
    archive.light.calibration(other, 1, {epoch: 19.5}, [archive.star])
    answer = reader.get("light_curve.php", star=archive.star, version=1)
    assert (answer.status_code, f"field={other}" in answer.json()["error"]) == (400, True)
    one = reader.get("light_curve.php", star=archive.star, version=1, field=archive.field)
    assert one.content == before
    only = curve(reader, star=archive.star, field=other)
    assert [point["mjd_utc"] for point in green(only)] == [MJD + 10]


def test_private_light_is_nobody_elses(archive: Archive) -> None:
    """In no curve, count or export, whoever asks, for all readers that the table of rights has."""
    own = dict.fromkeys(archive.epochs, 30.0)
    archive.light.calibration(
        archive.field, 1, own, [archive.star, archive.secret], owner=archive.bob
    )
    bob, root = Browser(archive.site), Browser(archive.site)
    bob.log_in("bob")
    root.log_in("root")
    seeing = [archive.reader(archive.bob), archive.service(reads_all=True), bob, root]
    others = [archive.reader(archive.ann), archive.reader(archive.root), archive.service()]
    nobody = [archive.reader(None), Browser(archive.site)]
    cone = {"ra": 192.72, "dec": 41.12, "radius": 1.0}
    whole, hidden = {"star": archive.star}, {"star": archive.secret}
    place = {"ra": 192.5, "dec": 41.0}
    for reader in seeing:
        points = ask(reader, "light_curve.php", **whole).json()["points"]
        assert len(points) == 12
        assert ask(reader, "light_curve.php", **hidden).status_code == 200
        assert ask(reader, "light_curve.php", **place).json()["star"]["id"] == archive.secret
        stars = ask(reader, "stars.php", **cone).json()["stars"]
        assert [(star["id"], star["n_observations"]) for star in stars] == [
            (archive.star, 4),
            (archive.secret, 1),
        ]
    for reader in others:
        for form in FORMATS:
            text = ask(reader, "light_curve.php", format=form, **whole).content
            assert b"Bob" not in text
            assert b"own-1" not in text
        points = ask(reader, "light_curve.php", **whole).json()["points"]
        assert {point["stack_id"] for point in points} == {1, 2, 3}
        assert max(point["mag"] for point in points) < 14
        for query in (hidden, place, {**hidden, "version": "1"}):
            assert ask(reader, "light_curve.php", **query).status_code == 404
        assert ask(reader, "light_curve.php", version="own-1", **whole).status_code == 404
        for form in FORMATS[:-1]:
            stars = ask(reader, "stars.php", format=form, **cone)
            assert stars.status_code == 200
        found = ask(reader, "stars.php", **cone).json()["stars"]
        assert [(star["id"], star["n_observations"]) for star in found] == [(archive.star, 3)]
        assert found[0]["last_obs"] < "2025-11-24"
    for reader in nobody:
        for call, query in (("light_curve.php", whole), ("stars.php", cone)):
            assert ask(reader, call, **query).status_code == 401
    mine = ask(seeing[0], "light_curve.php", **whole).json()["points"]
    assert {point["calibration"] for point in mine} == {"own-1"}
    assert {point["telescope"] for point in mine[-3:]} == {"Bobs tube"}
    assert [point["airmass"] for point in mine[-4:]] == [None, *[1.23457] * 3], "of own stacks only"
    everything = ask(seeing[1], "light_curve.php", **whole).json()["points"]
    assert [point["calibration"] for point in everything[1::3]] == ["1", "1", "own-1", "own-1"]
    assert {point["telescope"] for point in everything[-3:]} == {None}


def ask(reader: Reader | Browser, call: str, **query: Any) -> Any:
    """Make a call of the data API with a key or with a login."""
    if isinstance(reader, Reader):
        return reader.get(call, **query)
    return reader.get(f"api/{call}", headers={"Accept": "*/*"}, **query)


def test_series_are_curves_of_their_own(archive: Archive) -> None:
    for part in (1, 2):
        more = {"series_seconds": 60, "part": part}
        epoch = archive.light.epoch_of(1, archive.field, MJD + part / 1440, **more)
        archive.light.observe(archive.star, epoch)
    reader = archive.service()

    assert [p["part"] for p in green(curve(reader, star=archive.star, series=60))] == [1, 2]
    for wrong, said in (
        ({"series": 61}, "no series of 61 s"),
        ({"field": 99}, f"not in field 99, but in {archive.field}"),
        ({"field": 99, "series": 60}, "not in field 99"),
    ):
        answer = reader.get("light_curve.php", star=archive.star, **wrong)
        assert (answer.status_code, said in answer.json()["error"]) == (404, True), answer.text
    assert {p["part"] for p in curve(reader, star=archive.star)["points"]} == {0}
    (star,) = reader.get("stars.php", ra=RA, dec=DEC, radius=0.1).json()["stars"]
    assert star["n_observations"] == 3


def test_a_curve_without_a_point_says_why_in_each_format(archive: Archive) -> None:
    for part in (1, 2):
        more = {"series_seconds": 60, "part": part}
        epoch = archive.light.epoch_of(1, archive.field, MJD + part / 1440, **more)
        archive.light.observe(archive.star, epoch)
    flagged = archive.light.star(RA, DEC - 0.1)
    archive.light.observe(flagged, archive.epochs[0], flags=1)
    archive.light.observe(flagged, archive.epochs[2])
    reader = archive.service()
    for query, said in (
        ({"series": 60, "version": 1}, "6 are not in version 1 of the calibration"),
        (
            {"series": 60, "version": 1, "band": "TG"},
            "4 are of another band; 2 are not in",
        ),
        ({"series": 60, "quality": "good"}, "6 are not calibrated yet"),
        ({"band": "CV"}, "measured in TR, TG, TB, and not in CV."),
        ({"star": flagged, "quality": "good"}, "3 are not calibrated yet; 3 are doubted by a flag"),
        ({"star": flagged, "quality": "good", "version": 1}, "3 are doubted by a flag"),
    ):
        for form in FORMATS:
            answer = reader.get(
                "light_curve.php", **{"star": archive.star, "format": form, **query}
            )
            note = answer.headers["X-Note"]
            assert (answer.status_code, said in note) == (200, True), (query, note)
            if form == "json":
                assert (answer.json()["points"], answer.json()["note"]) == ([], note)
            elif form == "csv":
                assert len(answer.text.splitlines()) == 1
            else:
                assert note in html.unescape(answer.content.decode("latin-1")), form
    whole = reader.get("light_curve.php", star=archive.star)
    assert "X-Note" not in whole.headers
    assert "note" not in whole.json()


def test_a_star_that_no_stack_shows_any_more_says_so(archive: Archive) -> None:
    archive.site.rows.execute("UPDATE epochs SET superseded_at = ?", "2026-11-30 00:00:00")
    found = curve(archive.service(), star=archive.star)

    assert found["points"] == []
    assert "measured again" in found["note"]
    assert curve(archive.service(), star=archive.star, version=1)["points"]


def test_stars_are_listed_page_by_page(archive: Archive) -> None:
    more = [archive.light.star(RA + 0.01 * number, DEC) for number in range(1, 6)]
    for star in more:
        archive.light.observe(star, archive.epochs[0])
    archive.light.star(RA, DEC + 0.01)  # in no epoch
    reader = archive.service()
    query: dict[str, Any] = {"ra": RA, "dec": DEC, "radius": 0.5, "limit": 2}
    ids: list[int] = []
    answer = reader.get("stars.php", **query)
    while True:
        ids += [star["id"] for star in answer.json()["stars"]]
        if answer.json()["next"] is None:
            break
        answer = reader.get(answer.links["next"]["url"].removeprefix(f"{reader.base}/"))

    assert ids == [archive.star, *more]
    (first,) = reader.get("stars.php", ra=RA, dec=DEC, radius=0.001).json()["stars"]
    assert first["mag_tg"] == 13.25
    assert (first["first_obs"], first["n_observations"]) == ("2025-11-21T06:00:00Z", 3)
    rows = list(csv.DictReader(io.StringIO(reader.get("stars.php", format="csv", **query).text)))
    assert [int(row["id"]) for row in rows] == ids[:2]


@pytest.mark.one_database
def test_bad_calls_say_what_is_wrong(archive: Archive) -> None:
    reader = archive.service()
    star = {"star": archive.star}
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("light_curve.php", {}, "either"),
        ("light_curve.php", {"ra": 1}, "either"),
        ("light_curve.php", {**star, "ra": 1, "dec": 1}, "either"),
        ("light_curve.php", {**star, "band": "V"}, "band"),
        ("light_curve.php", {**star, "version": "newest"}, "version"),
        ("light_curve.php", {**star, "format": "xml"}, "format"),
        ("light_curve.php", {**star, "series": 0}, "series"),
        ("light_curve.php", {**star, "stack": 1}, "stack"),
        ("light_curve.php", {**star, "name": "RR Lyr"}, "aavso"),
        ("light_curve.php", {**star, "format": "aavso", "name": "a" * 31}, "name"),
        ("light_curve.php", {**star, "format": "aavso", "name": "RR,Lyr"}, "name"),
        ("light_curve.php", {**star, "format": "aavso", "obscode": "a-b"}, "obscode"),
        ("stars.php", {"ra": 1, "dec": 1}, "radius"),
        ("stars.php", {"ra": 1, "dec": 1, "radius": 2.1}, "radius"),
        ("stars.php", {"ra": 1, "dec": 1, "radius": 1, "format": "aavso"}, "format"),
    ]
    for call, query, words in wrong:
        answer = reader.get(call, **query)
        assert (answer.status_code, words in answer.json()["error"]) == (400, True), query
    assert reader.get("light_curve.php", star=10**9).status_code == 404
    assert reader.get("light_curve.php", ra=RA, dec=DEC + 0.01).status_code == 404
