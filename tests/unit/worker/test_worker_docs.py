"""docs/worker.md says what the code does."""

from __future__ import annotations

import importlib
import re

import pytest

from crowdsky.base.metrics import REGISTRY
from crowdsky.net import retry
from crowdsky.net.retry import Policy
from demo.services import REPOSITORY
from worker import config
from worker.job.stages import Stage

TEXT = (REPOSITORY / "docs" / "worker.md").read_text("utf-8")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading, without its first two lines."""
    lines = TEXT.split(heading, 1)[1].splitlines()
    table = [line for line in lines if line.startswith("|")]
    length = next(
        (n for n, line in enumerate(lines[lines.index(table[0]) :]) if not line.startswith("|")),
        len(table),
    )
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table[2:length]]


def test_the_retry_table_is_that_of_the_policies() -> None:
    policies = [value for value in vars(retry).values() if isinstance(value, Policy)]
    expected = [
        [
            policy.call,
            str(policy.tries),
            f"{policy.deadline_seconds:g} s",
            f"{policy.base_seconds:g} s",
            f"{policy.cap_seconds:g} s",
            policy.reason,
        ]
        for policy in policies
    ]
    assert rows("### What is repeated") == expected


@pytest.mark.parametrize(
    ("module", "names"), [tuple(row) for row in rows("## Using its parts from Python")]
)
def test_the_named_functions_exist_and_are_documented(module: str, names: str) -> None:
    imported = importlib.import_module(module.strip("`"))
    for name in re.findall(r"`(\w+)`", names):
        if name not in config.__annotations__:
            assert getattr(imported, name).__doc__, name


def test_the_stages_are_those_of_the_code_in_their_order() -> None:
    assert [row[0] for row in rows("## The life of a job")] == list(Stage)


def test_the_metrics_are_those_of_the_code() -> None:
    named = {
        f"`{family.name}_total`" if family.type == "counter" else f"`{family.name}`"
        for family in REGISTRY.collect()
    }
    assert {row[0] for row in rows("## Metrics")} == named
