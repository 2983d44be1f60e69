"""Commands and configuration that the deployment guide prints, for tests that run them."""

from __future__ import annotations

import re

from demo.services import REPOSITORY

GUIDE = REPOSITORY / "docs" / "deployment.md"


def documented(marker: str) -> str:
    """Return the code block that follows ``<!-- tested: marker -->``."""
    found = re.search(rf"<!-- tested: {marker} -->\n```\w+\n(.*?)```", GUIDE.read_text(), re.S)
    assert found, f"{GUIDE} has no block marked {marker}"
    return found.group(1)
