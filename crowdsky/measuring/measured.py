"""The measurement of a stack as it is sent from the child process to the site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crowdsky.base.json_fields import Fields, JsonObject


@dataclass(frozen=True, slots=True)
class Measured:
    """The measurement of a stack; the JSON objects are sent to the site as they are.

    Attributes:
        solution: ``Solution.to_json()``; None if the stack could not be solved.
        unsolved_reason: why not, for people to read; None if it was solved.
        photometry: zero points, seeing, sky; None if nothing was measured.
        objects: deep-sky objects in the picture, nearest to its middle first.
        object_mismatch: a sentence if the object that the frames name is not in the picture.
        n_stars: number of stars in the table.
        overlay, stars: the picture and the star file, None if there is none.
        pictures: the other pictures by kind, as ``draw_pictures`` names them.
        notes: remarks for people who look at the result.
        try_again: whether it was not solved for a reason that may be gone later.
    """

    solution: JsonObject | None
    unsolved_reason: str | None
    photometry: JsonObject | None
    objects: tuple[JsonObject, ...]
    object_mismatch: str | None
    n_stars: int | None
    overlay: Path | None
    stars: Path | None
    notes: tuple[str, ...]
    try_again: bool = False
    pictures: Mapping[str, Path] = field(default_factory=dict)

    @classmethod
    def nothing(cls, reason: str) -> Measured:
        """Return the record of a stack that was not measured at all, for the ``reason``."""
        return cls(None, reason, None, (), None, None, None, None, (reason,))

    @property
    def sentence(self) -> str:
        """The solution, or why there is none, in one line for logs and people."""
        plate = self.solution
        if plate is None:
            return self.unsolved_reason or "not solved"
        place = f"RA {plate['ra_deg']:.4f}, Dec {plate['dec_deg']:+.4f}"
        scale = f"{plate['scale_arcsec']:.3f} arcsec per pixel"
        rms = plate["rms_arcsec"]
        quality = "unverified" if rms is None else f'{plate["n_matched"]} stars, rms {rms:.2f}"'
        return f"solved by {plate['solver']}: {place}, {scale}, {quality}"

    def facts(self) -> JsonObject:
        """Return the results, without files and remarks."""
        return {
            "solution": self.solution,
            "unsolved_reason": self.unsolved_reason,
            "photometry": self.photometry,
            "objects": list(self.objects),
            "object_mismatch": self.object_mismatch,
        }

    def to_json(self) -> JsonObject:
        """Return this measurement as JSON values."""
        return {
            **self.facts(),
            "n_stars": self.n_stars,
            "overlay": None if self.overlay is None else str(self.overlay),
            "stars": None if self.stars is None else str(self.stars),
            "notes": list(self.notes),
            "try_again": self.try_again,
            "pictures": {kind: str(path) for kind, path in self.pictures.items()},
        }

    @classmethod
    def from_json(cls, data: object) -> Measured:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("measurement", data)
        overlay, stars = fields.optional_text("overlay"), fields.optional_text("stars")
        pictures = fields.optional_object("pictures") or {}
        return cls(
            solution=fields.optional_object("solution"),
            unsolved_reason=fields.optional_text("unsolved_reason"),
            photometry=fields.optional_object("photometry"),
            objects=fields.objects("objects"),
            object_mismatch=fields.optional_text("object_mismatch"),
            n_stars=fields.optional_integer("n_stars"),
            overlay=None if overlay is None else Path(overlay),
            stars=None if stars is None else Path(stars),
            notes=fields.texts("notes"),
            try_again=fields.boolean("try_again"),
            pictures={kind: Path(str(path)) for kind, path in pictures.items()},
        )
