"""Where an nginx of the tests keeps what it would else write to the folders of the system."""

from __future__ import annotations

from pathlib import Path


def scratch_folders(folder: Path) -> str:
    """Return the directives of the block ``http`` that name folders below this one."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
