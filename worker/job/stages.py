"""The stages of a job, in order: what the worker does, its log names and the job's page shows."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """One stage of a job; a rescan leaves out LIST and STACK.

    Heartbeats, log lines and metrics carry the value. docs/worker.md explains each stage.
    """

    CLAIMED = "claimed"
    """The site has given the job to this worker; the site itself sets this stage."""
    LIST = "list"
    DOWNLOAD = "download"
    WAIT = "wait"
    STACK = "stack"
    SOLVE = "solve"
    MEASURE = "measure"
    OVERLAY = "overlay"
    UPLOAD = "upload"
    COMPLETE = "complete"


CHILD_STEPS = {"solve": Stage.SOLVE, "measure": Stage.MEASURE, "overlay": Stage.OVERLAY}
"""Stages that begin with a step of the child process; its other steps belong to the present one."""

PASSING_STAGES = frozenset({Stage.LIST, Stage.WAIT})
"""Stages that do no work themselves."""

LATE_STAGES = frozenset({Stage.UPLOAD, Stage.COMPLETE})
"""Stages that get the grace period after a stop signal; a job in an earlier one is handed back."""
