"""Reduces headers to what strangers may read, by the table of header cards.

The site writes the same bytes, see ``Fits/PublicHeader.php``.
"""

from __future__ import annotations

from crowdsky.frames.card_table import is_public, public_value

CARD_BYTES = 80
SILENT = (b"", b"END", b"CHECKSUM", b"DATASUM", b"COMMENT", b"HISTORY")
"""Cards about the file itself, which of the stacks that we write reveal no place and no person."""


def clean_header(header: bytes) -> bytes:
    """Keep the public cards with values of their form; blank everything else.

    Comments behind values go, and so do COMMENT, HISTORY, HIERARCH, CONTINUE and checksums. The
    length stays; cards after END become blank.
    """
    cards = b""
    for at in range(0, len(header), CARD_BYTES):
        card = header[at : at + CARD_BYTES]
        if card.rstrip(b" ") == b"END":
            return (cards + b"END".ljust(CARD_BYTES)).ljust(len(header))
        cards += _clean_card(card)
    return cards


def reveals(card: bytes) -> bool:
    """Whether a card of a stack of ours is one that strangers must not read."""
    keyword = card[:8].rstrip(b" ")
    return keyword not in SILENT and (card[8:10] != b"= " or not is_public(keyword))


def _clean_card(card: bytes) -> bytes:
    blank = b" " * len(card)
    if card[8:10] != b"= " or len(card) < CARD_BYTES:
        return blank
    keyword = card[:8].rstrip(b" ")
    value = public_value(keyword, card[10:])
    return blank if value is None else (keyword.ljust(8) + b"= " + value).ljust(CARD_BYTES)
