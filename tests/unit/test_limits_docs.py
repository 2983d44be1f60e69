"""The limits in docs/deployment.md are large enough for the site's own."""

from __future__ import annotations

import re

import pytest

from demo.services import PHP_API
from tests.support.documented import GUIDE, documented
from tests.unit.test_docs import site_sample

UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}
FORM_BYTES = 2**20
"""More than the fields and borders of a form with one file."""


def own_limits() -> tuple[int, int]:
    """Return the bytes of the largest upload and of the largest result that the site takes."""
    sample = site_sample()
    uploads = (int(str(sample[name])) for name in ("max_file_bytes", "max_uploaded_stack_bytes"))
    return max(uploads), int(str(sample["max_result_bytes"]))


def size(text: str) -> int:
    """Return the bytes that a size such as 64M or 600m stands for."""
    found = re.fullmatch(r"(\d+)([kmg]?)", text.strip().lower())
    assert found, text
    return int(found[1]) * UNITS[found[2]]


def setting(text: str, name: str) -> int:
    """Return the size that a configuration gives to a setting."""
    found = re.search(rf"\b{name}\b\W+(\w+)", text)
    assert found, f"{name} is not set"
    return size(found[1])


def table() -> dict[str, tuple[str, str]]:
    """Return the documented limits: setting -> (for uploads, for results)."""
    chapter = GUIDE.read_text().split("\n## Limits\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| \w+ \| `(\w+)` \| (\w+) \| (\S+) \|$", chapter, re.M)
    return {name: (raws, results) for name, raws, results in rows}


def test_every_documented_limit_is_at_least_the_sites_own() -> None:
    limits, (raw, result) = table(), own_limits()
    assert sorted(limits) == [
        "FcgidMaxRequestLen",
        "LimitRequestBody",
        "client_max_body_size",
        "post_max_size",
        "upload_max_filesize",
    ]
    for name, (raws, results) in limits.items():
        assert size(raws) >= raw, name
        assert results == "–" or size(results) >= result, name
    assert size(limits["post_max_size"][0]) >= size(limits["upload_max_filesize"][0]) + FORM_BYTES


@pytest.mark.parametrize(
    ("marker", "name"),
    [
        ("nginx", "client_max_body_size"),
        ("nginx-proxy", "client_max_body_size"),
        ("apache", "LimitRequestBody"),
        ("mod-fcgid", "FcgidMaxRequestLen"),
        ("apache-webdav", "LimitRequestBody"),
    ],
)
def test_the_documented_configurations_let_results_through(marker: str, name: str) -> None:
    assert setting(documented(marker), name) == size(table()[name][1])


def test_forms_with_the_largest_upload_fit() -> None:
    ini = (PHP_API / "public" / ".user.ini").read_text()
    for text in (ini, documented("php-fpm")):
        assert setting(text, "upload_max_filesize") >= own_limits()[0]
        assert setting(text, "post_max_size") >= setting(text, "upload_max_filesize") + FORM_BYTES
