"""The share of a stage grows from 0 to 1, however the child counts in its steps."""

from __future__ import annotations

import pytest

from crowdsky.sandbox.run_task import Progress
from worker.job.progress import STEP_SPANS, StageShare

NATIVE = ("check", "defects", "detect", "align", "integrate", "write", "thumbnail")
SEESTARPY = ("detect", "align", "align", "warp", "combine", "write", "thumbnail")
"""Steps as the engines report them; seestarpy may align to several references."""


@pytest.mark.parametrize("steps", [NATIVE, SEESTARPY])
def test_the_share_never_goes_back(steps: tuple[str, ...]) -> None:
    share = StageShare()

    shares = [share.after(Progress(step, done, 4)) for step in steps for done in range(5)]

    assert shares == sorted(shares)
    assert shares[0] < 0.2
    assert shares[-1] == 1.0
    assert len(set(shares)) > 20


def test_a_step_of_its_own_stage_is_all_of_it() -> None:
    share = StageShare()

    assert [share.after(Progress("solve", done, 4)) for done in range(5)] == [0, 0.25, 0.5, 0.75, 1]
    assert "solve" not in STEP_SPANS
