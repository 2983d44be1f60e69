"""The real worker with its waits shortened and its stacking replaced by something quick.

Run as ``python -m tests.faults.quick_worker``. A soak needs hundreds of jobs under faults; minutes
of patience and of stacking would only make it see fewer of them. Everything between the claim and
the completion is the worker's own code.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

from crowdsky.net import answers as http_answers
from crowdsky.net import retry
from tests.faults.quick_child import ANSWER, quick_job, quick_rehearsal

SHORTER = 20.0

# Other modules copy these three at import, so they are changed before those are loaded.
http_answers.TIMEOUT = (2.0, float(os.environ.get(ANSWER, "4")))
retry.RETRY_AFTER_CAP_SECONDS = 0.5

from worker.job import lease  # noqa: E402

lease.LONGEST_BEAT_SECONDS = 1.0

from worker.job import compute, workbench  # noqa: E402
from worker.loop import claims  # noqa: E402
from worker.main import main  # noqa: E402


def hurry() -> None:
    """Shorten all waits that are meant for real networks and for people."""
    retry.TROUBLE_PAUSE_SECONDS = (0.5, 1.0)
    claims.FIRST_IDLE_SECONDS = 0.2
    claims.UNFIT_PAUSE_SECONDS = 0.2
    retry.DENIED_RETRY_SECONDS = 0.2
    for policy in vars(retry).values():
        if isinstance(policy, retry.Policy):
            for name in ("base_seconds", "cap_seconds"):
                object.__setattr__(policy, name, getattr(policy, name) / SHORTER)
    compute.compute_job = quick_job
    workbench.rehearsal = quick_rehearsal


def load_all() -> None:
    """Load what a worker loads only when it works."""
    for module in ("worker.job_processor", "worker.loop.daemon"):
        import_module(module)


if __name__ == "__main__":
    hurry()
    sys.exit(main())
