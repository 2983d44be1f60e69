"""Tasks: a registered function, and the record of arguments that a child process calls it with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Generic, TypeVar

from crowdsky.base.errors import CrowdSkyError
from crowdsky.sandbox.report import Record, Report

Arguments = TypeVar("Arguments", bound=Record)
Result = TypeVar("Result", bound=Record)


class NotRegisteredError(CrowdSkyError):
    """A child was started for something that is not a registered function."""


@dataclass(frozen=True, slots=True)
class TaskFunction(Generic[Arguments, Result]):
    """A function that may be called in a child process; can be called here, too.

    Attributes:
        function: works in the current folder, which is the one given to ``run_task``.
        work: what it does, in a word or two, for the texts of errors ("stacking").
        takes: class of its arguments.
        gives: class of its result.
    """

    function: Callable[[Arguments, Report], Result]
    work: str
    takes: type[Arguments]
    gives: type[Result]

    @property
    def reference(self) -> str:
        """Where a child finds it, as module:function."""
        return f"{self.function.__module__}:{self.function.__qualname__}"

    def __call__(self, arguments: Arguments, report: Report) -> Result:
        """Call the function in this process."""
        return self.function(arguments, report)


@dataclass(frozen=True, slots=True)
class Task(Generic[Arguments, Result]):
    """One call that a child is to make."""

    function: TaskFunction[Arguments, Result]
    arguments: Arguments


def child_task(
    work: str, *, takes: type[Arguments], gives: type[Result]
) -> Callable[[Callable[[Arguments, Report], Result]], TaskFunction[Arguments, Result]]:
    """Register a function of a module for child processes; see TaskFunction for the arguments.

    Its module is imported in the parent for the registration and in the child under the limits on
    memory, so it should import what is large inside the function.
    """

    def register(
        function: Callable[[Arguments, Report], Result],
    ) -> TaskFunction[Arguments, Result]:
        return TaskFunction(function, work, takes, gives)

    return register


def find_task(reference: str) -> TaskFunction[Any, Any]:
    """The registered function with this reference, in the child.

    References come from a TaskFunction of the parent: on the command line of a new program, over
    the private socket of a fork server. The order, which carries what strangers send, cannot name
    any code.

    Raises:
        NotRegisteredError: the reference leads to anything but a registered function.
    """
    module, _, name = reference.partition(":")
    found = getattr(import_module(module), name, None)
    if not isinstance(found, TaskFunction):
        raise NotRegisteredError("could not run the task", where=reference, why="not registered")
    return found
