"""The real seestarpy and seestar-photometry, the site, and a real worker beside them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.io import fits

from tests.contract.site.support import PASSWORD
from tests.support.observatory import Observatory
from tests.support.real_clients import Seestarpy, environment_of
from tests.support.star_fields import INDEX_DIR

pytestmark = pytest.mark.slow

READER = Path(__file__).parents[2] / "support" / "photometry_reader.py"
SUBS = 38
UNKNOWN = float("nan")
"""What seestar-photometry gives for what a header does not have."""
LATER = "2025-03-26T23:05:01.500"
"""Start of the finished stack, hours after the subs: another block has another key."""
PATTERN = {"RED": (0, 1), "GREEN": (0, 0), "BLUE": (1, 0)}
"""Row and column of each colour in the cell of a sub; GRBG."""


def read_by_photometry(path: Path) -> dict[str, Any]:
    """Return what seestar-photometry reads from a stack."""
    python = environment_of("seestar-photometry==0.4.0")
    done = subprocess.run(
        [str(python), str(READER), str(path)], capture_output=True, text=True, check=True
    )
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def expected(path: Path) -> dict[str, Any]:
    """Return what is in a stack."""
    with fits.open(path) as hdus:
        header = hdus[0].header
        return {
            "layout": "mef",
            "model": "S50",
            "shape": list(hdus["RED"].shape),
            "sums": [
                float(hdus[name].data.sum(dtype=np.float64)) for name in ("RED", "GREEN", "BLUE")
            ],
            "stars": len(hdus["STAR-TAB"].data),
            "n_exp": header["NIMAGES"],
            "exptime": header["EXPTIME"] / header["NIMAGES"],
            "total_exptime": header["EXPTIME"],
            "obs_start": header["OB-START"],
            "obs_end": header.get("OB-END"),
            "ccd_temp": header["CCD-TEMP"],
            "eqmode": header.get("EQMODE", UNKNOWN),
            "unit": header["TELESCOP"].split("_")[1],
        }


def native_stack(sub: Path, path: Path) -> Path:
    """Write a stack as the telescope does, with the colours of one sub."""
    with fits.open(sub) as hdus:
        mosaic, header = hdus[0].data, hdus[0].header.copy()
    planes = [mosaic[row::2, column::2] for row, column in PATTERN.values()]
    cube = np.stack([plane.repeat(2, axis=0).repeat(2, axis=1) for plane in planes])
    del header["BAYERPAT"]
    header["DATE-OBS"] = LATER
    header["STACKCNT"], header["TOTALEXP"] = SUBS, SUBS * header["EXPTIME"]
    fits.writeto(path, cube, header, output_verify="ignore")
    return path


def completed(observatory: Observatory) -> list[dict[str, Any]]:
    """Return the jobs that are done."""
    return observatory.rows.all("SELECT id FROM stacking_jobs WHERE status = 'completed'")


def test_raw_subs_and_a_finished_stack_become_stacks_that_programs_read(
    observatory: Observatory, subs: list[Path], starry: list[Path], tmp_path: Path
) -> None:
    site = observatory.site
    site.create_user("ann", PASSWORD)
    finished = native_stack(starry[0], tmp_path / "stacked.fits")
    with Seestarpy("0.7.1") as seestarpy:
        seestarpy("set_base_url", site.base_url)
        seestarpy("set_credentials", "ann", PASSWORD)
        session = seestarpy("raw_start_session")
        for sub in subs:
            seestarpy("raw_upload_file", session, str(sub))
        raw_key = seestarpy("raw_finalize", session)["chunks"][0]
        uploaded_key = seestarpy("upload_stack", str(finished))["chunk_key"]
        worker = observatory.start("attic", INDEX_DIR=str(INDEX_DIR), MAX_WORKERS="1")
        worker.wait_for(lambda: len(completed(observatory)) == 2, "two jobs are not completed")
        listed = {stack["chunk_key"]: stack for stack in seestarpy("list_stacks")}
        saved = seestarpy("download_stack", [raw_key, uploaded_key], str(tmp_path / "stacks"))

    stacked, taken_over = (Path(name) for name in saved)
    assert listed[raw_key]["n_frames_aligned"] == len(subs)
    assert listed[uploaded_key]["n_frames_aligned"] == SUBS
    rows = observatory.rows.all(
        "SELECT s.engine, m.solved, m.reason, m.photometry, s.thumbnail_path, s.smoothing_known"
        " FROM stacked_frames s JOIN stack_solutions m ON m.stack_id = s.id ORDER BY s.job_id"
    )
    assert [row["solved"] for row in rows][1] == 1, rows[1]["reason"]
    assert (rows[1]["engine"], rows[1]["smoothing_known"]) == ("uploaded", 0)
    assert json.loads(rows[1]["photometry"])["numbers"]["zero_point_g"] > 20.0
    assert all(row["thumbnail_path"] for row in rows)
    with fits.open(finished) as sent, fits.open(taken_over) as product:
        for plane, name in zip(sent[0].data, PATTERN, strict=True):
            assert np.array_equal(product[name].data, plane)
        assert "SITELAT" not in product[0].header
    for path in (stacked, taken_over):
        read, wanted = read_by_photometry(path), expected(path)
        assert read["sums"] == pytest.approx(wanted.pop("sums"), rel=1e-9)
        assert read["shape"] == wanted.pop("shape")
        assert {name: read[name] for name in wanted} == pytest.approx(wanted, nan_ok=True)
        assert np.isnan(read["airmass"])
        assert {"x", "y", "flux", "ra", "dec", "gaia_id", "gaia_gmag"} <= set(read["columns"])
