"""Barycentric times by another way than the worker's: ERFA's routines, without astropy."""

from __future__ import annotations

from datetime import datetime

import erfa
import numpy as np

from crowdsky.photometry.times import Site


def independent_bjd(moment: datetime, ra: float, dec: float, site: Site) -> float:
    """BJD_TDB in days: the Earth's place, then the site's, projected on the way to the star.

    TDB - TT is left out (below 2 ms) and UT1 is taken as UTC (below 1 s of Earth rotation).
    """
    second = moment.second + moment.microsecond / 1e6
    day = (moment.year, moment.month, moment.day, moment.hour, moment.minute, second)
    utc = erfa.dtf2d("UTC", *day)
    tt = erfa.taitt(*erfa.utctai(*utc))
    _, barycentric = erfa.epv00(*tt)
    place = erfa.gd2gc(1, np.radians(site.longitude), np.radians(site.latitude), 0.0)
    turned = np.linalg.inv(erfa.c2t06a(*tt, *utc, 0.0, 0.0)) @ place
    metres = barycentric["p"] * erfa.DAU + turned
    towards = erfa.s2c(np.radians(ra), np.radians(dec))
    return float(sum(tt) + metres @ towards / erfa.CMPS / 86400)
