"""The user's own catalogue from real files: ids stay exact, and what is missing stays missing."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from astropy.io.votable import from_table
from astropy.io.votable.tree import Info
from astropy.table import MaskedColumn, Table
from pyarrow import parquet

from crowdsky.base.errors import ConfigurationError
from crowdsky.catalogues.star_files import read_star_file
from crowdsky.catalogues.star_rows import DEFAULT_EPOCH, v_from_gaia
from crowdsky.catalogues.user_catalogue import open_user_catalogue
from crowdsky.solving.catalogue import CatalogueUnavailableError
from crowdsky.solving.tan import separation

IDS = (4_000_000_000_000_000_001, 4_000_000_000_000_000_002)
"""Two ids that are the same number as floats."""


def write_parquet(path: Path, **columns: object) -> Path:
    """Write stars as the Gaia archive does: nulls where a value is missing."""
    usual = {
        "source_id": pa.array([IDS[0], None, IDS[1]], pa.int64()),
        "ra": pa.array([10.0, 10.1, 10.2], pa.float64()),
        "dec": pa.array([50.0, 50.1, 49.9], pa.float64()),
        "phot_g_mean_mag": pa.array([10.0, 11.0, 12.0], pa.float32()),
        "bp_rp": pa.array([0.8, 1.2, 0.4], pa.float32()),
    }
    parquet.write_table(pa.table(usual | columns), path)
    return path


def test_a_missing_id_leaves_the_others_exact(tmp_path: Path) -> None:
    catalogue = open_user_catalogue(write_parquet(tmp_path / "gaia.parquet"))
    assert catalogue.cone(10.1, 50.0, 1.0).source_id.tolist() == [IDS[0], 0, IDS[1]]


def test_ids_that_were_rounded_are_refused(tmp_path: Path) -> None:
    rounded = pa.array([float(IDS[0]), None, float(IDS[1])], pa.float64())
    path = write_parquet(tmp_path / "gaia.parquet", source_id=rounded)
    with pytest.raises(CatalogueUnavailableError, match="source_id holds rounded numbers"):
        open_user_catalogue(path)
    Table({"SOURCE_ID": np.array(IDS, float), "ra": [1.0, 2.0], "dec": [1.0, 2.0],
           "v_mag": [9.0, 9.0]}).write(tmp_path / "gaia.fits")  # fmt: skip
    with pytest.raises(CatalogueUnavailableError, match="SOURCE_ID holds rounded numbers"):
        open_user_catalogue(tmp_path / "gaia.fits")


def test_small_ids_may_be_floats(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "own.parquet", source_id=pa.array([1.0, None, 3.0]))
    assert open_user_catalogue(path).cone(10.1, 50.0, 1.0).source_id.tolist() == [1, 0, 3]


def test_nulls_in_columns_of_text_do_not_matter(tmp_path: Path) -> None:
    path = write_parquet(
        tmp_path / "gaia.parquet",
        phot_variable_flag=pa.array(["VARIABLE", None, "NOT_AVAILABLE"]),
        designation=pa.array([None, None, None], pa.string()),
        libname_gspphot=pa.array(["A", None, "A"]).dictionary_encode(),
    )
    assert len(open_user_catalogue(path)) == 3


def test_parquet_needs_no_pandas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert len(open_user_catalogue(write_parquet(tmp_path / "gaia.parquet"))) == 3


def test_parquet_without_pyarrow_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_parquet(tmp_path / "gaia.parquet")
    monkeypatch.setattr("crowdsky.base.extras.find_spec", lambda module: None)
    with pytest.raises(ConfigurationError, match=r"pip install 'crowdsky\[catalogue\]'"):
        open_user_catalogue(path)


def test_a_masked_magnitude_stays_missing_in_a_rewritten_file(tmp_path: Path) -> None:
    """Astropy keeps masks in columns of their own; a program that rewrites the file keeps both."""
    masked = MaskedColumn([9.0, 12.5, 10.0], mask=[False, True, False])
    stars = Table({"ra": [10.0, 10.1, 10.2], "dec": [50.0, 50.1, 49.9], "v_mag": masked})
    stars.write(tmp_path / "astropy.parquet")
    plain = parquet.read_table(tmp_path / "astropy.parquet").replace_schema_metadata(None)
    assert plain.column_names == ["ra", "dec", "v_mag", "v_mag.mask"]
    parquet.write_table(plain, tmp_path / "rewritten.parquet")
    for name in ("astropy.parquet", "rewritten.parquet"):
        stars = open_user_catalogue(tmp_path / name).cone(10.1, 50.0, 1.0)
        assert stars.mag.tolist() == pytest.approx([9.0, 10.0])


@pytest.mark.parametrize("filler", [99.9, 99.99, -99.0, 9999.0, 1e20])
def test_numbers_in_place_of_a_magnitude_are_none(tmp_path: Path, filler: float) -> None:
    path = write_parquet(
        tmp_path / "own.parquet", v_mag=pa.array([9.0, filler, 10.0], pa.float64()),
        phot_g_mean_mag=pa.array([9.0, filler, 10.0], pa.float64()),
    )  # fmt: skip
    assert open_user_catalogue(path).cone(10.1, 50.0, 1.0).mag.tolist() == pytest.approx([9, 10])


def test_the_bulk_files_of_the_archive_are_read(tmp_path: Path) -> None:
    """ECSV in which "null" stands for a missing value, also in columns of numbers."""
    path = tmp_path / "GaiaSource.ecsv"
    lines = ["# %ECSV 1.0", "# ---", "# delimiter: ','", "# datatype:"]
    for name, kind in (
        ("source_id", "int64"), ("ra", "float64"), ("dec", "float64"), ("pmra", "float64"),
        ("phot_g_mean_mag", "float32"), ("bp_rp", "float32"), ("phot_variable_flag", "string"),
    ):  # fmt: skip
        lines += [f"# - {{name: {name}, datatype: {kind}}}"]
    lines += ["source_id,ra,dec,pmra,phot_g_mean_mag,bp_rp,phot_variable_flag"]
    lines += [f"{IDS[0]},10.0,50.0,null,10.0,0.8,null", f"{IDS[1]},10.1,50.0,3.5,11.0,null,A"]
    path.write_text("\n".join(lines) + "\n")
    rows = read_star_file(path).rows
    assert rows.source_id.tolist() == list(IDS)
    assert np.isnan(rows.pmra).tolist() == [True, False]
    assert np.isnan(rows.bp_rp).tolist() == [False, True]


def test_a_csv_of_vizier_is_read(tmp_path: Path) -> None:
    path = tmp_path / "vizier.csv"
    path.write_text(
        "Source,RA_ICRS,DE_ICRS,pmRA,pmDE,Gmag,BPmag,RPmag\n"
        f"{IDS[0]},10.0,50.0,1.5,-2.5,10.0,10.4,9.5\n,10.1,50.0,,,11.0,,\n"
    )
    rows = read_star_file(path).rows
    assert rows.source_id.tolist() == [IDS[0], 0]
    assert (rows.pmra[0], rows.pmdec[0]) == (1.5, -2.5)
    assert rows.bp_rp[0] == pytest.approx(0.9)
    assert np.isnan([rows.pmra[1], rows.bp_rp[1]]).all()


@pytest.mark.parametrize("status", ["OK", "OVERFLOW"])
def test_a_votable_says_whether_rows_are_missing(tmp_path: Path, status: str) -> None:
    tree = from_table(Table({"SOURCE_ID": list(IDS), "ra": [1.0, 2.0], "dec": [1.0, 2.0],
                             "phot_g_mean_mag": [9.0, 9.5]}))  # fmt: skip
    tree.resources[0].infos.append(Info(name="QUERY_STATUS", value=status))
    tree.to_xml(str(tmp_path / "result.vot"))
    file = read_star_file(tmp_path / "result.vot")
    assert file.rows.source_id.tolist() == list(IDS)
    assert file.cut_off is (status == "OVERFLOW")


def test_stars_of_several_epochs_come_to_one(tmp_path: Path) -> None:
    path = write_parquet(
        tmp_path / "own.parquet", ref_epoch=pa.array([2016.0, 2016.0, 2006.0]),
        pmra=pa.array([0.0, 0.0, 0.0]), pmdec=pa.array([0.0, 0.0, 3600.0]),
    )  # fmt: skip
    catalogue = open_user_catalogue(path)
    assert catalogue.epoch == 2016.0
    moved = catalogue.cone(10.2, 49.9, 0.05, year=2016.0)
    assert (moved.dec[0] - 49.9) * 3600 == pytest.approx(36.0, abs=0.01)


@pytest.mark.parametrize(("epoch", "expected"), [(math.nan, DEFAULT_EPOCH), (1991.25, 1991.25)])
def test_stars_without_an_epoch_have_the_usual_one(
    tmp_path: Path, epoch: float, expected: float
) -> None:
    path = tmp_path / "stars.fits"
    epochs = [math.nan, epoch, epoch]
    columns = {"ra": [1.0, 2.0, 3.0], "dec": [1.0, 2.0, 3.0], "v_mag": [9.0, 9.0, 9.0]}
    Table({**columns, "ref_epoch": epochs}).write(path)
    assert open_user_catalogue(path).epoch == expected


@pytest.mark.parametrize("ending", [".ecsv", ".fits", ".csv"])
def test_a_gaia_file(tmp_path: Path, ending: str) -> None:
    table = Table(
        {
            "source_id": np.array([1520000000000000001, 2, 3, 4], dtype=np.int64),
            "ra": [10.0, 10.1, 10.2, np.nan],
            "dec": [50.0, 50.1, 49.9, 50.0],
            "phot_g_mean_mag": [10.0, 11.0, 12.0, 9.0],
            "bp_rp": [0.8, 1.2, np.nan, 0.5],
            "pmra": [100.0, np.nan, 0.0, 0.0],
            "pmdec": [0.0, np.nan, 0.0, 0.0],
            "ref_epoch": [2016.0] * 4,
        }
    )
    table.write(tmp_path / f"gaia{ending}")
    catalogue = open_user_catalogue(tmp_path / f"gaia{ending}")
    stars = catalogue.cone(10.05, 50.0, 1.0, year=2026.0)
    assert stars.source_id.tolist() == [1520000000000000001, 2]  # the others lack place or colour
    assert stars.g_mag.tolist() == [10.0, 11.0]
    assert stars.mag[0] == pytest.approx(
        v_from_gaia(np.array([10.0]), np.array([0.8]))[0], abs=1e-5
    )
    moved = separation(10.0, 50.0, stars.ra[0], stars.dec[0]) * 3600
    assert moved == pytest.approx(1.0, abs=1e-3)
    assert catalogue.band == "V"


def test_v_of_a_sun_like_star() -> None:
    # The Sun has BP - RP = 0.82 and G - V = -0.15.
    assert v_from_gaia(np.array([5.0]), np.array([0.82]))[0] == pytest.approx(5.15, abs=0.02)
    assert np.isnan(v_from_gaia(np.array([5.0]), np.array([9.0]))[0])


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("gaia.txt", "ra,dec\n1,2\n", ".txt is not a known ending"),
        ("gaia.ecsv", "no table", "could not read"),
        ("absent.fits", None, "could not read"),
        ("bare.ecsv", Table({"ra": [1.0], "dec": [2.0]}), "it needs the columns"),
        (
            "empty.ecsv",
            Table({"ra": [1.0], "dec": [2.0], "phot_g_mean_mag": [9.0]}),
            "no star in it",
        ),
    ],
)
def test_useless_catalogues_say_why(
    tmp_path: Path, name: str, content: str | Table | None, reason: str
) -> None:
    path = tmp_path / name
    if isinstance(content, Table):
        content.write(path)
    elif content is not None:
        path.write_text(content)
    with pytest.raises(CatalogueUnavailableError, match=reason):
        open_user_catalogue(path)
