"""What a job needs: connections, scratch space and limits, made from the settings."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from crowdsky.measuring.recipe import Recipe
from crowdsky.net.connection import Api
from crowdsky.sandbox.limits import Limits
from crowdsky.sandbox.warm_start import WarmStart, open_warm_start
from crowdsky.stacking.engines import DEFAULT_ENGINE
from crowdsky.storage.webdav import Share
from worker.config import Machine, Settings
from worker.disk.workspace import Workspace
from worker.job.archive import Store, share_or_site_store, site_store
from worker.job.compute import LIMIT_NAMES
from worker.job.rehearsal import rehearsal


@dataclass(frozen=True, slots=True)
class Workbench:
    """What a job needs; jobs share it.

    Attributes:
        api: its ``cut_off`` reaches the connections of ``store``, too.
        compute_slots: as many as jobs may compute at once; others download meanwhile.
        weights: what subs are weighed for; empty for an engine that does not weigh them.
        recipe: which solvers and catalogues to use for a stack.
        warm: starts the child process of a job at once; None where each starts cold.
    """

    api: Api
    store: Store
    workspace: Workspace
    compute_slots: threading.Semaphore
    engine: str
    weights: str
    limits: Limits
    recipe: Recipe
    warm: WarmStart | None


@contextmanager
def open_workbench(
    settings: Settings, machine: Machine, *, for_many: bool = False
) -> Iterator[Workbench]:
    """Set up what jobs need, and take it down at the end.

    Args:
        for_many: whether more than one job will come, so that a warm process pays off.

    Raises:
        ConfigurationError: the scratch folder cannot be used.
    """
    api = Api.connect(settings.api_base_url, settings.worker_api_key)
    workspace = Workspace(settings.work_dir, settings.api_base_url, settings.worker_api_key)
    threads = max(1, machine.cores // settings.max_workers)
    is_warm = for_many and settings.warm_start
    warm = open_warm_start(rehearsal(settings.recipe), threads) if is_warm else None
    try:
        yield Workbench(
            api=api,
            store=_store(settings, api),
            workspace=workspace,
            compute_slots=threading.Semaphore(settings.max_workers),
            engine=settings.stack_engine,
            weights=settings.stack_weights if settings.stack_engine == DEFAULT_ENGINE else "",
            limits=Limits(
                memory_mb=settings.job_memory_mb,
                seconds=settings.job_timeout,
                threads=threads,
                names=LIMIT_NAMES,
            ),
            recipe=settings.recipe,
            warm=warm,
        )
    finally:
        if warm is not None:
            warm.close()
        workspace.close()


def _store(settings: Settings, api: Api) -> Store:
    """Where results go: to the share if there are settings of one, else through the site."""
    if not settings.uses_webdav:
        return site_store(api)
    share = Share.connect(settings.webdav_url, settings.share_token, api.cut_off)
    return share_or_site_store(share, settings.base_path, api)
