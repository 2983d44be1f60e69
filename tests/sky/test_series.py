"""Series of shorter stacks: a flare and an eclipse with known truth, and constant stars."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.frames.card_table import is_public
from crowdsky.measuring.recipe import Recipe
from crowdsky.measuring.series import SeriesResult, stack_series
from crowdsky.photometry.ensemble.flags import StarFlag
from crowdsky.stacking.engines.native_series import UndatedSubsError
from crowdsky.synthetic.records import Night, Truth
from crowdsky.synthetic.scenes import Scene, random_stars
from crowdsky.synthetic.sky import SEESTAR_S50, header, plan, render

SECONDS, CADENCE_S = 60, 12.0
N_SUBS = 46
"""The last of them begins 540 s after the first, and is alone in its part."""
N_PARTS = 10
FLARE, ECLIPSE, CONSTANT = 0, 1, range(2, 8)
"""Which of the bright stars does what."""
BRIGHT = 8
OWN_CARDS = {"SERIES", "NPARTS", "NSTARS", "BANDS", "APRAD", "CHECKSUM", "DATASUM"}


def light(star: int, at_s: float) -> float:
    """The light of a bright star relative to that of quiet times, seconds into the chunk."""
    if star == FLARE:
        return 3.0 if 240.0 <= at_s < 360.0 else 1.0
    if star == ECLIPSE:
        return float(np.interp(at_s, [120.0, 420.0], [1.0, 0.7]))
    return 1.0


@dataclass(frozen=True)
class Made:
    """A series of a chunk with known truth, and the stack of all its subs."""

    truth: Truth
    result: SeriesResult
    parts: np.ndarray
    stars: np.ndarray
    whole: np.ndarray

    def row(self, star: int) -> int:
        """The number in the series of a bright star of the truth."""
        listed = self.stars[self.stars["PART"] == 1]
        nearest = []
        for index in range(N_SUBS):  # the pixels are those of one of the subs
            x, y = (values[:BRIGHT] for values in self.truth.stars_in(index))
            off = np.hypot(listed["X"][:, None] - x, listed["Y"][:, None] - y)
            nearest.append((off.min(axis=0).max(), int(off.argmin(axis=0)[star])))
        worst, row = min(nearest)
        assert worst < 0.5
        return row

    def curve(self, star: int, column: str = "FLUX_G") -> np.ndarray:
        """A column of a bright star, part by part."""
        return np.asarray(self.stars[column][self.stars["STAR"] == self.row(star)], float)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    """Render the chunk: bright stars far from each other among faint ones."""
    rng = np.random.default_rng(11)
    camera = SEESTAR_S50.resized(480, 640)
    stars = random_stars(150.0, 30.0, 0.35, 600.0, rng, brightest=12.0)
    empty = Night(Scene("Test Field", 150.0, 30.0, stars), camera)
    places = [(x, y) for y in (100, 240, 380, 520) for x in (140, 340)]
    ra, dec = np.array([empty.grid.to_sky(x, y) for x, y in places]).T
    stars = replace(
        stars,
        ra_deg=np.concatenate([ra, stars.ra_deg]),
        dec_deg=np.concatenate([dec, stars.dec_deg]),
        v_mag=np.concatenate([np.full(BRIGHT, 9.6), stars.v_mag]),
        b_minus_v=np.concatenate([np.full(BRIGHT, 0.65), stars.b_minus_v]),
    )
    scene = Scene("Test Field", 150.0, 30.0, stars)
    settings = replace(empty, scene=scene, n_subs=N_SUBS, cadence_s=CADENCE_S)
    return write(tmp_path_factory.mktemp("night"), settings, rng)


def write(folder: Path, night: Night, rng: np.random.Generator) -> Truth:
    truth = replace(plan(night, rng), folder=folder)
    for index, path in enumerate(truth.paths):
        middle = index * CADENCE_S + night.exposure_s / 2.0
        level = np.ones((len(truth.star_flux), 1))
        level[:BRIGHT, 0] = [light(star, middle) for star in range(BRIGHT)]
        shown = replace(truth, star_flux=truth.star_flux * level)
        hdu = fits.PrimaryHDU(render(shown, index, rng), header(truth, index))
        hdu.writeto(path)
    return truth


@pytest.fixture(scope="module")
def output(night: Truth, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the series of the night appears."""
    return tmp_path_factory.mktemp("series") / "series.fits"


@pytest.fixture(scope="module")
def made(night: Truth, output: Path) -> Made:
    """Make the series of the night."""
    result = stack_series(night.paths, output, SECONDS, recipe=Recipe(), progress=silent)
    with fits.open(output) as hdus:
        parts, stars = np.array(hdus["SERIES"].data), np.array(hdus["SERIES-STARS"].data)
    with fits.open(output.with_name("whole.fits")) as hdus:
        whole = np.array(hdus["STAR-TAB"].data)
    return Made(night, result, parts, stars, whole)


def silent(stage: str, done: int, total: int) -> None:
    """Report nothing."""


