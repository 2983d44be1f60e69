"""Where Python processes that we start look for our packages."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = "PYTHONPATH"


def python_path(*first: Path, inherited: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment variable with which a process finds our packages from any folder.

    Args:
        first: folders that are searched before ours.
        inherited: the environment whose PYTHONPATH is searched last.
    """
    places = [*map(str, first), str(ROOT), *inherited.get(VARIABLE, "").split(os.pathsep)]
    return {VARIABLE: os.pathsep.join(dict.fromkeys(filter(None, places)))}
