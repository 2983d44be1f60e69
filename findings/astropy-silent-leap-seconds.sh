#!/usr/bin/env bash
# Guess: `auto_max_age = None`, which astropy's error about old Earth-rotation tables recommends, only
# affects Earth rotation. Astropy still warns of expired leap seconds, each of which costs a second.
# Found: the same setting turns that warning off. UTC to TDB then silently uses the last leap second
# it knows; code with this setting must check `LeapSeconds.auto_open().expires` itself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
# These packages know leap seconds until June 2026 at the latest.
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    astropy==7.2.0 astropy-iers-data==0.2025.10.27.0.39.10 numpy==2.4.6 pyerfa==2.0.1.5
"$folder/venv/bin/python" - <<'PYTHON'
import subprocess
import sys
from importlib.metadata import version

print("astropy", version("astropy"), "with astropy-iers-data", version("astropy-iers-data"))
PROGRAM = """
import sys, warnings
from astropy.time import Time
from astropy.utils import iers
iers.conf.auto_download = False
iers.conf.system_leap_second_file = ""
iers.conf.auto_max_age = {age}
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    Time("2027-01-01", scale="utc").tdb
    until = iers.LeapSeconds.auto_open().expires.iso
print("leap seconds known until", until)
print("warned" if any("leap-second" in str(w.message) for w in caught) else "silent")
"""
found = {}
for age in ("30.0", "None"):
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(age=age)], capture_output=True, text=True, check=True
    )
    found[age] = run.stdout.split()[-1]
    print(f"auto_max_age {age}:", ", ".join(run.stdout.splitlines()))
sys.exit(0 if found == {"30.0": "warned", "None": "silent"} else "this has changed")
PYTHON
