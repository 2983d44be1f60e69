"""Real work in a child process: it gives its results, or says what is wrong with the data.

Everything is held to it twice: for children that start cold, and for those of the warm start.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from crowdsky.base.errors import BadDataError, ComputeError
from crowdsky.sandbox.run_task import Progress
from crowdsky.solving.catalogue import StarCatalogue
from tests.support.children import NO_SOLVERS
from tests.support.gaia_fields import gaia_rows, random_colours, write_tiles
from tests.support.star_fields import INDEX_DIR
from tests.unit.sandbox.conftest import Run

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "engine",
    ["native", pytest.param("seestarpy", marks=pytest.mark.every)],
)
def test_real_subs_give_a_stack_and_a_thumbnail(
    run: Run, tmp_path: Path, subs: list[Path], engine: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Also shows that the limits leave BLAS its threads."""
    seen: list[Progress] = []
    result = run(tmp_path, subs, engine=engine, memory_mb=1200, on_progress=seen.append)
    assert engine in result.stack.engine
    assert result.stack.n_frames_aligned == 3
    assert result.stack.output_path.read_bytes().startswith(b"SIMPLE")
    assert result.thumbnail is not None
    assert result.thumbnail.read_bytes().startswith(b"\x89PNG")
    assert result.measured is not None
    assert result.measured.unsolved_reason is not None, "it was told of no solvers"
    assert result.measured.stars is not None
    stars = json.loads(result.measured.stars.read_bytes())["stars"]
    assert len(stars) == result.measured.n_stars > 0
    assert result.measured.overlay is None
    steps = list(dict.fromkeys(progress.step for progress in seen))
    assert steps[-4:] == ["thumbnail", "solve", "measure", "overlay"]
    assert all(0.0 <= progress.part <= 1.0 for progress in seen)
    assert capfd.readouterr() == ("", "")


def test_a_stack_is_measured_again_without_its_subs(
    run: Run, tmp_path: Path, subs: list[Path]
) -> None:
    first = run(tmp_path, subs)
    for path in tmp_path.glob("*.png"):
        path.unlink()
    index = Path("/usr/share/astrometry")
    if not any(index.glob("index-tycho2-*")):
        pytest.skip("no Tycho-2 index files")
    recipe = replace(NO_SOLVERS, solvers=("triangles",), index_dir=index, cache_dir=tmp_path)
    again = run(tmp_path, recipe=recipe, again=True)
    assert again.thumbnail is not None and again.thumbnail.exists()
    assert again.measured is not None and again.measured.solution is not None
    assert again.measured.solution["solver"] == "triangles"
    assert again.measured.overlay is not None and again.measured.overlay.exists()
    assert [found["messier"] for found in again.measured.objects] == ["M 81"]
    same = ("n_frames_input", "n_frames_aligned", "total_exptime", "date_obs_start",
            "date_obs_end", "width", "height", "engine", "method", "sigma_clip")  # fmt: skip
    for name in same:
        assert getattr(again.stack, name) == getattr(first.stack, name), name
    for new, old in zip(again.stack.frames, first.stack.frames, strict=True):
        assert (new.filename, new.sha256, new.used) == (old.filename, old.sha256, old.used)
        assert new.transform == old.transform
        assert new.fwhm_px == pytest.approx(old.fwhm_px, rel=1e-6)


def test_tiles_of_gaia_are_read_within_the_limits(
    run: Run, tmp_path: Path, subs: list[Path], tycho: StarCatalogue
) -> None:
    """Pyarrow, with its own threads and memory, in a child of either kind."""
    near = tycho.cone(148.9, 69.07, 1.5)
    colours = random_colours(len(near), np.random.default_rng(1))
    write_tiles(tmp_path / "gaia", gaia_rows(near.ra, near.dec, near.mag, colours))
    recipe = replace(
        NO_SOLVERS, solvers=("triangles",), index_dir=INDEX_DIR, cache_dir=tmp_path,
        catalogue_dir=tmp_path / "gaia",
    )  # fmt: skip
    result = run(tmp_path, subs, recipe=recipe, memory_mb=1200)
    assert result.measured is not None and result.measured.photometry is not None
    assert result.measured.notes == ()
    assert result.measured.photometry["catalogue"] == "V Gaia DR3"


def test_a_rescan_without_any_solver_says_what_is_missing(
    run: Run, tmp_path: Path, subs: list[Path]
) -> None:
    run(tmp_path, subs)
    result = run(tmp_path, again=True, recipe=replace(NO_SOLVERS, solvers=("astrometry",)))
    assert result.measured is None
    assert isinstance(result.trouble, ComputeError), "another worker may have them"
    assert "none of the chosen solvers" in str(result.trouble)
    assert "no Tycho-2 index files" in str(result.trouble)


@pytest.mark.parametrize("content", [b"", b"<html>", b"SIMPLE  =                    T"])
def test_a_broken_stack_is_bad_data(run: Run, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "stack.fits").write_bytes(content)
    with pytest.raises(BadDataError, match=r"could not read the stack \(stack.fits\)"):
        run(tmp_path, again=True)


def test_unusable_subs_are_bad_data(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.fit"
    page.write_text("<html>", "utf-8")
    with pytest.raises(BadDataError, match="the sub cannot be used"):
        run(tmp_path, [page])
