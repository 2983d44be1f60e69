"""The real Seestar frames, which stay outside the repository."""

from __future__ import annotations

import os
from pathlib import Path

from demo.services import REPOSITORY

VARIABLE = "CROWDSKY_REAL_SUBS"


def real_subs_folder() -> Path:
    """Return where the real subs are looked for, whether they are there or not."""
    configured = os.environ.get(VARIABLE)
    return Path(configured) if configured else REPOSITORY.parent / "shared" / "data"


def has_real_subs(folder: Path) -> bool:
    """Tell whether a folder holds nights of Seestar subs, one folder each."""
    return any(folder.glob("*/Light_*.fit"))
