"""Migrations: twins on both engines, made on first use, safe to run again."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from demo.services import PHP_API, Site, php_command
from tests.support.mariadb import MariaDb
from tests.support.rows import Rows

MIGRATIONS = PHP_API / "migrations"


def test_both_engines_have_the_same_files() -> None:
    names = {
        engine: sorted(path.name for path in (MIGRATIONS / engine).glob("*.sql"))
        for engine in ("sqlite", "mariadb")
    }

    assert names["sqlite"] == names["mariadb"]
    numbers = [int(name[:4]) for name in names["sqlite"]]
    assert len(set(numbers)) == len(numbers)


def test_both_engines_have_the_same_columns(tmp_path: Path, mariadb: MariaDb) -> None:
    sqlite = sqlite_columns(tmp_path)

    assert len(sqlite) > 50
    assert mariadb_columns(tmp_path, mariadb) == sqlite


def test_every_file_can_be_run_again(tmp_path: Path, mariadb: MariaDb) -> None:
    database = mariadb.new_database()
    sites = [Site(tmp_path / "a"), Site(tmp_path / "b", database)]
    for site in sites:
        site.data_dir.mkdir()
        before = site.run_php("migrate.php")
        forget_all(site)
        assert site.run_php("migrate.php") == before


def test_every_migration_says_what_it_is_for_and_changes_one_thing() -> None:
    paths = list(MIGRATIONS.rglob("*.sql"))
    assert len(paths) > 50
    for path in paths:
        text = path.read_text()
        assert text.startswith("-- "), path
        tables = re.findall(r"(?:CREATE|ALTER) TABLE (?:IF NOT EXISTS )?(\w+)", text)
        indexed = re.findall(r"CREATE INDEX IF NOT EXISTS \w+ ON (\w+)", text)
        updated = re.findall(r"^UPDATE (\w+)", text, re.MULTILINE)
        assert len({*tables, *indexed} or {*updated}) == 1, path


def test_the_first_requests_may_come_all_at_once(tmp_path: Path) -> None:
    with Site(tmp_path / "site") as site:
        for leftover in site.data_dir.glob("crowdsky.sqlite*"):
            leftover.unlink()
        with ThreadPoolExecutor(8) as pool:
            url = f"{site.api_url}/health.php?ready=1"
            answers = list(pool.map(lambda _: requests.get(url, timeout=60), range(8)))

    assert {answer.status_code for answer in answers} <= {200, 503}
    assert 200 in {answer.status_code for answer in answers}
    with sqlite3.connect(site.data_dir / "crowdsky.sqlite") as connection:
        applied = connection.execute("SELECT COUNT(*) FROM schema_migrations").fetchone()[0]
    connection.close()
    assert applied == len(list((MIGRATIONS / "sqlite").glob("*.sql")))


def test_the_sample_configuration_is_the_default(tmp_path: Path) -> None:
    """Every setting is in config.example.php with its default, and nothing else is."""
    script = tmp_path / "compare.php"
    script.write_text(
        f"""<?php
        require '{PHP_API}/src/autoload.php';
        $read = fn (array $file) =>
            new CrowdSky\\Base\\SettingsReader($file, fn () => false, 'file');
        $sample = require '{PHP_API}/config.example.php';
        $default = new CrowdSky\\Base\\Config($read([]), '{PHP_API}');
        $sampled = new CrowdSky\\Base\\Config($read($sample), '{PHP_API}');
        $properties = array_map(
            fn ($p) => strtolower(preg_replace('/[A-Z]/', '_$0', $p)),
            array_keys(get_object_vars($default)),
        );
        echo $default == $sampled ? 'same ' : 'different ',
            implode(',', array_diff($properties, array_keys($sample)));
        """
    )

    finished = subprocess.run(
        [*php_command(), str(script)], capture_output=True, text=True, timeout=30, check=True
    )

    assert finished.stdout == "same "


def test_wrong_settings_are_named_all_at_once(tmp_path: Path) -> None:
    config = tmp_path / "config.php"
    config.write_text("<?php return ['lease_secs' => 5, 'max_attempts' => 'many'];")
    settings = {
        "CROWDSKY_CONFIG": str(config),
        "CROWDSKY_STORAGE": "webdav",
        "CROWDSKY_DB_DSN": "oracle:x",
    }

    finished = subprocess.run(
        [*php_command(), str(PHP_API / "bin" / "migrate.php")],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert finished.returncode == 1
    for word in ("lease_secs", "max_attempts", "db_dsn", "webdav_url", "webdav_token"):
        assert word in finished.stderr
    assert "#0" not in finished.stderr


def test_folders_beside_the_web_root_are_denied() -> None:
    for folder in (".", "src", "bin", "migrations", "templates"):
        assert "denied" in (PHP_API / folder / ".htaccess").read_text()
    assert "granted" in (PHP_API / "public" / ".htaccess").read_text()


def forget_all(site: Site) -> None:
    """Let the site believe that no migration was applied."""
    with Rows(site) as rows:
        rows.execute("DELETE FROM schema_migrations")


def sqlite_columns(tmp_path: Path) -> dict[tuple[str, str], tuple[str, bool]]:
    """Return type class and nullability of every column of the SQLite schema."""
    site = Site(tmp_path / "columns")
    site.data_dir.mkdir()
    site.run_php("migrate.php")
    columns = {}
    connection = sqlite3.connect(site.data_dir / "crowdsky.sqlite")
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    for (table,) in tables:
        for _, name, kind, not_null, _, key in connection.execute(f"PRAGMA table_info({table})"):
            columns[table, name] = (type_class(kind), bool(not_null or key))
    connection.close()
    shutil.rmtree(site.data_dir)
    return columns


def mariadb_columns(tmp_path: Path, mariadb: MariaDb) -> dict[tuple[str, str], tuple[str, bool]]:
    """Return type class and nullability of every column of the MariaDB schema."""
    database = mariadb.new_database()
    site = Site(tmp_path / "twin", database)
    site.data_dir.mkdir()
    site.run_php("migrate.php")
    listing = mariadb.execute(
        "SELECT table_name, column_name, data_type, is_nullable"  # noqa: S608 # our own name
        f" FROM information_schema.columns WHERE table_schema = '{database.user}'"
    )
    rows = [line.split("\t") for line in listing.splitlines()]
    return {
        (table, name): (type_class(kind), nullable == "NO") for table, name, kind, nullable in rows
    }


def type_class(kind: str) -> str:
    """Return what a type means to PHP: a whole number, a number or a text."""
    kind = kind.lower()
    if "int" in kind:
        return "integer"
    return "number" if kind in {"real", "double", "float"} else "text"
