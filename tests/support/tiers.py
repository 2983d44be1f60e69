"""Which tests run, and in which order: two tiers, and slow files first. See docs/testing.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

EVERY = "every"
"""Marker of the variants that only the second tier runs."""

ONE_DATABASE = "one_database"
"""Marker of tests for which the engine makes no difference: the second tier adds MariaDB."""

ALL = "--all"
"""Option that runs both tiers."""


COUNT = pytest.StashKey[int]()
"""Number of tests that were left to the second tier."""

OUTPUT = "left_to_second_tier"
"""Name under which a process of pytest-xdist hands its number on."""


def mark_variants(items: list[pytest.Item]) -> None:
    """Give the marker `every` to variants that follow from another marker of their test."""
    for item in items:
        on_mariadb = _parameters(item).get("engine") == "mariadb"
        if on_mariadb and item.get_closest_marker(ONE_DATABASE):
            item.add_marker(EVERY)


def deselect_second_tier(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only the second tier runs, unless it is asked for: all of it or by name."""
    if config.getoption(ALL):
        return
    named = tuple(_from_root(config, argument) for argument in config.args if "::" in argument)
    left = [
        item
        for item in items
        if item.get_closest_marker(EVERY) and not item.nodeid.startswith(named)
    ]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in set(left)]
        config.stash[COUNT] = len(left)


def sort_slow_first(items: list[pytest.Item]) -> None:
    """Let slow files begin early, one at the end would keep all other processes waiting."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def hand_count_on(config: pytest.Config) -> None:
    """Let the process that prints know how many tests this one has left out."""
    if (output := getattr(config, "workeroutput", None)) is not None:
        output[OUTPUT] = config.stash.get(COUNT, 0)


def take_count_over(config: pytest.Config, output: Mapping[str, Any]) -> None:
    """Note what a process of pytest-xdist has left out; all of them collect the same tests."""
    config.stash[COUNT] = output.get(OUTPUT, 0)


def print_count(config: pytest.Config, reporter: pytest.TerminalReporter) -> None:
    """Print how many tests were left out and how to run them."""
    if count := config.stash.get(COUNT, 0):
        reporter.write_line(f"left to ./dev test {ALL}: {count} tests")


def _parameters(item: pytest.Item) -> Mapping[str, object]:
    call = getattr(item, "callspec", None)
    return {} if call is None else call.params


def _from_root(config: pytest.Config, argument: str) -> str:
    """Return a test's name as pytest writes it, whose paths begin at the root."""
    path, _, test = argument.partition("::")
    file = (config.invocation_params.dir / path).resolve()
    return f"{file.relative_to(config.rootpath.resolve()).as_posix()}::{test}"
