"""Commands and configuration that the documentation prints, for tests that run them."""

from __future__ import annotations

import re
from pathlib import Path

from demo.services import REPOSITORY

GUIDE = REPOSITORY / "docs" / "deployment.md"


def documented(marker: str, guide: Path = GUIDE) -> str:
    """Return the code block that follows ``<!-- tested: marker -->``."""
    found = re.search(rf"<!-- tested: {marker} -->\n```\w+\n(.*?)```", guide.read_text(), re.S)
    assert found, f"{guide} has no block marked {marker}"
    return found.group(1)
