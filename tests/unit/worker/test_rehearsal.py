"""The rehearsal of a job: it loads what jobs need, and leaves no trace where jobs would."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crowdsky.base.python_path import python_path
from crowdsky.catalogues.tile_folder import TileFolder
from crowdsky.measuring.recipe import Recipe
from crowdsky.sandbox.report import Report
from crowdsky.solving.catalogue import StarCatalogue
from tests.support.star_fields import INDEX_DIR
from worker.job.rehearsal import rehearse


def test_its_field_wants_no_tiles_of_gaia(
    tycho: StarCatalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = TileFolder(tmp_path / "gaia")
    recipe = Recipe(
        solvers=("astrometry",), index_dir=INDEX_DIR, catalogue_dir=folder.path, cache_dir=tmp_path
    )
    result = rehearse(recipe, Report(io.BytesIO()))
    assert result.measured is not None and result.measured.solution is not None
    assert folder.wanted() == []


def test_it_does_not_load_what_keeps_a_thread(tycho: StarCatalogue, tmp_path: Path) -> None:
    """In a process of its own: the one that jobs are forked from must have no other thread."""
    program = """
import io, sys
from pathlib import Path
from crowdsky.measuring.recipe import Recipe
from crowdsky.sandbox.report import Report
from worker.job.rehearsal import rehearse
recipe = Recipe(
    solvers=(), index_dir=Path(sys.argv[1]), cache_dir=Path("cache"),
    catalogue_dir=Path("gaia"), catalogue_file=Path("stars.parquet"),
)
rehearse(recipe, Report(io.BytesIO()))
print("pyarrow" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(INDEX_DIR)],
        cwd=tmp_path,
        env={**os.environ, **python_path(inherited={})},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "False"
