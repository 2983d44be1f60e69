"""A stack has the same bits on every processor, and for any number of threads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.base.compiled import VARIABLE, levels_here
from crowdsky.synthetic.sky import SEESTAR_S50
from demo.services import REPOSITORY
from tests.sky.conftest import MakeNight
from tests.sky.native_checks import run, used
from tests.sky.stack_digests import THREADS

KINDS = ("bayer", "mono", "float")


def as_mono(header: fits.Header, values: np.ndarray) -> np.ndarray:
    """The mean of each pixel and its neighbours above and to the left, without a pattern."""
    del header["BAYERPAT"]
    wide = np.pad(values.astype(np.float32), ((1, 0), (1, 0)), mode="edge")
    mean = (wide[1:, 1:] + wide[:-1, 1:] + wide[1:, :-1] + wide[:-1, :-1]) / 4.0
    return mean.astype(np.uint16)


def as_float(_: fits.Header, values: np.ndarray) -> np.ndarray:
    """A third of the pixels, which 16 bits cannot hold."""
    return (values / 3.0).astype(np.float32)


@pytest.fixture
def nights(make_night: MakeNight) -> list[Path]:
    """Folders of subs of each kind, of an odd size, with all that the kernels decide about."""
    truth = make_night(
        KINDS[0],
        n_subs=4,
        camera=SEESTAR_S50.resized(290, 422),
        rotation_deg_per_hour=700.0,
        dither_px=5.0,
        satellites=(1,),
        n_hot_pixels=60,
    )
    change: dict[str, Callable[[fits.Header, np.ndarray], np.ndarray]]
    change = {"mono": as_mono, "float": as_float}
    folders = [truth.folder]
    for kind, changed in change.items():
        folders.append(truth.folder.with_name(kind))
        folders[-1].mkdir()
        for path in truth.paths:
            header, values = fits.getheader(path), fits.getdata(path)
            pixels = changed(header, values)
            fits.writeto(folders[-1] / path.name, pixels, header)
    return folders


def digests_at(level: str, folders: list[Path]) -> dict[str, dict[str, str]]:
    """Stack the folders in a process that computes at a level of x86-64; "" takes the best."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.sky.stack_digests", *map(str, folders)],
        cwd=REPOSITORY,
        env=os.environ | {VARIABLE: level, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert level in ("", answer["level"])
    stacks: dict[str, dict[str, str]] = answer["stacks"]
    return stacks


def test_stacks_have_the_same_bits_at_each_level_and_number_of_threads(
    nights: list[Path],
) -> None:
    for folder in nights:
        picture = run(sorted(folder.iterdir()))
        assert used(picture) == [True] * 4
        assert picture.noise is not None and picture.noise.rejected.sum() > 500
        assert sorted(np.unique(picture.footprint))[-4:] == [1, 2, 3, 4]
    expected: dict[str, dict[str, str]] = {}
    for level in levels_here() or [""]:
        found = digests_at(level, nights)
        assert len(found) == len(KINDS) * len(THREADS)
        for stack, digests in found.items():
            kind = stack.split(",")[0]
            assert digests == expected.setdefault(kind, digests), f"{stack}, {level}"
    assert len({digests["planes"] for digests in expected.values()}) == len(KINDS)
