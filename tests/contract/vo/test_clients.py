"""Other clients than pyvo: STILTS, which is TOPCAT without a window, and astroquery."""

from __future__ import annotations

import shutil
import subprocess

import astropy.units as u
import pytest
import requests
from astropy.coordinates import SkyCoord

from tests.contract.vo.archive import Archive
from tests.contract.vo.validity import votlint

needs_stilts = pytest.mark.skipif(shutil.which("stilts") is None, reason="stilts is not installed")
FIELD = "RA=192.7&DEC=41.1&SR=1"


def stilts(*arguments: str) -> str:
    """Run STILTS and return what it wrote."""
    done = subprocess.run(["stilts", *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.one_database
@needs_stilts
def test_stilts_finds_images(archive: Archive, api: str) -> None:
    stack = archive.add(192.72, 41.12)
    archive.add(192.72, 41.12, public=False)
    answer = stilts(
        "cone", "servicetype=sia2", f"serviceurl={api}/sia2.php/query", "lon=192.7", "lat=41.1",
        "radius=0.5", "ofmt=csv", 'ocmd=keepcols "obs_id s_ra t_exptime"',
    )  # fmt: skip
    assert answer.split() == ["obs_id,s_ra,t_exptime", f"stack-{stack},192.72,780.0"]


@pytest.mark.every
@pytest.mark.one_database
@needs_stilts
def test_stilts_matches_a_list_against_a_cone_search(archive: Archive, api: str) -> None:
    stack = archive.add(192.72, 41.12)
    archive.add(10.0, 20.0)
    answer = stilts(
        "cone", "servicetype=cone", f"serviceurl={api}/scs_stacks.php?", "lon=192.7", "lat=41.1",
        "radius=0.5", "ofmt=csv", 'ocmd=keepcols "obs_id"',
    )  # fmt: skip
    assert answer.split() == ["obs_id", f"stack-{stack}"]


@pytest.mark.every
@pytest.mark.one_database
@needs_stilts
@pytest.mark.parametrize("query", ["sia2.php?MAXREC=1", f"scs_stacks.php?{FIELD}"])
def test_votlint_has_nothing_to_say(archive: Archive, api: str, query: str) -> None:
    archive.add(192.72, 41.12)
    archive.add(192.8, 41.1, solved=query.startswith("sia2"), start=None, end=None)
    assert votlint(requests.get(f"{api}/{query}", timeout=30).content) == []


@pytest.mark.one_database
@pytest.mark.filterwarnings("ignore:.*W06.*")
def test_astroquery_searches_a_cone(archive: Archive, api: str) -> None:
    # Its module asks the network for a list of services when it is imported with one configured.
    conesearch = pytest.importorskip("astroquery.vo_conesearch.conesearch")
    stack = archive.add(192.72, 41.12)
    archive.add(10.0, 20.0)
    where = SkyCoord(192.7 * u.deg, 41.1 * u.deg)
    found = conesearch.conesearch(where, 0.5 * u.deg, catalog_db=f"{api}/scs_stacks.php?", verb=1)
    assert list(found["obs_id"]) == [f"stack-{stack}"]
