"""Tables of stars lead programs of the Virtual Observatory to light curves."""

from __future__ import annotations

import shutil

import pytest
import pyvo
import requests

from tests.contract.site.support import PASSWORD
from tests.contract.vo.validity import remarks, votlint
from tests.support.light_rows import LightRows
from tests.support.sites import SiteUnderTest

MJD = 61000.25


@pytest.mark.one_database
def test_a_star_leads_to_its_light_curve(site: SiteUnderTest) -> None:
    light = LightRows(site.rows)
    field = light.field()
    star, other = light.star(192.9, 41.3), light.star(192.91, 41.3)
    owner = site.rows.add_user("ann", PASSWORD)
    epochs = [light.epoch(field, owner, MJD + day) for day in range(3)]
    for epoch in epochs:
        light.observe(star, epoch)
    light.observe(other, epochs[0])
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {site.rows.add_data_key()}"
    cone = {"ra": 192.9, "dec": 41.3, "radius": 0.1, "format": "votable"}

    query = pyvo.dal.DALQuery(f"{site.api_url}/stars.php", session=session, **cone)
    stars = pyvo.dal.TAPResults(query.execute_votable(), session=session)

    assert list(stars["id"]) == [star, other]
    written = session.get(f"{site.api_url}/stars.php", params=cone, timeout=60).content
    assert remarks(written) == []
    if shutil.which("stilts"):
        assert votlint(written) == []
    both = session.get(f"{site.api_url}/stars.php", params={**cone, "RA": 1}, timeout=60)
    assert (both.status_code, "'RA'" in both.json()["error"]) == (400, True)
    (curves,) = stars.iter_adhocservices()
    for row, number in zip(stars, (3, 1), strict=True):
        link = pyvo.dal.adhoc.DatalinkQuery.from_resource([row], curves, session=session)
        found = link.execute()
        table = found.to_table()
        assert len(table) == 3 * number
        assert set(table["band"]) == {"TR", "TG", "TB"}
        assert found.fielddescs[0].ref == "bjd_tdb_system"
    anybody = pyvo.dal.adhoc.DatalinkQuery.from_resource([stars[0]], curves)
    with pytest.raises(pyvo.DALServiceError, match="401"):
        anybody.execute()
