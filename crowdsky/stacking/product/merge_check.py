"""Checks that finished stacks may be merged: no light counts twice, all see the same colours."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from crowdsky.base.errors import BadDataError
from crowdsky.frames.cards import number
from crowdsky.frames.likeness import filter_form
from crowdsky.frames.telescopes import names_unit
from crowdsky.stacking.product.finished import FinishedStack


class CannotMergeError(BadDataError):
    """Finished stacks do not belong together."""


def check_belong_together(stacks: Sequence[FinishedStack]) -> tuple[str, ...]:
    """Check that stacks may be merged; return remarks on differences that are allowed.

    Raises CannotMergeError when light would count twice, or when the stacks are from different
    cameras or filters, which see other colours.
    """
    if len(stacks) < 2:
        raise CannotMergeError(
            "there is nothing to merge",
            why="only one finished stack was given",
            hint="give several stacks of one target, or the raw subs",
        )
    for index, stack in enumerate(stacks):
        for other in stacks[:index]:
            _check_different_light(other, stack)
    _check_same(stacks, "INSTRUME", "cameras")
    if len({number(stack.header, "WIDECAM") == 1 for stack in stacks}) > 1:
        raise _unlike("cameras of a telescope: the wide-angle camera, and the main one")
    _check_same(stacks, "FILTER", "filters", filter_form)
    if len({len(stack.planes) for stack in stacks}) > 1:
        raise _unlike("sensors: some have colours, others a single plane LUM")
    telescopes = _values(stacks, "TELESCOP")
    if len(telescopes) > 1:
        return (f"merged from {len(telescopes)} telescopes: {', '.join(telescopes)}",)
    if telescopes and not names_unit(telescopes[0]):
        return (f"merged from one telescope or several: {telescopes[0]} names no unit",)
    return ()


def _check_different_light(one: FinishedStack, other: FinishedStack) -> None:
    shared = len(one.used_subs & other.used_subs)
    if one.sha256 == other.sha256:
        why = f"{one.path.name} and {other.path.name} are the same file"
    elif shared:
        why = f"{shared} subs are in both {one.path.name} and {other.path.name}"
    elif exposures := len(one.used_exposures & other.used_exposures):
        why = (
            f"{exposures} exposures of the same telescope, start and length are in both "
            f"{one.path.name} and {other.path.name}"
        )
    elif one.job and one.job == other.job:
        why = f"{one.path.name} and {other.path.name} were both made by job {one.job}"
    else:
        return
    raise CannotMergeError(
        "the same light must not count twice", why=why, hint="leave one of the two stacks out"
    )


def _check_same(
    stacks: Sequence[FinishedStack], key: str, what: str, form: Callable[[str], str] = str
) -> None:
    """Refuse stacks whose values of a keyword differ in the form in which they are compared."""
    values = _values(stacks, key)
    if len({form(value) for value in values}) > 1:
        raise _unlike(f"{what}: {', '.join(values)}")


def _unlike(what: str) -> CannotMergeError:
    return CannotMergeError(
        "these stacks cannot be merged",
        why=f"they come from different {what}",
        hint="merge each kind separately",
    )


def _values(stacks: Sequence[FinishedStack], key: str) -> list[str]:
    """Return the different values of a keyword in order of appearance, without absent ones."""
    values = (str(stack.header.get(key, "")).strip() for stack in stacks)
    return list(dict.fromkeys(value for value in values if value))
