"""Runs one query on the published file, within bounds of rows, time and memory."""

from __future__ import annotations

import math
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from crowdsky.tap.errors import QueryRefusedError, QueryTooLongError, ServiceFullError
from crowdsky.tap.published import Published, separation
from crowdsky.tap.sql_writer import translate
from crowdsky.tap.tables import Column

LANGUAGES = ("ADQL", "ADQL-2.0", "ADQL-2.1")

USUAL_ROWS = 20_000
MOST_ROWS = 100_000
"""Rows of an answer that asks for no number, and at most."""

SYNC_SECONDS = 30.0
ASYNC_SECONDS = 300.0
MOST_AT_ONCE = 4
MOST_BYTES = 256 * 2**20
"""Memory that SQLite may use for all queries together."""

_OPCODES_BETWEEN_CHECKS = 2_000
_LONGEST_TEXT = 100_000
_READ, _SELECT, _FUNCTION = sqlite3.SQLITE_READ, sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION


def _real(compute: Callable[..., float]) -> Callable[..., float | None]:
    """Make a function unknown where it has no value or an argument is unknown."""

    def safely(*arguments: Any) -> float | None:
        try:
            value = compute(*map(float, arguments))
        except (TypeError, ValueError, OverflowError, ZeroDivisionError):
            return None
        return value if math.isfinite(value) else None

    return safely


def _truncate(value: float, places: float = 0.0) -> float:
    scale = 10.0 ** int(places)
    return math.trunc(value * scale) / scale


_FUNCTIONS: dict[str, tuple[int, Callable[..., float]]] = {
    "acos": (1, math.acos), "asin": (1, math.asin), "atan": (1, math.atan),
    "atan2": (2, math.atan2), "ceiling": (1, math.ceil), "cos": (1, math.cos),
    "cot": (1, lambda value: 1.0 / math.tan(value)), "degrees": (1, math.degrees),
    "distance": (4, separation), "exp": (1, math.exp), "floor": (1, math.floor),
    "log": (1, math.log), "log10": (1, math.log10), "mod": (2, math.fmod),
    "pi": (0, lambda: math.pi), "power": (2, math.pow), "radians": (1, math.radians),
    "sin": (1, math.sin), "sqrt": (1, math.sqrt), "tan": (1, math.tan),
    "truncate": (-1, _truncate),
}  # fmt: skip

_ALLOWED_FUNCTIONS = {f"adql_{name}" for name in _FUNCTIONS} | {
    "abs", "avg", "count", "like", "lower", "max", "min", "round", "sum",
}  # fmt: skip


@dataclass(frozen=True)
class Result:
    """Columns, rows, and whether there are more rows than were wanted."""

    columns: list[Column]
    rows: list[tuple[Any, ...]]
    is_cut_off: bool


class QueryRunner:
    """Runs queries, a few at once."""

    def __init__(self, published: Published) -> None:
        self._published = published
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)

    def run(
        self,
        query: str,
        language: str,
        most_rows: int,
        seconds: float,
        is_stopped: Callable[[], bool],
    ) -> Result:
        """Return the answer to a query.

        Args:
            query: ADQL.
            language: name of the language; it must be ADQL.
            most_rows: number of rows wanted; 0 for the columns alone.
            seconds: wall-clock limit.
            is_stopped: asked now and then; the query ends when it says so.

        Raises:
            QueryRefusedError: the query is wrong.
            QueryTooLongError: it took too much time or memory, or was stopped.
            ServiceFullError: too many other queries are running.
            ServiceUnreachableError: the site's database cannot be read.
        """
        if language.upper() not in LANGUAGES:
            raise QueryRefusedError(
                f"LANG {language[:40]} is not supported", hint="it must be ADQL"
            )
        if not self._places.acquire(timeout=seconds):
            raise ServiceFullError("too many queries are running", hint="try again in a minute")
        try:
            return self._run(query, most_rows, seconds, is_stopped)
        finally:
            self._places.release()

    def _run(
        self, query: str, most_rows: int, seconds: float, is_stopped: Callable[[], bool]
    ) -> Result:
        deadline = time.monotonic() + seconds
        translated = translate(query)
        with closing(self._published.connect()) as link:
            _restrict(link)
            link.set_progress_handler(
                lambda: is_stopped() or time.monotonic() > deadline, _OPCODES_BETWEEN_CHECKS
            )
            try:
                cursor = link.execute(translated.sql)
                rows = cursor.fetchmany(most_rows + 1)
            except sqlite3.OperationalError as error:
                if "interrupted" in str(error):
                    raise QueryTooLongError(
                        f"the query took longer than {seconds:g} seconds",
                        hint="ask for less, or as an asynchronous job",
                    ) from error
                raise _refused(error) from error
            except (sqlite3.Error, OverflowError) as error:
                raise _refused(error) from error
            except MemoryError as error:
                raise QueryTooLongError("the query needs too much memory") from error
            names = [str(one[0]) for one in cursor.description]
        shown = rows[:most_rows]
        columns = [
            _described(name, translated.column(name), [row[place] for row in shown], names[:place])
            for place, name in enumerate(names)
        ]
        return Result(columns, shown, len(rows) > most_rows)


def _restrict(link: sqlite3.Connection) -> None:
    """Let a connection only read the published tables, whatever SQL it gets."""
    for name, (count, function) in _FUNCTIONS.items():
        link.create_function(f"adql_{name}", count, _real(function), deterministic=True)
    link.execute("PRAGMA case_sensitive_like = ON")
    link.execute("PRAGMA temp_store = MEMORY")
    link.execute(f"PRAGMA hard_heap_limit = {MOST_BYTES}")
    link.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_TEXT)
    link.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100)
    link.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)

    def decide(action: int, first: Any, second: Any, database: Any, trigger: Any) -> int:
        is_fine = (
            action == _SELECT
            or (action == _READ and str(second).upper() != "ROWID")
            or (action == _FUNCTION and str(second).lower() in _ALLOWED_FUNCTIONS)
        )
        return sqlite3.SQLITE_OK if is_fine else sqlite3.SQLITE_DENY

    link.set_authorizer(decide)


def _refused(error: Exception) -> QueryRefusedError:
    return QueryRefusedError("the query cannot be run", why=str(error))


def _described(name: str, known: Column | None, values: list[Any], before: list[str]) -> Column:
    """Describe a column of an answer; no two have the same name."""
    unique = name if _is_plain(name) else f"col{len(before) + 1}"
    if unique in before:
        unique = f"{unique}_{len(before) + 1}"
    kinds = {type(value) for value in values} - {type(None)}
    if known is not None and kinds <= _KINDS[known.datatype]:
        return Column(unique, known.datatype, known.unit, known.ucd, known.description,
                      known.utype, known.xtype)  # fmt: skip
    if kinds == {int}:
        datatype = "long"
    elif kinds and kinds <= {int, float}:
        datatype = "double"
    else:
        datatype = "char" if all(str(value).isascii() for value in values) else "unicodeChar"
    return Column(unique, datatype, "", "", "")


_KINDS: dict[str, set[type]] = {
    "int": {int}, "long": {int}, "double": {int, float}, "char": {str},
}  # fmt: skip


def _is_plain(name: str) -> bool:
    return name.isascii() and name.replace("_", "a").isalnum()
