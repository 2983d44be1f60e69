"""`crowdsky lightcurve STAR`: how bright a star of the archive was, printed, saved and drawn."""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crowdsky.base.errors import ConfigurationError
from crowdsky.client.errors import StarNotFoundError

if TYPE_CHECKING:
    import numpy as np

    from crowdsky.client.client import Client
    from crowdsky.client.light_curves import LightCurve
    from crowdsky.photometry.variability import Period

FORMATS = {
    ".json": "json",
    ".csv": "csv",
    ".ecsv": "ecsv",
    ".vot": "votable",
    ".xml": "votable",
    ".parquet": "parquet",
    ".txt": "aavso",
}
"""Format of a file by the end of its name."""
BANDS = ("TR", "TG", "TB", "CV")
SEARCHED = ("TG", "CV", "TR", "TB")
"""Bands of which, with as many points, the first is searched: green has the least noise."""
NOT_TIED = "tied to no catalogue, on the scale of the stacks' own zero points"


def add_parser(commands: Any) -> None:
    """Add the subcommand to the parsers of `crowdsky`."""
    parser = commands.add_parser(
        "lightcurve",
        help="print, save and draw how bright a star of the archive was",
        description="Will print what the archive of CROWDSKY_API_URL, with the key"
        " CROWDSKY_API_KEY, has of a star, and save or draw its light curve if asked to.",
    )
    parser.add_argument(
        "star",
        nargs="+",
        metavar="STAR",
        help="its number in the archive; RA and Dec (ICRS, degrees or 12h51m36s +41d18m00s; after"
        " -- if the first is negative); or the name of a variable star that the archive has found",
    )
    parser.add_argument("--band", choices=BANDS)
    parser.add_argument("--version", help="a published calibration instead of the newest one")
    parser.add_argument("--field", type=int, help="only what this field has of the star")
    parser.add_argument("--series", type=int, metavar="SECONDS", help="a series of intervals")
    parser.add_argument("--quality", choices=("all", "good"))
    parser.add_argument("--output", type=Path, metavar="FILE", help="save the curve as a file")
    parser.add_argument(
        "--format",
        choices=sorted(set(FORMATS.values())),
        help="of the file; by default as its name ends, .txt being a report to the AAVSO",
    )
    parser.add_argument("--name", help="of the star, in a report to the AAVSO")
    parser.add_argument("--obscode", help="your observer code, in a report to the AAVSO")
    parser.add_argument("--period", action="store_true", help="search its period")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the curve as a PNG")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> None:
    form = None if options.output is None else _format(options)
    from crowdsky.client.client import Client
    from crowdsky.client.curve_wish import CurveWish

    client = Client()
    number, place = _target(client, options.star)
    conditions = (options.band, options.version, options.field, options.series, options.quality)
    wish = CurveWish(number, place, *conditions)
    curve = client.light_curve(
        number, near=place, band=wish.band, version=wish.version, field=wish.field,
        series=wish.series, quality=wish.quality,
    )  # fmt: skip
    _print(curve)
    if form is not None:
        report = {"name": options.name, "obscode": options.obscode}
        options.output.write_bytes(client.light_curve_file(form, wish, **report))
        sys.stdout.write(f"saved as {options.output} ({form})\n")
    period = _search(curve) if options.period else None
    if options.plot is not None:
        _draw(curve, options.plot, period)


def _format(options: argparse.Namespace) -> str:
    form = options.format or FORMATS.get(options.output.suffix.lower())
    if form is None:
        raise ConfigurationError(
            "no format is known for the file",
            where=str(options.output),
            hint=f"give --format, or a name that ends on {', '.join(FORMATS)}",
        )
    return str(form)


def _target(client: Client, words: list[str]) -> tuple[int | None, tuple[float, float] | None]:
    """Return the number of a star, or a place."""
    text = " ".join(words).strip()
    if text.isascii() and text.isdigit():
        return int(text), None
    place = _place(text)
    return (None, place) if place is not None else (_number_of(client, text), None)


