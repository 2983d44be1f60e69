"""The child process of one task: calls a registered function and reports how it ended.

A new program, ``python -m crowdsky.sandbox.child_main MODULE:FUNCTION``, or forked by
``fork_server.py``, which makes no difference here. The first line on standard input is the order::

    {"allowance": {"memory_mb": 1200, "cpu_seconds": 7260}, "arguments": {...}}

Standard output carries the messages described in ``report.py``. Strangers' files are opened only
in such processes, under limits and without the parent's secrets; a secret that a task needs comes
with its arguments. Standard input stays open as long as the parent lives: at its end this process
ends too, so that no child goes on after its parent was killed.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import threading
from dataclasses import dataclass

from crowdsky.base.errors import BadDataError, CrowdSkyError
from crowdsky.base.json_fields import Fields, JsonObject
from crowdsky.base.memory import rare_collection
from crowdsky.base.terminal import private_stdout
from crowdsky.sandbox.limits import Allowance, limit_resources, offer_to_system
from crowdsky.sandbox.report import Report
from crowdsky.sandbox.task import find_task

ORPHANED_EXIT_CODE = 3


@dataclass(frozen=True, slots=True)
class Order:
    """What a child is told on standard input: what it may take, and the arguments of its task."""

    allowance: Allowance
    arguments: JsonObject

    def to_json(self) -> JsonObject:
        """This order as JSON values."""
        return {"allowance": self.allowance.to_json(), "arguments": self.arguments}

    @classmethod
    def from_json(cls, data: object) -> Order:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("order", data)
        arguments = fields.optional_object("arguments")
        if arguments is None:
            raise fields.problem("arguments", "is missing")
        return cls(Allowance.from_json(fields.optional_object("allowance")), arguments)


def main(reference: str) -> int:
    """Run the task with the order on standard input and return the exit code."""
    report = Report(private_stdout())
    order = Order.from_json(json.loads(sys.stdin.buffer.readline()))
    limit_resources(order.allowance)
    offer_to_system()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        with rare_collection():
            # Imports take seconds and memory; the limits hold by now.
            function = find_task(reference)
            result = function(function.takes.from_json(order.arguments), report)
            report.send({"result": result.to_json()})
    except BadDataError as error:
        _report_error(report, "bad_data", str(error))
    except CrowdSkyError as error:
        _report_error(report, "other", str(error))
    except MemoryError:
        _report_error(report, "memory", "")
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        _report_error(report, "disk", str(error))
    return 0


def _report_error(report: Report, kind: str, message: str) -> None:
    report.send({"error": {"kind": kind, "message": message}})


def _end_with_parent() -> None:
    """Wait for the end of standard input, which is the end of the parent."""
    os.read(0, 1)
    os._exit(ORPHANED_EXIT_CODE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
