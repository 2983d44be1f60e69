"""What a worker reports about a stack it has measured, and the files beside it."""

from __future__ import annotations

import json
from typing import Any

from crowdsky.solving.solution import Solution
from crowdsky.solving.tan import TanWcs
from tests.contract.jobs.support import JPEG, PNG, Queue, Worker, stack_file

STARS = json.dumps({"width": 1080, "height": 1920, "stars": []}).encode()

PHOTOMETRY: dict[str, Any] = {
    "zero_point_r": 20.51,
    "zero_point_g": 21.02,
    "zero_point_b": None,
    "zero_point_error_r": 0.011,
    "zero_point_error_g": 0.009,
    "zero_point_error_b": None,
    "colour_term_g": -0.14,
    "zero_point_scatter_r": 0.08,
    "zero_point_scatter_g": 0.07,
    "zero_point_scatter_b": None,
    "zero_point_stars_r": 41,
    "zero_point_stars_g": 44,
    "zero_point_stars_b": 0,
    "limiting_mag": 15.4,
    "sky_mag_arcsec2": 19.85,
    "bortle": 5,
    "camera_offset_adu": 250.0,
    "fwhm_arcsec_r": 3.9,
    "fwhm_arcsec_g": 3.7,
    "fwhm_arcsec_b": None,
    "catalogue": "V Gaia DR3",
    "catalogue_error": 0.03,
    "bjd_tdb_mid": 2460761.5627314815,
    "airmass_mid": 1.12,
}

OBJECTS: list[dict[str, Any]] = [
    {
        "name": "NGC 4736",
        "messier": "M 94",
        "other_names": ["Cat's Eye Galaxy", "Croc's Eye Galaxy"],
        "type": "Galaxy",
        "ra_deg": 192.72145,
        "dec_deg": 41.12015,
        "separation_arcmin": 0.0,
        "size_arcmin": 7.69,
        "magnitude": 8.24,
    },
    {
        "name": "UGC 8024",
        "messier": None,
        "type": "Galaxy",
        "ra_deg": 193.5,
        "dec_deg": 41.3,
        "separation_arcmin": 36.8,
        "size_arcmin": None,
        "magnitude": None,
    },
]


def solution(**changes: Any) -> dict[str, Any]:
    """Return a solution as the worker's own record writes it."""
    degrees = 2.37 / 3600.0
    plate = TanWcs(ra0=192.75, dec0=41.05, x0=539.5, y0=959.5, cd=(-degrees, 0.0, 0.0, degrees))
    found = Solution(
        plate, 1080, 1920, "triangles", 0.031, 38, 44, 0.612, -210.5, "Tycho-2", "good"
    )
    return {**found.to_json(), **changes}


def measurement(**changes: Any) -> dict[str, Any]:
    """Return the fields of a completion that tell what was measured."""
    return {
        "solution": solution(),
        "unsolved_reason": None,
        "photometry": PHOTOMETRY,
        "objects": OBJECTS,
        "object_mismatch": None,
        **changes,
    }


BESIDE = {
    "thumbnail": PNG,
    "picture": JPEG,
    "full": PNG + b" with every pixel",
    "preview": PNG + b" of 16 bits",
    "overlay": PNG,
    "stars": STARS,
}
"""Files beside a stack by kind."""


def companions(worker: Worker, lease: dict[str, Any]) -> dict[str, str]:
    """Upload pictures and star list; return the fields that report their paths."""
    bodies = BESIDE
    answers = {kind: worker.upload(lease, body, kind=kind) for kind, body in bodies.items()}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {f"{kind}_path": answer.json()["path"] for kind, answer in answers.items()}


def complete(worker: Worker, lease: dict[str, Any], **changes: Any) -> tuple[int, bytes]:
    """Complete a job with a measured stack of its own; return the stack's id and bytes."""
    body = worker.solved_again(lease) if lease["kind"] == "rescan" else stack_file()
    fields = {**worker.archive(lease, body), **companions(worker, lease), **measurement(**changes)}
    answer = worker.report("complete_job", lease, **fields)
    assert answer.status_code == 200, answer.text
    return answer.json()["stack_id"], body


def measured_stack(worker: Worker, queue: Queue, **changes: Any) -> tuple[int, bytes]:
    """Make a stack by way of a job of its own; return its id and bytes."""
    job = queue.add_job(priority=9)
    lease = worker.claim()
    assert lease["job_id"] == job
    return complete(worker, lease, **changes)
