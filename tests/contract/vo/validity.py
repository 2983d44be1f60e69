"""What validators say about a VOTable: astropy's, and STILTS where it is installed."""

from __future__ import annotations

import io
import re
import subprocess
import tempfile
import warnings

from astropy.io.votable import parse

OF_CONE_SEARCH = ("ID_MAIN", "POS_EQ_RA_MAIN", "POS_EQ_DEC_MAIN")
"""UCDs of the first version, which Simple Cone Search still wants and validators do not know."""


def remarks(content: bytes) -> list[str]:
    """Return what astropy says about a VOTable, but for the names that cone search wants."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        parse(io.BytesIO(content), verify="warn")
    return [text for one in said if not _is_wanted(text := str(one.message))]


def votlint(content: bytes) -> list[str]:
    """Return what STILTS says about a VOTable."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        file.write(content)
        file.flush()
        command = ["stilts", "votlint", "version=1.4", f"votable={file.name}"]
        done = subprocess.run(command, capture_output=True, timeout=120)
    lines = (done.stdout + done.stderr).decode().splitlines()
    return [line for line in lines if line.strip() and not _is_wanted(line)]


def _is_wanted(text: str) -> bool:
    return "UCD" in text and any(re.search(rf"\b{name}\b", text) for name in OF_CONE_SEARCH)
