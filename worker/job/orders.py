"""Which steps belong to a job that makes no stack."""

from __future__ import annotations

from pathlib import Path

from worker.job.calibrate import calibrate_stars
from worker.job.export import export_light_curves
from worker.job.lease import Lease
from worker.job.series import make_series
from worker.job.tiles import build_tiles
from worker.job.workbench import Workbench
from worker.site.orders import CalibrateOrder, ExportOrder, Order, SeriesOrder, TilesOrder
from worker.site.records import Job


def carry_out(job: Job, order: Order, folder: Path, bench: Workbench, lease: Lease) -> None:
    """Go through the steps of a job without a stack; sending its result completes it.

    Raises:
        CrowdSkyError: what the steps of its kind raise.
    """
    match order:
        case TilesOrder():
            build_tiles(job, order, folder, bench, lease)
        case SeriesOrder():
            make_series(job, order, folder, bench, lease)
        case CalibrateOrder():
            calibrate_stars(job, order, folder, bench, lease)
        case ExportOrder():
            export_light_curves(job, order, folder, bench, lease)
