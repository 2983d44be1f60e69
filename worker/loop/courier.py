"""Delivers completions that wait in the journal, and keeps their leases alive meanwhile.

The site accepts a completion until another worker has claimed the job, and repeats its answer if
it has accepted it before. Usually a site that can be reached gives a final answer. If it can be
reached and still cannot complete (its storage is down), a heartbeat renews the lease.
"""

from __future__ import annotations

import itertools
import logging
import random
import time
from collections.abc import Callable
from contextlib import suppress

from crowdsky.base.errors import (
    ConfigurationError,
    CrowdSkyError,
    ReleaseJobError,
    ServiceUnreachableError,
    TransientError,
)
from crowdsky.base.logs import about_job
from crowdsky.base.metrics import LAST_COMPLETION
from crowdsky.net.connection import Api
from crowdsky.net.retry import RETRY_AFTER_CAP_SECONDS, trouble_pause
from worker.disk.journal import Entry, Journal
from worker.job.lease import LONGEST_BEAT_SECONDS
from worker.job.stages import Stage
from worker.site import job_api

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
"""Seconds between two looks at the journal."""


class Courier:
    """Takes what waits in the journal to the site.

    Args:
        stopping: whether the worker is stopping; ends the round and the call in progress.
        chance: within [0, 1), spreads the calls of many workers after an outage; random if None.
    """

    def __init__(
        self,
        api: Api,
        journal: Journal,
        stopping: Callable[[], bool],
        chance: Callable[[], float] | None = None,
    ) -> None:
        self._api = api
        self._journal = journal
        self._stopping = stopping
        self._chance = chance or random.SystemRandom().random
        self._logged: set[str] = set()
        self._tried: dict[str, int] = {}
        self._tries = itertools.count(1)

    def run(self) -> None:
        """Deliver until the worker stops: the body of a thread."""
        due = 0.0
        while not self._stopping():
            time.sleep(LOOK_SECONDS)
            waiting = self._journal.waiting()
            if not waiting:
                due = 0.0
            elif due == 0.0:
                # Its job has just tried.
                due = time.monotonic() + self._interval(waiting)
            elif time.monotonic() >= due:
                due = time.monotonic() + self.deliver()

    def deliver(self) -> float:
        """Try each waiting completion once; stop when the site is out of reach or refuses the key.

        Returns:
            seconds after which to try those that still wait again.
        """
        waiting = self._journal.waiting()
        pause = self._interval(waiting)
        # Least often tried first: one that always times out must not block the others.
        for entry in sorted(waiting, key=lambda entry: self._tried.get(entry.filename, 0)):
            self._tried[entry.filename] = next(self._tries)
            with about_job(entry.job_id), self._api.cut_off.when(self._stopping):
                try:
                    pause = max(pause, self._deliver(entry))
                except (ServiceUnreachableError, ConfigurationError) as error:
                    self._log_once(entry, error)
                    return max(pause, self._patience(error))
            if self._stopping():
                break
        return pause

    def _interval(self, waiting: tuple[Entry, ...]) -> float:
        """Seconds between two rounds, soon enough to keep every lease."""
        beats = [entry.lease_seconds / 3 for entry in waiting]
        return min([*beats, LONGEST_BEAT_SECONDS]) * (0.5 + 0.5 * self._chance())

    def _patience(self, error: CrowdSkyError) -> float:
        """Seconds to wait when the site would give the same answer to every completion."""
        if isinstance(error, ServiceUnreachableError):
            return 0.0
        return trouble_pause(self._chance())

    def _deliver(self, entry: Entry) -> float:
        """Try one completion; return how many seconds the site asks to wait.

        Raises:
            ServiceUnreachableError: the connection was cut, or there was no answer in time.
            ConfigurationError: the key is refused, or the site is elsewhere.
        """
        try:
            job_api.report_completion(self._api, entry, entry.body)
        except (ServiceUnreachableError, ConfigurationError):
            raise
        except TransientError as error:
            self._log_once(entry, error)
            self._renew(entry)
            return min(error.retry_after or 0.0, RETRY_AFTER_CAP_SECONDS)
        except ReleaseJobError as error:
            # The site has no space at present; it may have some later.
            self._log_once(entry, error)
            self._renew(entry)
        except CrowdSkyError as error:
            self._journal.drop(entry)
            log.warning("the completion of %s was refused and is dropped: %s", entry.since, error)
        else:
            self._journal.drop(entry)
            LAST_COMPLETION.set_to_current_time()
            log.info("done: its completion of %s was delivered", entry.since)
        return 0.0

    def _renew(self, entry: Entry) -> None:
        """Renew the lease; a job that is gone shows when the completion is tried again."""
        with suppress(CrowdSkyError):
            job_api.heartbeat(self._api, entry, Stage.COMPLETE, 1.0, "waits for the site")

    def _log_once(self, entry: Entry, error: CrowdSkyError) -> None:
        """Log that a completion waits, once and not at every try."""
        if entry.filename not in self._logged:
            self._logged.add(entry.filename)
            log.warning("its completion of %s still waits: %s", entry.since, error)
