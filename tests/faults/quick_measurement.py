"""What a quick child says that it has measured: something else for each stack, all invented."""

from __future__ import annotations

from typing import Any

from crowdsky.measuring.measured import Measured

SHARE_SOLVED = 3
"""Of so many stacks all but one are solved."""

_CORNERS = ((-0.47, -0.63), (0.47, -0.63), (0.48, 0.63), (-0.48, 0.63))


def quick_measurement(seed: str) -> Measured:
    """Return the measurement of a stack; the same one for the same hexadecimal digits."""
    number = int(seed[:8], 16)
    if number % SHARE_SOLVED == 0:
        return Measured.nothing("nothing is measured here")
    ra, dec = 100.0 + number % 100_000 / 1e3, number % 80_000 / 1e3 - 40.0
    return Measured(
        solution=_solution(ra, dec, number),
        unsolved_reason=None,
        photometry={"fwhm_arcsec_g": 3.0 + number % 100 / 100, "catalogue": "Tycho-2"},
        objects=(_object(ra, dec, number),),
        object_mismatch=None if number % 2 else "M 94 is not in the picture",
        n_stars=number % 1000,
        overlay=None,
        stars=None,
        notes=(f"measured {number}",),
    )


def _solution(ra: float, dec: float, number: int) -> dict[str, Any]:
    return {
        "ra_deg": ra,
        "dec_deg": dec,
        "corners": [[ra + east, dec + north] for east, north in _CORNERS],
        "scale_arcsec": 2.37,
        "rotation_deg": number % 360 - 180.0,
        "parity": -1,
        "field_deg": [0.711, 1.264],
        "crpix": [540.5, 960.5],
        "crval": [ra, dec],
        "cd": [-0.00065, 0.0, 0.0, 0.00065],
        "width": 1080,
        "height": 1920,
        "solver": "triangles",
        "seconds": 0.031,
        "n_matched": 38,
        "n_catalogue": 44,
        "rms_arcsec": 0.612,
        "catalogue": "Tycho-2",
        "verdict": "good",
    }


def _object(ra: float, dec: float, number: int) -> dict[str, Any]:
    return {
        "name": f"NGC {number % 7840 + 1}",
        "messier": None,
        "type": "Galaxy",
        "ra_deg": ra,
        "dec_deg": dec,
        "separation_arcmin": number % 300 / 10,
        "size_arcmin": None,
        "magnitude": 8.0 + number % 50 / 10,
    }
