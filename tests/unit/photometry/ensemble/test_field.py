"""A field with known truth: its calibration is right, and its errors are honest."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from crowdsky.photometry.ensemble.field import calibrate_field
from crowdsky.photometry.ensemble.flags import StarFlag
from crowdsky.photometry.ensemble.table_files import read_calibration, write_calibration
from crowdsky.photometry.ensemble.tables import FieldCalibration, FieldObservations, Observations
from crowdsky.solving.catalogue import CatalogueStars
from tests.support.ensemble_fields import (
    FieldPlan,
    ObservedField,
    observed_field,
)
from tests.support.reader_magnitudes import read_magnitudes

PLAN = FieldPlan(
    n_epochs=90, n_stars=150, n_telescopes=3, coverage=0.8, flat_mag=0.01, gradient_mag=0.01,
    floor_mag=0.006,
)  # fmt: skip


class TrueCatalogue:
    """The stars of a drawn field with magnitudes in V, which is green plus a tenth of B - R."""

    name, band, epoch, has_motions = "Truth", "V", 2016.0, False

    def __init__(self, field: ObservedField, wrong: int | None = None) -> None:
        stars = field.observations.stars
        count = len(stars)
        rng = np.random.default_rng(11)
        bp_rp = 0.82 + 0.9 * (field.colour - 1.0)
        mag = field.mag[:, 1] + 0.1 * (field.colour - 1.0) + rng.normal(0.0, 0.02, count)
        if wrong is not None:
            mag[wrong] += 1.0
        unknown = np.full(count, np.nan)
        self.stars = CatalogueStars(
            stars.ra, stars.dec, mag, np.zeros(count, np.int64), mag, bp_rp, np.full(count, 0.02),
            unknown, unknown,
        )  # fmt: skip

    def cone(
        self, ra_deg: float, dec_deg: float, radius_deg: float, year: float | None = None
    ) -> CatalogueStars:
        return self.stars


@pytest.fixture(scope="module")
def field() -> ObservedField:
    return observed_field(PLAN, seed=5)


@pytest.fixture(scope="module")
def calibration(field: ObservedField) -> FieldCalibration:
    return calibrate_field(field.observations, TrueCatalogue(field))


def test_magnitudes_of_the_reader_are_the_truth(
    field: ObservedField, calibration: FieldCalibration
) -> None:
    read = read_magnitudes(field.observations, calibration, "G")
    mag, error, star, epoch = read.mag, read.error, read.star, read.epoch
    # Magnitudes are those of the mean telescope: of a star's colour, and the sensor's mean flat.
    expected = field.mag[star, 1]
    bright = expected < 12.0
    away = (mag - expected)[bright]
    mean = np.bincount(star[bright], away) / np.bincount(star[bright])
    scatter = away - mean[star[bright]]
    assert 0.9 < np.std(scatter / error[bright]) < 1.05
    for number in range(90):  # no epoch is off by more than its neighbours are
        rows = epoch[bright] == number
        assert abs(np.mean(scatter[rows])) < 0.005


@pytest.mark.parametrize("band", ["R", "G", "B"])
def test_reduced_chi_square_is_one_at_every_magnitude(
    field: ObservedField, calibration: FieldCalibration, band: str
) -> None:
    rows = (calibration.stars.band == band) & np.isfinite(calibration.stars.chi2)
    mag, chi2 = calibration.stars.mag[rows], calibration.stars.chi2[rows]
    edges = np.quantile(mag, np.linspace(0.0, 1.0, 6))
    for low, high in pairwise(edges):
        inside = (mag >= low) & (mag <= high)
        assert 0.8 < np.mean(chi2[inside]) < 1.3


def test_the_floor_is_what_was_put_in(calibration: FieldCalibration) -> None:
    for telescope in calibration.model["bands"]["G"]["telescopes"]:
        assert telescope["floor_mag"] == pytest.approx(0.006, abs=0.0015)


def test_colour_terms_differ_as_the_telescopes_do(
    field: ObservedField, calibration: FieldCalibration
) -> None:
    zero_points = calibration.zero_points
    found = zero_points.colour_term[zero_points.band == "G"][:3]
    truth = field.colour_term[:3, 1]
    assert np.mean(found) == pytest.approx(0.0, abs=1e-3)
    # The colour of the calibration is B - R of the mean telescope, not the true one.
    stretch = np.polyfit(truth - truth.mean(), found, 1)[0]
    np.testing.assert_allclose(found, stretch * (truth - truth.mean()), atol=0.003)
    assert 0.8 < stretch < 1.25


def test_the_scale_is_the_catalogues_for_a_star_like_the_sun(
    field: ObservedField, calibration: FieldCalibration
) -> None:
    rows = (calibration.stars.band == "G") & (np.abs(calibration.stars.colour) < 0.1)
    star = np.searchsorted(field.observations.stars.star_id, calibration.stars.star_id[rows])
    away = calibration.stars.mag[rows] - field.mag[star, 1]
    assert np.median(away) == pytest.approx(0.0, abs=0.012)
    (anchors,) = calibration.model["bands"]["G"]["anchors"]
    assert (anchors["by"], calibration.catalogue) == ("catalogue", "V Truth")
    assert anchors["error_mag"] < 0.006
    # The catalogue's own slope, and that of the mean telescope.
    expected = 0.1 + np.mean(field.colour_term[:3, 1])
    assert anchors["colour_transformation"] == pytest.approx(expected, abs=0.015)
    assert np.sum((calibration.stars.flags & StarFlag.CATALOGUE) != 0) > 100


def test_a_wrong_catalogue_star_moves_no_zero_point(
    field: ObservedField, calibration: FieldCalibration
) -> None:
    moved = calibrate_field(field.observations, TrueCatalogue(field, wrong=60)).zero_points
    away = moved.zero_point - calibration.zero_points.zero_point
    assert np.abs(away).max() < 0.001


def test_a_variable_keeps_its_errors_and_a_blend_gets_honest_ones(field: ObservedField) -> None:
    bright = np.argsort(field.mag[:, 1])[10:12]
    variable, blend = int(bright[0]), int(bright[1])
    rows = field.observations.observations
    flux, flags = rows.flux.copy(), rows.flags.copy()
    of_variable, of_blend = rows.star == variable, rows.star == blend
    phase = np.sin(2.0 * np.pi * field.observations.epochs.mjd[rows.epoch[of_variable]] / 0.37)
    flux[of_variable] *= 10.0 ** (-0.4 * 0.1 * phase[:, None])
    rng = np.random.default_rng(8)
    flux[of_blend] *= 10.0 ** (-0.4 * rng.normal(0.0, 0.1, (of_blend.sum(), 1)))
    flags[of_blend] |= int(StarFlag.BLENDED)
    changed = replace(field.observations, observations=replace(rows, flux=flux, flags=flags))
    calibration = calibrate_field(changed, None)
    for star, off in ((variable, False), (blend, True)):
        row = np.flatnonzero(
            (calibration.stars.star_id == field.observations.stars.star_id[star])
            & (calibration.stars.band == "G")
        )[0]
        assert calibration.stars.chi2[row] > 20.0
        assert bool(calibration.stars.flags[row] & StarFlag.OFF_MODEL) is off
        assert not calibration.stars.flags[row] & StarFlag.COMPARISON
        expected = pytest.approx(0.1, abs=0.02) if off else 0.0
        assert calibration.stars.extra_mag[row] == expected
    assert np.sum(calibration.stars.extra_mag > 0.0) <= 4


def test_a_star_of_one_night_is_never_called_variable(field: ObservedField) -> None:
    one_night = _only(field, np.arange(5))
    star = int(np.argsort(field.mag[:, 1])[10])
    rows = one_night.observations
    flux = rows.flux.copy()
    mine = np.flatnonzero(rows.star == star)
    flux[mine] *= np.linspace(1.0, 1.4, len(mine))[:, None]
    calibration = calibrate_field(replace(one_night, observations=replace(rows, flux=flux)), None)
    row = np.flatnonzero(
        (calibration.stars.star_id == field.observations.stars.star_id[star])
        & (calibration.stars.band == "G")
    )[0]
    assert calibration.stars.flags[row] & StarFlag.OFF_MODEL
    assert calibration.stars.extra_mag[row] > 0.05


def test_epochs_that_share_no_star_have_an_anchor_each(field: ObservedField) -> None:
    rows = field.observations.observations
    even = (rows.star % 2) == (rows.epoch % 2)
    apart = replace(field.observations, observations=_taken(rows, even))
    calibration = calibrate_field(apart, TrueCatalogue(field))
    assert [one["n_epochs"] for one in calibration.model["bands"]["G"]["anchors"]] == [45, 45]
    bright = (calibration.stars.band == "G") & (calibration.stars.mag < 12.0)
    star = np.searchsorted(field.observations.stars.star_id, calibration.stars.star_id[bright])
    away = calibration.stars.mag[bright] - field.mag[star, 1]
    gap = np.median(away[star % 2 == 0]) - np.median(away[star % 2 == 1])
    assert abs(gap) < 0.015


def test_an_epoch_that_cannot_be_tied_is_named_and_has_no_row(field: ObservedField) -> None:
    rows = field.observations.observations
    joined = (rows.epoch != 4) | (rows.star >= 147)
    few = _taken(rows, joined & ~((rows.epoch == 4) & (rows.star == 149)))
    calibration = calibrate_field(replace(field.observations, observations=few), None)
    assert field.observations.epochs.epoch_id[4] not in calibration.zero_points.epoch_id
    listed = calibration.model["bands"]["G"]["uncalibrated"]
    assert listed[0]["epochs"] == [504 + 1]
    assert "3" in listed[0]["reason"]


def test_without_catalogue_and_zero_points_nothing_is_claimed(field: ObservedField) -> None:
    epochs = field.observations.epochs
    blind = replace(epochs, zero_point=np.full_like(epochs.zero_point, np.nan))
    calibration = calibrate_field(replace(field.observations, epochs=blind), None)
    assert (len(calibration.zero_points.epoch_id), len(calibration.stars.star_id)) == (0, 0)
    assert calibration.model["bands"]["G"]["uncalibrated"][0]["n_epochs"] == 90


@pytest.mark.parametrize("count", [0, 1, 2])
def test_fields_of_hardly_any_epoch_are_calibrated(
    field: ObservedField, tmp_path: Path, count: int
) -> None:
    few = _only(field, np.arange(count))
    calibration = calibrate_field(few, TrueCatalogue(field))
    assert len(calibration.zero_points.epoch_id) == 3 * count
    write_calibration(tmp_path / "c.fits", calibration, datetime(2026, 11, 30, tzinfo=UTC))
    assert len(read_calibration(tmp_path / "c.fits").zero_points.epoch_id) == 3 * count


def test_a_monochrome_camera_has_its_own_band_without_colours() -> None:
    field = observed_field(FieldPlan(n_epochs=24, n_stars=80, mono_share=0.5), seed=9)
    calibration = calibrate_field(field.observations, None)
    mono = field.observations.epochs.bands == "L"
    zero_points = calibration.zero_points
    of_mono = zero_points.band == "L"
    assert set(zero_points.epoch_id[of_mono]) == set(field.observations.epochs.epoch_id[mono])
    assert not zero_points.colour_term[of_mono].any()
    stars = calibration.stars
    assert not np.any(stars.flags[stars.band == "L"] & StarFlag.COLOUR_UNKNOWN)


def test_fluxes_that_are_not_positive_cost_only_themselves(field: ObservedField) -> None:
    rows = field.observations.observations
    flux, error = rows.flux.copy(), rows.flux_error.copy()
    flux[:50] = -1.0
    flux[50:100] = np.inf
    error[100:150] = np.nan
    error[150:200] = 0.0
    error[200:250] = 1e6 * flux[200:250]
    spoiled = replace(rows, flux=flux, flux_error=error)
    calibration = calibrate_field(replace(field.observations, observations=spoiled), None)
    assert len(calibration.zero_points.epoch_id) == 270
    assert np.isfinite(calibration.zero_points.zero_point).all()
    assert calibration.stars.mag_error.max() < 1.0


def _taken(rows: Observations, which: np.ndarray) -> Observations:
    return Observations(*(getattr(rows, name)[which] for name in Observations.__slots__))


def _only(field: ObservedField, epochs: np.ndarray) -> FieldObservations:
    """Return the first epochs of a field and their observations."""
    all_epochs, rows = field.observations.epochs, field.observations.observations
    kept = type(all_epochs)(
        *(getattr(all_epochs, name)[epochs] for name in type(all_epochs).__slots__)
    )
    return replace(
        field.observations, epochs=kept, observations=_taken(rows, np.isin(rows.epoch, epochs))
    )
