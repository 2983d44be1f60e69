"""The error tree in the docstring is the tree in the code."""

from __future__ import annotations

import inspect

from crowdsky.base import errors
from crowdsky.base.errors import ConfigurationError, CrowdSkyError, TransientError


def drawn_parents() -> dict[str, str]:
    """Return the name of each error in the drawing, with the name of its parent."""
    parents: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        name = line.lstrip(" │├└─").split(" ")[0]
        if not name.endswith("Error"):
            continue
        depth = line.index(name)
        above = [entry for entry in above if entry[0] < depth]
        parents[name] = above[-1][1] if above else "Exception"
        above.append((depth, name))
    return parents


def test_the_drawing_is_true() -> None:
    classes = {
        name: error.__bases__[0].__name__
        for name, error in inspect.getmembers(errors, inspect.isclass)
        if issubclass(error, CrowdSkyError)
    }
    assert drawn_parents() == classes


def test_the_text_is_a_sentence() -> None:
    error = TransientError(
        "could not upload", where="/a.fits", why="the line was cut", hint="wait", retry_after=3
    )
    assert str(error) == "could not upload (/a.fits): the line was cut; wait"
    assert error.retry_after == 3
    assert str(CrowdSkyError("it is raining")) == "it is raining"


def test_every_problem_is_in_the_sentence() -> None:
    error = ConfigurationError("bad settings", problems=("A is not set", "B is negative"))
    assert str(error) == "bad settings: A is not set; B is negative"
