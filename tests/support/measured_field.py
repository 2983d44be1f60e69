"""Synthetic tables of many measured stacks as the records that a calibration reads."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

from crowdsky.photometry.ensemble.tables import Epochs, FieldObservations, Observations, Stars
from crowdsky.synthetic.measured_nights import MeasuredNights

Record = TypeVar("Record", Epochs, Stars, Observations)


def field_observations(nights: MeasuredNights) -> FieldObservations:
    """Convert tables with truth to what a worker receives, which is without it."""
    return FieldObservations(
        field_id=7,
        ra=nights.ra_deg,
        dec=nights.dec_deg,
        scope=0,
        version=1,
        epochs=_record(Epochs, nights.epochs),
        stars=_record(Stars, nights.stars),
        observations=_record(Observations, nights.observations),
    )


def _record(kind: type[Record], table: np.ndarray) -> Record:
    columns: dict[str, Any] = {
        field.name: np.ascontiguousarray(table[field.name])
        for field in fields(kind)
        if field.name in (table.dtype.names or ())
    }
    if kind is Epochs:
        columns["fit_only"] = np.zeros(len(table), bool)  # whole stacks
    return kind(**columns)
