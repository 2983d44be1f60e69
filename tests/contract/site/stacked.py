"""Stacks that come of an upload, as a worker reports them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from astropy.io import fits

from tests.contract.site.subs import sub


@dataclass(frozen=True)
class Stacked:
    """A stack made of an upload through the worker API."""

    id: int
    job_id: int
    body: bytes
    files: tuple[Path, ...]


MakeStored = Callable[..., Stacked]


def sub_for(stack: bytes, cards: dict[str, str]) -> bytes:
    """Return a sub of the size of a stack."""
    with fits.open(io.BytesIO(stack)) as hdus:
        height, width = hdus[1].shape
        # A sensor without colours has no pattern.
        pattern = {} if "RED" in hdus else {"BAYERPAT": None}
    size = {"NAXIS1": f"{width:>20}", "NAXIS2": f"{height:>20}"}
    return sub({**size, **pattern, **cards}, data_bytes=2 * width * height)
