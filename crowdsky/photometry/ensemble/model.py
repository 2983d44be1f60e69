"""Describes a calibration for people: what was fitted, from what, with which priors and errors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from crowdsky.photometry.ensemble import noise
from crowdsky.photometry.ensemble.calibrated import CalibratedBand
from crowdsky.photometry.ensemble.gradients import gradient_sizes
from crowdsky.photometry.ensemble.tables import FieldObservations
from crowdsky.photometry.ensemble.terms import priors

METHOD = "differential ensemble (Honeycutt 1992, PASP 104, 435), robust weighted least squares"
TERMS = ("colour", "u", "v", "uu", "uv", "vv")
MOST_LISTED = 50
"""Number of epochs without a calibration that are named; the number of all is given, too."""

TOO_FEW_STARS = "fewer than 3 usable stars"
NOT_TIED = "shares no star with a tied epoch, has no catalogue stars and no zero point of its own"


def describe(
    observations: FieldObservations, calibrated: dict[str, CalibratedBand], catalogue: str
) -> dict[str, Any]:
    """Return the model as JSON values; what is not known is None."""
    epochs = observations.epochs
    unknown_airmass = int(np.sum(~np.isfinite(epochs.airmass)))
    telescopes = sorted(set(epochs.telescope.tolist()))
    apertures = {name: noise.aperture_mm(name) for name in telescopes}
    return {
        "method": METHOD,
        "catalogue": catalogue or None,
        "priors": priors(),
        "scintillation": {
            "source": "Young 1967, Osborn et al. 2015",
            "coefficient": noise.SCINTILLATION_COEFFICIENT,
            "site_altitude_m": 0,
            "aperture_mm": {name: size for name, (size, _) in apertures.items()},
            "aperture_assumed": [name for name, (_, known) in apertures.items() if not known],
            "airmass_assumed": noise.DEFAULT_AIRMASS if unknown_airmass else None,
            "epochs_of_unknown_airmass": unknown_airmass,
        },
        "bands": {name: _band(observations, part) for name, part in calibrated.items()},
    }


def _band(observations: FieldObservations, part: CalibratedBand) -> dict[str, Any]:
    of_band = part.data.group >= 0
    if part.solved is None:
        return {"uncalibrated": _listed(observations, of_band, TOO_FEW_STARS)}
    tied = part.solved.tied
    solution = tied.solution
    gradients = gradient_sizes(solution, part.data.group, len(part.data.names))
    return {
        "n_epochs": int(np.sum(np.isfinite(solution.zero_point))),
        "n_stars": int(np.sum(np.isfinite(solution.mag))),
        "n_observations": len(solution.rows),
        "anchors": [
            {
                "by": one.by,
                "n_epochs": one.n_epochs,
                "n": int(one.line.used.sum()),
                "error_mag": _number(one.line.error),
                "scatter_mag": _number(one.line.scatter),
                "colour_transformation": _number(one.line.slope),
                "colour_transformation_error": _number(one.line.slope_error),
            }
            for one in tied.ties[:MOST_LISTED]
        ],
        "telescopes": [
            {
                "telescope": telescope,
                "filter": filter_name,
                "floor_mag": _number(floor.mag),
                "floor_observations": floor.n_observations,
                "gradient_mag": _number(gradient),
                "terms": dict(zip(TERMS, map(_number, numbers), strict=True)),
                "errors": dict(zip(TERMS, map(_number, errors), strict=True)),
            }
            for (telescope, filter_name), floor, gradient, numbers, errors in zip(
                part.data.names,
                part.floors,
                gradients,
                solution.shared,
                solution.shared_error,
                strict=True,
            )
        ],
        "uncalibrated": _listed(observations, of_band & (solution.component < 0), TOO_FEW_STARS)
        + _listed(observations, tied.untied, NOT_TIED),
    }


def _listed(observations: FieldObservations, which: np.ndarray, reason: str) -> list[Any]:
    ids = observations.epochs.epoch_id[which].tolist()
    return [{"n_epochs": len(ids), "epochs": ids[:MOST_LISTED], "reason": reason}] if ids else []


def _number(value: float) -> float | None:
    return round(float(value), 6) if math.isfinite(value) else None
