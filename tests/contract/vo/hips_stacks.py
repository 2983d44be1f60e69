"""Stacks with known stars in the storage of an archive, solved and calibrated."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from crowdsky.solving.tan import TanWcs
from tests.contract.vo.archive import Archive
from tests.unit.hips.conftest import SHAPE, ZERO_POINT, plant


def add_planted(
    archive: Archive, wcs: TanWcs, stars: list[tuple[float, float, float]], *, public: bool = True
) -> int:
    """Put a stack with stars (RA, Dec, magnitude) into the archive and return its id."""
    ra, dec = wcs.ra0, wcs.dec0
    count = len(archive.rows.all("SELECT id FROM stacked_frames"))
    name = f"/crowdsky/stacks/planted_{count}.fits"
    path = Path(f"{archive.site.data_dir}/stacks{name}")
    path.parent.mkdir(parents=True, exist_ok=True)
    plant(path, wcs, stars, noise=0.3, seed=count)
    body = path.read_bytes()
    stack = archive.add(
        ra, dec, public=public, ucloud_path=name, file_size_bytes=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
    )  # fmt: skip
    right, top = SHAPE[1] - 0.5, SHAPE[0] - 0.5
    xs, ys = [-0.5, right, right, -0.5], [-0.5, -0.5, top, top]
    corners = [[float(ra), float(dec)] for ra, dec in zip(*wcs.sky(xs, ys), strict=True)]
    outline = {"crpix": [1, 1], "crval": [ra, dec], "cd": list(wcs.cd), "corners": corners,
               "width": SHAPE[1], "height": SHAPE[0]}  # fmt: skip
    numbers = {f"zero_point_{plane}": ZERO_POINT for plane in "rgb"}
    archive.rows.execute(
        "UPDATE stack_solutions SET wcs = ?, photometry = ? WHERE stack_id = ?",
        json.dumps(outline), json.dumps({"numbers": numbers, "catalogue": "Gaia DR3"}), stack,
    )  # fmt: skip
    return stack
