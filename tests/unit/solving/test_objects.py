"""Deep-sky objects in a field, and the names that people use for them."""

from __future__ import annotations

import math

import pytest

from crowdsky.measuring.measure_stack import object_facts
from crowdsky.solving.objects import find_object, name_mismatch, objects_in_field
from crowdsky.solving.solution import Solution
from tests.support.star_fields import plate


def solution_at(ra: float, dec: float) -> Solution:
    return Solution(
        plate(ra, dec, 10.0), 1080, 1920, "test", 0.1,
        n_matched=15, n_catalogue=15, rms_arcsec=0.5, log_chance=-100.0,
        catalogue="Tycho-2", verdict="good",
    )  # fmt: skip


M94 = solution_at(192.75, 41.12)


def test_m94_and_its_neighbours() -> None:
    found = objects_in_field(M94)
    assert found[0].sky.name == "M 94"
    assert found[0].sky.other_names[0] == "NGC 4736"
    assert (found[0].sky.catalog, found[0].sky.number) == ("Messier", "94")
    assert found[0].sky.kind == "Galaxy"
    assert found[0].sky.size_arcmin == (7.74, 6.68)
    assert found[0].distance_arcmin == pytest.approx(1.3, abs=0.1)
    assert "IC 3808" in {item.sky.name for item in found}
    assert all(0 <= item.x < 1080 and 0 <= item.y < 1920 for item in found)
    distances = [item.distance_arcmin for item in found]
    assert distances == sorted(distances)
    assert found[0].to_json()["id"] == "94"


@pytest.mark.parametrize(
    ("name", "what"),
    [("IC 3823", "Star"), ("IC 1", "Double star"), ("IC 67", "Nonexistent object")],
)
def test_stars_and_mistakes_of_the_old_catalogues_are_no_objects(name: str, what: str) -> None:
    """They can still be named: then it is known where the picture should be."""
    place = find_object(name)
    assert place is not None and place.kind == what
    around = solution_at(place.ra, place.dec)
    assert name not in {found.sky.name for found in objects_in_field(around)}
    assert name_mismatch(name, around) == ""
    assert "degrees from the middle" in name_mismatch(name, solution_at(place.ra, place.dec - 9))


def test_the_double_star_of_messier_is_one_of_his_objects() -> None:
    m40 = find_object("M 40")
    assert m40 is not None and m40.kind == "Double star"
    assert "M 40" in {f.sky.name for f in objects_in_field(solution_at(m40.ra, m40.dec))}


def test_an_unknown_type_is_called_that() -> None:
    assert find_object("IC 3849").kind == "Unknown type"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "name", ["M 94", "m94", "M094", "Messier 94", "NGC4736", "ngc 4736", "NGC_4736"]
)
def test_names_people_use(name: str) -> None:
    target = find_object(name)
    assert target is not None
    assert target.name == "M 94"


def test_other_names() -> None:
    assert find_object("Whirlpool Galaxy").name == "M 51"  # type: ignore[union-attr]
    assert find_object("IC 1396").name == "IC 1396"  # type: ignore[union-attr]
    assert find_object("Uncle Bob's field") is None


def test_a_report_has_all_names_of_an_object() -> None:
    facts = object_facts(objects_in_field(M94)[0])

    assert (facts["name"], facts["messier"]) == ("M 94", "M 94")
    assert facts["other_names"] == ["NGC 4736"]


def test_a_name_elsewhere_is_a_mismatch() -> None:
    assert name_mismatch("M 94", M94) == ""
    assert name_mismatch("my backyard", M94) == ""
    said = name_mismatch("M 31", M94)
    assert "M 31" in said
    assert "RA 192.750" in said


def test_a_large_object_framed_off_centre_is_no_mismatch() -> None:
    # M 31 is three degrees long; a field one degree off its middle still shows it.
    m31 = find_object("M 31")
    assert m31 is not None
    beside = solution_at(m31.ra, m31.dec + 1.2)
    assert not [o for o in objects_in_field(beside) if o.sky.name == "M 31"]
    assert name_mismatch("M31", beside) == ""


def test_sizes_that_are_not_known_are_not_numbers() -> None:
    star = find_object("IC 3823")
    assert star is not None
    assert math.isnan(star.size_arcmin[0])
