"""The site's database in a test's hands, through the site's own connection code."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from demo.services import Site, php_command

HELPER = Path(__file__).with_name("site_helper.php")
SCOPE_OF_WORKERS = "jobs"


class Rows:
    """One PHP process on the site's database, started with the first use; a context manager."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._process: subprocess.Popen[str] | None = None

    def run(self, steps: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Run steps (see site_helper.php) in one transaction and return their answers."""
        return self._ask(json.dumps(steps))

    def insert(self, table: str, **values: Any) -> int:
        """Insert one row and return its id."""
        new_id: int = self.run([{"insert": table, "values": values}])[0]
        return new_id

    def execute(self, sql: str, *parameters: Any) -> int:
        """Run one statement and return the number of rows."""
        count: int = self.run([{"sql": sql, "parameters": parameters}])[0]
        return count

    def all(self, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        """Return the rows of a SELECT."""
        rows: list[dict[str, Any]] = self.run([{"sql": sql, "parameters": parameters}])[0]
        return rows

    def one(self, sql: str, *parameters: Any) -> dict[str, Any]:
        """Return the only row of a SELECT."""
        rows = self.all(sql, *parameters)
        assert len(rows) == 1, rows
        return rows[0]

    def job(self, job_id: int) -> dict[str, Any]:
        """Return a job's row."""
        return self.one("SELECT * FROM stacking_jobs WHERE id = ?", job_id)

    def events(self, job_id: int) -> list[str]:
        """Return the words of a job's audit trail in order."""
        rows = self.all("SELECT event FROM job_events WHERE job_id = ? ORDER BY id", job_id)
        return [row["event"] for row in rows]

    def add_key(self, name: str, scopes: Iterable[str] = ()) -> str:
        """Create a worker key with these scopes besides "jobs" and return it in clear."""
        key: str = self.run([{"key": name, "scopes": [SCOPE_OF_WORKERS, *scopes]}])[0]
        return key

    def add_data_key(self, user_id: int = 0, *, reads_all: bool = False) -> str:
        """Create a key to the data API, of a user or of a service, and return it in clear."""
        key: str = self.run([{"data_key": user_id, "reads_all": reads_all}])[0]
        return key

    def add_user(self, name: str, password: str, *, admin: bool = False) -> int:
        """Create an account, whose logins cost next to nothing, and return its id."""
        user_id: int = self.run([{"user": name, "password": password, "admin": admin}])[0]
        return user_id

    def clean(self) -> None:
        """Leave nothing but the schema; ids begin at 1 again."""
        self._ask("clean")

    def close(self) -> None:
        """End the process; the next use starts another one."""
        process, self._process = self._process, None
        if process is not None:
            with process:
                assert process.stdin is not None
                process.stdin.close()

    def __enter__(self) -> Rows:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self, line: str) -> list[Any]:
        if self._process is None:
            self._process = self._start()
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(f"{line}\n")
        stdin.flush()
        answer = stdout.readline()
        if not answer:
            self.close()  # another one takes the next steps
            raise AssertionError(f"the database process ended at {line}")
        answers: list[Any] = json.loads(answer)
        return answers

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*php_command(), str(HELPER)],
            env={**os.environ, **self._site.environment()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
