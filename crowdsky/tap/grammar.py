"""The rules of ADQL that SQLite writes in the same way, and what writing SQL from them needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from crowdsky.tap.adql import RULES
from crowdsky.tap.errors import QueryRefusedError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_ .+-]{0,127}")

PASSED = frozenset("""
as_clause between_predicate boolean_factor boolean_primary boolean_term character_value_expression
column_name column_name_list comp_op comparison_predicate concatenation_operator
correlation_specification derived_column derived_table exact_numeric_literal
approximate_numeric_literal exists_predicate factor from_clause general_literal
general_set_function group_by_clause grouping_column_reference grouping_column_reference_list
having_clause identifier in_predicate in_predicate_value in_value_list join_column_list
join_condition join_specification join_type joined_table match_value named_columns_join
null_predicate numeric_geometry_function numeric_primary numeric_value_expression
numeric_value_function ordering_specification outer_join_type pattern
predicate predicate_geometry_function non_predicate_geometry_function qualifier search_condition
select_list select_sublist set_function_specification set_function_type set_quantifier sign
signed_integer sort_key sort_specification sort_specification_list string_value_expression
string_value_function table_reference table_subquery term unsigned_decimal unsigned_literal
unsigned_numeric_literal unsigned_value_specification value_expression value_expression_primary
where_clause correlation_name coordinate1 coordinate2 radius contains_predicate
query_expression non_join_query_term query_term
point_value
""".split())  # noqa: SIM905 # fmt: skip
"""Rules that SQLite writes in the same way."""


def rule_of(node: Any) -> str:
    """Return the name of a node's rule; empty for a word or sign."""
    return RULES[node.getRuleIndex()] if hasattr(node, "getRuleIndex") else ""


def sole(node: Any, rule: str) -> Any:
    """Go down through nodes with one child to one of a rule; None if there is none."""
    while rule_of(node) != rule:
        children = getattr(node, "children", None) or []
        if len(children) != 1:
            return None
        node = children[0]
    return node


def child_of(node: Any, rule: str) -> Any:
    return next((one for one in node.children if rule_of(one) == rule), None)


@dataclass(frozen=True)
class Select:
    """A SELECT without TOP, ORDER BY and OFFSET, which each begin with a blank."""

    select: str
    top: int | None
    order: str
    offset: str

    def limited(self) -> str:
        """Return it with its TOP."""
        return f"{self.select} LIMIT {self.top}"


def wrapped(sql: str) -> str:
    """Write a member of a UNION that SQLite would not take as it is."""
    return f"SELECT * FROM ({sql})"  # noqa: S608 - written here


def quoted(name: str) -> str:
    """Write a name so that SQLite takes it for nothing else.

    Raises:
        QueryRefusedError: it has characters that no name here has.
    """
    bare = str(name).strip('"')
    if _NAME.fullmatch(bare) is None:
        raise QueryRefusedError(f"{bare[:60]} cannot be a name")
    return f"[{bare}]"
