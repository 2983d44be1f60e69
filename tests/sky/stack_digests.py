"""Stacks folders of subs and prints digests of the results; tests run it in processes of their own.

Usage: python -m tests.sky.stack_digests FOLDER...
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

from crowdsky.base.compiled import level_in_use
from crowdsky.stacking.engine import StackedPicture
from tests.sky.native_checks import run

THREADS = (1, 2, 3)


def digests(picture: StackedPicture) -> dict[str, str]:
    """Return the SHA-256 of each array of a stack, and of the transforms."""
    assert picture.noise is not None
    transforms = [frame.report.transform for frame in picture.frames if frame.report.used]
    arrays = {
        "planes": picture.planes,
        "footprint": picture.footprint,
        "variance": picture.noise.variance,
        "rejected": picture.noise.rejected,
        "transforms": np.array(transforms, dtype=np.float64),
    }
    return {name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in arrays.items()}


def main(folders: list[str]) -> None:
    """Print the level, and the digests of each folder for each number of threads, as JSON."""
    found = {
        f"{Path(folder).name}, {threads} threads": digests(
            run(sorted(Path(folder).iterdir()), threads=threads)
        )
        for folder in folders
        for threads in THREADS
    }
    print(json.dumps({"level": level_in_use(), "stacks": found}))


if __name__ == "__main__":
    main(sys.argv[1:])
