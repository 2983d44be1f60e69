"""Asks the classes of a site through a script of a test, all questions in one process."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from demo.services import Site, php_command


def ask_php(site: Site, script: Path, wishes: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    """Return the answer of the script to each wish; it reads and prints a list as JSON."""
    run = subprocess.run(
        [*php_command(), str(script)],
        input=json.dumps(wishes),
        env={**os.environ, **site.environment(), "CROWDSKY_DB_PERSISTENT": "off"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr + run.stdout
    answers: list[dict[str, Any]] = json.loads(run.stdout)
    return answers
