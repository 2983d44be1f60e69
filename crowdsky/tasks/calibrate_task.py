"""Calibrating the observations of a field as a task: from the site's file to the site's file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from crowdsky.base.json_fields import Fields, JsonObject
from crowdsky.measuring.recipe import Recipe
from crowdsky.sandbox.report import Report
from crowdsky.sandbox.task import child_task

if TYPE_CHECKING:
    from crowdsky.photometry.ensemble.tables import FieldCalibration, FieldObservations
    from crowdsky.solving.catalogue import Catalogue

MIN_ANCHORS = 5
"""Number of stars of a field from which a catalogue gives the scale. With fewer, it does not cover
the field, and the next one is asked."""


@dataclass(frozen=True, slots=True)
class CalibrateTask:
    """What to calibrate.

    Attributes:
        observations: the site's file.
        output: where the calibration appears.
        recipe: names the catalogues; its solvers are not used.
        written: the moment that the file names.
    """

    observations: Path
    output: Path
    recipe: Recipe
    written: datetime

    def to_json(self) -> JsonObject:
        """This task as JSON values."""
        return {
            "observations": str(self.observations),
            "output": str(self.output),
            "recipe": self.recipe.asking(()).to_json() | {"nova_key": ""},
            "written": self.written.isoformat(),
        }

    @classmethod
    def from_json(cls, data: object) -> CalibrateTask:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("calibrating task", data)
        return cls(
            Path(fields.text("observations")),
            Path(fields.text("output")),
            Recipe.from_json(fields.optional_object("recipe")),
            datetime.fromisoformat(fields.text("written")),
        )


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What came of it.

    Attributes:
        epochs: number of epochs with a zero point.
        left_out: number of those without.
        stars: number of stars with a magnitude.
        variables: number of stars that vary.
        catalogue: band and name of the catalogue that gives the scale; "" for none.
        remarks: what of the recipe could not be used, for people to read.
    """

    epochs: int
    left_out: int
    stars: int
    variables: int
    catalogue: str
    remarks: tuple[str, ...]

    def to_json(self) -> JsonObject:
        """This result as JSON values."""
        return {**asdict(self), "remarks": list(self.remarks)}

    @classmethod
    def from_json(cls, data: object) -> Calibrated:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("calibrated field", data)
        return cls(
            epochs=fields.integer("epochs", minimum=0),
            left_out=fields.integer("left_out", minimum=0),
            stars=fields.integer("stars", minimum=0),
            variables=fields.integer("variables", minimum=0),
            catalogue=fields.text("catalogue", empty=True),
            remarks=fields.texts("remarks"),
        )


@child_task("calibrating", takes=CalibrateTask, gives=Calibrated)
def calibrate(task: CalibrateTask, report: Report) -> Calibrated:
    """Calibrate a field, and find its variable stars.

    Raises:
        UnreadableTableError: the file is no file of observations.
        UnusableObservationsError: its tables contradict themselves.
        OSError: a file cannot be read or written.
    """
    from crowdsky.photometry.ensemble.field import calibrate_field
    from crowdsky.photometry.ensemble.table_files import read_observations, write_calibration

    report.progress("calibrate", 0, 1)
    observations = read_observations(task.observations)
    remarks: list[str] = []
    catalogue = _choose(observations, _catalogues(task.recipe, remarks), remarks)
    calibration = _with_left_out(calibrate_field(observations, catalogue), observations)
    calibration, variables = _with_variables(calibration, observations, report, remarks)
    write_calibration(task.output, calibration, task.written)
    epochs = len(set(calibration.zero_points.epoch_id.tolist()))
    return Calibrated(
        epochs=epochs,
        left_out=len(observations.epochs) - epochs,
        stars=len(set(calibration.stars.star_id.tolist())),
        variables=variables,
        catalogue=calibration.catalogue,
        remarks=tuple(remarks),
    )


def _catalogues(recipe: Recipe, remarks: list[str]) -> Iterator[Catalogue]:
    """Yield the catalogues of this machine: own stars, Gaia, Tycho-2."""
    from crowdsky.measuring.instruments import open_instruments

    instruments = open_instruments(recipe.asking(()))
    remarks += instruments.remarks
    yield from instruments.better
    if instruments.catalogue is not None:
        yield instruments.catalogue


def _choose(
    observations: FieldObservations, catalogues: Iterator[Catalogue], remarks: list[str]
) -> Catalogue | None:
    """Return the first catalogue that has stars of the field; None without any."""
    from crowdsky.base.attempts import Attempts
    from crowdsky.photometry.ensemble.anchor import find_partners

    centre = (observations.ra, observations.dec)
    attempt = Attempts()
    for catalogue in catalogues:
        find = partial(find_partners, observations.stars, catalogue, centre)
        partners = attempt(f"stars of {catalogue.name}", find)
        if partners is not None and int(partners.known.sum()) >= MIN_ANCHORS:
            remarks += attempt.notes
            return catalogue
    remarks += attempt.notes
    return None


def _with_variables(
    calibration: FieldCalibration,
    observations: FieldObservations,
    report: Report,
    remarks: list[str],
) -> tuple[FieldCalibration, int]:
    """Add the variable stars, and return how many vary. A search that fails costs nothing else."""
    from crowdsky.base.attempts import Attempts
    from crowdsky.photometry.variability.candidates import find_variables
    from crowdsky.photometry.variability.found import with_variables

    attempt = Attempts()
    progress = partial(report.progress, "variables")
    found = attempt("variable stars", lambda: find_variables(observations, calibration, progress))
    remarks += attempt.notes
    if found is None:
        return calibration, 0
    vary = sum(one.kind != "constant" for one in found)
    return with_variables(calibration, found), vary


def _with_left_out(
    calibration: FieldCalibration, observations: FieldObservations
) -> FieldCalibration:
    """Name the epochs without a zero point; the bands of the model say why they have none."""
    answered = set(calibration.zero_points.epoch_id.tolist())
    left_out = [epoch for epoch in observations.epochs.epoch_id.tolist() if epoch not in answered]
    return replace(calibration, model={**calibration.model, "left_out": left_out})
