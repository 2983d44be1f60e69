"""Reads the fields of a JSON object, checking each and naming the one that is wrong."""

from __future__ import annotations

import math
import re
from typing import Any

from crowdsky.base.errors import UnexpectedAnswerError
from crowdsky.base.readable import MESSAGE_CHARACTERS, readable

JsonObject = dict[str, Any]

LARGEST_INTEGER = 2**63 - 1
"""Largest whole number that is accepted: that of the databases. JSON itself knows no bound."""

Affine = tuple[float, float, float, float, float, float]


class Fields:
    """The fields of one JSON object.

    Every method raises UnexpectedAnswerError when the field is missing or of another kind. Numbers
    may be JSON numbers or numeric strings: some database drivers give the site strings for numbers.

    Args:
        record: what the object is, for the text of errors.
        data: the decoded JSON; raises UnexpectedAnswerError when it is not an object.
    """

    def __init__(self, record: str, data: object) -> None:
        self._record = record
        if not isinstance(data, dict):
            raise UnexpectedAnswerError(
                f"could not read the {record}", why=f"expected an object, got {_kind(data)}"
            )
        self._data = data

    def problem(self, name: str, why: str) -> UnexpectedAnswerError:
        """Build the error that says what is wrong with the field ``name``."""
        return UnexpectedAnswerError(f"could not read the {self._record}", where=name, why=why)

    def text(
        self,
        name: str,
        *,
        pattern: str | None = None,
        empty: bool = False,
        longest: int | None = None,
    ) -> str:
        """Read a string: not empty unless ``empty``, and matching ``pattern`` as a whole.

        It has at most ``longest`` characters, if that is given.
        """
        value = self._required(name)
        if not isinstance(value, str):
            raise self.problem(name, f"expected a text, got {_kind(value)}")
        if not value and not empty:
            raise self.problem(name, "is empty")
        if longest is not None and len(value) > longest:
            raise self.problem(name, f"has {len(value)} characters, more than {longest}")
        if pattern is not None and re.fullmatch(pattern, value) is None:
            raise self.problem(name, f"{value[:80]!r} does not have the expected form")
        return value

    def optional_text(self, name: str, *, longest: int | None = None) -> str | None:
        """Read a string, which may be empty, or None if the field is null or missing."""
        if self._data.get(name) is None:
            return None
        return self.text(name, empty=True, longest=longest)

    def message(self, name: str, longest: int = MESSAGE_CHARACTERS) -> str:
        """Read a string for people, escaped and cut; empty if the field is null or missing."""
        return readable(self.optional_text(name) or "", longest)

    def integer(self, name: str, *, minimum: int) -> int:
        """Read a whole number of at least ``minimum``."""
        value = self._required(name)
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.problem(name, f"expected a whole number, got {_kind(value)}")
        if value > LARGEST_INTEGER:
            raise self.problem(name, f"is greater than {LARGEST_INTEGER}")
        if value < minimum:
            raise self.problem(name, f"is less than {minimum}")
        return value

    def optional_integer(self, name: str) -> int | None:
        """Read a whole number of at least 0, or None if the field is null or missing."""
        return None if self._data.get(name) is None else self.integer(name, minimum=0)

    def number(
        self, name: str, *, above: float = -math.inf, within: tuple[float, float] | None = None
    ) -> float:
        """Read a finite number greater than ``above``, and ``within`` these bounds if given."""
        value = self._required(name)
        try:
            number = float(value) if isinstance(value, int | float | str) else math.nan
        except (ValueError, OverflowError):
            number = math.nan
        if isinstance(value, bool) or not math.isfinite(number):
            raise self.problem(name, f"expected a number, got {_kind(value)}")
        if number <= above:
            raise self.problem(name, f"{number} is not above {above}")
        if within is not None and not within[0] <= number <= within[1]:
            raise self.problem(name, f"{number} is not from {within[0]:g} to {within[1]:g}")
        return number

    def optional_number(self, name: str) -> float | None:
        """Read a finite number, or None if the field is null or missing."""
        return None if self._data.get(name) is None else self.number(name)

    def number_or_nan(self, name: str) -> float:
        """Read a finite number, or NaN if the field is null or missing."""
        return math.nan if self._data.get(name) is None else self.number(name)

    def boolean(self, name: str) -> bool:
        """Read true or false."""
        value = self._required(name)
        if not isinstance(value, bool):
            raise self.problem(name, f"expected true or false, got {_kind(value)}")
        return value

    def flag(self, name: str) -> bool:
        """Read true or false; false if the field is null or missing."""
        return self._data.get(name) is not None and self.boolean(name)

    def optional_flag(self, name: str) -> bool | None:
        """Read true or false; None if the field is null or missing."""
        return None if self._data.get(name) is None else self.boolean(name)

    def array(self, name: str) -> list[object]:
        """Read a list."""
        value = self._required(name)
        if not isinstance(value, list):
            raise self.problem(name, f"expected a list, got {_kind(value)}")
        return value

    def optional_object(self, name: str) -> dict[str, Any] | None:
        """Read an object, or None if the field is null or missing."""
        value = self._data.get(name)
        if value is not None and not isinstance(value, dict):
            raise self.problem(name, f"expected an object, got {_kind(value)}")
        return value

    def objects(self, name: str) -> tuple[dict[str, Any], ...]:
        """Read a list of objects."""
        values = tuple(value for value in self.array(name) if isinstance(value, dict))
        if len(values) != len(self.array(name)):
            raise self.problem(name, "expected a list of objects")
        return values

    def texts(self, name: str) -> tuple[str, ...]:
        """Read a list of strings."""
        values = tuple(value for value in self.array(name) if isinstance(value, str))
        if len(values) != len(self.array(name)):
            raise self.problem(name, "expected a list of texts")
        return values

    def optional_texts(self, name: str) -> tuple[str, ...] | None:
        """Read a list of strings, or None if the field is null or missing."""
        return None if self._data.get(name) is None else self.texts(name)

    def integers(self, name: str) -> tuple[int, ...]:
        """Read a list of whole numbers."""
        values = self.array(name)
        if any(isinstance(value, bool) or not isinstance(value, int) for value in values):
            raise self.problem(name, "expected a list of whole numbers")
        whole = tuple(value for value in values if isinstance(value, int))
        if any(abs(value) > LARGEST_INTEGER for value in whole):
            raise self.problem(name, f"has a number greater than {LARGEST_INTEGER}")
        return whole

    def optional_affine(self, name: str) -> Affine | None:
        """Read six finite numbers, or None if the field is null or missing."""
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
    """Name the JSON kind of ``value`` for a person."""
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else "nothing")
