"""The observations of a field and their calibration, as records of arrays.

`table_files` reads and writes them. Unknown numbers are NaN. Nothing in a record needs to be
checked again: rows refer to rows that exist, and no star is twice in an epoch.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crowdsky.base.arrays import BoolArray, FloatArray
from crowdsky.base.errors import BadDataError

Ints = NDArray[np.int64]
Rows = NDArray[np.int32]
Singles = NDArray[np.float32]
Texts = NDArray[np.str_]

COLOUR_BANDS, MONO_BANDS = "RGB", "L"
BAND_PLANES = {"R": 0, "G": 1, "B": 2, "L": 1}
"""Plane of a band in the columns of fluxes: those of a monochrome sensor are in green."""


class UnusableObservationsError(BadDataError):
    """The tables of a field contradict themselves."""


@dataclass(frozen=True, slots=True)
class Epochs:
    """Stacks, and intervals of series; arrays of one length, those of planes (n, 3): R, G, B.

    epoch_id        -- id of the site
    mjd, bjd        -- middle of the exposures, days: UTC, and TDB at the barycentre
    airmass         -- in the middle of the picture
    exposure_s      -- of all subs together
    n_subs          -- number of subs
    telescope       -- class and unit; colour and spatial terms are those of a telescope and filter
    filter_name     -- of the telescope
    bands           -- "RGB" of a colour camera, "L" of a monochrome one
    width, height   -- size of the picture, pixels
    zero_point, zero_point_error -- of the stack itself, mag, (n, 3)
    fwhm_px, aperture_px, scale_arcsec, limiting_mag -- of the stack
    fit_only        -- whether a stack of the same subs is among the others: it gets a zero point,
                       and counts for nothing else
    """

    epoch_id: Ints
    mjd: FloatArray
    bjd: FloatArray
    airmass: Singles
    exposure_s: Singles
    n_subs: Rows
    telescope: Texts
    filter_name: Texts
    bands: Texts
    width: Rows
    height: Rows
    zero_point: Singles
    zero_point_error: Singles
    fwhm_px: Singles
    aperture_px: Singles
    scale_arcsec: Singles
    limiting_mag: Singles
    fit_only: BoolArray

    def __len__(self) -> int:
        return len(self.epoch_id)


@dataclass(frozen=True, slots=True)
class Stars:
    """Stars of the archive's list; arrays of one length.

    star_id         -- id of the site
    ra, dec         -- degrees, ICRS, at `year`
    gaia_id         -- 0 without one
    known_variable  -- whether a catalogue of variables has it
    search          -- whether its period is to be searched in any case
    """

    star_id: Ints
    ra: FloatArray
    dec: FloatArray
    year: FloatArray
    gaia_id: Ints
    known_variable: BoolArray
    search: BoolArray

    def __len__(self) -> int:
        return len(self.star_id)


@dataclass(frozen=True, slots=True)
class Observations:
    """Stars in epochs; arrays of one length, fluxes (n, 3) in the planes R, G, B.

    star, epoch     -- rows of the stars and of the epochs, from 0
    x, y            -- pixels, the first is 0
    flux, flux_error -- ADU, NaN where not measured
    fwhm_px         -- width of the star
    flags           -- see StarFlag
    """

    star: Rows
    epoch: Rows
    x: Singles
    y: Singles
    flux: Singles
    flux_error: Singles
    fwhm_px: Singles
    flags: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.star)


@dataclass(frozen=True, slots=True)
class FieldObservations:
    """Everything that is known of a field before a calibration.

    field_id, ra, dec -- id of the site and centre in degrees
    scope           -- 0 for public epochs, 1 for all that one owner sees
    version         -- of the calibration to be computed
    """

    field_id: int
    ra: float
    dec: float
    scope: int
    version: int
    epochs: Epochs
    stars: Stars
    observations: Observations

    def __post_init__(self) -> None:
        """Check what everything else relies on; raises UnusableObservationsError."""
        epochs, stars, rows = self.epochs, self.stars, self.observations
        for what, record in (("epochs", epochs), ("stars", stars), ("observations", rows)):
            _one_length(what, record)
        _refuse_twice("epoch id", epochs.epoch_id)
        _refuse_twice("star id", stars.star_id)
        _refuse_beyond("epoch", rows.epoch, len(epochs))
        _refuse_beyond("star", rows.star, len(stars))
        pairs = rows.star.astype(np.int64) * max(len(epochs), 1) + rows.epoch
        _refuse_twice("star in an epoch", pairs)
        unknown = set(epochs.bands.tolist()) - {COLOUR_BANDS, MONO_BANDS}
        if unknown:
            raise UnusableObservationsError(
                f"an epoch has the unknown bands {min(unknown)!r}",
                hint=f"they are {COLOUR_BANDS} or {MONO_BANDS}",
            )
        small = np.flatnonzero((epochs.width < 2) | (epochs.height < 2))
        if small.size:
            raise UnusableObservationsError(
                f"epoch {epochs.epoch_id[small[0]]} has a picture of less than 2 pixels"
            )


@dataclass(frozen=True, slots=True)
class ZeroPoints:
    """Zero points of epochs per band, as the site's ``epoch_zero_points`` has them."""

    epoch_id: Ints
    band: Texts
    zero_point: FloatArray
    zero_point_error: Singles
    colour_term: Singles
    u_term: Singles
    v_term: Singles
    uu_term: Singles
    uv_term: Singles
    vv_term: Singles
    floor_mag: Singles
    n_stars: Rows


