"""The site's endpoint for rescans that operators start.

As in ``job_api`` each function tries once and never sleeps. All need a key with the scope
``admin``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from crowdsky.base.errors import RequestRefusedError
from crowdsky.base.json_fields import JsonObject
from crowdsky.net.connection import Api
from worker.site.rescan_records import RescanAnswer, RescanState, UnmeasuredAnswer


def start_rescans(
    api: Api, stack_ids: Sequence[int], solvers: Sequence[str] | None
) -> RescanAnswer:
    """Queue stacks to be solved and measured again.

    Args:
        solvers: names of the solvers to ask, in order; None for each worker's own choice.
    """
    wanted = {"stack_ids": list(stack_ids), "solvers": _listed(solvers)}
    return RescanAnswer.from_json(_ask_for_rescans(api, wanted))


def rescan_unmeasured(
    api: Api, solvers: Sequence[str] | None, after: int, *, dry_run: bool, retry_failed: bool
) -> UnmeasuredAnswer:
    """Queue the next of the stacks that have not been measured.

    Args:
        after: 0 at first, then ``next`` of the previous answer.
        dry_run: only list them.
        retry_failed: also those whose last rescan gave no measurement.

    Raises:
        RequestRefusedError: also if the site is too old to find such stacks.
    """
    wanted = {
        "not_measured": True,
        "solvers": _listed(solvers),
        "after": after,
        "dry_run": dry_run,
        "retry_failed": retry_failed,
    }
    try:
        return UnmeasuredAnswer.from_json(_ask_for_rescans(api, wanted))
    except RequestRefusedError as error:
        if error.status != 400 or "stack_ids" not in error.why:
            raise
        raise RequestRefusedError(
            error.what,
            where=api.base_url,
            why="this site is too old to find stacks that were not measured",
            hint="update the site, or give the numbers of the stacks",
            status=error.status,
        ) from error


def get_rescan(api: Api, job_id: int) -> RescanState:
    """Ask how far a rescan has come."""
    what = f"could not ask about rescan {job_id}"
    answer = api.call("GET", "rescan.php", what, query={"job_id": str(job_id)})
    return RescanState.from_json(answer.json_object(what))


def _listed(solvers: Sequence[str] | None) -> list[str] | None:
    return None if solvers is None else list(solvers)


def _ask_for_rescans(api: Api, wanted: JsonObject) -> JsonObject:
    what = "could not start the rescan"
    answer = api.call(
        "POST",
        "rescan.php",
        what,
        headers={"Content-Type": "application/json"},
        body=json.dumps(wanted).encode(),
    )
    return answer.json_object(what)
