"""The command ``solve``: how a solved picture is shown to people."""

from __future__ import annotations

from typing import Any


def plate_lines(plate: dict[str, Any]) -> str:
    """Describe a solved picture, the object ``astrometry`` of an answer, for people."""
    width, height = plate["fov_deg"]
    lines = [
        f"centre    RA {plate['ra_center']:.5f}, Dec {plate['dec_center']:+.5f} degrees",
        f"field     {width:.3f} x {height:.3f} degrees, "
        f"{plate['pixscale_arcsec']:.3f} arcsec per pixel",
        f"up is     {plate['orientation_deg']:.1f} degrees east of north",
        f"pixels    {plate['pixels']}",
    ]
    lines += [
        f"object    {found['name']}, {found['sep_arcmin']:.1f}' from the centre"
        for found in plate["objects"]
    ]
    return "\n".join(lines) + "\n"
