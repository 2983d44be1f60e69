"""What complete_job takes down about a measured stack, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from demo.services import Site
from tests.contract.jobs.measured import (
    BESIDE,
    OBJECTS,
    PHOTOMETRY,
    companions,
    measured_stack,
    measurement,
    solution,
)
from tests.contract.jobs.support import Queue, Worker
from tests.support.rows import Rows


def test_a_measured_stack_is_stored_whole(worker: Worker, queue: Queue, rows: Rows) -> None:
    stack_id, _ = measured_stack(worker, queue)

    told = solution()
    stored = rows.one("SELECT * FROM stack_solutions WHERE stack_id = ?", stack_id)
    expected = {
        "solved": 1,
        "reason": None,
        "solver": "triangles",
        "verdict": "good",
        "catalogue": "Tycho-2",
        "ra_center_deg": told["ra_deg"],
        "dec_center_deg": told["dec_deg"],
        "scale_arcsec": told["scale_arcsec"],
        "rotation_deg": told["rotation_deg"],
        "parity": told["parity"],
        "field_width_deg": told["field_deg"][0],
        "field_height_deg": told["field_deg"][1],
        "rms_arcsec": 0.612,
        "n_matched": 38,
        "n_catalogue": 44,
        "seconds": 0.031,
        "object_mismatch": None,
    }
    assert {name: stored[name] for name in expected} == expected
    wcs = json.loads(stored["wcs"])
    assert wcs == {name: told[name] for name in wcs}
    assert sorted(wcs) == ["cd", "corners", "crpix", "crval", "height", "width"]
    photometry = json.loads(stored["photometry"])
    numbers = {
        name: value
        for name, value in PHOTOMETRY.items()
        if value is not None and name != "catalogue"
    }
    assert photometry == {"numbers": numbers, "catalogue": PHOTOMETRY["catalogue"]}
    objects = rows.all("SELECT * FROM stack_objects WHERE stack_id = ? ORDER BY place", stack_id)
    further = {"other_names"}
    reported = [{key: value for key, value in row.items() if key not in further} for row in OBJECTS]
    assert [{name: row[name] for name in reported[0]} for row in objects] == reported
    names = rows.all("SELECT name FROM stack_object_names WHERE stack_id = ?", stack_id)
    assert {row["name"] for row in names} == set(OBJECTS[0]["other_names"])


def test_the_solved_centre_becomes_the_position_of_the_stack(
    worker: Worker, queue: Queue, rows: Rows
) -> None:
    measured_stack(worker, queue, ra_deg=10.0, dec_deg=-10.0)
    measured_stack(worker, queue, solution=None, ra_deg=10.0, dec_deg=-10.0)

    solved, unsolved = rows.all("SELECT ra_deg, dec_deg FROM stacked_frames ORDER BY id")
    assert solved == {"ra_deg": solution()["ra_deg"], "dec_deg": solution()["dec_deg"]}
    assert unsolved == {"ra_deg": 10.0, "dec_deg": -10.0}


def test_an_unsolved_stack_keeps_its_reason(worker: Worker, queue: Queue, rows: Rows) -> None:
    stack_id, _ = measured_stack(
        worker, queue, solution=None, unsolved_reason="only 3 stars", photometry=None, objects=[]
    )

    stored = rows.one("SELECT * FROM stack_solutions WHERE stack_id = ?", stack_id)
    assert (stored["solved"], stored["reason"], stored["solver"]) == (0, "only 3 stars", None)


def test_a_worker_that_does_not_measure_leaves_no_solution(
    worker: Worker, queue: Queue, rows: Rows
) -> None:
    queue.add_job()
    lease = worker.claim()

    assert worker.report("complete_job", lease, **worker.archive(lease)).status_code == 200

    assert rows.all("SELECT stack_id FROM stack_solutions") == []


def test_pictures_and_star_list_are_stored_beside_the_stack(
    site: Site, worker: Worker, queue: Queue, rows: Rows
) -> None:
    stack_id, _ = measured_stack(worker, queue)

    stack = rows.one("SELECT * FROM stacked_frames WHERE id = ?", stack_id)
    stem = stack["ucloud_path"].removesuffix(".fits")
    expected = {
        "thumbnail_path": "_thumb.png",
        "picture_path": "_picture.jpg",
        "full_path": "_full.png",
        "preview_path": "_preview.png",
        "overlay_path": "_overlay.png",
        "stars_path": "_stars.json",
    }
    assert {name: stack[name] for name in expected} == {
        name: stem + suffix for name, suffix in expected.items()
    }
    folder = site.data_dir / "stacks"
    for kind, body in BESIDE.items():
        assert (folder / stack[f"{kind}_path"].lstrip("/")).read_bytes() == body


def test_companions_that_are_not_stored_are_left_out(
    site: Site, worker: Worker, queue: Queue, rows: Rows
) -> None:
    queue.add_job()
    lease = worker.claim()
    fields = {**worker.archive(lease), **companions(worker, lease)}
    for name in ("overlay_path", "stars_path"):
        (site.data_dir / "stacks" / fields[name].lstrip("/")).unlink()

    assert worker.report("complete_job", lease, **fields).status_code == 200

    stack = rows.one("SELECT * FROM stacked_frames")
    assert (stack["overlay_path"], stack["stars_path"]) == (None, None)
    assert stack["thumbnail_path"] == fields["thumbnail_path"]


@pytest.mark.parametrize("kind", ["overlay", "picture", "stars"])
def test_companions_of_another_name_or_format_are_refused(
    kind: str, site: Site, worker: Worker, queue: Queue, rows: Rows
) -> None:
    job = queue.add_job()
    lease = worker.claim()
    fields = {**worker.archive(lease), **companions(worker, lease)}

    foreign = {**fields, f"{kind}_path": fields["thumbnail_path"]}
    answer = worker.report("complete_job", lease, **foreign)
    assert (answer.status_code, answer.json()["code"]) == (422, "illegal_path")
    assert f"'{kind}_path'" in answer.json()["error"]
    (site.data_dir / "stacks" / fields[f"{kind}_path"].lstrip("/")).write_bytes(b"<html>")
    answer = worker.report("complete_job", lease, **fields)
    assert (answer.status_code, answer.json()["code"]) == (422, "not_stored")
    assert worker.upload(lease, b"<html>", kind=kind).json()["code"] == "wrong_format"
    assert rows.job(job)["status"] == "processing"


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("solution", {"solution": [1]}),
    ("solution.ra_deg", {"solution": solution(ra_deg="192.7")}),
    ("solution.ra_deg", {"solution": solution(ra_deg=361)}),
    ("solution.dec_deg", {"solution": solution(dec_deg=None)}),
    ("solution.parity", {"solution": solution(parity=0)}),
    ("solution.field_deg", {"solution": solution(field_deg=[0.7])}),
    ("solution.field_deg", {"solution": solution(field_deg=[0.7, "1.2"])}),
    ("solution.scale_arcsec", {"solution": solution(scale_arcsec=0)}),
    ("solution.solver", {"solution": solution(solver=None)}),
    ("solution.verdict", {"solution": solution(verdict=7)}),
    ("solution.n_matched", {"solution": solution(n_matched=-1)}),
    ("solution.rms_arcsec", {"solution": solution(rms_arcsec=True)}),
    ("solution.corners", {"solution": solution(corners=[[1, 2], [3, 4], [5, 6], 7])}),
    ("solution.cd", {"solution": solution(cd={"1": 1})}),
    ("unsolved_reason", {"unsolved_reason": 5}),
    ("photometry", {"photometry": "bright"}),
    ("photometry.zero_point_g", {"photometry": {"zero_point_g": "21"}}),
    ("photometry.bortle", {"photometry": {"bortle": [5]}}),
    ("photometry.catalogue", {"photometry": {"catalogue": 2}}),
    ("objects", {"objects": {"name": "M 94"}}),
    ("objects", {"objects": [OBJECTS[0]] * 201}),
    ("objects[1]", {"objects": [OBJECTS[0], "M 94"]}),
    ("objects[0].name", {"objects": [{**OBJECTS[0], "name": None}]}),
    ("objects[0].separation_arcmin", {"objects": [{**OBJECTS[0], "separation_arcmin": -1}]}),
    ("object_mismatch", {"object_mismatch": ["not M 94"]}),
    ("measurement_notes", {"measurement_notes": "no overlay"}),
    ("measurement_notes", {"measurement_notes": ["no overlay"] * 51}),
    ("overlay_path", {"overlay_path": 1}),
]


def test_wrong_types_are_named_and_change_nothing(worker: Worker, queue: Queue, rows: Rows) -> None:
    job = queue.add_job()
    lease = worker.claim()
    report = worker.archive(lease)

    for field, lie in WRONG:
        answer = worker.report("complete_job", lease, **report, **measurement(**lie))
        assert answer.status_code == 400, (field, answer.text)
        assert f"'{field}'" in answer.json()["error"]
    assert rows.job(job)["status"] == "processing"
    assert rows.all("SELECT id FROM stacked_frames") == []


def test_photometry_keeps_numbers_it_does_not_know(
    worker: Worker, queue: Queue, rows: Rows
) -> None:
    odd = {"moon_deg": 41.5, "remark": "hazy", "Bad Name": 1, "catalogue": None}

    stack_id, _ = measured_stack(worker, queue, photometry=odd)

    stored = rows.one("SELECT photometry FROM stack_solutions WHERE stack_id = ?", stack_id)
    assert json.loads(stored["photometry"]) == {"numbers": {"moon_deg": 41.5}, "catalogue": None}
