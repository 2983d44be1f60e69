"""Light curves in every format, read by programs that others wrote."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import warnings
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars
import pytest
import requests
from astropy.io.votable import parse
from astropy.table import Table
from pyarrow import parquet

from tests.contract.site.test_light_curves import DEC, MJD, RA, Archive, archive, curve
from tests.contract.vo.validity import remarks, votlint

__all__ = ["archive"]

TYPES = (".json", ".csv", ".ecsv", ".vot", ".parquet", "_aavso.txt")


def numbers(values: Any) -> np.ndarray:
    """Values as an array in which what is unknown is NaN."""
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def filled(table: Table, name: str) -> list[Any]:
    """A column of astropy as a list with None for what is masked, or an empty text."""
    column = table[name]
    mask = np.broadcast_to(getattr(column, "mask", False), len(column))
    return [
        None if hidden or value == "" else value
        for value, hidden in zip(column.tolist(), mask, strict=True)
    ]


@pytest.fixture
def points(archive: Archive) -> list[dict[str, Any]]:
    """A curve with what is unknown in every way, as JSON has it."""
    epoch = archive.light.epoch(
        archive.field, archive.ann, MJD + 5, filter_name='odd, "quoted"\n\u03b4', telescope=None
    )
    archive.light.observe(archive.star, epoch, -1.0, flux_b=None, error_b=None)
    found = curve(archive.reader(archive.ann), star=archive.star)["points"]
    assert len(found) == 12
    return found


def same(points: list[dict[str, Any]], columns: dict[str, list[Any]]) -> None:
    """Check that a table has the names, types, digits and gaps of the points."""
    assert list(columns) == list(points[0])
    for name, values in columns.items():
        expected = [point[name] for point in points]
        if name == "filter":
            expected = [str(text).replace("\n", " ") for text in expected]
            values = [str(text).replace("\n", " ") for text in values]
        assert values == expected, name


def test_tables_of_astropy(archive: Archive, points: list[dict[str, Any]], tmp_path: Path) -> None:
    reader = archive.reader(archive.ann)
    ecsv = reader.get("light_curve.php", star=archive.star, format="ecsv").text
    table = Table.read(ecsv, format="ascii.ecsv")
    same(points, {name: filled(table, name) for name in table.colnames})
    assert table["mag_error"].unit == "mag"
    assert table.meta["star"]["gaia_id"] == "1234567890123456789"
    assert table.meta["calibrations"][0]["version"] == "1"

    xml = reader.get("light_curve.php", star=archive.star, format="votable")
    assert xml.headers["Content-Type"] == "application/x-votable+xml"
    assert remarks(xml.content) == []
    if shutil.which("stilts"):
        assert votlint(xml.content) == []
    file = tmp_path / "curve.vot"
    file.write_bytes(xml.content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        votable = parse(file, verify="exception")
    found = votable.get_first_table()
    rows = found.to_table(use_names_over_ids=True)
    same(points, {name: filled(rows, name) for name in rows.colnames})
    systems = {system.ID: system for system in votable.resources[0].time_systems}
    barycentric = systems[found.get_field_by_id("bjd_tdb").ref]
    assert (barycentric.timescale, barycentric.refposition) == ("TDB", "BARYCENTER")
    assert barycentric.timeorigin == "JD-origin"
    topocentric = systems[found.get_field_by_id("mjd_utc").ref]
    assert (topocentric.timescale, topocentric.timeorigin) == ("UTC", "MJD-origin")
    infos = {info.name: info.value for info in votable.resources[0].infos}
    assert json.loads(infos["calibrations"])[0]["catalogue"] == "V of Tycho-2"


def test_parquet_is_read_by_three_programs(
    archive: Archive, points: list[dict[str, Any]], tmp_path: Path
) -> None:
    file = tmp_path / "curve.parquet"
    reader = archive.reader(archive.ann)
    answer = reader.get("light_curve.php", star=archive.star, format="parquet")
    file.write_bytes(answer.content)

    arrow = parquet.read_table(file)
    assert arrow.to_pylist() == points
    assert polars.read_parquet(file).to_dicts() == points
    found = duckdb.read_parquet(str(file))
    assert [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()] == points
    some = found.filter("band = 'TG' AND stack_id > 1").aggregate("count(mag), sum(stack_id)")
    assert some.fetchall() == [(2, sum(point["stack_id"] for point in points[4::3]))]
    facts = arrow.schema.metadata
    columns = {column["name"]: column for column in json.loads(facts[b"columns"])}
    assert columns["exptime"]["unit"] == "s"
    assert json.loads(facts[b"star"])["id"] == archive.star
    empty = reader.get("light_curve.php", star=archive.star, format="parquet", band="CV")
    file.write_bytes(empty.content)
    assert parquet.read_table(file).num_rows == 0
    assert polars.read_parquet(file).columns == list(points[0])
    assert duckdb.read_parquet(str(file)).fetchall() == []


@pytest.mark.one_database
def test_long_curves_have_several_row_groups(archive: Archive, tmp_path: Path) -> None:
    first, last = 1000, 8200
    values = ", ".join(
        f"({number}, 1, 60, {number}, {archive.field}, 'x', {MJD + number / 1440}, 'RGB', 'now')"
        for number in range(first, last)
    )
    columns = "id, stack_id, series_seconds, part, field_id, source_sha256, mjd_utc, bands"
    rows = archive.site.rows
    rows.execute(f"INSERT INTO epochs ({columns}, ingested_at) VALUES {values}")  # noqa: S608 - ours
    rows.execute(
        "INSERT INTO star_observations (star_id, epoch_id, x, y, flux_g, error_g)"
        " SELECT ?, id, 5, 5, id, 1 FROM epochs WHERE id >= ?",
        archive.star,
        first,
    )
    answer = archive.service().get(
        "light_curve.php", star=archive.star, series=60, format="parquet"
    )
    file = tmp_path / "curve.parquet"
    file.write_bytes(answer.content)

    assert parquet.ParquetFile(file).metadata.num_row_groups == 3
    table = polars.read_parquet(file)
    assert table["part"].to_list() == [number for number in range(first, last) for _ in range(3)]
    green = table.filter(polars.col("band") == "TG")["flux"]
    assert green.to_list() == [float(number) for number in range(first, last)]
    found = duckdb.read_parquet(str(file)).aggregate("count(*), count(flux), sum(part)")
    assert found.fetchall() == [(21_600, 7_200, 3 * sum(range(first, last)))]


def test_files_are_answered_as_other_downloads(archive: Archive) -> None:
    reader = archive.service()
    for form, end in zip(
        ("json", "csv", "ecsv", "votable", "parquet", "aavso"), TYPES, strict=True
    ):
        answer = reader.get("light_curve.php", star=archive.star, format=form)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["ETag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'
        assert answer.headers["Content-Length"] == str(len(answer.content))
        name = f'attachment; filename="light_curve_star_{archive.star}{end}"'
        assert answer.headers.get("Content-Disposition") == (None if form == "json" else name)
    part = {"Range": "bytes=2-9", "If-Range": answer.headers["ETag"]}
    some = reader.get("light_curve.php", part, star=archive.star, format="aavso")
    assert (some.status_code, some.content) == (206, answer.content[2:10])
    whole = reader.get("light_curve.php", {"Range": "bytes=2-9"}, star=archive.star)
    assert whole.json()["star"]["id"] == archive.star, "a part of JSON is none"

    head = requests.head(
        f"{reader.base}/light_curve.php",
        params={"star": archive.star, "format": "aavso"},
        headers=reader.headers,
        timeout=60,
    )
    assert (head.content, head.headers["ETag"]) == (b"", answer.headers["ETag"])


LIMITS = {
    "NAME": 30, "DATE": 16, "MAG": 8, "MERR": 6, "CNAME": 20, "CMAG": 8, "KNAME": 20, "KMAG": 8,
    "AMASS": 7, "GROUP": 5, "CHART": 20, "NOTES": 1000,
}  # fmt: skip
"""Longest text of each field, as https://www.aavso.org/aavso-extended-file-format has them; of
notes "several thousand"."""
FILTERS = frozenset(("U", "B", "V", "R", "I", "TG", "TB", "TR", "CV", "CR", "SG", "SR", "SI"))
NAMES = "NAME,DATE,MAG,MERR,FILT,TRANS,MTYPE,CNAME,CMAG,KNAME,KMAG,AMASS,GROUP,CHART,NOTES"


def report(text: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Read a report, checking each field by AAVSO's list; return its parameters and rows."""
    lines = text.split("\n")
    assert lines.pop() == "", "the last line ends"
    assert "" not in lines, "an empty line is refused"
    assert text.isascii()
    pairs = [re.fullmatch(r"#([A-Z]+)=(.*)", line) for line in lines[:6]]
    parameters = {pair[1]: pair[2] for pair in pairs if pair}
    assert list(parameters) == ["TYPE", "OBSCODE", "SOFTWARE", "DELIM", "DATE", "OBSTYPE"]
    assert parameters["TYPE"].lower() == "extended"
    assert 0 < len(parameters["SOFTWARE"]) <= 255
    assert (parameters["DELIM"], parameters["DATE"]) == (",", "JD")
    assert parameters["OBSTYPE"] in {"CCD", "DSLR", "PEP", "VISDIG"}
    rows = []
    for line in lines:
        if line.startswith("#"):
            continue
        values = line.split(",")
        assert len(values) == 15, "no field has the delimiter"
        row = dict(zip(NAMES.split(","), values, strict=True))
        for name, longest in LIMITS.items():
            assert 0 < len(row[name]) <= longest, (name, row)
            assert row[name] == row[name].strip()
        assert re.fullmatch(r"24\d{5}\.\d+", row["DATE"])
        assert re.fullmatch(r"<?-?\d+\.\d+", row["MAG"]), "a dot is needed"
        assert re.fullmatch(r"\d\.\d+|na", row["MERR"])
        assert row["FILT"] in FILTERS
        assert row["TRANS"] in {"YES", "NO"}
        assert row["MTYPE"] in {"STD", "DIF"}
        assert row["MTYPE"] == "STD" or row["CNAME"] != "na"
        assert re.fullmatch(r"\d+\.\d+|na", row["AMASS"])
        assert re.fullmatch(r"\d{1,5}|na", row["GROUP"])
        rows.append(row)
    return parameters, rows


