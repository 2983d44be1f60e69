"""CrowdSky: pictures of small telescopes, stacked, solved and measured.

The names below are for everybody, in any program::

    import crowdsky

    crowdsky.stack_files(paths, Path("m94.fits"))     # subs to a stack
    crowdsky.merge_files(stacks, Path("deep.fits"))   # stacks to a deep stack
    crowdsky.solve("m94.jpg").center                  # where a picture points, degrees
    measured = crowdsky.measure("m94.fits")           # solution, photometry and stars of a stack

    client = crowdsky.Client("https://sky.example.org")
    client.coverage()                                 # what an archive has observed

    picture = crowdsky.load_planes(Path("m94.fits"))  # the planes of a stack, for a picture
    crowdsky.fit_background(picture).sky              # the sky behind its stars and objects
    crowdsky.white_balance(measured.calibration)      # factors that make the Sun's colour white

``Recipe`` names the solvers and catalogues, ``SolveOptions`` what is known about a picture; the
results are a ``StackResult``, a ``Solution`` and a ``Measurement``. What goes wrong is an exception
of ``errors``, or an OSError. Nothing but ``Client`` reads settings from the environment or a file.

Importing this package changes nothing and imports no other: each name is imported when it is first
used.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.2.0"

_PUBLIC = {
    "Client": ("crowdsky.client.client", "Client"),
    "Measurement": ("crowdsky.photometry.measurement", "Measurement"),
    "Recipe": ("crowdsky.measuring.recipe", "Recipe"),
    "Solution": ("crowdsky.solving.solution", "Solution"),
    "SolveOptions": ("crowdsky.extract.options", "SolveOptions"),
    "StackResult": ("crowdsky.stacking.records", "StackResult"),
    "errors": ("crowdsky.base.errors", None),
    "fit_background": ("crowdsky.pictures.background", "fit_background"),
    "load_planes": ("crowdsky.pictures.planes", "load_planes"),
    "measure": ("crowdsky.measuring.measure_stack", "measure"),
    "merge_files": ("crowdsky.stacking.stack_files", "merge_files"),
    "solve": ("crowdsky.extract.solve_image", "solve"),
    "stack_files": ("crowdsky.stacking.stack_files", "stack_files"),
    "white_balance": ("crowdsky.pictures.white_balance", "white_balance"),
}
"""Module of each public name, and its name there; None stands for the module itself."""

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _PUBLIC[name]
    loaded = importlib.import_module(module)
    return loaded if attribute is None else getattr(loaded, attribute)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
