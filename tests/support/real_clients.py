"""Published client programs, each in an environment of its own, as their users install them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

DRIVER = Path(__file__).with_name("seestarpy_driver.py")
INSTALL_SECONDS = 300.0


def environment_of(requirement: str, *more: str) -> Path:
    """Return the Python of an environment that has only these requirements, made when missing.

    The first one gives it its name.

    It is kept beside the folder of this environment, and made anew where another Python runs.
    Skips the test where it cannot be made: uv is missing, or PyPI cannot be reached.
    """
    home = Path(sys.prefix).resolve().parent / ".crowdsky"
    name = f"{requirement.replace('==', '-')}-py{sys.version_info[0]}.{sys.version_info[1]}"
    folder = home / "clients" / name
    python = folder / "bin" / "python"
    if not python.exists():
        uv = shutil.which("uv") or shutil.which("uv", path=str(home / "uv" / "bin"))
        if uv is None:
            pytest.skip("uv is not installed, so there is no environment for the client")
        _make(uv, folder, requirement, *more)
    return python


def _make(uv: str, folder: Path, *requirements: str) -> None:
    """Make the environment; it appears whole or not at all."""
    partial = folder.with_name(f"{folder.name}.{os.getpid()}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    commands = (
        [uv, "venv", "-q", "--relocatable", "--python", sys.executable, str(partial)],
        [uv, "pip", "install", "-q", "--python", str(partial / "bin" / "python"), *requirements],
    )
    try:
        for command in commands:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
            )
            if done.returncode != 0:
                pytest.skip(f"{requirements[0]} cannot be installed: {done.stderr.strip()[-300:]}")
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


class SeestarpyError(Exception):
    """What a call of seestarpy raised."""


class Seestarpy:
    """One process with seestarpy's ``crowdsky`` in it; a context manager.

    Importing it probes the network for a telescope and takes seconds, so that a test module should
    do so once.

    Args:
        version: of the package.
    """

    def __init__(self, version: str) -> None:
        self.version = version
        # Nothing of a telescope or a proxy in the developer's environment.
        kept: Mapping[str, str] = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
        self._process = subprocess.Popen(
            [str(environment_of(f"seestarpy=={version}")), str(DRIVER)],
            env=dict(kept),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __call__(self, function: str, /, *arguments: Any, **more: Any) -> Any:
        """Call a function of ``seestarpy.crowdsky`` or its ``server``; return what it returned."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps([function, arguments, more]) + "\n")
        stdin.flush()
        answer = json.loads(stdout.readline())
        if "raised" in answer:
            raise SeestarpyError(answer["raised"])
        return answer["returned"]

    def __enter__(self) -> Seestarpy:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()
