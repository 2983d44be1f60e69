"""Recognises the raw files of cameras, in which Pillow finds nothing but a small preview."""

from __future__ import annotations

from pathlib import Path

RAW_SUFFIXES = (
    "3fr", "arw", "cr2", "cr3", "crw", "dcr", "dng", "erf", "fff", "iiq", "kdc", "mef", "mos",
    "mrw", "nef", "nrw", "orf", "pef", "raf", "raw", "rw2", "rwl", "sr2", "srf", "srw", "x3f",
)  # fmt: skip
RAW_STARTS = {
    b"IIRO": "ORF",
    b"IIRS": "ORF",
    b"MMOR": "ORF",
    b"IIU\0": "RW2",
    b"FUJIFILMCCD-RAW": "RAF",
    b"FOVb": "X3F",
    b"\0MRM": "MRW",
}
LONGEST_START = 32


def camera_raw_kind(path: Path) -> str | None:
    """Return the kind of camera raw, such as "CR2", by its first bytes or its name; None if none.

    Raises OSError when the file cannot be read. Raws that look like any TIFF inside (NEF, ARW, DNG)
    are known by their names; one under another name is found by the role of its pages.
    """
    with path.open("rb") as file:
        start = file.read(LONGEST_START)
    for magic, kind in RAW_STARTS.items():
        if start.startswith(magic):
            return kind
    if start[8:10] == b"CR" and start[:2] == b"II":
        return "CR2"
    if start[4:11] == b"ftypcrx":
        return "CR3"
    if start[6:14] == b"HEAPCCDR":
        return "CRW"
    suffix = path.suffix.lower().removeprefix(".")
    return suffix.upper() if suffix in RAW_SUFFIXES else None
