"""A stack measured with Gaia: zero points, colour terms, positions, ids; without it, as before."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.catalogues.gaia_tiles import GaiaTiles
from crowdsky.catalogues.healpix import pixels_at
from crowdsky.catalogues.star_rows import StarRows
from crowdsky.catalogues.tile_folder import TileFolder
from crowdsky.measuring.measure_stack import measure, photometry_facts
from crowdsky.measuring.recipe import Recipe
from crowdsky.photometry.measurement import Measurement, measure_stack, write_measurement
from crowdsky.photometry.zero_points import REFERENCE_COLOUR
from crowdsky.pictures.white_balance import white_balance
from crowdsky.solving.catalogue import CatalogueStars, CatalogueUnavailableError, StarCatalogue
from crowdsky.solving.chain import TimedSolver
from crowdsky.solving.tan import TanWcs, separation
from tests.support.gaia_fields import g_of, gaia_rows, random_colours, write_tiles
from tests.support.star_fields import INDEX_DIR, plate
from tests.support.synthetic_stack import COLOUR_TERMS, COLOURS, Light, write_stack
from tests.unit.photometry.conftest import PLACE, ZERO_POINT, Truth, tycho_light

YEAR = 2025.2336
"""Epoch of the synthetic stack, 2025-03-27."""

GAIA_NOISE = 0.003
"""Errors of Gaia's G for stars of these magnitudes, mag; their V follows exactly from it here."""

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Sky:
    """A stack of stars with Gaia's colours, and what Gaia lists of them; rows as in the light."""

    path: Path
    wcs: TanWcs
    light: Light
    v_mag: np.ndarray
    rows: StarRows


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory, tycho: StarCatalogue) -> Sky:
    """Stars that moved by half an arcsecond since Tycho-2, as Gaia's motions say."""
    rng = np.random.default_rng(11)
    wcs = plate(*PLACE, 40.0)
    still = tycho_light(wcs, tycho, rng)
    count = len(still.x)
    bp_rp = random_colours(count, rng)
    shift = rng.normal(0.0, 0.5 / wcs.scale_arcsec, (2, count))
    light = Light(still.x + shift[0], still.y + shift[1], still.flux, bp_rp - REFERENCE_COLOUR)
    v_mag = ZERO_POINT - 2.5 * np.log10(light.flux)
    ra, dec = wcs.sky(light.x, light.y)
    g_mag = g_of(v_mag, bp_rp) + rng.normal(0.0, GAIA_NOISE, count)
    now = replace(
        gaia_rows(ra, dec, g_mag, bp_rp),
        pmra=rng.normal(0.0, 300.0, count),
        pmdec=rng.normal(0.0, 300.0, count),
        ref_epoch=np.full(count, YEAR),
    )
    path = tmp_path_factory.mktemp("gaia") / "stack.fits"
    write_stack(path, light, wcs, rng)
    return Sky(path, wcs, light, v_mag, now.moved_to(2016.0))


def measured_with(
    sky: Sky, rows: StarRows, folder: Path, tycho: StarCatalogue, solvers: list[TimedSolver]
) -> Measurement:
    write_tiles(folder, rows)
    return measure_stack(sky.path, solvers, tycho, [GaiaTiles(folder)])


def thirty(sky: Sky) -> np.ndarray:
    """The thirty brightest stars that are neither saturated nor near another one."""
    apart = np.hypot(sky.light.x[:, None] - sky.light.x, sky.light.y[:, None] - sky.light.y)
    alone = (apart < 15.0).sum(axis=1) == 1
    bright = np.argsort(sky.v_mag)
    return bright[alone[bright] & (sky.v_mag[bright] > 9.2)][:30]


@pytest.fixture(scope="module")
def measured(
    sky: Sky,
    tycho: StarCatalogue,
    solvers: list[TimedSolver],
    tmp_path_factory: pytest.TempPathFactory,
) -> Measurement:
    folder = tmp_path_factory.mktemp("tiles")
    return measured_with(sky, sky.rows.take(thirty(sky)), folder, tycho, solvers)


def test_thirty_stars_give_the_zero_point_to_a_hundredth(measured: Measurement) -> None:
    for plane, share in zip(measured.calibration.planes, COLOURS, strict=True):
        found = plane.zero_point
        assert found is not None
        assert found.n_stars <= 30
        assert found.value == pytest.approx(ZERO_POINT + 2.5 * math.log10(share), abs=0.01)
        assert found.error < 0.01
    assert measured.calibration.reference == "V Gaia DR3"


