"""Synthetic mosaics: the panels that a telescope in mosaic mode takes one after the other.

Every panel is a night of its own with its own tangent plane, as a camera has it that points there;
all have the same stars. Their skies differ, because hours and altitudes lie between them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from crowdsky.synthetic.geometry import SkyGrid
from crowdsky.synthetic.records import Night

PAUSE_S = 60.0
"""Time between two panels, seconds."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How panels lie: ``columns`` x ``rows``, each sharing ``overlap`` of its side with the next.

    Each panel is rotated by ``turn_deg`` more than the one before, and its sky is brighter by the
    share ``sky_growth``. ``missing`` panels were not taken, counted row by row.
    """

    columns: int
    rows: int
    overlap: float = 0.15
    turn_deg: float = 0.0
    sky_growth: float = 0.03
    missing: Collection[int] = ()


def panel_nights(night: Night, layout: Layout) -> list[Night]:
    """Plan the nights of all panels; ``night`` is that of a panel in the middle of its scene."""
    camera, whole = night.camera, night.grid
    length = timedelta(seconds=night.n_subs * night.cadence_s + PAUSE_S)
    nights: list[Night] = []
    for number in range(layout.columns * layout.rows):
        if number in layout.missing:
            continue
        row, column = divmod(number, layout.columns)
        across = (column - (layout.columns - 1) / 2.0) * camera.width * (1.0 - layout.overlap)
        down = (row - (layout.rows - 1) / 2.0) * camera.height * (1.0 - layout.overlap)
        ra, dec = whole.to_sky(whole.middle[0] + across, whole.middle[1] + down)
        brighter = 1.0 + layout.sky_growth * len(nights)
        red, green, blue = (brighter * level for level in night.sky_adu)
        nights.append(
            replace(
                night,
                scene=replace(night.scene, ra_deg=ra, dec_deg=dec),
                start=night.start + len(nights) * length,
                position_angle_deg=_angle(whole, ra, dec) + layout.turn_deg * len(nights),
                sky_adu=(red, green, blue),
            )
        )
    return nights


def _angle(whole: SkyGrid, ra_deg: float, dec_deg: float) -> float:
    """Return the position angle of a panel whose rows run like those of the whole there."""
    step = 1.0 / 3600.0
    x, y = whole.to_pixels(np.array([ra_deg, ra_deg]), np.array([dec_deg, dec_deg + step]))
    north = np.array([x[1] - x[0], y[1] - y[0]])
    # At position angle p north is (-sin p, -cos p) in pixels.
    return float(np.degrees(np.arctan2(-north[0], -north[1])))
