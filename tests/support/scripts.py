"""Scripts of docs/worker.md, run as their readers run them: a process, and a ``.env`` beside it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from demo.services import REPOSITORY
from tests.support.worker_process import TIMEOUT, bare_environment
from worker.config import current_settings, every_setting

GUIDE = REPOSITORY / "docs" / "worker.md"


def documented_script(name: str) -> str:
    """The text of the script that the guide marks as tested under this name."""
    marked = re.escape(f"<!-- tested: {name} -->") + r"\n```python\n(.*?)```"
    found = re.search(marked, GUIDE.read_text("utf-8"), re.DOTALL)
    assert found, f"{GUIDE.name} has no script {name!r}"
    return found[1]


def write_env(folder: Path, settings: Mapping[str, str]) -> None:
    """Write a ``.env`` file."""
    lines = [f"{name}={value}\n" for name, value in settings.items()]
    (folder / ".env").write_text("".join(lines), "utf-8")


@contextmanager
def settings_read_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Be as a script that was started in ``folder``: it has no settings but those of its .env."""
    for setting in every_setting():
        monkeypatch.delenv(setting.variable, raising=False)
    monkeypatch.chdir(folder)
    current_settings.cache_clear()
    yield
    current_settings.cache_clear()


def run_script(
    folder: Path, script: str, settings: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a script to its end in a folder that holds nothing else but its settings."""
    folder.mkdir(parents=True, exist_ok=True)
    write_env(folder, settings)
    (folder / "script.py").write_text(script, "utf-8")
    return subprocess.run(
        [sys.executable, "script.py"],
        cwd=folder,
        env=bare_environment(),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
