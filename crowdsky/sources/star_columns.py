"""Writes STAR-TAB as FITS: unit, UCD and description of every column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crowdsky.frames.fits_writer import Column, Hdu, table

if TYPE_CHECKING:
    from astropy.io import fits

STAR_TABLE = "STAR-TAB"
NO_CATALOGUE = "none"
COLOURS = {"r": ("red", "em.opt.R"), "g": ("green", "em.opt.V"), "b": ("blue", "em.opt.B")}

Described = tuple[str, str, str]

# Unit (empty without dimension), UCD1+ and description of each column. A description has at most 68
# characters, because a longer card would need CONTINUE, which not all readers know.
OF_SEP: dict[str, Described] = {
    "thresh": ("adu", "phot.flux", "threshold of the detection"),
    "npix": ("pixel", "phys.area", "number of pixels of the source"),
    "tnpix": ("pixel", "phys.area", "number of its pixels above the threshold"),
    "xmin": ("pixel", "pos.cartesian.x;stat.min", "first column of the source, 0-based"),
    "xmax": ("pixel", "pos.cartesian.x;stat.max", "last column of the source, 0-based"),
    "ymin": ("pixel", "pos.cartesian.y;stat.min", "first row of the source, 0-based"),
    "ymax": ("pixel", "pos.cartesian.y;stat.max", "last row of the source, 0-based"),
    "x": ("pixel", "pos.cartesian.x", "isophotal centre, 0-based; ra, dec are not its"),
    "y": ("pixel", "pos.cartesian.y", "isophotal centre, 0-based; ra, dec are not its"),
    "x2": ("pixel**2", "stat.variance;pos.cartesian.x", "second moment of the light along x"),
    "y2": ("pixel**2", "stat.variance;pos.cartesian.y", "second moment of the light along y"),
    "xy": ("pixel**2", "stat.covariance", "mixed second moment of the light"),
    "errx2": ("pixel**2", "stat.variance;pos.cartesian.x", "variance of x"),
    "erry2": ("pixel**2", "stat.variance;pos.cartesian.y", "variance of y"),
    "errxy": ("pixel**2", "stat.covariance", "covariance of x and y"),
    "a": ("pixel", "phys.size.smajAxis", "RMS size along the major axis"),
    "b": ("pixel", "phys.size.sminAxis", "RMS size along the minor axis"),
    "theta": ("rad", "pos.posAng", "angle from the x axis to the major axis"),
    "cxx": ("pixel**-2", "src.morph.param", "coefficient of x**2 of the ellipse"),
    "cyy": ("pixel**-2", "src.morph.param", "coefficient of y**2 of the ellipse"),
    "cxy": ("pixel**-2", "src.morph.param", "coefficient of x*y of the ellipse"),
    "cflux": ("adu", "phot.flux", "isophotal flux, filtered, mean of the planes"),
    "flux": ("adu", "phot.flux", "isophotal flux, mean of the planes"),
    "cpeak": ("adu", "phot.flux;stat.max", "brightest pixel above the sky, filtered"),
    "peak": ("adu", "phot.flux;stat.max", "brightest pixel above the sky"),
    "xcpeak": ("pixel", "pos.cartesian.x", "column of cpeak, 0-based"),
    "ycpeak": ("pixel", "pos.cartesian.y", "row of cpeak, 0-based"),
    "xpeak": ("pixel", "pos.cartesian.x", "column of peak, 0-based"),
    "ypeak": ("pixel", "pos.cartesian.y", "row of peak, 0-based"),
    "flag": ("", "meta.code.qual", "flags of sep.extract; 2 is deblended"),
}
OF_CATALOGUES: dict[str, Described] = {
    "ra": ("deg", "pos.eq.ra;meta.main", "ICRS position of xwin, ywin; NaN if not solved"),
    "dec": ("deg", "pos.eq.dec;meta.main", "ICRS position of xwin, ywin; NaN if not solved"),
    "gaia_id": ("", "meta.id.cross", "source_id in the catalogue GAIACAT; 0 is no match"),
    "gaia_gmag": ("mag", "phot.mag;em.opt", "G in the catalogue GAIACAT; NaN is no match"),
    "gaia_vmag": ("mag", "phot.mag;em.opt.V", "V in the catalogue GAIACAT; NaN is no match"),
    "match_dist_arcsec": ("arcsec", "pos.angDistance", "distance to that star; NaN is no match"),
    "pmra": ("mas/yr", "pos.pm;pos.eq.ra", "motion of that star, with cos(dec); NaN is unknown"),
    "pmdec": ("mas/yr", "pos.pm;pos.eq.dec", "motion of that star; NaN is unknown"),
    "cat_mag": ("mag", "phot.mag;em.opt.V", "magnitude in the catalogue ZPCAT; NaN is no match"),
    "cat_dist_arcsec": ("arcsec", "pos.angDistance", "distance to that star; NaN is no match"),
}
OF_PLANES: dict[str, Described] = {
    name: described
    for letter, (colour, band) in COLOURS.items()
    for name, described in {
        f"flux_{letter}": (
            "adu", f"phot.flux;{band}", f"whole light of the star in {colour}",
        ),
        f"flux_err_{letter}": (
            "adu", f"stat.error;phot.flux;{band}", f"error of flux_{letter}",
        ),
    }.items()
}  # fmt: skip
OF_STARS: dict[str, Described] = {
    "xwin": ("pixel", "pos.cartesian.x;meta.main", "windowed centre, 0-based; ra, dec are its"),
    "ywin": ("pixel", "pos.cartesian.y;meta.main", "windowed centre, 0-based; ra, dec are its"),
    "fwhm": ("pixel", "phys.size;stat.fwhm", "twice the half-light radius, mean of the planes"),
    "ellipticity": ("", "src.ellipticity", "1 - b/a"),
    "snr": ("", "stat.snr", "signal to noise in the mean of the planes"),
    "saturated": ("", "meta.code.qual;instr.saturation", "near the end of the scale in a plane"),
    "blended": ("", "meta.code.qual", "light of another star in the aperture"),
    "edge": ("", "meta.code.qual", "the aperture is cut by the edge"),
}
COLUMNS = OF_SEP | OF_CATALOGUES | OF_PLANES | OF_STARS
"""Unit, UCD1+ and description by the name of the column."""
NO_ID = 0
"""Value of gaia_id where there is no match; no source of Gaia has it."""


def star_table(stars: np.ndarray) -> Hdu:
    """Build the STAR-TAB extension of a new stack, which no catalogue has been matched with.

    ``stars`` is a structured array; its columns are described as far as they are known here.
    """
    columns = []
    for name in stars.dtype.names or ():
        unit, ucd, text = COLUMNS.get(name, ("", "", ""))
        columns.append(Column(name, stars[name], (("TUNIT", unit), ("TUCD", ucd), ("TCOMM", text))))
    return table(columns, STAR_TABLE)


def star_table_hdu(stars: np.ndarray, gaia_catalogue: str = "") -> fits.BinTableHDU:
    """Build the STAR-TAB extension, for a file that astropy writes.

    Args:
        stars: structured array; its columns are described as far as they are known here.
        gaia_catalogue: name of the catalogue behind the columns ``gaia_*``; empty if there was
            none, and then the header says that they are empty.
    """
    from astropy.io import fits

    hdu = fits.BinTableHDU(stars, name=STAR_TABLE)
    header = hdu.header
    for index, name in enumerate(stars.dtype.names or (), start=1):
        unit, ucd, text = COLUMNS.get(name, ("", "", ""))
        header.set(f"TUNIT{index}", unit, after=f"TFORM{index}")
        header.set(f"TUCD{index}", ucd, after=f"TUNIT{index}")
        header.set(f"TCOMM{index}", text, after=f"TUCD{index}")
        if name == "gaia_id":
            header.set(f"TNULL{index}", NO_ID, after=f"TCOMM{index}")
    if "gaia_id" in (stars.dtype.names or ()):
        comment = "catalogue of gaia_*" if gaia_catalogue else "no catalogue: gaia_* are empty"
        header["GAIACAT"] = (gaia_catalogue or NO_CATALOGUE, comment)
    return hdu
