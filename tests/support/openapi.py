"""The description of the API in ``docs/openapi.yaml``, and whether an answer is as it says."""

from __future__ import annotations

from functools import cache
from typing import Any

import requests
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from demo.services import REPOSITORY

FILE = REPOSITORY / "docs" / "openapi.yaml"
METHODS = ("get", "post", "put", "delete")
NAME = "urn:crowdsky:api"


@cache
def description() -> dict[str, Any]:
    """Return the whole document."""
    loaded: dict[str, Any] = yaml.safe_load(FILE.read_text())
    return loaded


def operations() -> dict[tuple[str, str], dict[str, Any]]:
    """Return all operations by method, upper case, and path below ``api/``."""
    return {
        (method.upper(), path.removeprefix("/")): operation
        for path, item in description()["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def resolved(item: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference within the document leads to, else the item itself."""
    while "$ref" in item:
        found: Any = description()
        for part in item["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        item = found
    return item


def problem_of(method: str, file: str, answer: requests.Response) -> str:
    """Return in what an answer differs from the description; empty if in nothing.

    Args:
        method: of the request.
        file: name of the file below ``api/``.
        answer: to a request whose body is read.
    """
    known = operations()
    assert any(file == name for _, name in known), f"{file} is not described"
    operation = known.get(("GET" if method == "HEAD" else method, file))
    if answer.status_code == 405:
        return _problem_of_error(answer) if method != "HEAD" else ""
    if operation is None:
        return f"{answer.status_code} to {method}, which is not described"
    return _problem_of_status(operation, answer, has_body=method != "HEAD")


def _problem_of_status(
    operation: dict[str, Any], answer: requests.Response, *, has_body: bool
) -> str:
    status = str(answer.status_code)
    if status not in operation["responses"]:
        return f"status {status} is not described: {answer.text[:300]}"
    response = resolved(operation["responses"][status])
    for name, header in response.get("headers", {}).items():
        if resolved(header).get("required") and name not in answer.headers:
            return f"{status} has no header {name}"
    content = response.get("content")
    if content is None:
        return f"{status} has a body" if answer.content else ""
    if not has_body:
        return ""
    kind = answer.headers.get("Content-Type", "").split(";")[0]
    described = content.get(kind, content.get("*/*"))
    if described is None:
        return f"{status} is of the type {kind}"
    return _problem_of_json(answer, described["schema"]) if kind == "application/json" else ""


def _problem_of_error(answer: requests.Response) -> str:
    if "Allow" not in answer.headers:
        return "405 has no header Allow"
    return _problem_of_json(answer, {"$ref": "#/components/schemas/Error"})


def _problem_of_json(answer: requests.Response, schema: dict[str, Any]) -> str:
    errors = _validator(_key(schema)).iter_errors(answer.json())
    found = [f"{error.json_path}: {error.message[:300]}" for error in errors]
    return "; ".join(found)


_SCHEMAS: dict[int, dict[str, Any]] = {}


def _key(schema: dict[str, Any]) -> int:
    _SCHEMAS[id(schema)] = schema
    return id(schema)


@cache
def _validator(key: int) -> Draft202012Validator:
    """Return the validator of a schema, whose references are within the document."""
    document = DRAFT202012.create_resource({**description(), "x-schema": _SCHEMAS[key]})
    registry: Registry[Any] = Registry().with_resource(NAME, document)
    return Draft202012Validator({"$ref": f"{NAME}#/x-schema"}, registry=registry)