def expected(star: int, parts: np.ndarray) -> np.ndarray:
    """The mean light of a star in each part, relative to quiet times."""
    times = np.arange(N_SUBS) * CADENCE_S
    return np.array([
        np.mean([light(star, at + 5.0) for at in times[times // SECONDS == part - 1]])
        for part in parts["PART"]
    ])  # fmt: skip


def test_parts_are_those_of_the_clock(made: Made, night: Truth) -> None:
    assert made.result.n_parts == len(made.parts) == N_PARTS
    assert made.parts["PART"].tolist() == list(range(1, N_PARTS + 1))
    assert made.parts["NSUBS"].tolist() == [5] * 9 + [1]
    assert np.allclose(made.parts["EXPTIME"], 10.0 * made.parts["NSUBS"])
    steps = np.diff(made.parts["MJD_AVG"]) * 86400.0
    assert np.allclose(steps[:-1], 60.0, atol=0.01)
    assert np.isnan(made.parts["BJD_TDB"]).all() == (not made.result.is_solved)


def test_a_flare_of_two_minutes_shows(made: Made) -> None:
    curve = made.curve(FLARE)
    quiet = np.median(curve[[0, 1, 2, 7, 8]])
    assert curve / quiet == pytest.approx(expected(FLARE, made.parts), rel=0.02)
    assert (curve[4:6] / quiet > 2.9).all()
    # The stack of all subs has rejected it.
    assert (made.curve(FLARE, "FLAGS").astype(int) & StarFlag.DETECTION).all()


def test_an_ingress_of_five_minutes_shows(made: Made) -> None:
    curve, error = made.curve(ECLIPSE), made.curve(ECLIPSE, "ERR_G")
    truth = expected(ECLIPSE, made.parts) * np.mean([np.median(made.curve(s)) for s in CONSTANT])
    off = (curve - truth) / np.hypot(error, 0.004 * truth)
    assert np.abs(off).max() < 3.5
    assert (np.diff(curve[1:7]) < 0.0).all()


def test_the_mean_of_the_parts_is_the_stack(made: Made) -> None:
    for star in CONSTANT:
        row = made.row(star)
        mean = np.average(made.curve(star), weights=made.parts["NSUBS"])
        assert mean == pytest.approx(made.whole["flux_g"][row], rel=0.005)


def test_errors_are_those_of_the_scatter_and_cosmic_rays_are_flagged(made: Made) -> None:
    clean = made.stars["FLAGS"] == 0
    by_star = made.stars["STAR"]
    off = []
    for row in np.unique(by_star):
        of_star = by_star == row
        if not clean[of_star].all() or row == made.row(ECLIPSE):
            continue
        flux, error = made.stars["FLUX_G"][of_star], made.stars["ERR_G"][of_star]
        mean = np.average(flux, weights=error**-2.0)
        off.append((flux - mean) / np.hypot(error, 0.003 * mean))
    assert len(off) > 40
    assert 0.8 < np.std(np.concatenate(off)) < 1.25
    assert np.abs(np.concatenate(off)).max() < 5.0


def test_zero_points_without_a_plate_are_unknown(made: Made) -> None:
    assert not made.result.is_solved
    assert np.isnan(made.parts["ZP_G"]).all()


def test_pictures_are_rounded_as_stated(made: Made, output: Path) -> None:
    with fits.open(output) as hdus:
        cube, rounding = hdus["PARTS"].data, hdus["PARTS"].header["ROUNDING"]
    assert cube.shape == (N_PARTS, 640, 480)
    noise = np.nanstd(np.diff(cube[0, 200:260, 200:260], axis=0)) / np.sqrt(2.0)
    assert 0.0 < rounding < noise / 8.0
    assert np.isnan(cube).any()
    assert np.nanmax(cube[4:6]) > 1.5 * np.nanmax(cube[8, 80:120, 120:160])
    assert output.stat().st_size < 3 * output.with_name("whole.fits").stat().st_size


def test_nothing_in_it_is_for_the_owner_alone(output: Path, made: Made) -> None:
    with fits.open(output) as hdus:
        keywords = {card.keyword for card in hdus[0].header.cards}
        assert [hdu.name for hdu in hdus[1:]] == ["SERIES", "SERIES-STARS", "PARTS"]
    assert {"DATE-OBS", "NIMAGES", "SERIES"} <= keywords
    assert all(is_public(keyword.encode()) for keyword in keywords - OWN_CARDS)
    assert not {"SITELAT", "SITELONG", "AIRMASS", "DATE-LOC"} & keywords


def test_subs_without_a_time_make_no_series(
    tmp_path: Path, make_night: Callable[..., Truth]
) -> None:
    paths = make_night(n_subs=3).paths
    for path in paths:
        with fits.open(path, mode="update") as hdus:
            del hdus[0].header["DATE-OBS"]
    with pytest.raises(UndatedSubsError, match="DATE-OBS"):
        stack_series(paths, tmp_path / "s.fits", 60, recipe=Recipe(), progress=silent)
    assert not (tmp_path / "s.fits").exists()
