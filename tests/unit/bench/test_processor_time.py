"""Processor time of servers."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from bench.processor_time import ProcessorTime

WORK = "import time\nend = time.process_time() + 0.2\nwhile time.process_time() < end: pass\n"


def test_the_time_of_a_session_and_of_nobody_else_is_read() -> None:
    script = WORK + "print(flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        start_new_session=True,
    ) as busy:  # fmt: skip
        assert busy.stdout is not None
        busy.stdout.readline()
        spent = ProcessorTime([busy.pid])
        begun = time.process_time()
        used = spent.read()
        assert 200.0 <= used < 5000.0
        assert spent.read() - used < 100.0, "it waits"
        assert time.process_time() - begun < 1.0
        busy.communicate(b"\n")
    assert ProcessorTime([os.getpid() + 10_000_000]).read() == 0.0
