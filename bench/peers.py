"""The stackers as their users run them: our command, Siril's script, seestarpy's classes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SIRIL_SCRIPT = """requires 1.0.0
cd {subs}
link sub -out={work}
cd {work}
preprocess sub -debayer
register pp_sub
stack r_pp_sub rej 3 3 -norm=addscale -output_norm -out=result
close
"""
SIRIL_MISSING = (
    "siril-cli is not installed (Debian and Ubuntu: apt-get install siril), so that the tables"
    " have no Siril"
)
TOOLS = ("native", "siril", "seestarpy")


@dataclass(frozen=True, slots=True)
class ToolRun:
    """A command to start, and where its picture will be."""

    command: tuple[str, ...]
    output: Path


def siril_version() -> str | None:
    """Siril's version; None when it is not installed."""
    program = shutil.which("siril-cli")
    if program is None:
        return None
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return said.stdout.strip().removeprefix("siril").strip()


def prepare(tool: str, paths: Sequence[Path], work: Path, *options: str) -> ToolRun:
    """How ``tool`` stacks these subs; ``work`` is emptied first, ``options`` are for native."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    if tool == "siril":
        return _siril(paths, work)
    output = work / "stack.fits"
    subs = [str(path) for path in paths]
    if tool == "seestarpy":
        return ToolRun((sys.executable, "-m", "bench.seestarpy_peer", str(output), *subs), output)
    engine = ("--engine", "native", "--no-solve", *options)
    return ToolRun(
        (sys.executable, "-m", "worker", "stack", *subs, "-o", str(output), *engine), output
    )


def work_seconds(said: str) -> float:
    """What seestarpy's process says about its time without start and imports."""
    return float(json.loads(said.strip().splitlines()[-1])["seconds"])


def _siril(paths: Sequence[Path], work: Path) -> ToolRun:
    subs, process = work / "subs", work / "process"
    subs.mkdir()
    process.mkdir()
    for index, path in enumerate(paths):
        (subs / f"sub_{index:05d}.fit").symlink_to(path.resolve())
    script = work / "stack.ssf"
    script.write_text(SIRIL_SCRIPT.format(subs=subs, work=process))
    return ToolRun(("siril-cli", "-s", str(script), "-d", str(subs)), process / "result.fit")
