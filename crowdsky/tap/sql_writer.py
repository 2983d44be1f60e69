"""Writes the SQL of SQLite from a parse tree of ADQL.

Every rule of the grammar that may occur is named here; a query with any other is refused. Names
are always quoted with brackets, which SQLite never takes for texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crowdsky.tap.adql import parse
from crowdsky.tap.errors import QueryRefusedError
from crowdsky.tap.grammar import PASSED, Select, child_of, quoted, rule_of, sole, wrapped
from crowdsky.tap.tables import TABLES, Column, Table

_TEXT = re.compile(r"'(?:[^']|'')*'")
_NATIVE_FUNCTIONS = frozenset({"ABS", "LOWER", "ROUND"})


@dataclass(frozen=True)
class Translated:
    """SQL for SQLite, and what is known of the columns of the answer."""

    sql: str
    tables: tuple[Table, ...]
    aliases: dict[str, Column | None] = field(default_factory=dict)

    def column(self, name: str) -> Column | None:
        """Return the published column behind a name of the answer; None for computed values."""
        name = name.lower()
        if name in self.aliases:
            return self.aliases[name]
        found = (one for table in self.tables for one in table.columns if one.name == name)
        return next(found, None)


def translate(query: str) -> Translated:
    """Translate one ADQL query.

    Raises:
        QueryRefusedError: it is no ADQL, or it uses what is not published or not supported.
        QueryTooLongError: it could not be parsed in time.
    """
    tree = parse(query)
    writer = _Writer()
    try:
        sql = writer.write(tree.children[0])
    except RecursionError as error:
        raise QueryRefusedError("the query is nested too deeply") from error
    return Translated(sql, tuple(writer.tables), writer.aliases)


class _Writer:
    def __init__(self) -> None:
        self.tables: list[Table] = []
        self.aliases: dict[str, Column | None] = {}

    def write(self, node: Any) -> str:
        rule = rule_of(node)
        if not rule:
            return str(node.getText())
        special: Callable[[Any], str] | None = getattr(self, f"_write_{rule}", None)
        if special is not None:
            return special(node)
        if rule not in PASSED:
            raise QueryRefusedError(
                f"'{node.getText()[:60]}' is not supported",
                why=f"this service knows no {rule.replace('_', ' ')}",
            )
        return self._children(node)

    def _children(self, node: Any) -> str:
        return " ".join(self.write(child) for child in node.children or [])

    # Queries

    def _write_query_expression(self, node: Any) -> str:
        return self._set(node)

    _write_non_join_query_expression = _write_query_expression
    _write_non_join_query_term = _write_query_expression
    _write_query_term = _write_query_expression

    def _set(self, node: Any) -> str:
        if len(node.children) == 1:
            return self.write(node.children[0])
        left, *words, right = node.children
        operator = " ".join(str(word.getText()).upper() for word in words)
        if operator not in ("UNION", "UNION ALL", "EXCEPT", "INTERSECT"):
            raise QueryRefusedError(f"{operator} is not supported")
        select = sole(right, "select_query")
        if select is None or operator == "INTERSECT":
            return f"{self._member(left)} {operator} {self._member(right)}"
        # What orders the last member orders the whole.
        parts = self._parts(select)
        member = parts.select if parts.top is None else wrapped(parts.limited())
        return f"{self._member(left)} {operator} {member}{parts.order}{parts.offset}"

    def _member(self, node: Any) -> str:
        select = sole(node, "select_query")
        if select is None:
            if len(node.children) > 1 and rule_of(node) == "query_expression":
                # Of one rank in SQLite, from left to right, as here.
                inner = node.children[1].getText().upper()
                if inner in ("UNION", "EXCEPT") and self._is_plain(node.children[-1]):
                    return self._set(node)
            return wrapped(self.write(node))
        parts = self._parts(select)
        if parts.order or parts.offset:
            raise QueryRefusedError(
                "only the whole of a UNION can be ordered", hint="put ORDER BY at its end"
            )
        return parts.select if parts.top is None else wrapped(parts.limited())

    def _is_plain(self, node: Any) -> bool:
        return sole(node, "select_query") is not None

    def _write_non_join_query_primary(self, node: Any) -> str:
        if len(node.children) == 1:
            return self.write(node.children[0])
        return wrapped(self.write(node.children[1]))

    def _write_subquery(self, node: Any) -> str:
        return f"({self.write(node.children[1])})"

    def _write_query_specification(self, node: Any) -> str:
        if len(node.children) > 1:
            raise QueryRefusedError("WITH is not supported", hint="write a subquery in FROM")
        return self.write(node.children[0])

    def _write_select_query(self, node: Any) -> str:
        parts = self._parts(node)
        limit = "" if parts.top is None else f" LIMIT {parts.top}"
        if parts.offset and parts.top is not None:
            return f"{parts.select}{parts.order}{limit}{parts.offset.removeprefix(' LIMIT -1')}"
        return f"{parts.select}{parts.order}{limit}{parts.offset}"

    def _parts(self, node: Any) -> Select:
        words, top, order, offset = [], None, "", ""
        for child in node.children:
            rule = rule_of(child)
            if rule == "set_limit":
                top = int(child.children[1].getText())
            elif rule == "table_expression":
                for clause in child.children:
                    if rule_of(clause) == "order_by_clause":
                        order = f" {self._children(clause)}"
                    elif rule_of(clause) == "offset_clause":
                        offset = f" LIMIT -1 OFFSET {int(clause.children[1].getText())}"
                    else:
                        words.append(self.write(clause))
            else:
                words.append(self.write(child))
        return Select(" ".join(words), top, order, offset)

    # Names

    def _write_table_name(self, node: Any) -> str:
        return f"[{self._table(node).name}]"

    def _table(self, node: Any) -> Table:
        name = str(node.getText()).replace('"', "").lower()
        table = TABLES.get(name)
        if table is None:
            raise QueryRefusedError(
                f"there is no table {name}", hint=f"there are {', '.join(TABLES)}"
            )
        if table not in self.tables:
            self.tables.append(table)
        return table

    def _write_table_reference(self, node: Any) -> str:
        text = self._children(node)
        named = rule_of(node.children[0]) == "table_name"
        if named and len(node.children) == 1:
            return f"{text} AS [{self._table(node.children[0]).name.split('.')[1]}]"
        return text

    def _write_qualifier(self, node: Any) -> str:
        name = str(node.getText()).replace('"', "").lower()
        if name in TABLES:
            return f"[{name.split('.')[1]}]"
        return quoted(node.getText())

    def _write_regular_identifier(self, node: Any) -> str:
        return quoted(node.getText())

    _write_delimited_identifier = _write_regular_identifier

    def _write_column_reference(self, node: Any) -> str:
        if len(node.children) == 1:
            return self.write(node.children[0])
        return f"{self.write(node.children[0])}.{self.write(node.children[2])}"

    def _write_select_sublist(self, node: Any) -> str:
        if len(node.children) == 3:
            return f"{self.write(node.children[0])}.*"
        return self._children(node)

    def _write_derived_column(self, node: Any) -> str:
        text = self.write(node.children[0])
        source = sole(node.children[0], "column_reference")
        name = None if source is None else source.children[-1].getText()
        if len(node.children) == 1:
            return text if name is None else f"{text} AS {quoted(name)}"
        alias = node.children[1].children[-1].getText()
        known = None
        if name is not None:
            wanted = name.strip('"').lower()
            every = (one for table in TABLES.values() for one in table.columns)
            found = [one for one in every if one.name == wanted]
            known = found[0] if found else None
        key = alias.strip('"').lower()
        self.aliases[key] = None if key in self.aliases and self.aliases[key] != known else known
        return f"{text} AS {quoted(alias)}"

    def _write_sort_key(self, node: Any) -> str:
        return self._children(node)

    # Values

    def _write_character_string_literal(self, node: Any) -> str:
        text = str(node.getText())
        if _TEXT.fullmatch(text) is None:
            raise QueryRefusedError("a text has no end")
        return text

    def _write_like_predicate(self, node: Any) -> str:
        words = [self.write(child) for child in node.children]
        if "ILIKE" in (word.upper() for word in words):
            negated = "NOT " if len(words) == 4 else ""
            return f"LOWER({words[0]}) {negated}LIKE LOWER({words[-1]})"
        return " ".join(words)

    def _write_numeric_value_expression(self, node: Any) -> str:
        return self._children(node)

    def _write_term(self, node: Any) -> str:
        if len(node.children) == 3 and node.children[1].getText() == "%":
            return f"adql_mod({self.write(node.children[0])}, {self.write(node.children[2])})"
        return self._children(node)

    def _write_math_function(self, node: Any) -> str:
        name = str(node.children[0].getText()).upper()
        if name == "RAND":
            raise QueryRefusedError("RAND is not supported")
        arguments = [self.write(one) for one in node.children[2:-1] if one.getText() != ","]
        called = name if name in _NATIVE_FUNCTIONS else f"adql_{name.lower()}"
        return f"{called}({', '.join(arguments)})"

    _write_trig_function = _write_math_function
    _write_char_function = _write_math_function

    # Geometry

    def _write_contains(self, node: Any) -> str:
        inner, outer = node.children[2], node.children[4]
        point, circle = sole(inner, "point"), sole(outer, "circle")
        if point is None or circle is None:
            raise QueryRefusedError(
                "CONTAINS takes a POINT and a CIRCLE here",
                hint="as in 1 = CONTAINS(POINT(s_ra, s_dec), CIRCLE(192.7, 41.1, 0.5))",
            )
        centre = child_of(circle, "circle_center")
        place = self._place(circle if centre is None else centre)
        radius = self.write(child_of(circle, "radius"))
        return f"(adql_distance({self._place(point)}, {place}) <= ({radius}))"

    def _place(self, node: Any) -> str:
        """Write the right ascension and declination of a point or of a circle's middle."""
        system = child_of(node, "coord_sys")
        if system is not None and system.getText().upper() not in ("'ICRS'", "''"):
            raise QueryRefusedError(f"coordinates are ICRS here, not {system.getText()[:40]}")
        coordinates = child_of(node, "coordinates")
        if coordinates is None:
            point = None
            for child in node.children:
                point = point or sole(child, "point")
            if point is None:
                raise QueryRefusedError(
                    "a position must be a POINT", hint="as in POINT(s_ra, s_dec)"
                )
            return self._place(point)
        return f"{self.write(coordinates.children[0])}, {self.write(coordinates.children[2])}"

    def _write_distance(self, node: Any) -> str:
        arguments = [child for child in node.children[2:-1] if child.getText() != ","]
        if len(arguments) == 4:
            return f"adql_distance({', '.join(self.write(one) for one in arguments)})"
        places = []
        for one in arguments:
            point = sole(one, "point")
            if point is None:
                raise QueryRefusedError("DISTANCE takes two POINTs or four numbers")
            places.append(self._place(point))
        return f"adql_distance({', '.join(places)})"
