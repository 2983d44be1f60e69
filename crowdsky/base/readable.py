"""Text from outside, made fit for one line of a log, a terminal or a page."""

from __future__ import annotations

MESSAGE_CHARACTERS = 500
"""Characters of a message from outside that are kept."""

_ELLIPSIS = "…"


def readable(text: str, longest: int = MESSAGE_CHARACTERS) -> str:
    r"""Escape what is not printable, and cut the text to ``longest`` characters.

    Line breaks would forge log lines, control sequences (C0 and C1) rewrite a terminal, and
    characters that change the direction hide what is written: ``\n``, ``\x1b``, ``\u202e``.
    """
    shown = "".join(map(_printable, text[: longest + 1]))
    return shown if len(shown) <= longest else shown[: longest - 1] + _ELLIPSIS


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")
