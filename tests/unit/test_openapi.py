"""``docs/openapi.yaml`` has every address of the API as the code has it, and no other."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from demo.services import PHP_API, REPOSITORY
from tests.support.openapi import FILE, description, operations, resolved

PUBLIC = PHP_API / "public" / "api"
SOURCES = PHP_API / "src"
READERS = (
    "query|queryId|form|file|text|optionalText|id|ids|optionalInt|optionalFloat|integer|number"
    "|numbers|points|optionalObject|objects|optionalBool|optionalMessage|messages|choice|time|all"
    "|intervals|has|names"
)
"""Methods of requests, bodies and parameters that read a field by its name."""
ELSEWHERE = ("Http", "Kernel", "Pages", "Base", "Database")
"""Folders whose classes read no field of one endpoint."""
OF_ALL_SERVICES = "Vosi.php"
"""Describes the tables of all services, so that each of them would seem to read all fields."""


def files() -> list[str]:
    return sorted(path.name for path in PUBLIC.glob("*.php"))


@cache
def source(path: Path) -> str:
    return path.read_text()


def class_files(text: str, folder: Path) -> Iterator[Path]:
    """Yield the files of the classes whose methods a source calls, imported or beside it."""
    imported = {
        name.split("\\")[-1]: name for name in re.findall(r"^use CrowdSky\\(.+);", text, re.M)
    }
    for name in set(re.findall(r"\b([A-Z]\w+)::[a-z]|\bnew ([A-Z]\w+)\(", text)):
        called = name[0] or name[1]
        if called in imported:
            yield SOURCES / f"{imported[called].replace(chr(92), '/')}.php"
        else:
            yield folder / f"{called}.php"


def readers_of(file: str) -> set[Path]:
    """Return the classes behind an address that are given the request or its body."""
    text = source(PUBLIC / file)
    found: set[Path] = set()
    waiting = [path for path in class_files(text, PUBLIC) if path.parent.parent.name == "Api"]
    while waiting:
        path = waiting.pop()
        is_elsewhere = SOURCES in path.parents and path.relative_to(SOURCES).parts[0] in ELSEWHERE
        if path in found or is_elsewhere or path.name == OF_ALL_SERVICES or not path.is_file():
            continue
        if re.search(r"\b(Request|JsonBody|VoParameters|DataCall) \$", source(path)):
            found.add(path)
            waiting += class_files(source(path), path.parent)
    return found


def fields_read(file: str) -> set[str]:
    """Return the fields that the code reads for certain."""
    texts = [source(path) for path in readers_of(file)]
    patterns = (
        rf"->(?:{READERS})\(\s*'([\w-]+)'",
        r"\(\$(?:this->)?(?:body|request), '([\w-]+)'\)",
    )
    return {name for text in texts for pattern in patterns for name in re.findall(pattern, text)}


def texts_in_code(file: str) -> set[str]:
    """Return all texts in the code: names of fields may be in lists, or those of an enum."""
    readers = readers_of(file)
    called = {found for path in readers for found in class_files(source(path), path.parent)}
    enums = {path for path in called if path.is_file() and "\nenum " in source(path)}
    return {text for path in readers | enums for text in re.findall(r"'([\w-]+)'", source(path))}


def properties_of(schema: dict[str, Any]) -> Iterator[str]:
    """Yield the names of all properties of a schema of a body, those within others too."""
    schema = resolved(schema)
    for name, inner in schema.get("properties", {}).items():
        yield name
        yield from properties_of(inner)
    if "items" in schema:
        yield from properties_of(schema["items"])


def fields_described(file: str) -> set[str]:
    names: set[str] = set()
    for (_, name), operation in operations().items():
        if name != file:
            continue
        parameters = [resolved(parameter) for parameter in operation.get("parameters", [])]
        names |= {each["name"] for each in parameters if each["in"] == "query"}
        for body in operation.get("requestBody", {}).get("content", {}).values():
            names |= set(properties_of(body["schema"]))
    return names


def test_every_address_is_described_and_no_other() -> None:
    assert sorted({name.split("/")[0] for _, name in operations()}) == files()


@pytest.mark.parametrize("file", files())
def test_methods_are_those_of_the_code(file: str) -> None:
    listed = re.search(r"App::handle\(\[(.*?)\]", source(PUBLIC / file))
    assert listed
    described = sorted(method for method, name in operations() if name == file)
    assert described == sorted(re.findall(r"'([A-Z]+)'", listed[1]))


@pytest.mark.parametrize("file", files())
def test_fields_are_those_that_the_code_reads(file: str) -> None:
    described = fields_described(file)
    assert fields_read(file) - described == set(), "not described"
    assert described - texts_in_code(file) == set(), "described, but not in the code"


def test_headers_are_read_somewhere() -> None:
    described = {
        parameter["name"]
        for operation in operations().values()
        for parameter in map(resolved, operation.get("parameters", []))
        if parameter["in"] == "header"
    }
    code = "".join(source(path) for path in SOURCES.rglob("*.php"))
    assert all(f"header('{name}')" in code for name in described), described


def empty_values(item: object, place: str = "") -> Iterator[str]:
    """Yield where a value is missing, as after a comma in a text without quotes."""
    pairs = item.items() if isinstance(item, dict) else enumerate(item)  # type: ignore[arg-type]
    for key, value in pairs:
        if value is None:
            yield f"{place}/{key}"
        elif isinstance(value, dict | list):
            yield from empty_values(value, f"{place}/{key}")


def test_the_document_is_sound() -> None:
    assert list(empty_values(description())) == []
    names = [operation["operationId"] for operation in operations().values()]
    assert len(names) == len(set(names))
    tags = {tag["name"] for tag in description()["tags"]}
    schemes = set(description()["components"]["securitySchemes"])
    for operation in operations().values():
        assert set(operation["tags"]) <= tags and operation["summary"]
        assert {name for choice in operation["security"] for name in choice} <= schemes
        assert {"500", "503"} <= set(operation["responses"])
    for schema in description()["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    used = set(re.findall(r"#/components/(\w+/\w+)", FILE.read_text()))
    defined = {
        f"{kind}/{name}"
        for kind, items in description()["components"].items()
        if kind != "securitySchemes"
        for name in items
    }
    assert used == defined


def test_the_page_is_made_from_the_document() -> None:
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "docs" / "openapi_page.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
