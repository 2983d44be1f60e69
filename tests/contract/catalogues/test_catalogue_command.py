"""`crowdsky catalogue`: files and services into tiles, from the command line."""

from __future__ import annotations

import fcntl
import shlex
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from crowdsky.base.exit_codes import EXIT_CONFIGURATION, EXIT_DONE, EXIT_FAILED
from crowdsky.catalogues.gaia_tiles import GaiaTiles
from crowdsky.catalogues.star_rows import StarRows
from crowdsky.catalogues.tile_folder import MANIFEST, TileFolder, tile_of
from crowdsky.commands.main import main
from demo.services import REPOSITORY
from tests.support.documented import documented
from tests.support.gaia_fields import gaia_rows, random_colours, write_tiles
from tests.support.tap_stand_in import TapStandIn

PLACE = (10.7, 41.3)


@pytest.fixture(scope="module")
def stars() -> StarRows:
    rng = np.random.default_rng(2)
    ra, dec = PLACE[0] + rng.uniform(-2, 2, 800), PLACE[1] + rng.uniform(-2, 2, 800)
    return gaia_rows(ra, dec, rng.uniform(8, 16, 800), random_colours(800, rng), pmdec=5.0)


@pytest.fixture
def service(stars: StarRows) -> Iterator[TapStandIn]:
    with TapStandIn(stars) as service:
        yield service


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TileFolder:
    """The folder of CATALOGUE_DIR, which is not there yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CATALOGUE_DIR", str(tmp_path / "gaia"))
    return TileFolder(tmp_path / "gaia")


def table_of(stars: StarRows) -> Table:
    names = ("source_id", "ra", "dec", "pmra", "pmdec", "phot_g_mean_mag", "bp_rp")
    return Table({name: getattr(stars, name) for name in names})


def fetch(service: TapStandIn, *options: str) -> int:
    url = ("--url", f"{service.url}/tap", "--pause", "0")
    return main(["catalogue", "fetch", *url, *options])


@pytest.mark.parametrize("name", ["gaia.parquet", "gaia.fits", "gaia.ecsv", "gaia.csv", "gaia.vot"])
def test_a_download_is_added(
    folder: TileFolder, stars: StarRows, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    table_of(stars).write(name, **({"format": "votable"} if name.endswith(".vot") else {}))
    assert main(["catalogue", "add", name]) == EXIT_DONE
    said = capsys.readouterr().out
    assert f"{name}: 800 stars added to {len(np.unique(tile_of(stars)))} tiles" in said
    found = GaiaTiles(folder.path).cone(*PLACE, 3.0)
    assert sorted(found.source_id) == sorted(stars.source_id)
    assert main(["catalogue", "add", name]) == EXIT_DONE
    assert len(GaiaTiles(folder.path).cone(*PLACE, 3.0)) == 800


def test_a_file_of_a_cut_query_says_so(
    folder: TileFolder, stars: StarRows, service: TapStandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    query = "SELECT x FROM y WHERE id BETWEEN 0 AND 9223372036854775807 AND g <= 20"
    Path("cut.vot").write_bytes(service.answer(query, 500))
    assert main(["catalogue", "add", "cut.vot"]) == EXIT_DONE
    assert "500 stars" in (said := capsys.readouterr().out)
    assert "rows are missing (OVERFLOW)" in said


def test_a_file_without_stars_is_an_error(
    folder: TileFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("some.csv").write_text("ra,dec,phot_g_mean_mag\n1.0,2.0,\n")
    assert main(["catalogue", "add", "some.csv"]) == EXIT_FAILED
    assert "none in it has a position and a magnitude" in capsys.readouterr().err


def test_a_field_is_fetched_and_listed(
    folder: TileFolder, stars: StarRows, service: TapStandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert fetch(service, "--field", "10.7", "41.3", "0.5", "--magnitude", "14") == EXIT_DONE
    out, _ = capsys.readouterr()
    assert "stars to G 14 are now in" in out
    assert main(["catalogue", "list"]) == EXIT_DONE
    listed = capsys.readouterr().out
    assert listed.count("complete to G 14") == len(folder.files())
    assert f"{len(folder.files())} tiles, " in listed


def test_what_measurements_missed_is_the_default(
    folder: TileFolder, stars: StarRows, service: TapStandIn
) -> None:
    pixel = int(tile_of(stars)[0])
    folder.want(pixel)
    assert fetch(service) == EXIT_DONE
    assert folder.files().keys() == {pixel}
    assert folder.wanted() == []


def test_the_fields_of_frames_are_fetched(
    folder: TileFolder, stars: StarRows, service: TapStandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    subs = Path("subs")
    subs.mkdir()
    for number in range(3):
        header = fits.Header({"RA": PLACE[0] + 0.001 * number, "DEC": PLACE[1]})
        fits.PrimaryHDU(np.zeros((4, 4)), header).writeto(subs / f"light{number}.fit")
    fits.PrimaryHDU(np.zeros((4, 4))).writeto(subs / "dark.fit")
    (subs / "broken.fits").write_text("nothing")
    assert fetch(service, "--frames", "subs") == EXIT_DONE
    out = capsys.readouterr().out
    assert "dark.fit: left out: it does not say where it points" in out
    assert "broken.fits: left out" in out
    assert int(tile_of(gaia_rows(*(np.array([one]) for one in (*PLACE, 9.0, 0.8))))[0]) in (
        folder.files()
    )


@pytest.mark.parametrize(
    ("options", "reason", "code"),
    [
        ((), "no measurement missed a tile; give --field", EXIT_FAILED),
        (("--field", "10"), "--field needs RA and Dec", EXIT_CONFIGURATION),
        (("--field", "10", "95"), "is not on the sky", EXIT_CONFIGURATION),
        (("--field", "10", "5", "nan"), "is not on the sky", EXIT_CONFIGURATION),
        (("--max-rows", "0", "--field", "1", "2"), "--max-rows", EXIT_CONFIGURATION),
    ],
)
def test_wrong_options_say_what_to_do(
    folder: TileFolder,
    service: TapStandIn,
    options: tuple[str, ...],
    reason: str,
    code: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert fetch(service, *options) == code
    assert reason in capsys.readouterr().err
    assert service.queries == []


def test_without_a_folder_it_says_how_to_name_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CATALOGUE_DIR", raising=False)
    assert main(["catalogue", "list"]) == EXIT_CONFIGURATION
    assert "set CATALOGUE_DIR in .env, or give --folder DIR" in capsys.readouterr().err
    (tmp_path / "here").mkdir()
    assert main(["catalogue", "list", "--folder", "here"]) == EXIT_DONE


def test_two_fetches_do_not_ask_at_the_same_time(
    folder: TileFolder, service: TapStandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.path.mkdir()
    with (folder.path / ".fetching").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert fetch(service, "--field", "10.7", "41.3", "0.1") == EXIT_FAILED
    assert "another fetch into this folder is running" in capsys.readouterr().err
    assert service.queries == []


def test_damage_is_found_and_repaired(
    folder: TileFolder, stars: StarRows, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tiles(folder.path, stars, complete_to=16.0)
    assert main(["catalogue", "check"]) == EXIT_DONE
    cut, changed, gone, *_ = sorted(folder.files())
    folder.file(cut).write_bytes(folder.file(cut).read_bytes()[:-40])
    folder.file(changed).write_bytes(folder.file(sorted(folder.files())[3]).read_bytes())
    folder.file(gone).unlink()
    capsys.readouterr()

    assert main(["catalogue", "check"]) == EXIT_FAILED
    out, err = capsys.readouterr()
    assert f"tile {gone:05d} is in the index, but its file is missing" in out
    assert f"tile {changed:05d} is not the file that the index names" in out
    assert f"hpx5={cut:05d}" in out
    assert "3 problems" in err and "--repair" in err

    assert main(["catalogue", "check", "--repair"]) == EXIT_DONE
    assert main(["catalogue", "check"]) == EXIT_DONE
    index = folder.index()
    assert not {cut, gone} & index.keys()
    assert index[changed].complete_to is None, "it may be fetched again"
    assert {tile.complete_to for pixel, tile in index.items() if pixel != changed} == {16.0}


def test_a_damaged_index_is_written_anew(
    folder: TileFolder, stars: StarRows, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tiles(folder.path, stars, complete_to=16.0)
    (folder.path / MANIFEST).write_text("{")
    assert main(["catalogue", "check"]) == EXIT_FAILED
    assert main(["catalogue", "check", "--repair"]) == EXIT_DONE
    assert folder.index().keys() == folder.files().keys()
    assert {tile.complete_to for tile in folder.index().values()} == {None}


def test_the_documented_commands_run(
    folder: TileFolder,
    stars: StarRows,
    service: TapStandIn,
    tmp_path: Path,
) -> None:
    """As written, but for the service, which is the stand-in."""
    subs = tmp_path / "seestar" / "M51"
    subs.mkdir(parents=True)
    fits.PrimaryHDU(np.zeros((4, 4)), fits.Header({"RA": 202.4, "DEC": 47.2})).writeto(
        subs / "light.fit"
    )
    write_tiles(folder.path, stars)
    folder.want(int(tile_of(stars)[0]))
    table_of(stars).write("gaia-m51.parquet")
    for marker in ("fetch", "frames", "wanted", "add", "list", "check"):
        line = documented(marker, REPOSITORY / "docs" / "catalogues.md")
        program, *arguments = shlex.split(line.replace("~", str(tmp_path)))
        assert program == "crowdsky"
        asks = arguments[1] == "fetch"
        url = ["--url", f"{service.url}/tap", "--pause", "0"] if asks else []
        assert main([*arguments, *url]) == EXIT_DONE, marker
    assert len(service.queries) == 8, "six empty tiles, and one with stars"


@pytest.mark.parametrize("action", ["list", "check"])
def test_a_folder_that_is_not_there_is_an_error(
    folder: TileFolder, capsys: pytest.CaptureFixture[str], action: str
) -> None:
    assert main(["catalogue", action]) == EXIT_CONFIGURATION
    err = capsys.readouterr().err
    assert f"{folder.path}" in err and "the folder does not exist" in err
    assert not folder.path.exists()


def test_one_tile_is_not_tiles(
    folder: TileFolder, stars: StarRows, capsys: pytest.CaptureFixture[str]
) -> None:
    one = stars.take(tile_of(stars) == tile_of(stars)[0])
    write_tiles(folder.path, one, complete_to=16.0)
    folder.want(7)
    assert main(["catalogue", "list"]) == main(["catalogue", "check"]) == EXIT_DONE
    said = capsys.readouterr().out
    assert "\n1 tile, " in said and "\n1 tile was missed by" in said
    assert f"\n1 tile in {folder.path} is as its index says" in said

    (path,) = folder.files().values()
    path.write_bytes(path.read_bytes()[:-1])
    assert main(["catalogue", "check"]) == EXIT_FAILED
    assert "1 problem in " in capsys.readouterr().err