def test_a_star_of_the_suns_colour_becomes_white(measured: Measurement) -> None:
    outcome = white_balance(measured.calibration)
    assert outcome.balance is not None, outcome.reason
    np.testing.assert_allclose(outcome.balance.factors, 1.0 / np.array(COLOURS), rtol=0.01)
    assert max(outcome.balance.errors) < 0.02


def test_colour_terms_are_those_of_the_planes_to_a_hundredth(
    sky: Sky, tycho: StarCatalogue, solvers: list[TimedSolver], tmp_path: Path
) -> None:
    measured = measured_with(sky, sky.rows, tmp_path, tycho, solvers)
    for plane, term in zip(measured.calibration.planes, COLOUR_TERMS, strict=True):
        assert plane.zero_point is not None and plane.zero_point.colour_term is not None
        assert plane.zero_point.colour_term.value == pytest.approx(term, abs=0.01)
        assert plane.zero_point.colour_term.error < 0.01


def test_the_columns_have_the_ids_and_magnitudes_of_gaia(
    sky: Sky, measured: Measurement, tmp_path: Path
) -> None:
    stars = measured.stars
    listed = {int(sky.rows.source_id[row]): row for row in thirty(sky)}
    found = stars["gaia_id"] != 0
    assert 28 <= found.sum() <= 30
    for star in stars[found]:
        row = listed[int(star["gaia_id"])]
        assert np.hypot(star["x"] - sky.light.x[row], star["y"] - sky.light.y[row]) < 1.0
        assert star["gaia_gmag"] == pytest.approx(sky.rows.phot_g_mean_mag[row], abs=1e-4)
        assert star["gaia_vmag"] == pytest.approx(sky.v_mag[row], abs=0.1)
        assert star["pmra"] == pytest.approx(sky.rows.pmra[row], rel=1e-6)
        assert star["pmdec"] == pytest.approx(sky.rows.pmdec[row], rel=1e-6)
    assert stars["match_dist_arcsec"][found].max() < 0.6
    assert np.isnan(stars["gaia_gmag"][~found]).all()
    path = tmp_path / "stack.fits"
    path.write_bytes(sky.path.read_bytes())
    write_measurement(path, measured)
    header = fits.getheader(path, "STAR-TAB")
    assert header["GAIACAT"] == "Gaia DR3"
    column = 1 + list(stars.dtype.names).index("gaia_id")
    assert header[f"TNULL{column}"] == 0
    primary = fits.getheader(path)
    assert (primary["ZPCAT"], primary["PLTCAT"]) == ("V Gaia DR3", "Gaia DR3")
    assert primary["ZPCATERR"] == 0.03
    assert primary["ZPCREF"] == REFERENCE_COLOUR
    for letter, term in zip("RGB", COLOUR_TERMS, strict=True):
        assert primary[f"ZPCT{letter}"] == pytest.approx(term, abs=3 * primary[f"ZPCTE{letter}"])


def test_the_site_is_told_the_catalogue_and_how_good_it_is(measured: Measurement) -> None:
    facts = photometry_facts(measured.calibration)
    assert facts["catalogue"] == "V Gaia DR3"
    assert facts["catalogue_error"] == 0.03
    for colour, term in zip("rgb", COLOUR_TERMS, strict=True):
        assert 0.0 < facts[f"zero_point_error_{colour}"] < 0.01
        assert facts[f"colour_term_{colour}"] == pytest.approx(term, abs=0.02)


def test_positions_follow_the_motions(
    sky: Sky, measured: Measurement, tycho: StarCatalogue, solvers: list[TimedSolver]
) -> None:
    """The plate of Tycho-2 has the motions in its error, that of Gaia has not."""
    before = measure_stack(sky.path, solvers, tycho).solution
    now = measured.solution
    assert before is not None and now is not None
    truth = sky.wcs.sky(539.5, 959.5)
    assert separation(*now.center, *truth) * 3600 < 0.05
    assert now.rms_arcsec < 0.25 < before.rms_arcsec
    assert now.verdict == "good"
    corners = [separation(*sky.wcs.sky(x, y), *now.wcs.sky(x, y)) for x in (0, 1079)
               for y in (0, 1919)]  # fmt: skip
    assert max(corners) * 3600 < 0.2


