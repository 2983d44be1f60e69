"""Queries of light curves: by index, and a curve of a thousand epochs in time."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.contract.site.support import PASSWORD
from tests.contract.site.test_data_api import Reader
from tests.contract.site.test_sky_queries import Archive, full_scans
from tests.support.light_rows import LightRows
from tests.support.sites import SiteUnderTest

LARGE = {
    *("t", "stars", "p", "star_calibrations", "o", "star_observations", "e", "epochs"),
    *("z", "epoch_zero_points", "v", "variable_candidates", "s", "stacked_frames"),
}
"""Names in the queries of tables that grow with the archive."""
SMALL = ("calibrations", "c", "n", "sky_fields")
"""Tables with some rows for each field; reading them whole is no harm."""


@pytest.fixture
def light(site: SiteUnderTest) -> LightRows:
    """Two fields with 60 and 40 stars in 80 and 30 epochs of ann and of bob."""
    for name in ("ann", "bob"):
        site.rows.add_user(name, PASSWORD)
    light = LightRows(site.rows)
    light.fill(light.field(), 1, stars=60, epochs=80, mjd=61000.0)
    stars = light.fill(light.field(10.0, -20.0), 2, stars=40, epochs=30, mjd=61000.0)
    for version in range(1, 6):
        zero_points = dict.fromkeys(range(81, 111), 20.5)
        calibration = light.calibration(2, version, zero_points, stars[:3])
        site.rows.execute(
            "INSERT INTO variable_candidates (calibration_id, star_id, band, kind, score,"
            " excess_mag, n_points, n_nights, amplitude_mag) SELECT ?, id, 'G', 'slow', id, 1, 9,"
            " 3, 1 FROM stars WHERE id > 60",
            calibration,
        )
    return light


def test_no_curve_and_no_cone_reads_a_whole_table(
    light: LightRows, site: SiteUnderTest, engine: str
) -> None:
    archive = object.__new__(Archive)
    archive.site = site
    wishes: list[dict[str, Any]] = [
        {"kind": "curve", "star": 7, "user": 2},
        {"kind": "curve", "star": 70},
        {"kind": "curve", "star": 70, "version": "3"},
        {"kind": "stars", "cone": (10.0, -20.0, 0.2), "user": 1},
        {"kind": "found", "limit": 5},
        {"kind": "found", "limit": 5, "user": 2},
    ]

    answers = archive.search(*wishes)

    assert [len(answer["stacks"]) for answer in answers[:3]] == [240, 90, 90]
    assert answers[4]["stacks"] == [100, 99, 98, 97, 96]
    for wish, answer in zip(wishes, answers, strict=True):
        for plan in answer["plans"]:
            read = scans(plan, engine)
            assert not read, json.dumps([wish, plan])


def scans(plan: list[dict[str, Any]], engine: str) -> list[dict[str, Any]]:
    """Steps that read a whole table or index which grows with the archive."""
    if engine == "sqlite":
        starts = tuple(f"SCAN {name} " for name in LARGE)
        return [step for step in plan if f"{step['detail']} ".startswith(starts)]
    return [step for step in full_scans(plan, engine) if step["table"] not in SMALL]


@pytest.mark.one_database
def test_a_curve_of_a_thousand_epochs_is_answered_in_time(site: SiteUnderTest) -> None:
    """With room for a busy machine; `./dev bench archive` prints the exact times."""
    site.rows.add_user("ann", PASSWORD)
    light = LightRows(site.rows)
    (star,) = light.fill(light.field(), 1, stars=1, epochs=1000, mjd=61000.0)
    light.calibration(1, 1, dict.fromkeys(range(1, 1001, 10), 20.5), [star])
    reader = Reader(site, site.rows.add_data_key())
    reader.get("light_curve.php", star=star)
    begun = time.monotonic()
    answer = reader.get("light_curve.php", star=star)

    points = answer.json()["points"]
    assert [point["stack_id"] for point in points[1::3]] == list(range(1, 1001))
    assert sum(point["calibration"] == "1" for point in points) == 300
    assert time.monotonic() - begun < 2.0
