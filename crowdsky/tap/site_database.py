"""Reads what is public from the site's database, with a few fixed queries."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from crowdsky.base.errors import ConfigurationError, ServiceUnreachableError

PUBLIC = """(s.visibility = 'public' OR (s.visibility = 'inherit'
    AND (SELECT o.stacks_public FROM users o WHERE o.id = s.user_id) = 1))"""
"""The condition of `Sky/Visibility.php`; a test compares both."""

_IDS = f"SELECT s.id FROM stacked_frames s WHERE {PUBLIC} AND s.ra_deg IS NOT NULL AND s.dec_deg IS NOT NULL"  # noqa: E501, S608
_ROWS = f"""SELECT s.id, s.ra_deg, s.dec_deg, s.object_name, s.telescope, s.filter_name,
    s.date_obs_start, s.date_obs_end, s.total_exptime, s.n_frames_aligned, s.file_size_bytes,
    p.wcs, p.scale_arcsec, p.photometry
    FROM stacked_frames s LEFT JOIN stack_solutions p ON p.stack_id = s.id AND p.solved = 1
    WHERE {PUBLIC} AND s.ra_deg IS NOT NULL AND s.dec_deg IS NOT NULL ORDER BY s.id"""  # noqa: S608
_ARCHIVE = "SELECT archive_id FROM archive_ids ORDER BY created_at, archive_id LIMIT 1"

_MARIADB_SESSION = (
    "SET SESSION TRANSACTION READ ONLY",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00',"
    " sql_select_limit = DEFAULT, sql_big_selects = 1, max_statement_time = 60",
    "SET SESSION sql_select_limit = 18446744073709551615",
)
"""What a host's defaults could break, as in `Database/Connector.php`; nothing can be written."""


@dataclass(frozen=True)
class SiteDatabase:
    """How the site's database is reached.

    Args:
        dsn: as the setting `db_dsn` of the site: `sqlite:FILE` or `mysql:host=…;dbname=…`.
        user, password: its account, MariaDB only; one that may only read is enough.
    """

    dsn: str
    user: str = ""
    password: str = field(default="", repr=False)

    def ids(self) -> set[int]:
        """Return the stacks that are public at this moment and have a position.

        Raises:
            ServiceUnreachableError: the database cannot be read.
        """
        with self._reading() as read:
            return {int(row[0]) for row in read(_IDS)}

    def stacks(self) -> tuple[str, list[tuple[Any, ...]]]:
        """Return the archive's id, empty if it has none yet, and the rows of the public stacks.

        Raises:
            ServiceUnreachableError: the database cannot be read.
        """
        with self._reading() as read:
            found = read(_ARCHIVE)
            return (str(found[0][0]) if found else ""), read(_ROWS)

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        kind, _, rest = self.dsn.partition(":")
        try:
            with closing(self._sqlite(rest) if kind == "sqlite" else self._mariadb(rest)) as link:

                def read(sql: str) -> list[tuple[Any, ...]]:
                    cursor = link.cursor()
                    cursor.execute(sql)
                    return list(cursor.fetchall())

                yield read
        except _errors() as error:
            raise ServiceUnreachableError(
                "could not read the site's database", why=str(error)
            ) from error

    def _sqlite(self, file: str) -> sqlite3.Connection:
        if not Path(file).is_file():
            raise ConfigurationError("there is no database", where=file, hint="check the DSN")
        link = sqlite3.connect(f"file:{quote(file)}?mode=ro", uri=True, timeout=10)
        link.execute("BEGIN")
        return link

    def _mariadb(self, rest: str) -> Any:
        import pymysql

        parts = dict(part.partition("=")[::2] for part in rest.split(";") if part)
        link = pymysql.connect(
            host=parts.get("host", "localhost"),
            port=int(parts.get("port", 3306)),
            unix_socket=parts.get("unix_socket"),
            database=parts.get("dbname"),
            user=self.user,
            password=self.password,
            charset="utf8mb4",
            connect_timeout=10,
            read_timeout=90,
        )
        with link.cursor() as cursor:
            for statement in _MARIADB_SESSION:
                cursor.execute(statement)
            cursor.execute("START TRANSACTION READ ONLY")
        return link


def _errors() -> tuple[type[Exception], ...]:
    try:
        import pymysql
    except ImportError:
        return (sqlite3.Error,)
    return (sqlite3.Error, pymysql.Error)