def test_a_wrong_year_is_seen_in_the_residuals(
    sky: Sky, tycho: StarCatalogue, solvers: list[TimedSolver], tmp_path: Path
) -> None:
    """As a proof that the motions are what makes the fit good."""
    still = replace(sky.rows, pmra=sky.rows.pmra * 0.0, pmdec=sky.rows.pmdec * 0.0)
    measured = measured_with(sky, still.take(thirty(sky)), tmp_path, tycho, solvers)
    found = measured.stars["gaia_id"] != 0
    assert np.median(measured.stars["match_dist_arcsec"][found]) > 1.5


def test_a_crowd_of_fainter_stars_changes_nothing(
    sky: Sky, tycho: StarCatalogue, solvers: list[TimedSolver], tmp_path: Path
) -> None:
    """In the Milky Way Gaia has a star too faint for the picture beside every one in it."""
    rng = np.random.default_rng(4)
    faint = 40_000
    ra = PLACE[0] + rng.uniform(-1.9, 1.9, faint)
    dec = PLACE[1] + rng.uniform(-0.8, 0.8, faint)
    crowd = gaia_rows(ra, dec, rng.uniform(17.5, 20.5, faint), random_colours(faint, rng))
    write_tiles(tmp_path, sky.rows)
    measured = measured_with(sky, crowd, tmp_path, tycho, solvers)
    true = set(sky.rows.source_id.tolist())
    found = measured.stars["gaia_id"][measured.stars["gaia_id"] != 0]
    assert len(found) > 200
    assert np.mean([int(one) in true for one in found]) > 0.97
    green = measured.calibration.planes[1].zero_point
    assert green is not None and green.value == pytest.approx(ZERO_POINT, abs=0.01)


def test_where_gaia_has_no_stars_tycho_stays(
    truth: Truth, tycho: StarCatalogue, solvers: list[TimedSolver], tmp_path: Path
) -> None:
    far = gaia_rows(np.array([10.0]), np.array([10.0]), np.array([9.0]), np.array([0.8]))
    write_tiles(tmp_path, far)
    measured = measure_stack(truth.path, solvers, tycho, [GaiaTiles(tmp_path)])
    assert measured.notes == ()
    facts = photometry_facts(measured.calibration)
    assert facts["colour_term_g"] is None
    assert 0.01 < facts["catalogue_error"] < 0.2
    cards = {key: value for key, value, _ in measured.header_cards()}
    assert (cards["ZPCAT"], cards["PLTCAT"]) == ("VT Tycho-2", "Tycho-2")
    assert 0.01 < cards["ZPCATERR"] < 0.2
    assert not {"ZPCTG", "ZPCREF"} & cards.keys()
    assert cards["ZPG"] == pytest.approx(truth.measured.calibration.planes[1].zero_point.value)


def test_a_catalogue_that_breaks_costs_only_its_columns(
    truth: Truth, tycho: StarCatalogue, solvers: list[TimedSolver]
) -> None:
    class Broken:
        name, band, epoch, has_motions = "Gaia DR3", "V", 2016.0, True

        def cone(self, *place: float, **options: float) -> CatalogueStars:
            raise CatalogueUnavailableError("could not read the star catalogue", where="a tile")

    measured = measure_stack(truth.path, solvers, tycho, [Broken()])
    (note,) = measured.notes
    assert "match with the stars of Gaia DR3" in note and "a tile" in note
    assert measured.calibration.reference == "VT Tycho-2"
    assert not measured.stars["gaia_id"].any()


def test_a_field_without_tiles_asks_for_them(sky: Sky, tmp_path: Path) -> None:
    folder = TileFolder(tmp_path / "gaia")
    recipe = Recipe(
        solvers=("astrometry",), index_dir=INDEX_DIR, catalogue_dir=folder.path, cache_dir=tmp_path
    )
    measured = measure(sky.path, recipe=recipe)
    assert measured.solution is not None
    assert measured.calibration.reference == "VT Tycho-2"
    (pixel,) = pixels_at(5, np.array([PLACE[0]]), np.array([PLACE[1]]))
    assert int(pixel) in folder.wanted()
