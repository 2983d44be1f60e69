"""The files of a calibration keep every number, and wrong ones are refused by name."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.photometry.ensemble.columns import UnreadableTableError
from crowdsky.photometry.ensemble.table_files import (
    read_calibration,
    read_observations,
    write_calibration,
    write_observations,
)
from crowdsky.photometry.ensemble.tables import (
    FieldCalibration,
    FieldObservations,
    StarMagnitudes,
    UnusableObservationsError,
    Variables,
    ZeroPoints,
)
from tests.support.ensemble_fields import FieldPlan, observed_field

WRITTEN = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.fixture
def observations() -> FieldObservations:
    return observed_field(FieldPlan(n_epochs=4, n_stars=6, mono_share=0.3), seed=1).observations


def test_observations_come_back_as_they_were(
    observations: FieldObservations, tmp_path: Path
) -> None:
    write_observations(tmp_path / "field.fits", observations, WRITTEN)
    back = read_observations(tmp_path / "field.fits")
    assert (back.field_id, back.ra, back.dec, back.scope, back.version) == (
        observations.field_id, observations.ra, observations.dec, 0, 1,
    )  # fmt: skip
    for table in ("epochs", "stars", "observations"):
        _assert_same(getattr(back, table), getattr(observations, table))


def test_a_calibration_comes_back_as_it_was(tmp_path: Path) -> None:
    calibration = _calibration()
    write_calibration(tmp_path / "calibration.fits", calibration, WRITTEN)
    back = read_calibration(tmp_path / "calibration.fits")
    assert (back.field_id, back.version, back.catalogue, back.software) == (
        7, 3, "V Gaia DR3", "0.2.0",
    )  # fmt: skip
    assert back.model == calibration.model
    for table in ("zero_points", "stars", "variables"):
        _assert_same(getattr(back, table), getattr(calibration, table))


def test_the_files_hold_to_the_fits_standard(
    observations: FieldObservations, tmp_path: Path
) -> None:
    write_observations(tmp_path / "field.fits", observations, WRITTEN)
    write_calibration(tmp_path / "calibration.fits", _calibration(), WRITTEN)
    for name in ("field.fits", "calibration.fits"):
        with fits.open(tmp_path / name, checksum=True) as hdus:
            hdus.verify("exception")


def test_a_missing_column_is_named(observations: FieldObservations, tmp_path: Path) -> None:
    path = tmp_path / "field.fits"
    write_observations(path, observations, WRITTEN)
    with fits.open(path) as hdus:
        hdus["EPOCHS"].columns.del_col("AIRMASS")
        hdus.writeto(tmp_path / "cut.fits")
    with pytest.raises(UnreadableTableError, match="AIRMASS") as caught:
        read_observations(tmp_path / "cut.fits")
    assert "EPOCHS" in caught.value.where


def test_a_column_of_another_type_is_named(observations: FieldObservations, tmp_path: Path) -> None:
    path = tmp_path / "field.fits"
    write_observations(path, observations, WRITTEN)
    with fits.open(path) as hdus:
        table = fits.BinTableHDU.from_columns(
            [
                fits.Column("STAR_ID", "10A", array=["a"] * 6) if column.name == "STAR_ID"
                else column
                for column in hdus["STARS"].columns
            ],
            name="STARS",
        )  # fmt: skip
        fits.HDUList([hdus[0], hdus["EPOCHS"], table, hdus["OBSERVATIONS"]]).writeto(
            tmp_path / "other.fits"
        )
    with pytest.raises(UnreadableTableError, match="STAR_ID"):
        read_observations(tmp_path / "other.fits")


@pytest.mark.parametrize("size", [0, 1000, 9000])
def test_a_file_cut_off_is_refused(
    observations: FieldObservations, tmp_path: Path, size: int
) -> None:
    path = tmp_path / "field.fits"
    write_observations(path, observations, WRITTEN)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(UnreadableTableError, match=r"field\.fits"):
        read_observations(path)


def test_a_calibration_whose_model_is_no_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "calibration.fits"
    write_calibration(path, _calibration(), WRITTEN)
    fits.setval(path, "MODEL", value="{")
    with pytest.raises(UnreadableTableError, match="MODEL"):
        read_calibration(path)


def test_rows_that_do_not_exist_are_refused(observations: FieldObservations) -> None:
    rows = observations.observations
    beyond = replace(rows, star=np.where(np.arange(len(rows)) == 2, 6, rows.star))
    with pytest.raises(UnusableObservationsError, match="observation 2 is of star 6"):
        replace(observations, observations=beyond)


def test_a_star_twice_in_an_epoch_is_refused(observations: FieldObservations) -> None:
    rows = observations.observations
    twice = replace(
        rows,
        **{part.name: np.concatenate([getattr(rows, part.name)[:1]] * 2) for part in fields(rows)},
    )
    with pytest.raises(UnusableObservationsError, match="twice"):
        replace(observations, observations=twice)


def test_unknown_bands_are_refused(observations: FieldObservations) -> None:
    epochs = replace(observations.epochs, bands=np.full(4, "RG"))
    with pytest.raises(UnusableObservationsError, match="'RG'"):
        replace(observations, epochs=epochs)


def _calibration() -> FieldCalibration:
    ids, band = np.array([11, 12]), np.array(["G", "L"])
    single = np.array([0.5, np.nan], np.float32)
    count = np.array([3, 4], np.int32)
    filled = {
        part.name: np.array([1], dtype=getattr(Variables.none(), part.name).dtype)
        for part in fields(Variables)
    }
    filled |= {"kind": np.array(["periodic"]), "band": np.array(["G"])}
    return FieldCalibration(
        7, 3, "V Gaia DR3", "0.2.0",
        {"bands": {"G": {"anchor": "a text of some length, " * 20, "error_mag": 0.0123}}},
        ZeroPoints(ids, band, np.array([22.123456789, 21.0]), *(single,) * 8, count),
        StarMagnitudes(
            ids, band, np.array([12.3456789, 9.0]), single, single, count, single, single,
            single, count,
        ),
        Variables(**filled),
    )  # fmt: skip


def _assert_same(back: Any, first: Any) -> None:
    for part in fields(first):
        got, expected = getattr(back, part.name), getattr(first, part.name)
        np.testing.assert_array_equal(got, expected, err_msg=part.name)
        assert got.dtype.kind == expected.dtype.kind, part.name
        assert got.dtype.isnative, part.name
