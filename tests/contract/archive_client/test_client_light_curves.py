"""`crowdsky.Client` reads stars and light curves of a real site."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord

from crowdsky import Client
from crowdsky.base.errors import AccessDeniedError, UnexpectedAnswerError
from crowdsky.client import tables
from crowdsky.client.errors import StarNotFoundError
from crowdsky.client.light_curves import LightCurve
from crowdsky.client.site import SiteRefusedError
from tests.contract.archive_client.support import reader
from tests.contract.site.support import PASSWORD
from tests.support.light_rows import LightRows
from tests.support.sites import SiteUnderTest

RA, DEC = 192.9, 41.3
GAIA = 1234567890123456789


@pytest.fixture
def client(sqlite_site: SiteUnderTest, tmp_path: Path) -> Client:
    """A program that sees three stars in four epochs, of which three are calibrated."""
    site = sqlite_site
    light = LightRows(site.rows)
    owner = site.rows.add_user("ann", PASSWORD)
    field = light.field()
    stars = [light.star(RA, DEC, gaia_id=GAIA), light.star(192.5, 41.0), light.star(192.6, 41.0)]
    epochs = [light.epoch(field, owner, 61000.0 + day) for day in range(4)]
    for star in stars:
        for epoch in epochs:
            light.observe(star, epoch, 1000.0 if epoch != 2 else -1.0)
    calibration = light.calibration(field, 1, dict.fromkeys(epochs[:3], 20.5), stars[:1])
    site.rows.insert(
        "variable_candidates",
        calibration_id=calibration,
        star_id=stars[0],
        band="G",
        kind="slow",
        score=3.5,
        excess_mag=0.1,
        n_points=9,
        n_nights=3,
        amplitude_mag=0.4,
        amplitude_error_mag=0.05,
        remark="a slow change explains the points",
        bright_epoch_id=epochs[0],
    )
    return reader(site.base_url, site.rows.add_data_key(), tmp_path)


def test_a_light_curve_has_arrays_units_and_versions(client: Client) -> None:
    curve = client.light_curve(1)

    assert (curve.star, curve.ra_deg, curve.dec_deg, curve.gaia_id) == (1, RA, DEC, GAIA)
    assert curve.bands == ("TB", "TG", "TR")
    assert len(curve.points) == 12
    assert curve.points["mag"].unit == u.mag
    (calibration,) = curve.calibrations
    assert (calibration.version, calibration.catalogue) == ("1", "V of Tycho-2")
    times, mags, errors = curve.arrays("TG")
    assert len(times) == 2, "one has no light, one no calibration"
    assert times == pytest.approx([2461000.5, 2461002.5], abs=0.01)
    assert mags[0] == mags[1] == pytest.approx(13.0, abs=0.1)
    assert np.all(errors > 0)
    series = curve.time_series("TG")
    assert series.time.scale == "tdb"
    assert series["mag"].unit == u.mag
    assert series.time.jd == pytest.approx(times)
    assert len(client.light_curve(1, version=1).points) == 9
    near = client.light_curve(near=SkyCoord(RA, DEC, unit="deg"), band="TG", quality="good")
    assert (near.star, near.bands, len(near.points)) == (1, ("TG",), 2)


def test_lists_are_tables_of_all_pages(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crowdsky.client.client.STARS", 1)
    stars = client.stars_near((192.7, 41.1), 1.0)

    assert stars["id"].tolist() == [1, 2, 3]
    assert stars["n_observations"].tolist() == [4, 4, 4]
    assert stars["mag_tg"].unit == u.mag
    assert stars["mag_tg"].mask.tolist() == [False, True, True]
    assert stars["gaia_id"][0] == str(GAIA)
    assert "next" not in stars.meta
    (found,) = client.variables()
    assert (found["star"], found["kind"], found["score"]) == (1, "slow", 3.5)
    assert np.ma.is_masked(found["period_d"])
    assert found["amplitude_error_mag"] == pytest.approx(0.05)
    assert found["remark"] == "a slow change explains the points"
    assert len(client.new_sources()) == 0
    assert "n_chunks" in client.new_sources().colnames
    assert len(client.stars_near((10.0, 10.0), 0.1)) == 0


def test_what_is_not_there_has_a_clear_error(
    client: Client, sqlite_site: SiteUnderTest, tmp_path: Path
) -> None:
    with pytest.raises(StarNotFoundError, match="no star 99"):
        client.light_curve(99)
    with pytest.raises(StarNotFoundError, match="no calibration 7"):
        client.light_curve(1, version=7)
    with pytest.raises(SiteRefusedError, match="'band' must be TR"):
        client.light_curve(1, band="V")
    with pytest.raises(SiteRefusedError, match="radius"):
        client.stars_near((1.0, 1.0), 3.0)
    with pytest.raises(AccessDeniedError):
        reader(sqlite_site.base_url, "", tmp_path).light_curve(1)
    with pytest.raises(UnexpectedAnswerError, match="no ECSV"):
        tables.ecsv_table("<html>", "could not list stars")
    table = client.light_curve(1).points
    table.remove_column("mag")
    with pytest.raises(UnexpectedAnswerError, match="no column mag"):
        LightCurve.of_table(table)
