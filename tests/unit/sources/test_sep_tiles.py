"""Stars of pictures that are too large to be searched at once."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.base.file_arrays import FileArrays, give_back_file_arrays
from crowdsky.sources import sep_extract


def test_tiles_find_what_the_whole_picture_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(8)
    picture = rng.normal(1000.0, 5.0, (700, 900)).astype(np.float32)
    y, x = np.mgrid[-8:9, -8:9]
    for row, column in zip(rng.uniform(9, 690, 90), rng.uniform(9, 890, 90), strict=True):
        top, left = int(row) - 8, int(column) - 8
        star = 2000.0 * np.exp(-((y + 8 - row + top) ** 2 + (x + 8 - column + left) ** 2) / 4.0)
        picture[top : top + 17, left : left + 17] += star
    footprint = np.ones(picture.shape, np.int32)
    whole = sep_extract.detect_stars(picture[None], footprint)
    monkeypatch.setattr(sep_extract, "LARGEST_PX", 100_000)
    monkeypatch.setattr(sep_extract, "TILE_PX", 256)
    monkeypatch.setattr(sep_extract, "MARGIN_PX", 96)
    tiled = sep_extract.detect_stars(picture[None], footprint)
    assert len(tiled) == len(whole) > 70
    order = [np.lexsort((table["x"], table["y"])) for table in (whole, tiled)]
    for name in ("x", "y", "xmin", "ypeak"):
        np.testing.assert_allclose(tiled[name][order[1]], whole[name][order[0]], atol=0.05)
    np.testing.assert_allclose(tiled["flux"][order[1]], whole["flux"][order[0]], rtol=0.02)
    assert (np.diff(tiled["flux"]) <= 0).all()


def test_arrays_in_a_file_keep_what_is_written() -> None:
    arrays = FileArrays({"one": ((3, 5), np.uint8), "two": ((4, 7), np.float32)}).arrays
    assert not arrays["two"].any()
    arrays["one"][:] = 7
    arrays["two"][1] = 2.5
    give_back_file_arrays()
    assert (arrays["one"] == 7).all()
    assert arrays["two"].sum() == 7 * 2.5
