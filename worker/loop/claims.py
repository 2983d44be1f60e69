"""Asks for work: for which kinds of jobs, and how often."""

from __future__ import annotations

import logging
import random
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from crowdsky.base.errors import RequestRefusedError
from crowdsky.net.connection import Api
from crowdsky.net.retry import CLAIM, Waits, call_with_retry, trouble_pause
from worker.config import Settings
from worker.job.export import can_export
from worker.job.lease import steady_seconds
from worker.job.stopping import Errand, Interrupted
from worker.site import job_api
from worker.site.orders import CALIBRATE, HATS, RESCAN, STACK, UPLOADED, WITHOUT_STACK
from worker.site.records import Job

log = logging.getLogger(__name__)

FIRST_IDLE_SECONDS = 2.0
"""Seconds to wait after the first claim that found no work."""

KINDS_REFUSED = re.compile(r"'kinds' must be a list of ([a-z_, ]+) with commas between")
"""Answer of a site that is older than a kind of job which this worker takes; it lists its own."""

UNFIT_PAUSE_SECONDS = 120.0
"""Seconds until this machine is checked again, which costs the site nothing."""


class Claims:
    """Asks for work; the claim id stays the same until it is answered."""

    def __init__(
        self, api: Api, worker_id: str, kinds: Sequence[str], interrupted: Interrupted
    ) -> None:
        self._api = api
        self._worker_id = worker_id
        self._kinds = kinds
        self._interrupted = interrupted
        self._claim_id = uuid.uuid4().hex

    def next_job(self) -> tuple[Job, float] | None:
        """Claim a job; return it with the lease clock just before that, or None without work."""
        asked_at = steady_seconds()
        try:
            job = self._ask()
        except RequestRefusedError as error:
            known = self._known_to_site(str(error))
            if not known or known == tuple(self._kinds):
                raise
            unknown = ", ".join(kind for kind in self._kinds if kind not in known)
            log.info("this site is older and has no jobs of these kinds: %s", unknown)
            self._kinds = known
            job = self._ask()
        self._claim_id = uuid.uuid4().hex
        return None if job is None else (job, asked_at)

    def _known_to_site(self, refusal: str) -> tuple[str, ...]:
        """Our kinds among those that the site lists in its refusal; none if it says otherwise."""
        listed = KINDS_REFUSED.search(refusal)
        names = () if listed is None else listed[1].replace(" ", "").split(",")
        return tuple(kind for kind in self._kinds if kind in names)

    def _ask(self) -> Job | None:
        with self._api.cut_off.when(lambda: self._interrupted(Errand.CLAIM) is not None):
            return call_with_retry(
                CLAIM,
                lambda: job_api.get_next_job(
                    self._api, self._worker_id, self._claim_id, self._kinds
                ),
                Waits(),
            )


@dataclass
class Pace:
    """How long the loop waits between claims."""

    longest: float
    chance: Callable[[], float] = field(default_factory=lambda: random.SystemRandom().random)
    _idle: float = FIRST_IDLE_SECONDS

    def worked(self) -> float:
        """After a job: ask again at once."""
        self._idle = FIRST_IDLE_SECONDS
        return 0.0

    def idle(self) -> float:
        """Without work: twice as long each time, up to the poll interval, with jitter."""
        wait = min(self._idle, self.longest)
        self._idle = min(self._idle * 2, self.longest)
        return wait * (0.5 + 0.5 * self.chance())

    def trouble(self) -> float:
        """When a person must fix something: minutes."""
        return trouble_pause(self.chance())


def kinds_of(settings: Settings) -> tuple[str, ...]:
    """The kinds of jobs this worker takes: those that its packages and catalogues are there for."""
    left_to_others = []
    if not can_export():
        left_to_others.append(HATS)
        log.info("pyarrow is not installed: exports of light curves are left to others")
    if not settings.recipe.has_catalogue:
        left_to_others.append(CALIBRATE)
        log.warning(
            "no catalogue: calibrations of light curves are left to others, because they would be "
            "on another scale"
        )
    if not settings.recipe.can_solve:
        left_to_others.append(RESCAN)
        log.warning(
            "no index files in %s: stacks are not plate-solved here, "
            "and rescans are left to others",
            settings.recipe.index_dir,
        )
    kinds = (STACK, RESCAN, UPLOADED, *WITHOUT_STACK)
    return tuple(kind for kind in kinds if kind not in left_to_others)
