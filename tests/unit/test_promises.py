"""docs/reliability.md promises nothing that no test proves."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reliability.md"
HEADING = ("Promise", "Proven by")
TEST = re.compile(r"`([^`:]+)::([A-Za-z0-9_]+)`")
SAME_FILE = "…"


def table() -> list[tuple[str, str]]:
    """The rows of the page's table of promises."""
    rows = [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in PAGE.read_text("utf-8").partition("\n## Promises\n")[2].splitlines()
        if line.startswith("|")
    ]
    start = rows.index(HEADING)
    end = next(at for at in range(start, len(rows) + 1) if at == len(rows) or len(rows[at]) != 2)
    return [(promise, proof) for promise, proof in rows[start + 2 : end]]


def named_tests(proof: str) -> list[tuple[str, str]]:
    """File and name of each test in a cell; nothing else may stand in it."""
    assert re.sub(r"[\s,]", "", TEST.sub("", proof)) == "", proof
    found, file = [], ""
    for place, name in TEST.findall(proof):
        file = file if place == SAME_FILE else place
        found.append((file, name))
    return found


def names_in(file: str) -> set[str]:
    """Names of the tests in a file of Python or PHP."""
    text = (ROOT / file).read_text("utf-8")
    if file.endswith(".php"):
        return set(re.findall(r"public function (test[A-Za-z0-9]+)\(", text))
    functions = (node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef))
    return {node.name for node in functions if node.name.startswith("test_")}


def test_every_promise_names_a_test_that_exists() -> None:
    rows = table()
    groups = [promise for promise, proof in rows if not proof]
    assert groups and all(re.fullmatch(r"\*\*[^*]+\*\*", group) for group in groups), groups
    proofs = {promise: named_tests(proof) for promise, proof in rows if proof}
    assert len(proofs) > 40
    for promise, tests in proofs.items():
        assert tests, promise
        for file, name in tests:
            assert name in names_in(file), f"{promise} {file} has no {name}"
