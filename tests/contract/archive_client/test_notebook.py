"""`docs/archive.ipynb` and the examples of `docs/client.md` do what they say."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from demo.services import REPOSITORY
from tests.contract.archive_client.support import PLACE, Archive, star
from tests.support.light_rows import LightRows
from tests.support.sites import SiteUnderTest
from tests.support.worker_process import bare_environment

NOTEBOOK = REPOSITORY / "docs" / "archive.ipynb"
GUIDE = REPOSITORY / "docs" / "client.md"
CLOUDS = (1.0, 0.5, 0.8, 0.9)
"""Part of the light that passes, per stack."""
VARIABLE = (193.1, 41.0)
VARIATION = (0.0, 0.3, 0.1, -0.2)
"""Magnitudes of the variable star, per stack."""
RESULT = """
import json
print(json.dumps({
    "times": [time.isoformat() for time in times], "brightness": list(brightness),
    "calibrated": list(calibrated),
    "place": [stars[star].ra.deg, stars[star].dec.deg], "covered": covered.sky_fraction,
}))
"""


@pytest.fixture
def archive(sqlite_site: SiteUnderTest) -> Archive:
    """Make four stacks of a field in which one star varies, with clouds."""
    archive = Archive(sqlite_site)
    rng = np.random.default_rng(15)
    ra, dec = PLACE[0] + rng.uniform(-0.3, 0.3, 12), PLACE[1] + rng.uniform(-0.3, 0.3, 12)
    ra[3], dec[3] = VARIABLE
    light = rng.uniform(1e3, 1e5, 12)
    for day, (clouds, variation) in enumerate(zip(CLOUDS, VARIATION, strict=True), start=1):
        fluxes = light * clouds
        fluxes[3] *= 10.0 ** (-0.4 * variation)
        stars = [star(*place) for place in zip(ra, dec, fluxes, strict=True)]
        stars = [*stars[day:], *stars[:day], star(ra[0] + day, dec[0], 50.0), star(None, None, 9.0)]
        archive.add(f"2025-03-2{day}T01:20:32", stars)
    calibrate(archive)
    return archive


def calibrate(archive: Archive) -> None:
    """Add epochs of the stacks and calibrate their variable star, and the one of the guide."""
    light = LightRows(archive.site.rows)
    field = light.field(*PLACE)
    listed = [light.star(*VARIABLE), light.star(192.9012, 41.3004)]
    epochs = [light.epoch_of(day, field, 60761.0 + day) for day in range(1, len(CLOUDS) + 1)]
    for epoch, variation in zip(epochs, VARIATION, strict=True):
        light.observe(listed[0], epoch, 1000.0 * 10.0 ** (-0.4 * variation))
        light.observe(listed[1], epoch)
    light.calibration(field, 1, dict.fromkeys(epochs, 20.5), listed)


def test_the_notebook_finds_what_varies(
    archive: Archive, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    cells = json.loads(NOTEBOOK.read_text())["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert 'NAME = "M 81"' in code[0], "it is in the demo"
    code[0] = code[0].replace("M 81", "M 94")
    settings = {
        "CROWDSKY_API_URL": archive.site.base_url,
        "CROWDSKY_API_KEY": archive.site.rows.add_data_key(),
        "MPLBACKEND": "Agg",
        # Finding the fonts of a machine takes seconds.
        "MPLCONFIGDIR": str(pytestconfig.rootpath / ".pytest_cache" / "matplotlib"),
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join([*code, RESULT])],
        cwd=tmp_path,
        env={**bare_environment(), **settings},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert [time[:10] for time in found["times"]] == [f"2025-03-2{day}" for day in range(1, 5)]
    expected = np.array(VARIATION) - np.mean(VARIATION)
    np.testing.assert_allclose(found["brightness"], expected, atol=1e-3)
    np.testing.assert_allclose(found["place"], VARIABLE)
    assert np.subtract(found["calibrated"], found["calibrated"][0]) == pytest.approx(VARIATION)
    assert (tmp_path / "light_curve.png").exists()
    assert (tmp_path / "brightness.png").read_bytes().startswith(b"\x89PNG")
    assert 0 < found["covered"] < 1e-4


def test_the_notebook_is_kept_without_outputs() -> None:
    for cell in json.loads(NOTEBOOK.read_text())["cells"]:
        assert cell.get("outputs", []) == [] and cell.get("execution_count") is None


def test_examples_of_the_guide_run(archive: Archive, tmp_path: Path) -> None:
    first, second, third = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.S)
    for printed, here in (
        ('"https://sky.example.org", "csk_…"', "url, key, download_dir=folder"),
        ('"M 81", filter="LP", min_exptime=600', '"M 94", filter="LP", min_exptime=10'),
    ):
        assert printed in first
        first = first.replace(printed, here)
    key = archive.site.rows.add_data_key()
    names = {"url": archive.site.base_url, "key": key, "folder": tmp_path / "stacks"}
    exec(first, names)  # noqa: S102
    assert len(list(tmp_path.rglob("*.fits"))) == len(CLOUDS)
    assert list(eval(second, names)) == []  # noqa: S307
    exec(third, names)  # noqa: S102
    assert len(names["times"]) == len(names["series"]) == len(CLOUDS)
    assert len(names["cited"].points) == 3 * len(CLOUDS)


def test_the_errors_of_the_guide_are_imported_as_it_says() -> None:
    text = GUIDE.read_text().replace("\n", " ")
    imports = re.findall(r"`(from crowdsky[\w.]* import \w+)`", text)
    listed = re.findall(r"\| `([\w.]+Error)` \|", text)
    assert imports and listed
    lines = [*imports, "error = (", *(f"    {name}," for name in listed), ")"]
    found = subprocess.run([sys.executable, "-c", "\n".join(lines)], check=False)
    assert found.returncode == 0
