"""The native engine with other settings: ``KEY=VALUE ... -- OUT.fits FRAME...``.

Keys are the fields of ``Reconstruction`` (debayering and interpolation), and ``method``,
``sigma_clip`` and ``weights`` of the combination. A choice can so be compared on the columns of the
benchmark before it becomes the engine's own; users have no switches for the reconstruction.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from crowdsky.stacking.engines import native
from crowdsky.stacking.integration.reconstruct import Reconstruction
from crowdsky.stacking.stack_files import stack_files


def settings(words: Sequence[str]) -> tuple[Reconstruction, str, float | None, str | None]:
    """Read ``KEY=VALUE`` words: reconstruction, method, rejection threshold and weights.

    Raises ValueError for a key that there is not, or a value that is no number.
    """
    given = dict(word.split("=", 1) for word in words)
    method, clip = given.pop("method", "mean"), float(given.pop("sigma_clip", "3"))
    weights = given.pop("weights", None)
    keys = [field.name for field in fields(Reconstruction)]
    if unknown := given.keys() - set(keys):
        known = ", ".join([*keys, "method", "sigma_clip", "weights"])
        raise ValueError(f"there is no setting {sorted(unknown)[0]}; there are {known}")
    values = {key: float(value) for key, value in given.items()}
    return Reconstruction(**values), method, clip or None, weights


def stack_with(arguments: Sequence[str]) -> None:
    """Stack with these settings."""
    cut = list(arguments).index("--")
    chosen, method, clip, weights = settings(arguments[:cut])
    output, *frames = map(Path, arguments[cut + 1 :])
    native.Reconstruction = lambda: chosen  # type: ignore[assignment,misc]
    stack_files(frames, output, method, clip, engine="native", weights=weights)


if __name__ == "__main__":
    stack_with(sys.argv[1:])
