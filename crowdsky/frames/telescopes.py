"""Tells telescopes apart by TELESCOP, and names those whose firmware names no unit.

Newer Seestars write model and serial number, ``S50_8a95aa90``; readers take what follows ``_`` for
the unit. Older firmware writes ``Seestar S50``, which is every S50. In an archive, such a telescope
gets the unit of its owner, so that two owners do not share one telescope.
"""

from __future__ import annotations

import hashlib
import re

UNIT = re.compile(r"_[0-9A-Za-z]{4,}$")
OWNER_DIGITS = 8


def names_unit(telescope: str) -> bool:
    """Whether a TELESCOP names a unit and not only a model."""
    return UNIT.search(telescope) is not None


def unit_of_owner(archive_id: str, user_id: int) -> str:
    """Return the unit for telescopes of an owner that name none: "u" and eight hexadecimal digits.

    The same for all subs of an owner in an archive, and another in every other archive; it says
    nothing about the owner. The site has the same rule (``php_api/src/Fits/TelescopeId.php``).
    """
    owner = f"{archive_id}:{user_id}".encode()
    return f"u{hashlib.sha256(owner).hexdigest()[:OWNER_DIGITS]}"


def telescope_id(telescope: str, unit: str) -> str:
    """Return the TELESCOP with a unit: its own if it names one, else the given one."""
    return telescope if names_unit(telescope) else f"{telescope}_{unit}"
