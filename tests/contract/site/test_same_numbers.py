"""Both databases give the same numbers for the same rows, to the last bit of a 32-bit float."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.contract.hats.exporting import get_rows
from tests.contract.jobs.support import Worker
from tests.contract.site.support import PASSWORD
from tests.contract.site.test_data_api import Reader
from tests.support.light_rows import ZERO_POINT_COLUMNS, LightRows
from tests.support.sites import SiteUnderTest

RA, DEC = 192.9, 41.3
EPOCHS = 4


def digits(number: float) -> float:
    """Return a number that needs nine decimal digits, as most 32-bit floats do."""
    return float(np.nextafter(np.float32(number), np.float32(np.inf)))


def fill(site: SiteUnderTest) -> tuple[int, Reader]:
    """Put a calibrated star that varies into a site; return it with a program that sees all."""
    light = LightRows(site.rows)
    owner = site.rows.add_user("ann", PASSWORD)
    field, star = light.field(), light.star(RA, DEC)
    epochs = [light.epoch(field, owner, 61000.0 + day) for day in range(EPOCHS)]
    for number, epoch in enumerate(epochs):
        fluxes = {f"flux_{band}": digits(123456.7 * (number + 1)) for band in "rgb"}
        errors = {f"error_{band}": digits(123.4567) for band in "rgb"}
        place = {"x": digits(1079.338), "y": digits(1234.567)}
        light.observe(star, epoch, **fluxes, **errors, **place, fwhm_px=digits(3.21))
    calibration = light.calibration(field, 1, dict.fromkeys(epochs[1:], 20.123456789012), [star])
    for column in ZERO_POINT_COLUMNS[1:]:
        site.rows.execute(f"UPDATE epoch_zero_points SET {column} = ?", digits(0.123456))  # noqa: S608
    for column in ("mag_error", "colour", "scatter_mag", "chi2", "extra_mag"):
        site.rows.execute(f"UPDATE star_calibrations SET {column} = ?", digits(0.0234567))  # noqa: S608
    columns = ("excess_mag", "amplitude_mag", "depth_mag", "duration_d", "trend_mag_per_d")
    site.rows.insert(
        "variable_candidates", calibration_id=calibration, star_id=star, band="G", kind="eclipses",
        score=12.3456789012345, n_points=EPOCHS, n_nights=EPOCHS, period_d=0.371234567890123,
        **dict.fromkeys(columns, digits(0.7654321)),
    )  # fmt: skip
    return star, Reader(site, site.rows.add_data_key())


def answers(reader: Reader, star: int) -> dict[str, Any]:
    """What the data API gives of the star; every site has an address of its own."""
    calls: dict[str, dict[str, Any]] = {
        "light_curve.php": {"star": star},
        "stars.php": {"ra": RA, "dec": DEC, "radius": 0.1},
        "variables_found.php": {},
    }
    found = {call: reader.get(call, **query).json() for call, query in calls.items()}
    for variable in found["variables_found.php"]["variables"]:
        del variable["light_curve_url"]
    return found


def export_rows(site: SiteUnderTest) -> bytes:
    """What a worker gets to write the partition of the star."""
    worker = Worker(site, site.create_worker_key("exporter"))
    site.run_php("hats.php", "build")
    lease = worker.try_claim(kinds="hats")
    assert lease is not None
    return get_rows(worker, lease).content


def test_both_databases_give_the_same_numbers(
    borrow_site: Callable[..., SiteUnderTest],
) -> None:
    found, exported = [], []
    for engine in ("sqlite", "mariadb"):
        site = borrow_site(engine, {})
        site.create_user("boss", PASSWORD, admin=True)
        star, reader = fill(site)
        found.append(answers(reader, star))
        exported.append(export_rows(site))

    assert found[0] == found[1]
    assert exported[0] == exported[1]
    curve = found[1]["light_curve.php"]
    assert len(curve["points"]) == 3 * EPOCHS
    assert curve["points"][-1]["flux"] == digits(123456.7 * EPOCHS)
    (mean, *_) = curve["means"]
    assert mean["scatter_mag"] == mean["colour"] == digits(0.0234567)
    assert curve["points"][-1]["mag"] == pytest.approx(5.9, abs=1.0)
