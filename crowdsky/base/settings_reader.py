"""Reads single settings from the environment and a ``.env`` file, collecting every problem."""

from __future__ import annotations

import io
import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from crowdsky.base.errors import ConfigurationError

_ABOUT = "about"
"""Key of an ``About`` among the metadata of a field."""


@dataclass(frozen=True, slots=True)
class About:
    """What there is to know about one setting.

    Attributes:
        variable: its environment variable.
        unit: its unit, or what kind of value it is.
        default: the text that is used where none is given; empty if there is none, or if the
            default is computed from other things.
        reason: what it is for, and why the default is what it is.
        shown: the default as the documentation shows it.
    """

    variable: str
    unit: str
    default: str
    reason: str
    shown: str


def about(
    variable: str, *, unit: str, default: str, reason: str, shown: str | None = None
) -> dict[str, About]:
    """The metadata of a dataclass field that holds a setting.

    Args:
        variable, unit, default, reason: see ``About``.
        shown: the default in words, where it is not a text; by default that text.
    """
    return {_ABOUT: About(variable, unit, default, reason, default if shown is None else shown)}


def settings_of(record: type[Any]) -> dict[str, About]:
    """The settings that a dataclass holds, by the name of the field, in the order of the fields."""
    return {
        entry.name: entry.metadata[_ABOUT] for entry in fields(record) if _ABOUT in entry.metadata
    }


class SettingsReader:
    """Reads values and collects problems; a wrong value is replaced so that reading can go on.

    Args:
        settings: every setting that will be read.
        environment: by default that of this process; it wins over the file, except for variables
            that are empty, which count as not set.
        env_file: the ``.env`` file; it need not exist.
        whose: what the settings are called in errors.
    """

    def __init__(
        self,
        settings: Iterable[About],
        environment: Mapping[str, str] | None,
        env_file: Path | None,
        whose: str = "the worker's settings",
    ) -> None:
        self.problems: list[str] = []
        self._whose = whose
        self._unreadable: str | None = None
        self._given = {} if env_file is None else self._from_file(env_file)
        given = os.environ if environment is None else environment
        self._given.update({name: value for name, value in given.items() if value.strip()})
        self._defaults = {setting.variable: setting.default for setting in settings}

    def _from_file(self, env_file: Path) -> dict[str, str]:
        """The values of the file, as far as it can be read; the rest becomes problems."""
        try:
            content = env_file.read_bytes() if env_file.is_file() else b""
            # Editors on Windows begin the file with a byte order mark.
            text = content.decode("utf-8-sig")
        except OSError as error:
            self._unreadable = f"{env_file} cannot be read: {error.strerror}"
            return {}
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            self._unreadable = f"{env_file}, line {line}: not UTF-8; save the file in that encoding"
            return {}
        good = []
        for binding in parse_stream(io.StringIO(text)):
            if binding.error or (binding.key is not None and binding.value is None):
                start = binding.original.string
                line = binding.original.line + start[: -len(start.lstrip()) or None].count("\n")
                # Not the text of the line: it may hold a key.
                self.problems.append(f"{env_file}, line {line}: not of the form NAME=VALUE")
            else:
                good.append(binding.original.string)
        values = dotenv_values(stream=io.StringIO("".join(good)))
        return {name: value for name, value in values.items() if value is not None}

    def finish(self) -> None:
        """Raise ConfigurationError with every problem found, not only the first."""
        if self._unreadable is not None:
            # Everything else follows from this: no setting of the file seems to be set.
            raise ConfigurationError(f"{self._whose} cannot be read", problems=(self._unreadable,))
        if self.problems:
            raise ConfigurationError(
                f"{self._whose} are not complete or not valid",
                problems=tuple(self.problems),
                hint="correct them in the environment or in .env (see docs/configuration.md)",
            )

    def value(self, variable: str) -> str:
        """The text given, else the default."""
        return self._given.get(variable, "").strip() or self._defaults[variable]

    def url(self, variable: str, *, required: bool = False) -> str:
        """An http(s) address without a final slash; empty if none is given."""
        value = self.value(variable).rstrip("/")
        if not value and not required:
            return ""
        wrong = wrong_with_address(value) if value else "is not set"
        if wrong:
            self.problems.append(f"{variable} {wrong}")
        return value

    def secret(self, variable: str, *, required: bool = False) -> str:
        """A key or token that fits into an HTTP header."""
        value = self.value(variable)
        if required and not value:
            self.problems.append(f"{variable} is not set")
        wrong = wrong_with_secret(value)
        if wrong:
            self.problems.append(f"{variable} {wrong}")
        return value

    def password(self, variable: str) -> str:
        """A password as it is, with blanks and any characters."""
        return self._given.get(variable, "")

    def remote_path(self, variable: str) -> str:
        """An absolute remote folder without a final slash; empty for the root."""
        value = "/" + self.value(variable).strip("/")
        if any(part in (".", "..", "") for part in value[1:].split("/")) and value != "/":
            self.problems.append(f"{variable} must not contain //, /./ or /../")
        return "" if value == "/" else value

    def matching(self, variable: str, pattern: str, form: str) -> str:
        """A text that matches a pattern; ``form`` describes the pattern in words."""
        value = self.value(variable)
        if not re.fullmatch(pattern, value):
            self.problems.append(f"{variable} must be {form}")
        return value

    def choice(self, variable: str, choices: tuple[str, ...]) -> str:
        """One of the choices."""
        value = self.value(variable).lower()
        if value not in choices:
            self.problems.append(f"{variable} must be {' or '.join(choices)}, not {value!r}")
        return value

    def choices(self, variable: str, choices: tuple[str, ...]) -> tuple[str, ...]:
        """Some of the choices, in the order given, separated by commas or blanks."""
        chosen = tuple(dict.fromkeys(self.value(variable).lower().replace(",", " ").split()))
        for name in chosen:
            if name not in choices:
                self.problems.append(f"{variable} may name {', '.join(choices)}, but not {name!r}")
        return chosen

    def path(self, variable: str) -> Path:
        """The absolute path of a folder or file: a child process has another working folder."""
        return Path(self.value(variable)).expanduser().resolve()

    def number(
        self,
        variable: str,
        computed: float | None = None,
        *,
        at_least: float,
        whole: bool = False,
    ) -> float:
        """A number; ``computed`` is the default if that is not a fixed text."""
        text = self._given.get(variable, "").strip()
        if not text and computed is not None:
            return computed
        convert: Callable[[str], float] = int if whole else float
        try:
            number = convert(text or self._defaults[variable])
        except ValueError:
            number = math.nan
        if not at_least <= number < math.inf:
            kind = "a whole number" if whole else "a number"
            self.problems.append(f"{variable} must be {kind} of at least {at_least:g}, not {text}")
            return at_least
        return number


def wrong_with_address(address: str) -> str:
    """Return what keeps a text from being an http(s) address, as a predicate; empty if nothing."""
    try:
        parts = urlsplit(address)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_web = False
    if not is_web or re.search(r"\s", address):
        return "must start with https:// or http:// and name a host"
    if parts.query or parts.fragment or parts.username:
        return "must not contain a user name, ? or #"
    return ""


def wrong_with_secret(secret: str) -> str:
    """Return what keeps a text from being sent in an HTTP header; empty if nothing."""
    if re.fullmatch(r"[\x21-\x7e]*", secret):
        return ""
    return "contains blanks or characters outside ASCII"
