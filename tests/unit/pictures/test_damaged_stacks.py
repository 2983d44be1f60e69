"""Whatever is broken in the file of a stack, every reader reports it by an error of its own."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from crowdsky.base.errors import CrowdSkyError
from crowdsky.photometry.stack_file import read_stack
from crowdsky.pictures.thumbnail import generate_thumbnail
from crowdsky.sources.sep_extract import detect_stars
from crowdsky.stacking.product.cube import write_cube
from crowdsky.stacking.product.finished import is_finished_stack, open_stack
from crowdsky.stacking.product.product import write_product
from crowdsky.stacking.product.read_result import read_result
from tests.unit.stacking.products import PROVENANCE, picture, record

READERS: dict[str, Callable[[Path], object]] = {
    "thumbnail": lambda path: generate_thumbnail(path, path.with_name("thumbnail.png")),
    "measuring": read_stack,
    "result": read_result,
    "merging": open_stack,
    "recognising": is_finished_stack,
    "cube": lambda path: write_cube(path, path.with_name("cube.fits")),
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    made = picture(record(0), record(1))
    path = tmp_path_factory.mktemp("stack") / "stack.fits"
    write_product(path, made, detect_stars(made.planes, made.footprint), PROVENANCE)
    return path.read_bytes()


@pytest.mark.parametrize("reader", READERS)
def test_damage_is_never_a_traceback(tmp_path: Path, stack: bytes, reader: str) -> None:
    rng = random.Random(3)
    blocks = range(0, len(stack), 2880)
    heads = [at for at in blocks if stack[at : at + 8] in (b"SIMPLE  ", b"XTENSION")]
    assert len(heads) == 7
    path, refused = tmp_path / "broken.fits", 0
    for turn in range(60):
        broken = bytearray(stack)
        for _ in range(rng.choice((1, 4, 20))):
            broken[rng.choice(heads) + rng.randrange(2880)] = rng.randrange(32, 127)
        if turn % 4 == 0:
            del broken[rng.randrange(len(broken)) :]
        path.write_bytes(bytes(broken))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                READERS[reader](path)
            except (CrowdSkyError, OSError) as error:
                assert str(error)
                refused += 1
    assert refused > 5 or reader == "recognising"


def test_a_broken_card_that_nobody_needs_costs_no_stack(tmp_path: Path, stack: bytes) -> None:
    path = tmp_path / "stack.fits"
    broken = b"GAIN    =                  nan / gain".ljust(80)
    at = stack.index(b"GAIN    = ")
    path.write_bytes(stack[:at] + broken + stack[at + 80 :])
    for read in READERS.values():
        read(path)
    assert np.isfinite(read_stack(path).planes).all()
