"""``python -m worker rescan``: queues stacks to be solved and measured again, and may wait."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import IO, Any

from crowdsky.base.exit_codes import EXIT_DONE, EXIT_FAILED
from crowdsky.net.connection import Api
from crowdsky.net.retry import QUEUE_RESCANS, WATCH, Waits, call_with_retry
from worker.site import rescan_client
from worker.site.rescan_records import SOLVED, RescanAnswer, RescanState, UnmeasuredAnswer

LOOK_SECONDS = 5.0
"""Seconds between two questions to the site; a rescan takes some ten seconds."""


def run(api: Api, options: argparse.Namespace, channel: IO[bytes] | None) -> int:
    """Run the command as its options ask: see ``rescan`` and ``rescan_unmeasured``."""
    if not options.not_measured:
        return rescan(api, options.ids, options.solver, wait=options.wait, channel=channel)
    return rescan_unmeasured(
        api,
        options.solver,
        dry_run=options.dry_run,
        retry_failed=options.retry_failed,
        wait=options.wait,
        channel=channel,
    )


def rescan(
    api: Api,
    stack_ids: Sequence[int],
    solvers: Sequence[str] | None,
    *,
    wait: bool,
    channel: IO[bytes] | None,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Queue rescans, report them, and return the exit code.

    Args:
        stack_ids: the stacks.
        solvers: names of the solvers to ask, None for each worker's own choice.
        wait: wait until every rescan has ended.
        channel: receives one JSON object instead of text for people.

    Returns:
        0 if every stack was queued (with ``wait``: was solved), 2 otherwise.

    Raises:
        AccessDeniedError: the key may not start rescans.
        CrowdSkyError: the site could not be asked, or refused.
    """
    answer = rescan_client.start_rescans(api, stack_ids, solvers)
    if channel is None:
        _print_started(answer)
    ended = _wait_for_all(api, answer.job_ids, channel is None, sleep) if wait else []
    well = not answer.skipped and all(state.state == SOLVED for state in ended)
    if channel is not None:
        report = {"ok": well, "job_ids": list(answer.job_ids), "skipped": _skipped(answer)}
        _write(channel, report, ended if wait else None)
    return EXIT_DONE if well else EXIT_FAILED


def rescan_unmeasured(
    api: Api,
    solvers: Sequence[str] | None,
    *,
    dry_run: bool,
    retry_failed: bool,
    wait: bool,
    channel: IO[bytes] | None,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Queue rescans of all stacks that have not been measured, and return the exit code.

    Args:
        dry_run: only list them.
        retry_failed: also those whose last rescan gave no measurement.
        solvers, wait, channel: as for ``rescan``.

    Returns:
        0 (with ``wait``: if every stack was solved), 2 otherwise. Leaving out stacks whose rescan
        has not ended, or has failed, is no failure of this command.

    Raises:
        AccessDeniedError: the key may not start rescans.
        CrowdSkyError: the site could not be asked, or is too old to answer.
    """
    found = _queue_unmeasured(api, solvers, dry_run=dry_run, retry_failed=retry_failed, sleep=sleep)
    if channel is None:
        for stack in found.stacks if dry_run else ():
            sys.stdout.write(f"stack {stack.stack_id} ({stack.object_name}): {stack.reason}\n")
        _print_unmeasured(found, dry_run)
    job_ids = found.queued.job_ids
    ended = _wait_for_all(api, job_ids, channel is None, sleep) if wait else []
    n_solved = sum(state.state == SOLVED for state in ended)
    if channel is not None:
        report = {
            "ok": n_solved == len(ended),
            "dry_run": dry_run,
            "stacks": [asdict(stack) for stack in found.stacks],
            "job_ids": list(job_ids),
            "skipped": _skipped(found.queued),
            "left_out": {"under_way": found.under_way, "failed": found.failed},
        }
        _write(channel, report, ended if wait else None)
    elif wait:
        sys.stdout.write(f"{n_solved} of {len(ended)} stacks are solved now\n")
    return EXIT_DONE if n_solved == len(ended) else EXIT_FAILED


def _queue_unmeasured(
    api: Api,
    solvers: Sequence[str] | None,
    *,
    dry_run: bool,
    retry_failed: bool,
    sleep: Callable[[float], None],
) -> UnmeasuredAnswer:
    """Ask for page after page, and return them as one answer."""

    def ask(after: int) -> UnmeasuredAnswer:
        return call_with_retry(
            QUEUE_RESCANS,
            lambda: rescan_client.rescan_unmeasured(
                api, solvers, after, dry_run=dry_run, retry_failed=retry_failed
            ),
            Waits(sleep=sleep),
        )

    found = ask(0)
    while found.next is not None:
        found = found.followed_by(ask(found.next))
    return found


def _wait_for_all(
    api: Api, job_ids: Sequence[int], prints: bool, sleep: Callable[[float], None]
) -> list[RescanState]:
    return [_wait_for(api, job_id, prints, sleep) for job_id in job_ids]


def _wait_for(api: Api, job_id: int, prints: bool, sleep: Callable[[float], None]) -> RescanState:
    """Wait until a rescan has ended; print each change of its state for people."""
    printed = ""
    while True:
        state = call_with_retry(
            WATCH, lambda: rescan_client.get_rescan(api, job_id), Waits(sleep=sleep)
        )
        sentence = _sentence(state)
        if prints and sentence != printed:
            sys.stdout.write(sentence + "\n")
            sys.stdout.flush()
        printed = sentence
        if state.ended:
            return state
        sleep(LOOK_SECONDS)


def _print_started(answer: RescanAnswer) -> None:
    for job_id in answer.job_ids:
        sys.stdout.write(f"rescan {job_id} is submitted\n")
    for stack_id, reason in answer.skipped:
        sys.stdout.write(f"stack {stack_id} was skipped: {reason}\n")


def _print_unmeasured(found: UnmeasuredAnswer, dry_run: bool) -> None:
    """Print what was found, and what was left out and why."""
    if dry_run:
        first = f"{_stacks(len(found.stacks))} would be submitted to be rescanned"
    else:
        first = f"{_stacks(len(found.queued.job_ids))} submitted to be rescanned"
    lines = [first]
    under_way = found.under_way + len(found.queued.skipped)
    if under_way:
        lines.append(f"{_stacks(under_way)} left out: the rescan has not ended yet")
    if found.failed:
        lines.append(
            f"{_stacks(found.failed)} left out: the last rescan failed, and its page says why; "
            "--retry-failed takes them too"
        )
    sys.stdout.write("\n".join(lines) + "\n")


def _stacks(count: int) -> str:
    return f"{count} {'stack' if count == 1 else 'stacks'} that nobody has measured"


def _skipped(answer: RescanAnswer) -> list[dict[str, Any]]:
    return [{"stack_id": stack, "reason": reason} for stack, reason in answer.skipped]


def _write(channel: IO[bytes], report: dict[str, Any], ended: Sequence[RescanState] | None) -> None:
    """Write the one JSON object; it says how the rescans ended if the command waited."""
    waited = {} if ended is None else {"rescans": [asdict(state) for state in ended]}
    channel.write(json.dumps({**report, **waited}).encode() + b"\n")


def _sentence(state: RescanState) -> str:
    text = f"rescan {state.job_id} of stack {state.stack_id}: {state.state}"
    if not state.ended and state.stage:
        text += f", {state.stage}"
    if state.reason:
        text += f" ({state.reason})"
    return text
