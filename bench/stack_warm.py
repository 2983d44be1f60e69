"""A process that stays: stacks what it is told on standard input, one JSON line a task.

``{"frames": [...], "output": "..."}`` is answered by ``{"wall": s, "cpu": s}``.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from worker.stacking_adapter import stack_files


def answer(line: str) -> dict[str, float]:
    """Stack the frames of one task and say how long it took."""
    task = json.loads(line)
    wall, cpu = time.perf_counter(), time.process_time()
    stack_files([Path(path) for path in task["frames"]], Path(task["output"]), engine="native")
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


if __name__ == "__main__":
    for task_line in sys.stdin:
        print(json.dumps(answer(task_line)), flush=True)
