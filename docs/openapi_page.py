"""Makes ``endpoints.md`` from ``openapi.yaml``; with ``--check``, compares the two instead.

::

    .venv/bin/python docs/openapi_page.py
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
SOURCE = FOLDER / "openapi.yaml"
PAGE = FOLDER / "endpoints.md"
HEAD = """# All addresses

Every address below `{site}/api` that programs may call. This page is made from
[openapi.yaml](openapi.yaml) (OpenAPI 3.1), which client generators and other tools read, by
`.venv/bin/python docs/openapi_page.py`. What the calls do is described in [the job
API](api.md) and [the data API](data-api.md). Statuses in brackets are errors, with a JSON object
that has `error` and `code`; `405` answers any other method.
"""
SIGN_IN = {
    "workerKey": "worker key",
    "dataKey": "data key",
    "password": "name and password",
    "login": "login on the pages",
}


def page(document: dict[str, Any]) -> str:
    """Return the page in Markdown."""
    parts = [HEAD]
    for tag in document["tags"]:
        calls = list(_calls(document, tag["name"]))
        if calls:
            parts.append(f"## {tag['name'].capitalize()}\n\n{tag['description']}\n")
            parts += calls
    return "\n".join(parts)


def _calls(document: dict[str, Any], tag: str) -> Iterator[str]:
    for path, item in document["paths"].items():
        for method, call in item.items():
            if tag in call["tags"]:
                yield _call(document, f"{method.upper()} {path[1:]}", call)


def _call(document: dict[str, Any], name: str, call: dict[str, Any]) -> str:
    by = [" and ".join(SIGN_IN[key] for key in way) or "nothing" for way in call["security"]]
    answers = [status if status < "400" else f"({status})" for status in call["responses"]]
    lines = [f"### {name}", "", f"{call['summary']}. Signed in by {' or '.join(by)}."]
    fields = [*_parameters(document, call), *_body(document, call)]
    if fields:
        lines += ["", "| Field | In | Type | |", "|---|---|---|---|", *fields]
    lines += ["", f"Answers {', '.join(answers)}.", *_result(document, call), ""]
    return "\n".join(lines)


def _parameters(document: dict[str, Any], call: dict[str, Any]) -> Iterator[str]:
    for given in call.get("parameters", []):
        each = _resolved(document, given)
        yield _row(document, each["name"], each["in"], each["schema"], each)


def _body(document: dict[str, Any], call: dict[str, Any]) -> Iterator[str]:
    for kind, content in call.get("requestBody", {}).get("content", {}).items():
        schema = _resolved(document, content["schema"])
        where = {"application/json": "JSON", "multipart/form-data": "multipart"}.get(kind, "form")
        if "properties" not in schema:
            yield f"| | body | `{kind}` | |"
        for name, inner in schema.get("properties", {}).items():
            facts = {"required": name in schema.get("required", []), **inner}
            yield _row(document, name, where, inner, facts)


def _result(document: dict[str, Any], call: dict[str, Any]) -> list[str]:
    """Return the fields of the JSON object that a success has."""
    response = _resolved(document, call["responses"].get("200", {}))
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    choices = [_resolved(document, one) for one in schema.get("anyOf", [schema])]
    lines = []
    for choice in choices:
        inner = _resolved(document, choice.get("items", choice))
        names = [f"`{name}`" for name in inner.get("properties", {})]
        if names:
            what = "A list of" if "items" in choice else "An object with"
            lines += ["", f"{what} {', '.join(names)}."]
    return lines


def _row(
    document: dict[str, Any], name: str, where: str, schema: dict[str, Any], facts: dict[str, Any]
) -> str:
    text = facts.get("description", "")
    needed = "required" if facts.get("required") is True else ""
    said = f"{needed}{'; ' if needed and text else ''}{text}"
    return f"| `{name}` | {where} | {_type(document, schema)} | {said} |"


def _type(document: dict[str, Any], schema: dict[str, Any]) -> str:
    schema = _resolved(document, schema)
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    kinds = schema.get("type", "any")
    return ", ".join(kinds) if isinstance(kinds, list) else str(kinds)


def _resolved(document: dict[str, Any], item: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in item:
        found: Any = document
        for part in item["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        item = found
    return item


def main() -> int:
    """Write the page, or compare it; return the exit code."""
    made = page(yaml.safe_load(SOURCE.read_text()))
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(made)
    elif not PAGE.exists() or PAGE.read_text() != made:
        sys.stderr.write("docs/endpoints.md is not that of docs/openapi.yaml: run this script\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
