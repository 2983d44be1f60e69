"""`astro-jobs submit|status|result|list|cancel|prune`: pictures solved in the background.

::

    python -m crowdsky.extract.astro_jobs submit --image PATH [options as astro-extract]
    python -m crowdsky.extract.astro_jobs status --job-id ID
    python -m crowdsky.extract.astro_jobs result --job-id ID
    python -m crowdsky.extract.astro_jobs cancel --job-id ID
    python -m crowdsky.extract.astro_jobs list
    python -m crowdsky.extract.astro_jobs prune [--days N]

Every command prints JSON and returns at once. Environment: JOBS_DIR (default /srv/astro_jobs),
ASTRO_JOBS_PARALLEL (number of jobs that run at once, default 2), ASTRO_EXTRACT_BIN (another
extractor: a program, or a Python script ending in .py).

Exit code 0; 1 no such job or image, or no result yet; 2 the job folder or a setting cannot be used.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from crowdsky.base.errors import BadDataError, ConfigurationError
from crowdsky.base.python_path import python_path
from crowdsky.extract.jobs import JobFolder, JobNotReadyError, JobStore, running_slot, write_whole
from crowdsky.extract.options import add_options, solve_options

DEFAULT_JOBS_DIR = "/srv/astro_jobs"
DEFAULT_PARALLEL = 2
DEFAULT_PRUNE_DAYS = 14.0
KILL_AFTER_SECONDS = 120.0
"""Seconds after its own time limit at which an extractor that ignores it is killed."""

OWN = "_run"
"""Command of the process of a job; nobody types it, so no help mentions it."""


def main(
    arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ
) -> int:
    """Run one command and return its exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    is_own = given[:1] == [OWN]
    options = _own_parser().parse_args(given[1:]) if is_own else _parser().parse_args(given)
    store = JobStore(Path(environment.get("JOBS_DIR") or DEFAULT_JOBS_DIR).resolve(), time.time)
    try:
        answer = options.command(store, options, environment)
    except (BadDataError, JobNotReadyError) as error:
        return _print_answer({"ok": False, "error": str(error)}, 1)
    except (ConfigurationError, OSError) as error:
        return _print_answer({"ok": False, "error": str(error)}, 2)
    return _print_answer(answer, 0)


def _submit(
    store: JobStore, options: argparse.Namespace, environment: Mapping[str, str]
) -> dict[str, Any]:
    wanted = solve_options(options)
    params = {
        "scale_low": wanted.width_low,
        "scale_high": wanted.width_high,
        "downsample": wanted.bin_size,
        "timeout": wanted.timeout,
    }
    _parallel(environment)  # a wrong setting is reported to the caller, not in the log
    command = [sys.executable, "-m", "crowdsky.extract.astro_jobs", OWN, "--job-id"]
    job = store.submit(Path(options.image).resolve(), params, command, _inherited(environment))
    return {"ok": True, "job_id": job.job_id}


def _status(store: JobStore, options: argparse.Namespace, _: Mapping[str, str]) -> dict[str, Any]:
    return {"ok": True, **store.status(options.job_id)}


def _result(store: JobStore, options: argparse.Namespace, _: Mapping[str, str]) -> dict[str, Any]:
    return store.result(options.job_id)


def _cancel(store: JobStore, options: argparse.Namespace, _: Mapping[str, str]) -> dict[str, Any]:
    return {"ok": True, **store.cancel(options.job_id)}


def _list(store: JobStore, _: argparse.Namespace, __: Mapping[str, str]) -> dict[str, Any]:
    return {"ok": True, "jobs": store.all()}


def _prune(store: JobStore, options: argparse.Namespace, _: Mapping[str, str]) -> dict[str, Any]:
    return {"ok": True, "removed": store.prune(options.days * 86400.0)}


def _run(
    store: JobStore, options: argparse.Namespace, environment: Mapping[str, str]
) -> dict[str, Any]:
    """Run the job in its own process: wait for a slot, run the extractor, record the result."""
    job = store.open(options.job_id)
    with running_slot(store.folder, _parallel(environment), time.sleep):
        job.write_status(store.clock(), state="processing", message="solving")
        answer = _extract(job, _extractor(environment))
        write_whole(job.result, json.dumps(answer, ensure_ascii=False, indent=2))
        state = "done" if answer.get("ok") else "error"
        message = "solved" if answer.get("ok") else str(answer.get("error", "no reason given"))
        return job.write_status(store.clock(), state=state, message=message)


def _extract(job: JobFolder, extractor: list[str]) -> dict[str, Any]:
    """Run the extractor on the job's picture and read its answer, whatever it is."""
    (picture,) = (job.root / "input").iterdir()
    params = job.status()["params"]
    command = [*extractor, "--image", str(picture)]
    for option, value in params.items():
        if value is not None:
            command += [f"--{option.replace('_', '-')}", f"{value:g}"]
    limit = params["timeout"] + KILL_AFTER_SECONDS
    try:
        with job.log.open("ab") as log:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                timeout=limit,
                check=False,
            )
        answer = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return {"ok": False, "error": f"the extractor was stopped after {limit:.0f} s"}
    except OSError as error:
        return {"ok": False, "error": f"the extractor could not be started: {error}"}
    except ValueError:
        code = done.returncode
        return {"ok": False, "error": f"the extractor gave no JSON and ended with code {code}"}
    if not isinstance(answer, dict):
        return {"ok": False, "error": "the extractor did not answer with an object"}
    return answer


def _extractor(environment: Mapping[str, str]) -> list[str]:
    program = environment.get("ASTRO_EXTRACT_BIN")
    if not program:
        return [sys.executable, "-m", "crowdsky.extract"]
    return [sys.executable, program] if program.endswith(".py") else [program]


def _inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for the job's process, in which this package can be imported."""
    return {**environment, **python_path(inherited=environment)}


def _parallel(environment: Mapping[str, str]) -> int:
    text = environment.get("ASTRO_JOBS_PARALLEL") or str(DEFAULT_PARALLEL)
    if not text.isdigit() or not 1 <= int(text) <= 64:
        raise ConfigurationError("cannot use ASTRO_JOBS_PARALLEL", why=f"{text!r} is not 1 to 64")
    return int(text)


def _print_answer(answer: dict[str, Any], code: int) -> int:
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="astro-jobs", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[..., dict[str, Any]], text: str, *, job: bool = False
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        sub.set_defaults(command=run)
        if job:
            sub.add_argument("--job-id", required=True, metavar="ID", help="as submit printed it")
        return sub

    submit = command("submit", _submit, "start solving a picture and print its job's id")
    submit.add_argument("--image", required=True, metavar="PATH", help="FITS, JPEG, PNG or TIFF")
    add_options(submit)
    command("status", _status, "print the state of a job", job=True)
    command("result", _result, "print what the extractor answered", job=True)
    command("cancel", _cancel, "stop a job", job=True)
    command("list", _list, "print all jobs, the newest first")
    prune = command("prune", _prune, "remove jobs that ended long ago")
    prune.add_argument(
        "--days",
        type=float,
        default=DEFAULT_PRUNE_DAYS,
        metavar="N",
        help=f"days since a job ended (default {DEFAULT_PRUNE_DAYS:g})",
    )
    return parser


def _own_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"astro-jobs {OWN}")
    parser.add_argument("--job-id", required=True)
    parser.set_defaults(command=_run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
