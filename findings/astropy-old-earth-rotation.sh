#!/usr/bin/env bash
# Guess: with downloads off and `iers_degraded_accuracy` set to "ignore", astropy uses its bundled
# Earth-rotation table at any age, and times beyond the measured part only lose a little accuracy.
# Found: once that part is more than 30 days old, light travel times, UT1 and altitudes raise
# ValueError for every later time, last night included. The setting responsible is `auto_max_age`,
# whose name and documentation refer to downloads only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    astropy==8.0.2 astropy-iers-data==0.2026.9.28.0.59.37 numpy==2.4.6 pyerfa==2.0.1.5
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

from astropy import units
from astropy.coordinates import AltAz, EarthLocation, SkyCoord
from astropy.time import Time
from astropy.utils import iers

print("astropy", version("astropy"), "with astropy-iers-data", version("astropy-iers-data"))
iers.conf.auto_download = False
iers.conf.iers_degraded_accuracy = "ignore"
place = EarthLocation.from_geodetic(16 * units.deg, 48 * units.deg)
star = SkyCoord(192.7 * units.deg, 41.1 * units.deg)
measured_until = Time(iers.IERS_Auto.open().meta["predictive_mjd"], format="mjd", scale="utc")
later = Time(measured_until.mjd + 1, format="mjd", scale="utc", location=place)
print("measured until", measured_until.iso, "and asked for", later.iso)
questions = {
    "light travel time": lambda: later.light_travel_time(star),
    "UT1": lambda: later.ut1,
    "altitude": lambda: star.transform_to(AltAz(obstime=later, location=place)),
}
as_found = True
for name, ask in questions.items():
    try:
        answer = f"{type(ask()).__name__}, no error"
        as_found = False
    except ValueError as error:
        answer = f"ValueError: {str(error).splitlines()[0]}"
    print(f"{name}: {answer}")
with iers.conf.set_temp("auto_max_age", None):
    print("with auto_max_age None:", later.light_travel_time(star).to(units.s))
sys.exit(0 if as_found else "this has changed")
PYTHON
