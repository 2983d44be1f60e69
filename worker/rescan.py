"""``python -m worker rescan``: has stacks solved and measured again, and waits if asked to."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import IO

from worker import api_client
from worker.api_connection import Api
from worker.exit_codes import EXIT_DONE, EXIT_FAILED
from worker.rescan_records import SOLVED, RescanAnswer, RescanState
from worker.retry import WATCH, Waits, call_with_retry

LOOK_SECONDS = 5.0
"""A rescan takes some ten seconds; asking more often would only load the site."""


def rescan(
    api: Api,
    stack_ids: Sequence[int],
    solvers: Sequence[str] | None,
    *,
    wait: bool,
    channel: IO[bytes] | None,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Queue rescans, tell what became of them, and return the exit code.

    Args:
        stack_ids: the stacks.
        solvers: names of the solvers to ask, None for each worker's own choice.
        wait: look until every rescan has ended.
        channel: takes one JSON object instead of lines for people.

    Returns:
        0 if every stack was queued (with ``wait``: was solved), 2 otherwise.

    Raises:
        AccessDeniedError: the key may not start rescans.
        CrowdSkyError: the site could not be asked, or refused.
    """
    answer = api_client.start_rescans(api, stack_ids, solvers)
    if channel is None:
        _say_started(answer)
    ended: list[RescanState] = []
    if wait:
        ended = [_wait_for(api, job_id, channel is None, sleep) for job_id in answer.job_ids]
    well = not answer.skipped and all(state.state == SOLVED for state in ended)
    if channel is not None:
        skipped = [{"stack_id": stack, "reason": reason} for stack, reason in answer.skipped]
        report = {"ok": well, "job_ids": list(answer.job_ids), "skipped": skipped}
        if wait:
            report["rescans"] = [asdict(state) for state in ended]
        channel.write(json.dumps(report).encode() + b"\n")
    return EXIT_DONE if well else EXIT_FAILED


def _wait_for(api: Api, job_id: int, aloud: bool, sleep: Callable[[float], None]) -> RescanState:
    """Look until a rescan has ended, and say so each time its state changes."""
    told = ""
    while True:
        state = call_with_retry(
            WATCH, lambda: api_client.get_rescan(api, job_id), Waits(sleep=sleep)
        )
        news = _sentence(state)
        if aloud and news != told:
            sys.stdout.write(news + "\n")
            sys.stdout.flush()
        told = news
        if state.ended:
            return state
        sleep(LOOK_SECONDS)


def _say_started(answer: RescanAnswer) -> None:
    for job_id in answer.job_ids:
        sys.stdout.write(f"rescan {job_id} is submitted\n")
    for stack_id, reason in answer.skipped:
        sys.stdout.write(f"stack {stack_id} was skipped: {reason}\n")


def _sentence(state: RescanState) -> str:
    text = f"rescan {state.job_id} of stack {state.stack_id}: {state.state}"
    if not state.ended and state.stage:
        text += f", {state.stage}"
    if state.reason:
        text += f" ({state.reason})"
    return text
