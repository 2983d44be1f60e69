"""The net around a library that reads a file: whatever it raises becomes one error.

astropy, Pillow and libtiff raise errors of any class on a damaged file: VerifyError, KeyError,
AttributeError, struct.error, zlib.error. None of them is a mistake of this program, so all are
caught, but only while a file is being read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from crowdsky.base.errors import CrowdSkyError


@contextmanager
def damage_as(
    unreadable: Callable[[str], CrowdSkyError], *, os_errors: bool = True
) -> Iterator[None]:
    """Raise the error that ``unreadable`` makes of a reason in place of any other.

    Our own errors go on, and so does a MemoryError: another machine may have room for the file.
    Without ``os_errors``, an OSError goes on, too.
    """
    try:
        yield
    except (CrowdSkyError, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and not os_errors:
            raise
        raise unreadable(str(error) or type(error).__name__) from error
