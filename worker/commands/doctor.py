"""``python -m worker doctor``: checks everything a worker needs, and says how to fix what fails.

It claims nothing and leaves nothing behind. All checks run, also after one has failed; with missing
or wrong settings, those of this machine still run.
"""

from __future__ import annotations

import json
import math
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from crowdsky.base.errors import ConfigurationError, CrowdSkyError
from crowdsky.base.exit_codes import EXIT_CONFIGURATION, EXIT_DONE
from crowdsky.base.extras import install_command
from crowdsky.base.settings_reader import SettingsReader
from crowdsky.net.connection import Api
from crowdsky.sandbox.limits import Limits
from worker.commands.doctor_data import check_dated_data
from worker.commands.doctor_storage import Limited, check_storage
from worker.config import Machine, Settings, every_setting, read_settings
from worker.disk.journal import Journal
from worker.disk.workspace import SPACE_FACTOR, SPARE_BYTES
from worker.job.compute import LIMIT_NAMES, ComputeTask, compute
from worker.job.export import can_export
from worker.site import job_api

if TYPE_CHECKING:
    from crowdsky.solving.catalogue import StarCatalogue
    from crowdsky.solving.solver import SolveRequest

EXIT_CHECK_FAILED = 1

LARGE_JOB_BYTES = 90 * 4 * 2**20
"""Bytes of 15 minutes of 10 s subs of a Seestar S50."""

TEST_SUBS = 3
TEST_SIZE = (480, 640)
TEST_SECONDS = 180.0

TEST_PLACE = (315.4, 68.16)
TEST_FIELD = (1080, 1920)
TEST_SCALE_ARCSEC = 2.39
"""A field of NGC 7023 as a Seestar S50 sees it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check: ``well`` is whether a worker can work like this.

    With a ``warning`` it can, but with limits that ``detail`` names.
    """

    check: str
    well: bool
    detail: str
    warning: bool = False

    @property
    def mark(self) -> str:
        """The result in the table."""
        if not self.well:
            return "FAIL"
        return "warn" if self.warning else "ok"


Check = Callable[[Settings], str | Limited]
"""Describes what works, or works with limits; raises an error for what does not."""


def read_as_far_as_possible() -> tuple[Settings, ConfigurationError | None]:
    """The settings, wrong ones replaced by defaults, and the error that names the wrong ones."""
    reader = SettingsReader(every_setting(), None, Path(".env"))
    settings = read_settings(reader, Machine.here())
    try:
        reader.finish()
    except ConfigurationError as error:
        return settings, error
    return settings, None


def examine(
    settings: Settings, channel: IO[bytes] | None, problem: ConfigurationError | None = None
) -> int:
    """Run every check and print a table, or one JSON object to ``channel`` if there is one.

    Args:
        problem: the error of the settings; with one, only this machine is checked.

    Returns:
        0 if a worker can work like this, also with warnings; 78 if settings are wrong; else 1.
    """
    if problem is None:
        findings = [_run(name, settings, check) for name, check in _CHECKS]
    else:
        findings = [Finding("settings", False, str(problem))]
        findings += [_run(name, settings, check) for name, check in _CHECKS if name in _OF_MACHINE]
    well = all(finding.well for finding in findings)
    if channel is not None:
        report = {"ok": well, "checks": [asdict(finding) for finding in findings]}
        channel.write(json.dumps(report).encode() + b"\n")
    else:
        for finding in findings:
            sys.stdout.write(f"{finding.mark:<4}  {finding.check:<10}  {finding.detail}\n")
    if problem is not None:
        return EXIT_CONFIGURATION
    return EXIT_DONE if well else EXIT_CHECK_FAILED


def _run(name: str, settings: Settings, check: Check) -> Finding:
    try:
        result = check(settings)
    except (CrowdSkyError, OSError) as error:
        return Finding(name, False, str(error))
    if isinstance(result, Limited):
        return Finding(name, True, result.detail, warning=True)
    return Finding(name, True, result)


def _check_settings(settings: Settings) -> str:
    where = "directly to the storage" if settings.uses_webdav else "through the site"
    return (
        f"{settings.worker_id}: {settings.max_workers} jobs at once, results go {where}, "
        f"stacked by {settings.stack_engine}"
    )


def _check_site(settings: Settings) -> str:
    job_api.check_connection(Api.connect(settings.api_base_url, settings.worker_api_key))
    return f"{settings.api_base_url} answers and takes the key"


def _check_disk(settings: Settings) -> str:
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=settings.work_dir):
        pass
    free = shutil.disk_usage(settings.work_dir).free
    needed = (SPACE_FACTOR * LARGE_JOB_BYTES + SPARE_BYTES) * settings.max_workers
    if free < needed:
        raise OSError(
            f"{free // 2**20} MB free in {settings.work_dir.resolve()}, {needed // 2**20} MB are "
            "needed for full jobs; make room or point WORK_DIR elsewhere"
        )
    return f"{free // 2**20} MB free in {settings.work_dir.resolve()}"


