"""`crowdsky lightcurve` prints, saves and draws the light curve of a star on a real site."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from astropy.table import Table
from PIL import Image

from crowdsky.base.exit_codes import EXIT_CONFIGURATION, EXIT_DONE, EXIT_FAILED
from crowdsky.commands.main import main
from tests.contract.site.support import PASSWORD
from tests.support.light_rows import LightRows
from tests.support.sites import SiteUnderTest

RA, DEC = 192.9, 41.3
PERIOD = 0.5668
COUNT = 90


@pytest.fixture
def periodic(sqlite_site: SiteUnderTest, monkeypatch: pytest.MonkeyPatch) -> LightRows:
    """A star with a period, in all bands, and one with a single point that is not calibrated."""
    site = sqlite_site
    light = LightRows(site.rows)
    field = light.field()
    owner = site.rows.add_user("ann", PASSWORD)
    star, lone = light.star(RA, DEC, gaia_id=77), light.star(192.5, 41.0)
    days = [61000.2 + number // 9 * 1.0 + number % 9 * 0.031 for number in range(COUNT)]
    epochs = [light.epoch(field, owner, day) for day in days]
    for epoch, day in zip(epochs, days, strict=True):
        mag = 0.25 * math.sin(2 * math.pi * day / PERIOD)
        light.observe(star, epoch, 1000.0 * 10 ** (-0.4 * mag))
    late = light.epoch(field, owner, 61050.0)
    light.observe(lone, late)
    light.calibration(field, 1, dict.fromkeys(epochs, 20.5), [star])
    monkeypatch.setenv("CROWDSKY_API_URL", site.base_url)
    monkeypatch.setenv("CROWDSKY_API_KEY", site.rows.add_data_key())
    return light


def test_a_curve_is_printed_saved_and_drawn(
    periodic: LightRows, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved, drawn = tmp_path / "curve.ecsv", tmp_path / "curve.png"
    words = ["lightcurve", f"{RA}", f"{DEC}", "--output", str(saved)]
    assert main([*words, "--period", "--plot", str(drawn)]) == EXIT_DONE

    said = capsys.readouterr().out
    assert "star 1 at 192.900000 +41.300000 (ICRS), Gaia DR3 77\n" in said
    assert "field 1, calibration 1 of 2026-01-02T03:04:05Z: V of Tycho-2\n" in said
    assert f"TG: {COUNT} points, {COUNT} calibrated from BJD 2461000." in said
    line = next(line for line in said.splitlines() if line.startswith("period in"))
    assert line.startswith("period in TG: "), "all bands have as many points"
    assert float(line.split(": ")[1].split()[0]) == pytest.approx(PERIOD, rel=1e-3)
    assert len(Table.read(saved, format="ascii.ecsv")) == 3 * COUNT
    with Image.open(drawn) as picture:
        assert picture.size == (1000, 840)
        red = sum(
            count for count, colour in picture.getcolors(10**6) or [] if colour == (200, 60, 50)
        )
    assert red > 10 * COUNT, "each point of the last band is there, twice over phase"


def test_a_report_has_the_name_and_code(periodic: LightRows, tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    options = ["--band", "TG", "--name", "V1 CVn", "--obscode", "TST01"]
    assert main(["lightcurve", "1", "--output", str(file), *options]) == EXIT_DONE
    lines = file.read_text().splitlines()
    assert "#OBSCODE=TST01" in lines
    assert len([line for line in lines if line.startswith("V1 CVn,")]) == COUNT


def test_what_cannot_be_done_is_said(
    periodic: LightRows, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = [
        (["7"], EXIT_FAILED, "no star 7"),
        (["12h", "0"], EXIT_FAILED, "no star within 10 arcseconds"),
        (["RR", "Lyr"], EXIT_FAILED, "no variable star of this name"),
        (["1", "--version", "9"], EXIT_FAILED, "no calibration 9"),
        (["1", "--output", "curve.doc"], EXIT_CONFIGURATION, "no format is known"),
        (["1", "--output", str(tmp_path / "no" / "a.csv")], EXIT_FAILED, "No such file"),
        (["2", "--plot", str(tmp_path / "a.png")], EXIT_FAILED, "none of its points is calibrated"),
    ]
    for words, code, message in wrong:
        assert main(["lightcurve", *words]) == code, words
        assert message in capsys.readouterr().err, words
    assert main(["lightcurve", "2", "--period"]) == EXIT_DONE
    said = capsys.readouterr().out
    assert "TG: 1 points, none calibrated" in said
    assert "no period in TG: " in said


def test_a_found_variable_is_known_by_its_name(
    periodic: LightRows, sqlite_site: SiteUnderTest, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    catalogue = tmp_path / "vsx.csv"
    catalogue.write_text(f"name,ra,dec,type,period,max,min,band\nV1 CVn,{RA},{DEC},EA,1.5,9,10,V\n")
    sqlite_site.run_php("variables.php", "import", str(catalogue))
    values = {"kind": "periodic", "score": 5, "excess_mag": 0.2, "amplitude_mag": 0.5}
    counts = {"n_points": COUNT, "n_nights": 10, "band": "G"}
    sqlite_site.rows.insert("variable_candidates", calibration_id=1, star_id=1, **values, **counts)
    assert main(["lightcurve", "v1cvn", "--band", "TG"]) == EXIT_DONE
    assert "star 1 at" in capsys.readouterr().out
