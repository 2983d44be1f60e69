"""Stars that only some of the stacks that show their place have."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from crowdsky.photometry.ensemble.coverage import often_missed
from crowdsky.photometry.ensemble.field import calibrate_field
from crowdsky.photometry.ensemble.flags import StarFlag
from crowdsky.photometry.ensemble.tables import FieldObservations, Observations
from tests.support.ensemble_fields import FieldPlan, observed_field


def without(field: FieldObservations, lost: NDArray[np.bool_]) -> FieldObservations:
    rows = {
        part.name: getattr(field.observations, part.name)[~lost] for part in fields(Observations)
    }
    return replace(field, observations=Observations(**rows))


def test_a_star_that_noise_hides_now_and_then_is_flagged() -> None:
    field = observed_field(FieldPlan(n_epochs=40, n_stars=30), 5).observations
    rows = field.observations
    assert not often_missed(field).any()

    # The first star is in 30 of 40 epochs, the second in 36.
    lost = ((rows.star == 0) & (rows.epoch % 4 == 0)) | ((rows.star == 1) & (rows.epoch % 10 == 0))
    assert often_missed(without(field, lost)).nonzero()[0].tolist() == [0]
    aside = np.where(rows.epoch < 20, rows.x - 540.0, rows.x).astype(np.float32)
    moved = without(replace(field, observations=replace(rows, x=aside)), aside < 0.0)
    assert not often_missed(moved).any(), "where it is not in the picture, it is not missed"

    flags = calibrate_field(without(field, lost), None).stars
    flagged = flags.star_id[(flags.flags & int(StarFlag.OFTEN_MISSED)) != 0]
    assert set(flagged.tolist()) == {field.stars.star_id[0]}
