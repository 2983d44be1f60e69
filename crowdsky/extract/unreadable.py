"""The one net around reading a picture, whichever library reads it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crowdsky.base.errors import BadDataError

KNOWN_KINDS = "FITS, JPEG, PNG and TIFF can be read"


class UnreadablePictureError(BadDataError):
    """A file is not a picture that can be solved."""


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn everything that a library raises on a damaged file into an UnreadablePictureError.

    Pillow, libtiff and astropy raise errors of any class: struct.error, KeyError, VerifyError,
    zlib.error. None of them is a mistake of this program, so all are caught, but only while a file
    is being read. A MemoryError goes on: another machine may have room for the picture.
    """
    try:
        yield
    except (UnreadablePictureError, MemoryError):
        raise
    except Exception as error:
        raise UnreadablePictureError(
            "could not read the picture",
            where=path.name,
            why=str(error) or type(error).__name__,
            hint=KNOWN_KINDS,
        ) from error
