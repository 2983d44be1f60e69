"""`astro-extract --image PATH`: solve one picture and print one JSON object.

::

    python -m crowdsky.extract --image PATH [--scale-low DEG --scale-high DEG] [--downsample N]
                             [--timeout S]

Exit code 0 solved, 1 no such image, 2 not solved, 3 the picture cannot be read.
Environment: INDEX_DIR, SOLVERS, CACHE_DIR, NOVA_URL and NOVA_API_KEY as for the worker
(docs/configuration.md).
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from crowdsky.base.errors import ConfigurationError
from crowdsky.base.terminal import private_stdout
from crowdsky.extract.options import add_options, solve_options
from crowdsky.extract.solve_image import SolveAnswer, refusal, solve_by_recipe, too_large
from crowdsky.measuring.recipe import load_recipe


def main(
    arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ
) -> int:
    """Solve the picture that the arguments name, and return the exit code."""
    options = _parser().parse_args(arguments)
    # What libraries print goes to standard error: callers read a single JSON object.
    with private_stdout() as channel:
        answer = answer_for(options, environment)
        channel.write(json.dumps(answer.json, ensure_ascii=False, indent=2).encode() + b"\n")
    return answer.exit_code


def answer_for(
    options: argparse.Namespace, environment: Mapping[str, str], env_file: Path | None = None
) -> SolveAnswer:
    """Solve the picture that the options name with the solvers of the settings; never raises."""
    path = Path(options.image)
    try:
        wanted, recipe = solve_options(options), load_recipe(environment, env_file)
    except ConfigurationError as error:
        return refusal(path, str(error))
    try:
        return solve_by_recipe(path, recipe, wanted)
    except MemoryError:
        return too_large(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="astro-extract", description="Solve a picture and print where it points, as JSON."
    )
    parser.add_argument("--image", required=True, help="FITS, JPEG, PNG or TIFF")
    add_options(parser)
    return parser
