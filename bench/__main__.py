"""``python -m bench NAME [options]``: run one benchmark; without a name list them."""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path


def names() -> list[str]:
    """The modules of this package that can be started: those with a ``main`` of their own."""
    found = []
    for path in sorted(Path(__file__).parent.glob("[!_]*.py")):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in body):
            found.append(path.stem)
    return found


def run(arguments: list[str]) -> int:
    """Run the benchmark that is named first, with the other arguments."""
    if not arguments or arguments[0] not in names():
        print(f"usage: python -m bench NAME [options]; NAME is one of: {', '.join(names())}")
        return 0 if not arguments or arguments[0] in ("-h", "--help") else 2
    module = importlib.import_module(f"bench.{arguments[0]}")
    return int(module.main(arguments[1:]))


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
