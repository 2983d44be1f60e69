"""Mutated FITS files against both readers; `./dev bench fits` reads ten thousand of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.fits_fuzz import READERS, read_mutants

FILES = 600


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
def test_no_file_breaks_a_reader(reader: str, tmp_path: Path) -> None:
    tally = read_mutants(reader, seed=1, count=FILES, folder=tmp_path)
    assert not tally.complaints, "\n".join(tally.complaints[:20])
    assert tally.verdicts.total() == FILES
    # Mutants that are all refused, or all accepted, would test nothing.
    assert min(tally.verdicts["accepted"], tally.verdicts["refused"]) > FILES // 20
