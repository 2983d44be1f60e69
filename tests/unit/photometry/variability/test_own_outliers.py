"""The result of an explanation rests on the points that this explanation keeps."""

from __future__ import annotations

import numpy as np
import pytest

from crowdsky.base.arrays import BoolArray
from crowdsky.photometry.variability import periods
from crowdsky.photometry.variability.explanations import Candidate
from crowdsky.photometry.variability.harmonics import Points
from crowdsky.synthetic.variables import ContactBinary, exposed_change
from crowdsky.synthetic.visits import observing_plan


def test_minima_that_no_box_explains_stay_in_the_amplitude_of_a_wave(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(2)
    visits = observing_plan(rng, 60, 30)
    light = exposed_change(
        ContactBinary(0.40033, 2461000.2, 0.45, 0.38), visits.bjd, visits.exposure_s
    )
    errors = np.full(60, 0.006)

    def no_dips(
        every: Points, *limits: float | list[tuple[float, float, float]]
    ) -> tuple[list[Candidate], BoolArray]:
        return [], np.asarray(every.mags > np.sort(every.mags)[-6])

    monkeypatch.setattr(periods, "dip_candidates", no_dips)
    found = periods.find_period(visits.bjd, 11.0 + light + rng.normal(0.0, errors), errors)
    assert found.credible
    assert found.period == pytest.approx(0.40033, rel=1e-3)
    assert found.amplitude == pytest.approx(np.ptp(light), abs=0.015)
    assert found.rejected == 0
