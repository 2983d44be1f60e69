"""Backups of a site's database, on each engine, and copies of them in another site."""

from __future__ import annotations

from typing import Any

from tests.support.rows import Rows

ORDER = ("users", "api_keys", "upload_sessions", "stacking_jobs", "stacked_frames", "raw_files")
"""Tables to which others refer, parents first."""

TABLES = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()",
)
ISOLATION = "SET SESSION TRANSACTION ISOLATION LEVEL {}"
WITHOUT_PARENTS = ("PRAGMA defer_foreign_keys = ON", "SET foreign_key_checks = 0")


class Backup:
    """All rows of a site at one moment, in place of the database's own tool.

    Args:
        rows: the site's database.
        engine: sqlite or mariadb.
    """

    def __init__(self, rows: Rows, engine: str) -> None:
        self._which = 0 if engine == "sqlite" else 1
        names = {row["name"] for row in rows.all(TABLES[self._which])} - {"schema_migrations"}
        order = [*ORDER, *sorted(names - set(ORDER))]
        steps = [
            {"sql": f"SELECT * FROM {name}", "parameters": []}  # noqa: S608 # our own names
            for name in order
        ]
        if self._which == 1:
            # As mariadb-dump --single-transaction does: the site may be in use meanwhile.
            rows.execute(ISOLATION.format("REPEATABLE READ"))
        self._tables: dict[str, list[dict[str, Any]]] = dict(
            zip(order, rows.run(steps), strict=True)
        )
        if self._which == 1:
            rows.execute(ISOLATION.format("READ COMMITTED"))

    def restore(self, rows: Rows) -> None:
        """Put the rows into a database with the same schema, in place of what is there."""
        rows.clean()
        steps: list[dict[str, Any]] = [{"sql": WITHOUT_PARENTS[self._which], "parameters": []}]
        for table, content in self._tables.items():
            steps += [{"insert": table, "values": values} for values in content]
        rows.run(steps)