def test_a_report_keeps_to_the_fields_of_the_aavso(archive: Archive) -> None:
    reader, star = archive.reader(archive.ann), archive.star
    narrow = archive.light.epoch(archive.field, archive.ann, MJD + 5, filter_name="Ann's OIII")
    archive.light.observe(star, narrow)
    untied = archive.light.field(193.5, 41.6)
    far = archive.light.epoch(untied, archive.ann, MJD + 6, bands="L", filter_name=None)
    archive.light.observe(star, far)
    archive.light.calibration(untied, 1, {far: 20.0}, [star], catalogue=None)
    archive.site.rows.execute(
        "UPDATE epoch_zero_points SET band = 'L' WHERE epoch_id = ? AND band = 'G'", far
    )
    query = {"star": star, "format": "aavso"}
    wanted = {**query, "name": "V1 CVn", "obscode": "tst01", "quality": "all"}
    text = reader.get("light_curve.php", **wanted).text

    parameters, rows = report(text)
    assert parameters["OBSCODE"] == "TST01"
    assert {row["NAME"] for row in rows} == {"V1 CVn"}
    assert [row["FILT"] for row in rows] == ["TR", "TG", "TB"] * 3
    assert {row["MTYPE"] for row in rows} == {"STD"}, "what no catalogue ties is left out"
    first = rows[1]
    point = curve(reader, star=star, band="TG")["points"][0]
    assert float(first["DATE"]) == pytest.approx(MJD + 2400000.5, abs=1e-5)
    assert float(first["MAG"]) == pytest.approx(point["mag"], abs=6e-5)
    assert float(first["MERR"]) == pytest.approx(point["mag_error"], abs=6e-5)
    assert (first["CNAME"], first["CMAG"], first["CHART"]) == ("ENSEMBLE", "na", "V of Tycho-2")
    assert first["AMASS"] == "1.235"
    groups = [row["GROUP"] for row in rows]
    assert groups[0] == groups[1] == groups[2]
    assert f"stack 1; field {archive.field} calibration 1; telescope S50_8a95aa90" in first["NOTES"]
    assert "not calibrated" in rows[7]["NOTES"]
    assert "4 points were left out" in text
    assert "quality=all" not in text
    text = reader.get("light_curve.php", **query).text
    assert "quality=all has them, too" in text
    good = report(text)
    assert not re.fullmatch(r"[A-Za-z0-9]{2,5}", good[0]["OBSCODE"]), "the AAVSO must refuse it"
    assert [row["FILT"] for row in good[1]] == ["TR", "TG", "TB"] * 2
    stranger = report(archive.service().get("light_curve.php", **query).text)[1]
    assert {row["AMASS"] for row in stranger} == {"na"}
    withheld = archive.service().get("light_curve.php", **{**query, "quality": "all"}).text
    assert len(report(withheld)[1]) == 9, "also without the name of the filter"


@pytest.mark.one_database
def test_a_known_variable_has_its_name(archive: Archive, tmp_path: Path) -> None:
    catalogue = tmp_path / "vsx.csv"
    header = "name,ra,dec,type,period,max,min,band"
    near = f"V1 CVn,{RA + 0.0003},{DEC},EA,1.5,9,10,V"
    far = f"V2 CVn,{RA},{DEC + 0.01},EA,1.5,9,10,V"
    catalogue.write_text("\n".join([header, near, far, ""]), encoding="utf-8")
    archive.site.run_php("variables.php", "import", str(catalogue))
    reader = archive.service()

    text = reader.get("light_curve.php", star=archive.star, format="aavso").text
    assert {row["NAME"] for row in report(text)[1]} == {"V1 CVn"}
    stars = reader.get("stars.php", ra=RA, dec=DEC, radius=0.1, format="csv").text
    assert [row["variable_of"] for row in csv.DictReader(io.StringIO(stars))] == ["V1 CVn"]
