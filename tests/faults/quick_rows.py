"""The site's database for tests that look at it thousands of times."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from demo.services import Site, php_command
from tests.contract.jobs.support import Rows

LOOP_SCRIPT = Path(__file__).with_name("database_loop.php")


class QuickRows(Rows):
    """`Rows` over one PHP process that stays; a context manager."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._process = subprocess.Popen(
            [*php_command(), str(LOOP_SCRIPT)],
            env={**os.environ, **site.environment()},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def run(self, steps: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Run inserts and statements in one transaction and return their answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(steps) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the database process ended at {steps}"
        answers: list[Any] = json.loads(line)
        return answers

    def __enter__(self) -> QuickRows:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()
