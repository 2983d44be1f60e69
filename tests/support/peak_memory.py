"""Peak memory of a piece of Python in a process of its own."""

from __future__ import annotations

import subprocess
import sys

PROBE = """
import sys
def peak():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1000
"""


def peak_growth_mb(imports: str, work: str, *arguments: object) -> float:
    """By how many MB the peak grows while ``work`` runs, after ``imports``; Linux only.

    The peak is that of the process since its program started. That of `getrusage` counts the
    process that it was forked from, too: pytest, which has more than most programs.
    """
    body = f"{PROBE}\n{imports}\nbefore = peak()\n{work}\nprint(peak() - before)"
    done = subprocess.run(
        [sys.executable, "-c", body, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)
