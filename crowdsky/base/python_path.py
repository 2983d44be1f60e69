"""Where Python processes that we start look for packages."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = "PYTHONPATH"


def python_path(*first: Path, inherited: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variable by which a process finds our packages from any folder.

    Args:
        first: folders to look in before ours.
        inherited: whose PYTHONPATH comes last.
    """
    places = [*map(str, first), str(ROOT), *inherited.get(VARIABLE, "").split(os.pathsep)]
    return {VARIABLE: os.pathsep.join(dict.fromkeys(filter(None, places)))}
