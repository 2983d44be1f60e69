"""Lists of what the archive itself has found: variable stars and new sources."""

from __future__ import annotations

from typing import Any

import pytest
from astropy.table import Table

from tests.contract.site.support import Browser
from tests.contract.site.test_data_api import Reader
from tests.contract.site.test_light_curves import MJD, Archive, archive, ask

__all__ = ["archive"]


def candidate(archive: Archive, calibration: int, star: int, score: float, **more: Any) -> None:
    """Add what a calibration says of a star."""
    values: dict[str, Any] = {
        "band": "G",
        "kind": "periodic",
        "excess_mag": 0.2,
        "n_points": 40,
        "n_nights": 5,
        "amplitude_mag": 0.7,
        "period_d": 0.5668,
        "period_error_d": 0.0001,
        "period_fap": 1e-9,
        "t0_bjd": 2461000.75,
        "bright_epoch_id": archive.epochs[0],
        "faint_epoch_id": archive.epochs[1],
    }
    keys = {"calibration_id": calibration, "star_id": star, "score": score}
    archive.site.rows.insert("variable_candidates", **keys, **{**values, **more})


def found(reader: Reader, **query: Any) -> list[dict[str, Any]]:
    """Ask for the variables."""
    answer = ask(reader, "variables_found.php", **query)
    assert answer.status_code == 200, answer.text
    variables: list[dict[str, Any]] = answer.json()["variables"]
    return variables


def test_variables_are_ranked_with_pictures_and_counts(archive: Archive) -> None:
    others = [archive.light.star(192.6 + 0.01 * number, 41.2) for number in range(4)]
    for star in others:
        archive.light.observe(star, archive.epochs[0])
    epochs = dict.fromkeys(archive.epochs[:3], 20.5)
    new = archive.light.calibration(archive.field, 2, epochs, [archive.star, *others])
    candidate(archive, 1, others[0], 99.0)  # of a version that is not the newest
    candidate(archive, new, archive.star, 7.5)
    slowly = {"kind": "slow", "period_d": None, "trend_mag_per_d": 0.0625, "remark": "2 d, too"}
    candidate(archive, new, others[1], 8.5, amplitude_error_mag=0.0625, **slowly)
    candidate(archive, new, others[2], 0.0, kind="constant")
    candidate(archive, new, others[3], 1.5, faint_epoch_id=archive.epochs[3])
    reader = archive.service()

    slow, periodic, faint = found(reader)

    assert [slow["star"], periodic["star"], faint["star"]] == [others[1], archive.star, others[3]]
    assert (slow["kind"], slow["period_d"], slow["trend_mag_per_d"]) == ("slow", None, 0.0625)
    assert (slow["amplitude_error_mag"], slow["remark"]) == (0.0625, "2 d, too")
    assert (periodic["amplitude_error_mag"], periodic["remark"]) == (None, None)
    assert (periodic["band"], periodic["period_d"], periodic["calibration"]) == ("TG", 0.5668, "2")
    assert (periodic["n_observations"], periodic["first_obs"]) == (3, "2025-11-21T06:00:00Z")
    assert periodic["bright_url"].startswith(f"{reader.base}/cutout.php?id=1&ra=192.9")
    assert periodic["faint_url"].startswith(f"{reader.base}/cutout.php?id=2&ra=192.9")
    assert faint["faint_url"] is None, "that stack is private"
    url = periodic["light_curve_url"].removeprefix(f"{reader.base}/")
    assert reader.get(url).json()["star"]["id"] == archive.star
    first = ask(reader, "variables_found.php", limit=2)
    assert [one["star"] for one in first.json()["variables"]] == [others[1], archive.star]
    rest = reader.get(first.links["next"]["url"].removeprefix(f"{reader.base}/")).json()
    assert ([one["star"] for one in rest["variables"]], rest["next"]) == ([others[3]], None)
    text = ask(reader, "variables_found.php", format="ecsv").text
    assert Table.read(text, format="ascii.ecsv")["star"].tolist() == [others[1], 1, others[3]]