@dataclass(frozen=True, slots=True)
class StarMagnitudes:
    """Mean magnitudes of stars per band, as the site's ``star_calibrations`` has them."""

    star_id: Ints
    band: Texts
    mag: FloatArray
    mag_error: Singles
    colour: Singles
    n_epochs: Rows
    scatter_mag: Singles
    chi2: Singles
    extra_mag: Singles
    flags: Rows


@dataclass(frozen=True, slots=True)
class Variables:
    """Stars that vary, and results of period searches, as ``variable_candidates`` has them.

    Times are BJD (TDB), durations days, amplitudes and depths magnitudes; NaN where none is
    claimed, and epoch ids 0 where there is none. ``remark`` says why no period is claimed.
    """

    star_id: Ints
    band: Texts
    kind: Texts
    score: FloatArray
    excess_mag: Singles
    n_points: Rows
    n_nights: Rows
    amplitude_mag: Singles
    period_d: FloatArray
    period_error_d: FloatArray
    period_fap: FloatArray
    t0_bjd: FloatArray
    depth_mag: Singles
    duration_d: Singles
    trend_mag_per_d: Singles
    bright_epoch_id: Ints
    faint_epoch_id: Ints
    amplitude_error_mag: Singles
    remark: Texts

    @classmethod
    def none(cls) -> Variables:
        """Return a table without a row."""
        ids, rows = np.zeros(0, np.int64), np.zeros(0, np.int32)
        text, single, double = np.zeros(0, "U20"), np.zeros(0, np.float32), np.zeros(0)
        return cls(
            star_id=ids, band=text, kind=text, score=double, excess_mag=single, n_points=rows,
            n_nights=rows, amplitude_mag=single, period_d=double, period_error_d=double,
            period_fap=double, t0_bjd=double, depth_mag=single, duration_d=single,
            trend_mag_per_d=single, bright_epoch_id=ids, faint_epoch_id=ids,
            amplitude_error_mag=single, remark=text,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldCalibration:
    """The calibration of a field.

    catalogue       -- band and name of the catalogue behind the magnitudes, "" without any
    software        -- version of this software
    model           -- JSON for people: what was fitted, from what, with which priors
    """

    field_id: int
    version: int
    catalogue: str
    software: str
    model: dict[str, Any]
    zero_points: ZeroPoints
    stars: StarMagnitudes
    variables: Variables = field(default_factory=Variables.none)

    def __post_init__(self) -> None:
        """Check that the arrays of a table are of one length; raises UnusableObservationsError."""
        _one_length("zero points", self.zero_points)
        _one_length("magnitudes", self.stars)
        _one_length("variables", self.variables)


def _one_length(what: str, record: Any) -> None:
    lengths = {part.name: len(getattr(record, part.name)) for part in fields(record)}
    if len(set(lengths.values())) > 1:
        raise UnusableObservationsError(f"{what}: columns of different lengths", why=str(lengths))


def _refuse_twice(what: str, values: NDArray[Any]) -> None:
    ordered = np.sort(values)
    if np.any(ordered[1:] == ordered[:-1]):
        raise UnusableObservationsError(f"a {what} is there twice")


def _refuse_beyond(what: str, rows: Rows, count: int) -> None:
    wrong = np.flatnonzero((rows < 0) | (rows >= count))
    if wrong.size:
        raise UnusableObservationsError(
            f"observation {wrong[0]} is of {what} {rows[wrong[0]]}, but rows end at {count - 1}"
        )
