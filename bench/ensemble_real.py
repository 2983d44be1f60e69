"""Real stars after one common ensemble: their scatter, their errors, and a peer's apertures."""

from __future__ import annotations

import importlib.util
from itertools import pairwise
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.stats import SigmaClip

from crowdsky.photometry.ensemble.field import calibrate_field
from crowdsky.photometry.ensemble.tables import BAND_PLANES, FieldCalibration
from crowdsky.solving.tycho2 import open_tycho2
from tests.support.real_ensemble import MeasuredField, constant_stars, measure_in_fours, with_fluxes
from tests.support.star_fields import INDEX_DIR

RESAMPLINGS, MIN_STARS = 2000, 5
EDGES = (9, 10, 11, 12, 13, 14, 15)


def print_real(subs: Path, folder: Path) -> None:
    """Stack, measure and calibrate the nights in `subs`, and print tables by magnitude."""
    nights = [sorted(night.glob("*.fit*")) for night in sorted(subs.iterdir()) if night.is_dir()]
    field = measure_in_fours(nights, folder)
    catalogue = open_tycho2(INDEX_DIR)
    ours = calibrate_field(field.observations, catalogue)
    peer: FieldCalibration | None = None
    if importlib.util.find_spec("photutils"):
        fluxes = photutils_fluxes(field)
        peer = calibrate_field(with_fluxes(field.observations, fluxes), catalogue)
    else:
        print("photutils is not installed (pip install photutils), so its column is missing")
    print(f"{len(field.paths)} stacks of four subs; scatter in mmag of stars that are constant")
    print("| band | mag | stars | scatter | scatter / stated error | scatter / photutils |")
    print("|---|---|---|---|---|---|")
    for band in "RGB":
        for low, high in [*pairwise(EDGES), (0, 13), (0, 99)]:
            _print_row(band, low, high, ours, peer)


def _print_row(
    band: str, low: float, high: float, ours: FieldCalibration, peer: FieldCalibration | None
) -> None:
    stars = constant_stars(ours, band)
    beside = None if peer is None else constant_stars(peer, band)
    if beside is not None:
        stars = {key: value for key, value in stars.items() if key in beside}
    inside = {key: one for key, one in stars.items() if low <= one.mag < high}
    if not inside:
        return
    scatter = np.array([one.scatter_mag for one in inside.values()])
    honest = np.sqrt(np.mean([one.chi2 for one in inside.values()]))
    ratio = "-"
    if beside is not None:
        of_peer = np.array([beside[key].scatter_mag for key in inside])
        ratio = _with_error(scatter / of_peer)
    name = "all" if high == 99 else f"below {high}" if low == 0 else f"{low} to {high}"
    print(
        f"| {band} | {name} | {len(inside)} | {1e3 * np.median(scatter):.1f} | {honest:.2f}"
        f" | {ratio} |"
    )


def _with_error(ratios: np.ndarray) -> str:
    """Return the median of stars, and its error by drawing them anew; of a few, there is none."""
    if len(ratios) < MIN_STARS:
        return f"{np.median(ratios):.3f}"
    rng = np.random.default_rng(1)
    drawn = rng.choice(ratios, (RESAMPLINGS, len(ratios)))
    return f"{np.median(ratios):.4f} ± {np.median(drawn, axis=1).std():.4f}"


def photutils_fluxes(field: MeasuredField) -> np.ndarray:
    """Measure all observations in the same apertures at the same places, by photutils."""
    from photutils.aperture import CircularAperture, aperture_photometry
    from photutils.background import Background2D, SExtractorBackground

    rows = field.observations.observations
    flux = np.full(rows.flux.shape, np.nan)
    for epoch, path in enumerate(field.paths):
        mine = rows.epoch == epoch
        places = np.stack([rows.x[mine], rows.y[mine]], axis=1).astype(float)
        with fits.open(path) as hdus:
            uncovered = hdus["FOOTPRINT"].data == 0
            for name, letter in (("RED", "R"), ("GREEN", "G"), ("BLUE", "B")):
                data = hdus[name].data.astype(float)
                sky = Background2D(
                    data, 64, mask=uncovered, sigma_clip=SigmaClip(3.0),
                    bkg_estimator=SExtractorBackground(),
                ).background  # fmt: skip
                circles = CircularAperture(places, r=hdus[0].header[f"APRAD{letter}"])
                sums = aperture_photometry(data - sky, circles, mask=uncovered)["aperture_sum"]
                flux[mine, BAND_PLANES[letter]] = sums
    return flux