def _check_journal(settings: Settings) -> str:
    return Journal(settings.work_dir, settings.api_base_url).summary()


def _check_memory(settings: Settings) -> str:
    memory = Machine.here().memory_mb
    wanted = settings.job_memory_mb * settings.max_workers
    if wanted > memory:
        raise OSError(
            f"{settings.max_workers} jobs of {settings.job_memory_mb} MB do not fit into "
            f"{memory} MB; lower MAX_WORKERS or JOB_MEMORY_MB"
        )
    return f"{memory} MB, each of {settings.max_workers} jobs may take {settings.job_memory_mb} MB"


def _check_solving(settings: Settings) -> str | Limited:
    """Let each solver of the settings solve the same field of real stars."""
    recipe = settings.recipe
    if not recipe.can_solve:
        # Not an error: an unsolved stack is still a good stack.
        return Limited(
            f"no index files in {recipe.index_dir}: stacks stay unsolved, rescans and (without a "
            "catalogue of your own) calibrations are left to other workers; install the packages "
            "astrometry-data-tycho2-07 and -08, or set INDEX_DIR"
        )
    # Only this check needs them, and they take a while to import.
    from crowdsky.measuring.instruments import open_instruments
    from crowdsky.solving.chain import solve_plate

    instruments = open_instruments(recipe)
    if instruments.remarks:
        raise CrowdSkyError("; ".join(instruments.remarks))
    catalogue = instruments.catalogue
    assert catalogue is not None  # noqa: S101 - there would be a remark
    request = _test_field(catalogue)
    found = []
    for timed in instruments.solvers:
        plate = solve_plate(request, [timed], catalogue, total_limit=recipe.solve_timeout)
        if plate.solution is None:
            raise CrowdSkyError("could not solve a field of catalogue stars", why=plate.reason)
        found.append(f"{timed.solver.name} {plate.solution.seconds:.1f} s")
    gaia = "" if instruments.gaia is None else f", {len(instruments.gaia.pixels)} tiles of Gaia"
    return f"{len(catalogue)} catalogue stars{gaia}; a test field was solved by {', '.join(found)}"


def _test_field(catalogue: StarCatalogue) -> SolveRequest:
    """The stars that a Seestar S50 would see at TEST_PLACE."""
    from crowdsky.solving.solver import PositionHint, ScaleRange, SolveRequest, StarList
    from crowdsky.solving.tan import TanWcs

    width, height = TEST_FIELD
    step = TEST_SCALE_ARCSEC / 3600.0
    wcs = TanWcs(*TEST_PLACE, (width - 1) / 2.0, (height - 1) / 2.0, (step, 0.0, 0.0, step))
    near = catalogue.cone(*TEST_PLACE, step * math.hypot(width, height) / 2.0)
    x, y = wcs.pixel(near.ra, near.dec)
    seen = (x > 0) & (x < width) & (y > 0) & (y < height)
    stars = StarList.sorted(x[seen], y[seen], -near.mag[seen], width, height)
    return SolveRequest(stars, PositionHint(*TEST_PLACE), ScaleRange.around(TEST_SCALE_ARCSEC))


def _check_stacking(settings: Settings) -> str:
    """Stack a few small synthetic subs through the real engine in a real child process."""
    # Only this check needs the synthetic sky.
    import numpy as np

    from crowdsky.synthetic.sky import SEESTAR_S50, demo_nights, write_night

    rng = np.random.default_rng(1)
    camera = SEESTAR_S50.resized(*TEST_SIZE)
    night, _ = demo_nights(rng, TEST_SUBS, camera)
    # A tiny sensor sees few stars; an undisturbed night keeps them all.
    night = replace(night, trailed=(), cloudy=(), satellites=(), jump_at=None)
    machine = Machine.here()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        truth = write_night(folder / "subs", night, rng)
        result = compute(
            ComputeTask(
                tuple(truth.paths),
                folder,
                settings.stack_engine,
                "doctor",
                # A tiny picture shows too few stars; the check above is the one for solving.
                settings.recipe.asking(()),
            ),
            limits=Limits(settings.job_memory_mb, TEST_SECONDS, machine.cores, LIMIT_NAMES),
            on_progress=lambda _: None,
            check=lambda: None,
        )
    if result.trouble is not None:
        raise result.trouble
    count = result.stack.n_frames_aligned
    return f"{result.stack.engine} stacked {count} of {TEST_SUBS} subs, and they were measured"


def _check_export(_: Settings) -> str:
    if can_export():
        return "light curves can be exported"
    command = install_command("export")
    return f"pyarrow is not installed: light curves are exported by others ({command})"


_CHECKS: tuple[tuple[str, Check], ...] = (
    ("settings", _check_settings),
    ("site", _check_site),
    ("storage", check_storage),
    ("disk", _check_disk),
    ("journal", _check_journal),
    ("memory", _check_memory),
    ("solving", _check_solving),
    ("data", check_dated_data),
    ("stacking", _check_stacking),
    ("export", _check_export),
)
_OF_MACHINE = ("disk", "memory", "solving", "data", "stacking", "export")
"""Checks that need no setting."""
