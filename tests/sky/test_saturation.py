"""The end of the scale is found whatever numbers a camera writes, and goes with the stack."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.stacking.stack_files import stack_files
from crowdsky.synthetic.sky import SEESTAR_S50
from tests.sky.conftest import MakeNight

BRIGHT = replace(SEESTAR_S50.resized(480, 640), zero_point_mag=26.5)
"""A camera that many stars of the field saturate."""


@pytest.fixture
def subs(make_night: MakeNight) -> list[Path]:
    return make_night(seed=6, camera=BRIGHT, n_subs=4).paths


def rewritten(subs: list[Path], folder: Path, divide: float, kind: str, **cards: object) -> list:
    """The same light in other numbers: divided, cut off and stored as ``kind``."""
    folder.mkdir()
    for path in subs:
        data, header = fits.getdata(path), fits.getheader(path)
        for key in ("BZERO", "BSCALE"):
            header.remove(key, ignore_missing=True)
        header.update(cards)
        values = data / divide
        values = values if kind.startswith("f") else np.floor(values)
        fits.PrimaryHDU(values.astype(kind), header).writeto(folder / path.name)
    return sorted(folder.iterdir())


def saturated_stars(stack: Path) -> list[tuple[int, int]]:
    """Stars with a pixel from SATURATE on, by their places to 4 px."""
    with fits.open(stack) as hdus:
        end = hdus[0].header["SATURATE"]
        top = np.max([hdus[name].data for name in ("RED", "GREEN", "BLUE")], axis=0)
        table = hdus["STAR-TAB"].data
        found = []
        for x, y in zip(table["xpeak"], table["ypeak"], strict=True):
            if top[max(0, y - 2) : y + 3, max(0, x - 2) : x + 3].max() >= end:
                found.append((round(x / 4), round(y / 4)))
        return sorted(found)


def test_the_same_stars_are_saturated_in_any_numbers(subs: list[Path], tmp_path: Path) -> None:
    stack_files(subs, tmp_path / "16.fits")
    found = {}
    kinds = {"12": (16.0, "u2"), "14": (4.0, "i2"), "unit": (65535.0, "f4")}
    for name, (divide, kind) in kinds.items():
        paths = rewritten(subs, tmp_path / name, divide, kind)
        stack_files(paths, tmp_path / f"{name}.fits")
        end = fits.getheader(tmp_path / f"{name}.fits")["SATURATE"]
        assert end == pytest.approx(0.95 * 65535.0 / divide, rel=0.04)
        found[name] = saturated_stars(tmp_path / f"{name}.fits")
    truth = saturated_stars(tmp_path / "16.fits")
    assert len(truth) >= 5
    for name, stars in found.items():
        assert abs(len(stars) - len(truth)) <= 1, name


def test_a_field_without_saturated_stars_keeps_the_scale_of_the_file(
    make_night: MakeNight, tmp_path: Path
) -> None:
    faint = replace(BRIGHT, zero_point_mag=22.0)
    paths = make_night(seed=6, camera=faint, n_subs=4).paths
    stack_files(paths, tmp_path / "faint.fits")
    assert fits.getheader(tmp_path / "faint.fits")["SATURATE"] > 60_000
    unit = rewritten(paths, tmp_path / "unit", 65535.0, "f4")
    stack_files(unit, tmp_path / "unit.fits")
    assert "SATURATE" not in fits.getheader(tmp_path / "unit.fits")


@pytest.mark.parametrize(
    ("cards", "end"),
    [({"SATURATE": 0.5}, 0.475), ({"DATAMAX": 1.0}, 0.95), ({"DATAMAX": 0.731}, None)],
)
def test_what_the_header_says_counts_where_no_star_tells(
    make_night: MakeNight, tmp_path: Path, cards: dict[str, object], end: float | None
) -> None:
    faint = replace(BRIGHT, zero_point_mag=22.0)
    paths = make_night(seed=6, camera=faint, n_subs=2).paths
    unit = rewritten(paths, tmp_path / "unit", 65535.0, "f4", **cards)
    stack_files(unit, tmp_path / "unit.fits")
    header = fits.getheader(tmp_path / "unit.fits")
    if end is None:
        assert "SATURATE" not in header
    else:
        assert header["SATURATE"] == pytest.approx(end, rel=0.05)
