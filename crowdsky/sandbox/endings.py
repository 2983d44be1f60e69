"""Turns the end of a child process into the one error that its caller sees."""

from __future__ import annotations

import signal

from crowdsky.base.errors import BadDataError, ComputeError, CrowdSkyError, DiskFullError
from crowdsky.sandbox.limits import Limits

LARGEST_MESSAGE = 300


def reported_error(kind: str, message: str, work: str, limits: Limits) -> CrowdSkyError:
    """The error that the child has named."""
    match kind:
        case "bad_data":
            return BadDataError(message)
        case "memory":
            return _out_of_memory(work, limits)
        case "disk":
            return DiskFullError("could not write to the scratch folder", why=message)
        case _:
            return ComputeError(message)


def unreported_end(code: int | None, stderr: str, work: str, limits: Limits) -> ComputeError:
    """What the exit code means when the child gave neither a result nor an error.

    Args:
        code: None if nobody saw the child end.
        stderr: what it wrote there.
        work: what it was doing.
    """
    if code == -signal.SIGKILL:
        names = limits.names
        return ComputeError(
            f"{work} was killed by the system",
            why="most likely the machine's memory ran out",
            hint=f"lower {names.at_once} or {names.memory}",
        )
    if code == -signal.SIGXCPU:
        return ComputeError(f"{work} was stopped", why="it used too much processor time")
    last = last_line(stderr)
    if "MemoryError" in last or "Insufficient memory" in last or "out of memory" in last.lower():
        return _out_of_memory(work, limits)
    if code is None:
        return ComputeError(f"{work} failed", why=last or "and so did the process that started it")
    if code < 0:
        return ComputeError(f"{work} crashed", why=f"{_signal_name(-code)} {last}".strip())
    return ComputeError(f"{work} failed", why=last or f"it ended with code {code}")


def out_of_time(limits: Limits) -> ComputeError:
    """The child took longer than it may."""
    return ComputeError(
        "computing was stopped",
        why=f"it took longer than {limits.names.seconds} ({limits.seconds:.0f} s)",
    )


def _out_of_memory(work: str, limits: Limits) -> ComputeError:
    return ComputeError(
        f"{work} ran out of memory",
        why=f"a job may take {limits.memory_mb} MB",
        hint=f"raise {limits.names.memory}, or use a machine with more memory",
    )


def _signal_name(number: int) -> str:
    names = {known.value: known.name for known in signal.Signals}
    return names.get(number, f"signal {number}")


def last_line(stderr: str) -> str:
    """The last line that a process wrote to standard error: the message of a traceback."""
    text = stderr.strip()
    return text.splitlines()[-1].strip()[:LARGEST_MESSAGE] if text else ""