def _place(text: str) -> tuple[float, float] | None:
    """Return RA and Dec in degrees; None for a text that is no position."""
    from astropy.coordinates import SkyCoord

    words = text.split()
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        numbers = []
    try:
        if len(numbers) == 2:
            position = SkyCoord(*numbers, unit="deg")
        else:
            position = SkyCoord(text, unit=("hourangle", "deg"))
    except ValueError:
        return None
    return float(position.ra.deg), float(position.dec.deg)


def _number_of(client: Client, name: str) -> int:
    wanted = "".join(name.split()).lower()
    for row in client.variables():
        known = row["variable_of"]
        if isinstance(known, str) and "".join(known.split()).lower() == wanted:
            return int(row["star"])
    raise StarNotFoundError(
        f"could not find the star {name}",
        why="the archive has found no variable star of this name",
        hint="give its position, or its number in the archive",
    )


def _print(curve: LightCurve) -> None:
    import numpy as np

    gaia = "" if curve.gaia_id is None else f", Gaia DR3 {curve.gaia_id}"
    write = sys.stdout.write
    write(f"star {curve.star} at {curve.ra_deg:.6f} {curve.dec_deg:+.6f} (ICRS){gaia}\n")
    for one in curve.calibrations:
        tied = one.catalogue or NOT_TIED
        write(f"field {one.field}, calibration {one.version} of {one.created_at}: {tied}\n")
    for band in curve.bands:
        total = int(np.count_nonzero(curve.points["band"] == band))
        times, mags, errors = curve.arrays(band)
        if len(times) == 0:
            write(f"{band}: {total} points, none calibrated\n")
            continue
        span = f"BJD {times.min():.5f} to {times.max():.5f}"
        numbers = f"median {np.median(mags):.3f}, scatter {_scatter(mags):.3f}"
        error = f"median error {np.median(errors):.3f}"
        write(f"{band}: {total} points, {len(times)} calibrated from {span}; {numbers}, {error}\n")
    if not curve.bands:
        write("no points\n")


def _scatter(mags: np.ndarray) -> float:
    import numpy as np

    return float(1.4826 * np.median(np.abs(mags - np.median(mags))))


def _search(curve: LightCurve) -> Period | None:
    """Print what a search for a period finds in the band with the most points."""
    from crowdsky.photometry.variability import find_period

    points = {name: len(curve.arrays(name)[0]) for name in SEARCHED if name in curve.bands}
    if not points:
        return None
    band = max(points, key=points.__getitem__)
    found = find_period(*curve.arrays(band))
    if not found.credible or not math.isfinite(found.period):
        trend = f"; slow change of {found.trend:+.2g} mag/d" if math.isfinite(found.trend) else ""
        best = f"; the best is {found.period:.7g} d" if math.isfinite(found.period) else ""
        sys.stdout.write(f"no period in {band}: {found.reason or found.kind}{best}{trend}\n")
        return None
    sys.stdout.write(
        f"period in {band}: {found.period:.7g} +- {found.error:.1g} d ({found.kind},"
        f" {found.cycles} cycles), phase 0 at BJD {found.t0:.5f}, amplitude"
        f" {found.amplitude:.3f} mag, false-alarm probability {found.fap:.1e}\n"
    )
    return found


def _draw(curve: LightCurve, output: Path, period: Period | None) -> None:
    from crowdsky.pictures.light_curve import draw_light_curve

    bands = {band: curve.arrays(band) for band in curve.bands}
    title = f"star {curve.star}  {curve.ra_deg:.5f} {curve.dec_deg:+.5f}"
    try:
        if period is None:
            draw_light_curve(output, bands, title)
        else:
            draw_light_curve(output, bands, title, period=period.period, t0=period.t0)
    except ValueError as error:
        raise StarNotFoundError(
            "could not draw the light curve", why="none of its points is calibrated"
        ) from error
    sys.stdout.write(f"drawn as {output}\n")
