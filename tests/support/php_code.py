"""A few lines of PHP with the site's own classes, for what no page or command does alone."""

from __future__ import annotations

import os
import subprocess

from demo.services import PHP_API


def run_php(code: str, *arguments: str, **environment: str) -> str:
    """Run a few lines of PHP with the site's classes and return what they print."""
    autoload = PHP_API / "src" / "autoload.php"
    finished = subprocess.run(
        ["php", "-r", f"require '{autoload}'; {code}", "--", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout
