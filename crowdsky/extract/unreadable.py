"""The one net around reading a picture, whichever library reads it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from crowdsky.base.errors import BadDataError
from crowdsky.frames.damaged import damage_as

KNOWN_KINDS = "FITS, JPEG, PNG and TIFF can be read"


class UnreadablePictureError(BadDataError):
    """A file is not a picture that can be solved."""


def reading(path: Path) -> AbstractContextManager[None]:
    """Turn everything that goes wrong inside into an UnreadablePictureError."""
    return damage_as(
        lambda why: UnreadablePictureError(
            "could not read the picture", where=path.name, why=why, hint=KNOWN_KINDS
        )
    )
