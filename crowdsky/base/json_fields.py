"""Reads the fields of one JSON object, checking each and naming the one that is wrong."""

from __future__ import annotations

import math
import re
from typing import Any

from crowdsky.base.errors import UnexpectedAnswerError

JsonObject = dict[str, Any]

Affine = tuple[float, float, float, float, float, float]


class Fields:
    """The fields of one JSON object.

    Every method raises UnexpectedAnswerError when the field is missing or not of its kind.
    Numbers are accepted as JSON numbers and as numeric strings: some database drivers hand the
    site strings for numbers.
    """

    def __init__(self, record: str, data: object) -> None:
        self._record = record
        if not isinstance(data, dict):
            raise UnexpectedAnswerError(
                f"could not read the {record}", why=f"expected an object, got {_kind(data)}"
            )
        self._data = data

    def problem(self, name: str, why: str) -> UnexpectedAnswerError:
        """The error that says what is wrong with the field ``name``."""
        return UnexpectedAnswerError(f"could not read the {self._record}", where=name, why=why)

    def text(self, name: str, *, pattern: str | None = None, empty: bool = False) -> str:
        """A string; not empty unless ``empty``; matching ``pattern`` as a whole if given."""
        value = self._required(name)
        if not isinstance(value, str):
            raise self.problem(name, f"expected a text, got {_kind(value)}")
        if not value and not empty:
            raise self.problem(name, "is empty")
        if pattern is not None and re.fullmatch(pattern, value) is None:
            raise self.problem(name, f"{value[:80]!r} does not have the expected form")
        return value

    def optional_text(self, name: str) -> str | None:
        """A string, possibly empty, or None if the field is null or missing."""
        return None if self._data.get(name) is None else self.text(name, empty=True)

    def integer(self, name: str, *, minimum: int) -> int:
        """A whole number of at least ``minimum``."""
        value = self._required(name)
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.problem(name, f"expected a whole number, got {_kind(value)}")
        if value < minimum:
            raise self.problem(name, f"{value} is less than {minimum}")
        return value

    def optional_integer(self, name: str) -> int | None:
        """A whole number of at least 0, or None if the field is null or missing."""
        return None if self._data.get(name) is None else self.integer(name, minimum=0)

    def number(self, name: str, *, above: float = -math.inf) -> float:
        """A finite number greater than ``above``."""
        value = self._required(name)
        try:
            number = float(value) if isinstance(value, int | float | str) else math.nan
        except (ValueError, OverflowError):
            number = math.nan
        if isinstance(value, bool) or not math.isfinite(number):
            raise self.problem(name, f"expected a number, got {_kind(value)}")
        if number <= above:
            raise self.problem(name, f"{number} is not above {above}")
        return number

    def optional_number(self, name: str) -> float | None:
        """A finite number, or None if the field is null or missing."""
        return None if self._data.get(name) is None else self.number(name)

    def number_or_nan(self, name: str) -> float:
        """A finite number, or NaN if the field is null or missing."""
        return math.nan if self._data.get(name) is None else self.number(name)

    def boolean(self, name: str) -> bool:
        """True or false."""
        value = self._required(name)
        if not isinstance(value, bool):
            raise self.problem(name, f"expected true or false, got {_kind(value)}")
        return value

    def flag(self, name: str) -> bool:
        """True or false; false if the field is null or missing."""
        return self._data.get(name) is not None and self.boolean(name)

    def array(self, name: str) -> list[object]:
        """A list."""
        value = self._required(name)
        if not isinstance(value, list):
            raise self.problem(name, f"expected a list, got {_kind(value)}")
        return value

    def optional_object(self, name: str) -> dict[str, Any] | None:
        """An object, or None if the field is null or missing."""
        value = self._data.get(name)
        if value is not None and not isinstance(value, dict):
            raise self.problem(name, f"expected an object, got {_kind(value)}")
        return value

    def objects(self, name: str) -> tuple[dict[str, Any], ...]:
        """A list of objects."""
        values = tuple(value for value in self.array(name) if isinstance(value, dict))
        if len(values) != len(self.array(name)):
            raise self.problem(name, "expected a list of objects")
        return values

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings."""
        values = tuple(value for value in self.array(name) if isinstance(value, str))
        if len(values) != len(self.array(name)):
            raise self.problem(name, "expected a list of texts")
        return values

    def optional_texts(self, name: str) -> tuple[str, ...] | None:
        """A list of strings, or None if the field is null or missing."""
        return None if self._data.get(name) is None else self.texts(name)

    def integers(self, name: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        values = self.array(name)
        if any(isinstance(value, bool) or not isinstance(value, int) for value in values):
            raise self.problem(name, "expected a list of whole numbers")
        return tuple(value for value in values if isinstance(value, int))

    def optional_affine(self, name: str) -> Affine | None:
        """Six finite numbers, or None if the field is null or missing."""
        if self._data.get(name) is None:
            return None
        values = [float(v) for v in self.array(name) if isinstance(v, int | float)]
        if len(values) != 6 or not all(math.isfinite(value) for value in values):
            raise self.problem(name, "expected six numbers")
        a, b, c, d, e, f = values
        return a, b, c, d, e, f

    def _required(self, name: str) -> object:
        if self._data.get(name) is None:
            raise self.problem(name, "is missing")
        value: object = self._data[name]
        return value


def _kind(value: object) -> str:
    """What a person calls the JSON kind of ``value``."""
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else "nothing")
