"""Small tasks for tests of the sandbox, with a record of their own."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass

from crowdsky.base.json_fields import Fields, JsonObject
from crowdsky.sandbox.report import Report
from crowdsky.sandbox.task import child_task


@dataclass(frozen=True, slots=True)
class Words:
    """A text in one direction, and an answer in the other."""

    text: str

    def to_json(self) -> JsonObject:
        return asdict(self)

    @classmethod
    def from_json(cls, data: object) -> Words:
        return cls(Fields("words", data).text("text"))


@dataclass(frozen=True, slots=True)
class WrongWords(Words):
    """What no child understands."""

    def to_json(self) -> JsonObject:
        return {"text": 7}


@child_task("shouting", takes=Words, gives=Words)
def shout(words: Words, report: Report) -> Words:
    report.progress("shout", 1, 1)
    return Words(words.text.upper())


@child_task("looking around", takes=Words, gives=Words)
def look_around(words: Words, report: Report) -> Words:
    """Where a module that nothing else imports comes from."""
    import colorsys

    return Words(str(colorsys.__file__))


@child_task("looping", takes=Words, gives=Words)
def loop(words: Words, report: Report) -> Words:
    report.so_far(words)
    while True:
        pass


@child_task("aborting", takes=Words, gives=Words)
def abort(words: Words, report: Report) -> Words:
    report.so_far(words)
    report.begin("jumping")
    os.abort()


def not_registered(words: Words, report: Report) -> Words:
    return words
