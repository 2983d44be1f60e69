"""Connections to MariaDB that PHP keeps from one request to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from demo.services import PHP_API, Site, php_command
from tests.support.mariadb import MariaDb
from tests.support.rows import Rows

SCRIPT = Path(__file__).with_name("connection.php")
SESSION = {
    "isolation": "READ-COMMITTED",
    "zone": "+00:00",
    "mode": "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION",
    "patience": 2,
    "autocommit": 1,
    "completion": "NO_CHAIN",
    "connection_charset": "utf8mb4",
    "foreign_keys": 1,
    "auto_is_null": 0,
    "safe_updates": 0,
    "select_limit": str(2**64 - 1),
    "big_selects": 1,
    "statement_time": 0,
    "idle_time": 3600,
}
"""What the test server has otherwise: see `HOSTILE` in tests/support/mariadb.py."""


class ConnectionSite(Site):
    """One PHP process that answers every request with the script beside this file."""

    def command(self, port: int) -> Sequence[str]:
        """Return PHP's built-in server on that script."""
        return [*php_command(), "-S", f"127.0.0.1:{port}", str(SCRIPT)]

    def environment(self) -> Mapping[str, str]:
        """Say where the site's classes are."""
        return {**super().environment(), "CROWDSKY_SOURCE": str(PHP_API / "src")}

    def ask(self, do: str) -> Any:
        """Return the answer to ``?do=``."""
        return requests.get(f"{self.base_url}/?do={do}", timeout=60)

    def look(self) -> dict[str, Any]:
        """Return the connection of a request that does nothing else."""
        answer = self.ask("look")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def make_site(mariadb: MariaDb, tmp_path: Path) -> Iterator[Callable[..., ConnectionSite]]:
    """Start such a site, once for each value of `db_persistent` that is asked for."""
    with ExitStack() as running:

        def start(**settings: str) -> ConnectionSite:
            site = ConnectionSite(
                tmp_path / "site", mariadb.new_database(), env=settings, workers=1
            )
            return running.enter_context(site)

        yield start


def test_a_connection_is_kept_with_its_settings(make_site: Callable[..., ConnectionSite]) -> None:
    site = make_site()

    first, second = site.look(), site.look()

    assert first == second
    assert first.items() >= SESSION.items()


def test_keeping_can_be_switched_off(make_site: Callable[..., ConnectionSite]) -> None:
    site = make_site(CROWDSKY_DB_PERSISTENT="off")

    first, second = site.look(), site.look()

    assert first["connection"] != second["connection"]
    assert second.items() >= SESSION.items()


def test_a_connection_that_died_is_replaced(
    make_site: Callable[..., ConnectionSite], mariadb: MariaDb
) -> None:
    site = make_site()
    dead = site.look()["connection"]

    mariadb.execute(f"KILL {dead}")

    found = site.look()
    assert found["connection"] != dead
    assert found.items() >= SESSION.items()


@pytest.mark.parametrize("end", ["die", "hold"])
def test_a_transaction_that_was_left_open_is_undone(
    make_site: Callable[..., ConnectionSite], end: str
) -> None:
    site = make_site()
    kept = site.look()["connection"]

    answer = site.ask(end)

    if end == "die":
        assert answer.status_code == 500 or "held" not in answer.text
    else:
        assert answer.json()["held"] == 0
    assert (site.look()["connection"], site.look()["held"]) == (kept, 0)
    with Rows(site) as rows:
        assert rows.all("SELECT username FROM login_failures") == []


def test_what_was_reported_as_created_is_stored(mariadb: MariaDb, tmp_path: Path) -> None:
    """The administrator's session sees only what was committed."""
    database = mariadb.new_database()
    site = Site(tmp_path / "site", database)

    site.create_user("observer", "a long password")
    site.create_worker_key("obsérvatory")

    def stored(query: str) -> list[str]:
        return mariadb.execute(f"USE {database.user}; {query}").split()

    assert stored("SELECT username FROM users") == ["observer"]
    assert stored("SELECT HEX(name) FROM api_keys") == ["obsérvatory".encode().hex().upper()]
    formats = "SELECT DISTINCT row_format FROM information_schema.tables"
    assert stored(f"{formats} WHERE table_schema = DATABASE()") == ["Dynamic"]


def test_the_character_set_is_ours_whatever_the_setting_says(
    mariadb: MariaDb, tmp_path: Path
) -> None:
    database = mariadb.new_database()
    latin = replace(database, dsn=database.dsn.replace("charset=utf8mb4", "charset=latin1"))

    with ConnectionSite(tmp_path / "site", latin, workers=1) as site:
        assert site.look()["connection_charset"] == "utf8mb4"
