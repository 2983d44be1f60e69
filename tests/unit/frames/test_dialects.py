"""Headers of all telescopes and programs that we know, read as the site reads them.

The site's half is ``tests/php/Fits/DialectsTest.php``, on the same table.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from astropy.io import fits

from crowdsky.base.errors import UnreadableFrameError
from crowdsky.frames.card_facts import binning
from crowdsky.frames.fits_header import MONO, FrameHeader
from crowdsky.frames.frames import read_light_frame
from crowdsky.frames.header_clock import ToldClock, header_clock
from crowdsky.frames.public_header import clean_header
from crowdsky.frames.telescopes import names_unit
from tests.support.dialects import Dialect, dialects

DIALECTS = dialects()
LIGHTS = [one for one in DIALECTS if "refused" not in one.expect]
REFUSED = [one for one in DIALECTS if "refused" in one.expect]
SERVED = [one for one in LIGHTS if one.expect["start"] or one.expect["local"]]
"""What the site takes, and gives to workers."""
KEPT = ("exposure_s", "start", "local", "pattern", "gain", "eq_mode", "pointing", "wide")
"""Facts that a public copy must still have."""


def said(header: FrameHeader) -> dict[str, object]:
    """Return the facts of a header by their names in the table."""
    known = header.site_lat_deg is not None and header.site_long_deg is not None
    return {
        "exposure_s": header.exptime_s,
        "start": header.date_obs,
        "local": header.local_start,
        "pointing": None if header.ra_deg is None else [header.ra_deg, header.dec_deg],
        "telescope": header.telescope,
        "names_unit": header.telescope is not None and names_unit(header.telescope),
        "instrument": header.instrument,
        "object": header.object_name,
        "filter": header.filter_name,
        "pattern": None if header.pattern == MONO else header.pattern,
        "gain": header.gain,
        "eq_mode": header.eq_mode,
        "wide": header.is_wide,
        "site": [header.site_lat_deg, header.site_long_deg] if known else None,
    }


def expected(dialect: Dialect) -> dict[str, object]:
    """Return what the table expects, in the same form."""
    start, local = dialect.expect["start"], dialect.expect["local"]
    angles = {key: dialect.expect[key] for key in ("pointing", "site")}
    return {
        **{key: value for key, value in dialect.expect.items() if key != "binning"},
        **{key: value and pytest.approx(value, abs=1e-6) for key, value in angles.items()},
        "start": start and datetime.fromisoformat(str(start)).replace(tzinfo=UTC),
        "local": local and datetime.fromisoformat(str(local)),
    }


@pytest.mark.parametrize("dialect", LIGHTS, ids=[one.name for one in LIGHTS])
def test_a_light_frame_is_read(tmp_path: Path, dialect: Dialect) -> None:
    header = read_light_frame(dialect.write(tmp_path / "a.fit")).header

    assert said(header) == expected(dialect)
    cards = fits.Header.fromstring(dialect.header)
    binned = binning(cards)
    assert binned == (dialect.expect["binning"] and tuple(dialect.expect["binning"]))


@pytest.mark.parametrize("dialect", SERVED, ids=[one.name for one in SERVED])
def test_its_public_copy_is_read_alike(tmp_path: Path, dialect: Dialect) -> None:
    path = dialect.write(tmp_path / "a.fit", clean_header(dialect.header))
    whole = fits.Header.fromstring(dialect.header)
    clock = header_clock(whole, whole.comments["DATE-OBS"])
    told = ToldClock(is_local=clock.is_local, at_end=clock.at_end)  # as job_files has it

    facts, wanted = said(read_light_frame(path, told).header), expected(dialect)
    assert {key: facts[key] for key in KEPT} == {key: wanted[key] for key in KEPT}


@pytest.mark.parametrize("dialect", REFUSED, ids=[one.name for one in REFUSED])
def test_what_is_no_sub_is_refused(tmp_path: Path, dialect: Dialect) -> None:
    with pytest.raises(UnreadableFrameError) as caught:
        read_light_frame(dialect.write(tmp_path / "a.fit"))

    assert str(dialect.expect["refused"]) in caught.value.why
