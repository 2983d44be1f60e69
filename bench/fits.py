"""Mutated FITS files by the thousand against the site's reader and the worker's.

`./dev bench fits --files 10000 --seed 1`; the tests read a few hundred of the same kind.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.faults.fits_fuzz import READERS, read_mutants


def main(argv: Sequence[str]) -> int:
    """Print what each reader did; 1 when one of them broke."""
    parser = argparse.ArgumentParser(prog="bench fits", description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    broken = False
    for reader in READERS:
        folder = Path(tempfile.mkdtemp(prefix=f"crowdsky-{reader}-mutants-"))
        tally = read_mutants(reader, options.seed, options.files, folder)
        verdicts = ", ".join(f"{count} {verdict}" for verdict, count in tally.verdicts.items())
        print(
            f"{reader}: {verdicts}; slowest {tally.slowest_seconds:.2f} s,"
            f" most memory {tally.most_bytes / 2**20:.0f} MB"
        )
        if tally.complaints:
            broken = True
            print("\n".join(tally.complaints), f"the files are in {folder}", sep="\n")
        else:
            folder.rmdir()
    return int(broken)
