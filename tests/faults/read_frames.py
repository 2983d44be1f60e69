"""Reads many light frames in one process with a limit on its memory, as a job's child would.

Standard input has one path a line, standard output one JSON line for each: whether the frame was
accepted (then all its pixels were decoded too), the reason of a refusal, or what else was raised.
"""

from __future__ import annotations

import json
import resource
import sys
import warnings
from pathlib import Path

from crowdsky.base.errors import UnreadableFrameError
from crowdsky.frames.frames import read_light_frame

ROWS_AT_ONCE = 256


def main() -> None:
    """Answer until standard input ends; the argument is the limit in bytes over what is in use."""
    warnings.simplefilter("ignore")
    limit = _in_use("VmSize") + int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    before = _in_use("VmHWM")
    for line in sys.stdin:
        verdict, reason = _read(Path(line.rstrip("\n")))
        peak = _in_use("VmHWM") - before
        print(json.dumps({"verdict": verdict, "reason": reason, "bytes": peak}), flush=True)


def _read(path: Path) -> tuple[str, str]:
    try:
        frame = read_light_frame(path)
        for first in range(0, frame.header.height, ROWS_AT_ONCE):
            frame.rows(first, first + ROWS_AT_ONCE)
    except UnreadableFrameError as refusal:
        return "refused", refusal.why if refusal.hint else ""
    except Exception as mistake:  # noqa: BLE001 # anything else is what the test looks for
        return "broken", f"{type(mistake).__name__}: {mistake}"
    return "accepted", ""


def _in_use(field: str) -> int:
    """Bytes of this process: VmSize is what is mapped, VmHWM the most that was ever resident."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"/proc/self/status has no {field}")


if __name__ == "__main__":
    main()