def test_what_private_light_says_is_for_its_owner(archive: Archive) -> None:
    own = dict.fromkeys(archive.epochs, 20.5)
    stars = [archive.star, archive.secret]
    calibration = archive.light.calibration(archive.field, 1, own, stars, owner=archive.bob)
    candidate(archive, calibration, archive.star, 5.0)
    candidate(archive, calibration, archive.secret, 6.0)
    readers = [archive.reader(archive.ann), archive.reader(archive.root), archive.service()]

    for reader in readers:
        assert found(reader) == []
    assert [one["star"] for one in found(archive.reader(archive.bob))] == [2, 1]
    assert {one["calibration"] for one in found(archive.reader(archive.bob))} == {"own-1"}
    assert archive.reader(None).get("variables_found.php").status_code == 401
    candidate(archive, 1, archive.star, 5.0)
    archive.site.rows.execute("UPDATE stacked_frames SET visibility = 'private'")
    assert found(archive.service()) == [], "nobody sees the star any more"


def test_owners_of_private_stacks_see_what_only_the_public_calibration_finds(
    archive: Archive,
) -> None:
    own = archive.light.calibration(
        archive.field, 1, dict.fromkeys(archive.epochs, 20.5), [archive.star], owner=archive.bob
    )
    candidate(archive, 1, archive.star, 7.0)
    bob, browser = archive.reader(archive.bob), Browser(archive.site)
    browser.log_in("bob")

    assert [one["calibration"] for one in found(bob)] == ["1"]
    page = browser.get("star.php", id=archive.star).text
    assert "0.5668" in page
    assert "Calibration own-1, which has your private stacks as well, does not." in page
    chosen = browser.get("star.php", id=archive.star, version=f"own-1@{archive.field}").text
    assert "is not found to vary in calibration own-1" in chosen

    candidate(archive, own, archive.star, 0.0, kind="constant", period_d=None)
    assert [one["calibration"] for one in found(bob)] == ["1"]
    assert "does not." in browser.get("star.php", id=archive.star).text
    archive.site.rows.execute("UPDATE variable_candidates SET score = 5, kind = 'slow'")
    assert [one["calibration"] for one in found(bob)] == ["own-1"]
    assert "does not." not in browser.get("star.php", id=archive.star).text


def test_new_sources_have_the_pictures_to_look_at(archive: Archive) -> None:
    light, rows = archive.light, archive.site.rows
    source = light.star(192.8, 41.2)
    later = [light.epoch(archive.field, archive.ann, MJD + day) for day in (10, 11)]
    for epoch in later:
        light.observe(source, epoch, 100.0)
    rows.insert("new_sources", star_id=source, epoch_id=later[0], mag=15.0)
    for epoch in (*archive.epochs[:2], archive.epochs[3]):
        rows.insert("new_source_epochs", star_id=source, epoch_id=epoch)
    reader = archive.service()

    (one,) = ask(reader, "new_sources.php").json()["new_sources"]

    assert (one["star"], one["mag"], one["n_chunks"]) == (source, 15.0, 2)
    assert one["n_stacks_without"] == 2, "the third is private"
    assert one["first_url"].startswith(f"{reader.base}/cutout.php?id=5&ra=192.8")
    assert one["without_url"].startswith(f"{reader.base}/cutout.php?id=2&ra=192.8")
    assert one["last_seen"] == "2025-12-02T06:00:00Z"
    assert archive.reader(None).get("new_sources.php").status_code == 401
    rows.execute("UPDATE stacked_frames SET visibility = 'private' WHERE id = 6")
    assert ask(reader, "new_sources.php").json()["new_sources"] == []


@pytest.mark.one_database
def test_bad_calls_of_lists_say_what_is_wrong(archive: Archive) -> None:
    for call, query in (
        ("variables_found.php", {"ra": 1}),
        ("variables_found.php", {"format": "aavso"}),
        ("new_sources.php", {"after": 1}),
        ("new_sources.php", {"limit": 0}),
    ):
        answer = ask(archive.service(), call, **query)
        assert (answer.status_code, next(iter(query)) in answer.json()["error"]) == (400, True)
