"""Parses ADQL with the grammar of queryparser.

Only its parser is used: its translator (release 0.8.0) is made for queries of trusted people, and
these come from anybody.
"""

from __future__ import annotations

import re
import time
from itertools import accumulate
from typing import Any

import antlr4
from antlr4.error.ErrorListener import ErrorListener
from queryparser.adql.ADQLLexer import ADQLLexer
from queryparser.adql.ADQLParser import ADQLParser

from crowdsky.tap.errors import QueryRefusedError, QueryTooLongError

MOST_CHARACTERS = 8_000
MOST_TOKENS = 800
DEEPEST = 12
"""Brackets within brackets: the parser reads those of numbers again and again."""

PARSE_SECONDS = 10.0
"""Wall-clock limit of parsing: about twice what a query with the most tokens takes."""

RULES = ADQLParser.ruleNames
_COMMENT = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|(--[^\n]*)")


def parse(query: str) -> Any:
    """Return the parse tree of one query.

    Raises:
        QueryRefusedError: it is not one ADQL query, or it is too long.
        QueryTooLongError: it could not be parsed in time.
    """
    if len(query) > MOST_CHARACTERS:
        raise QueryRefusedError(
            "the query is too long", why=f"{MOST_CHARACTERS} characters at most"
        )
    if "\0" in query:
        raise QueryRefusedError("the query contains a character that is not text")
    bare = (
        _COMMENT.sub(lambda found: " " if found[1] else found[0], query).strip().removesuffix(";")
    )
    listener = _Listener()
    lexer = ADQLLexer(antlr4.InputStream(f"{bare} ;"))
    lexer.removeErrorListeners()
    lexer.addErrorListener(listener)
    stream = _Tokens(lexer, time.monotonic() + PARSE_SECONDS)
    stream.fill()
    if len(stream.tokens) > MOST_TOKENS:
        raise QueryRefusedError(
            "the query is too long", why=f"{MOST_TOKENS} words and signs at most"
        )
    depth = accumulate((one.type == ADQLLexer.LPAREN) - (one.type == ADQLLexer.RPAREN)
                       for one in stream.tokens)  # fmt: skip
    if max(depth) > DEEPEST:
        raise QueryRefusedError("the query is nested too deeply", why=f"{DEEPEST} brackets at most")
    parser = ADQLParser(stream)
    parser.removeErrorListeners()
    parser.addErrorListener(listener)
    try:
        tree = parser.query()
    except RecursionError as error:
        raise QueryRefusedError("the query is nested too deeply") from error
    if stream.LA(1) != antlr4.Token.EOF:
        raise QueryRefusedError("one query at a time", why="something follows a semicolon")
    return tree


class _Listener(ErrorListener):
    """Raises the first error of the lexer or the parser."""

    def syntaxError(  # noqa: N802 - the name is that of ANTLR
        self, recognizer: Any, symbol: Any, line: int, column: int, message: str, error: Any
    ) -> None:
        near = "" if symbol is None else f" near '{symbol.text[:40]}'"
        raise QueryRefusedError(
            f"this is not ADQL: line {line}, character {column + 1}{near}",
            hint="only SELECT is understood; table names need their schema, as in ivoa.obscore",
        )


class _Tokens(antlr4.CommonTokenStream):
    """Stops a parser that looks ahead for too long."""

    def __init__(self, lexer: Any, deadline: float) -> None:
        super().__init__(lexer)
        self._deadline = deadline

    def consume(self) -> None:
        if time.monotonic() > self._deadline:
            raise QueryTooLongError("the query takes too long to parse", hint="shorten it")
        super().consume()
