"""A stack that its owner hides or deletes takes its share of all numbers with it, at once."""

from __future__ import annotations

import pytest

from tests.contract.site.support import Browser
from tests.contract.site.test_found_stars import candidate, found
from tests.contract.site.test_light_curves import Archive, archive, ask, curve, green
from tests.contract.site.test_shared_light import browser
from tests.contract.site.test_who_sees_what import choose, make_account_public

__all__ = ["archive"]

CONE = {"ra": 192.72, "dec": 41.12, "radius": 1.0}


def waiting(archive: Archive) -> list[str]:
    """Names of the calibrations that wait for a worker."""
    jobs = archive.site.rows.all(
        "SELECT chunk_key FROM stacking_jobs WHERE kind = 'calibrate' AND status = 'pending'"
        " ORDER BY id"
    )
    return [job["chunk_key"] for job in jobs]


@pytest.fixture
def ann(archive: Archive) -> Browser:
    """The owner of the first three stacks, which a calibration with a variable star has."""
    star = archive.star
    archive.site.rows.execute("UPDATE epochs SET n_stars = 1, n_subs = 84")
    archive.light.calibration(
        archive.field, 2, dict.fromkeys(archive.epochs[:3], 20.5), [star], fingerprint="2"
    )
    candidate(archive, 2, star, 9.0, period_d=0.3713)
    return browser(archive, "ann")


def shown(archive: Archive, who: Browser) -> tuple[float | None, int, int, bool, bool]:
    """What a stranger gets: the mean, the count, the variables, and a period on two pages."""
    reader = archive.service()
    star = ask(reader, "stars.php", **CONE).json()["stars"][0]
    pages = [who.get("variables.php").text, who.get("star.php", id=archive.star).text]
    return (
        star["mag_tg"], star["n_observations"], len(found(reader)),
        "0.3713" in pages[0], "0.3713" in pages[1],
    )  # fmt: skip


def test_what_a_calibration_says_is_withheld_until_the_next_one(
    archive: Archive, ann: Browser
) -> None:
    bob = browser(archive, "bob")
    assert shown(archive, bob) == (13.25, 3, 1, True, True)
    before = green(curve(archive.service(), star=archive.star))

    choose(ann, 1, "private")

    assert shown(archive, bob) == (None, 2, 0, False, False)
    assert f"calibrate_{archive.field}" in waiting(archive), "at once"
    left = curve(archive.service(), star=archive.star)
    assert green(left) == before[1:], "points stay what they were"
    (mean,) = (one for one in left["means"] if one["band"] == "TG")
    mags = [point["mag"] for point in green(left)]
    assert min(mags) < mean["mag"] < max(mags)
    assert (mean["n_epochs"], mean["scatter_mag"], mean["flags"]) == (2, None, 0)
    assert (left["calibrations"][0]["withdrawn"], left["calibrations"][0]["n_epochs"]) == (
        True,
        None,
    )
    older = curve(archive.service(), star=archive.star, version="1")
    assert older["calibrations"][0]["withdrawn"], "no version that has it says anything of it"
    page = bob.get("star.php", id=archive.star).text
    assert "An owner has withdrawn a stack" in page

    choose(ann, 1, "inherit")
    choose(ann, 1, "public")
    assert shown(archive, bob) == (13.25, 3, 1, True, True)


@pytest.mark.one_database
def test_hiding_all_stacks_and_deleting_one_withdraw_as_well(
    archive: Archive, ann: Browser
) -> None:
    rows = archive.site.rows
    rows.execute("UPDATE users SET stacks_public = 1")
    rows.execute("UPDATE stacked_frames SET visibility = 'inherit' WHERE id = 1")
    bob = browser(archive, "bob")
    make_account_public(ann, public=False)
    assert shown(archive, bob) == (None, 2, 0, False, False)
    assert f"calibrate_{archive.field}" in waiting(archive)
    make_account_public(ann)
    assert shown(archive, bob) == (13.25, 3, 1, True, True)

    rows.execute("DELETE FROM stacking_jobs WHERE kind = 'calibrate'")
    token = ann.token()
    answer = ann.post("job.php", {"csrf_token": token, "job_id": 1, "action": "delete"})
    assert answer.status_code == 303, answer.text
    assert shown(archive, bob) == (None, 2, 0, False, False)
    assert f"calibrate_{archive.field}" in waiting(archive)
    choose(ann, 2, "public")
    assert shown(archive, bob)[2] == 0, "what is deleted does not come back"


@pytest.mark.one_database
def test_the_owners_own_numbers_stay(archive: Archive, ann: Browser) -> None:
    own = dict.fromkeys(archive.epochs[:3], 20.5)
    number = archive.light.calibration(archive.field, 1, own, [archive.star], owner=archive.ann)
    candidate(archive, number, archive.star, 9.0, period_d=0.3713)
    choose(ann, 1, "private")
    assert found(archive.reader(archive.ann))[0]["period_d"] == 0.3713
    assert found(archive.service()) == []
