"""The stackers as their users run them: our command, Siril's script, seestarpy's and seiza's calls.

Beside the present version of our own there may be another checkout of this repository, and choices:
the same engine with other settings of its reconstruction.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from demo.services import REPOSITORY

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
SEIZA_VERSION = "0.45.0"
SEIZA_VARIABLE = "SEIZA_PYTHON"
SEIZA_MISSING = (
    f"seiza {SEIZA_VERSION} is not installed (./dev bench stack installs it in .crowdsky/seiza;"
    f" another Python that has it can be named in {SEIZA_VARIABLE}), so that the tables have no"
    " seiza"
)
NATIVE, BEFORE = "native", "before"
PEERS = ("siril", "seestarpy", "seiza", "seiza-best")


@dataclass(frozen=True, slots=True)
class ToolRun:
    """A command to start, where its picture will be, and the folder it has to be started in."""

    command: tuple[str, ...]
    output: Path
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """One that stacks: its name in the tables, and whose layout its picture has (``READERS``).

    ``command`` gives the run for subs in an empty folder. ``tells_work`` is set for programs that
    print the time of their work without start and imports.
    """

    name: str
    reader: str
    command: Callable[[Sequence[Path], Path], ToolRun]
    tells_work: bool = False

    def prepare(self, paths: Sequence[Path], work: Path) -> ToolRun:
        """Describe the run that stacks these subs; ``work`` is emptied first."""
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        return self.command(paths, work)


def native(*options: str) -> Tool:
    """Our own engine, by its command."""
    return Tool(NATIVE, NATIVE, lambda paths, work: _native(paths, work, options))


def before(folder: Path) -> Tool:
    """Our own engine as another checkout of this repository has it."""
    return Tool(BEFORE, NATIVE, lambda paths, work: _native(paths, work, (), folder.resolve()))


def choice(name: str, settings: Sequence[str]) -> Tool:
    """Our own engine with other settings (``native_choice``)."""

    def command(paths: Sequence[Path], work: Path) -> ToolRun:
        output = work / "stack.fits"
        given = (*settings, "--", str(output), *map(str, paths))
        return ToolRun((sys.executable, "-m", "bench.native_choice", *given), output)

    return Tool(name, NATIVE, command)


def peers_here(wanted: Sequence[str] = PEERS) -> tuple[list[Tool], list[str]]:
    """The wanted programs that are installed, and what is to be said about those that are not."""
    python = seiza_python()
    missing = []
    found = [Tool("seestarpy", "seestarpy", _seestarpy, tells_work=True)]
    if siril_version():
        found.insert(0, Tool("siril", "siril", _siril))
    elif "siril" in wanted:
        missing.append(SIRIL_MISSING)
    if python is not None:
        found += [_seiza("seiza", "fast", python), _seiza("seiza-best", "best", python)]
    elif {"seiza", "seiza-best"} & set(wanted):
        missing.append(SEIZA_MISSING)
    return [tool for tool in found if tool.name in wanted], missing


def siril_version() -> str | None:
    """Siril's version; None when it is not installed."""
    program = shutil.which("siril-cli")
    if program is None:
        return None
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return said.stdout.strip().removeprefix("siril").strip()


def seiza_python() -> Path | None:
    """The Python of seiza's own environment; None when there is none."""
    named = os.environ.get(SEIZA_VARIABLE)
    python = Path(named) if named else REPOSITORY / ".crowdsky" / "seiza" / "bin" / "python"
    return python if seiza_version(python) else None


def seiza_version(python: Path) -> str | None:
    """The version of seiza that a Python has; None for none."""
    ask = "import importlib.metadata as m; print(m.version('seiza'))"
    try:
        said = subprocess.run(
            [str(python), "-I", "-c", ask], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return said.stdout.strip()


def work_seconds(said: str) -> float:
    """What seestarpy's or seiza's process says about its time without start and imports."""
    return float(json.loads(said.strip().splitlines()[-1])["seconds"])


def python_of(checkout: Path) -> str:
    """The Python of another checkout, or ours where it has none of its own."""
    own = checkout / ".venv" / "bin" / "python"
    return str(own) if own.exists() else sys.executable


def _native(
    paths: Sequence[Path], work: Path, options: Sequence[str], folder: Path | None = None
) -> ToolRun:
    output = work.resolve() / "stack.fits"
    python = sys.executable if folder is None else python_of(folder)
    engine = ("--engine", "native", "--no-solve", *_without_picture(folder), *options)
    subs = [str(path.absolute()) for path in paths]
    command = (python, "-m", "worker", "stack", *subs, "-o", str(output), *engine)
    return ToolRun(command, output, folder)


def _without_picture(folder: Path | None) -> tuple[str, ...]:
    """Peers draw no picture, nor do checkouts from before there was one."""
    is_older = folder is not None and "--no-picture" not in (folder / "worker/main.py").read_text()
    return () if is_older else ("--no-picture",)


def _seestarpy(paths: Sequence[Path], work: Path) -> ToolRun:
    output = work / "stack.fits"
    command = (sys.executable, "-m", "bench.seestarpy_peer", str(output), *map(str, paths))
    return ToolRun(command, output)


def _seiza(name: str, mode: str, python: Path) -> Tool:
    script = REPOSITORY / "bench" / "seiza_peer.py"

    def command(paths: Sequence[Path], work: Path) -> ToolRun:
        output = work / "stack.fits"
        given = (mode, str(output), *map(str, paths))
        return ToolRun((str(python), "-I", str(script), *given), output)

    return Tool(name, "seiza", command, tells_work=True)


def _siril(paths: Sequence[Path], work: Path) -> ToolRun:
    subs, process = work / "subs", work / "process"
    subs.mkdir()
    process.mkdir()
    for index, path in enumerate(paths):
        (subs / f"sub_{index:05d}.fit").symlink_to(path.resolve())
    script = work / "stack.ssf"
    script.write_text(SIRIL_SCRIPT.format(subs=subs, work=process))
    return ToolRun(("siril-cli", "-s", str(script), "-d", str(subs)), process / "result.fit")
