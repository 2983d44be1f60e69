"""Stacking for scripts: ``stack_files`` stacks subs and describes the result, without any setting.

It works in the calling process, without the limits that the worker sets its child processes.
"""

from __future__ import annotations

from crowdsky.stacking.records import StackResult
from crowdsky.stacking.stack_files import stack_files

__all__ = ["StackResult", "stack_files"]
