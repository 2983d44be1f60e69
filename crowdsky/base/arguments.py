"""Checks the arguments of a command line before any work is done."""

from __future__ import annotations

import argparse
import os
import re
from datetime import timedelta
from pathlib import Path

MOST_AHEAD = timedelta(hours=14)


def existing_file(text: str) -> Path:
    """Return the path of a file to read; an argparse type."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(
            f"{text} is a folder; name a file in it, or all of them as {path}/*"
        )
    if path.exists() and not path.is_file():
        raise argparse.ArgumentTypeError(f"{text} is no file, but a device or pipe")
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text}")
    return path


def new_file(text: str) -> Path:
    """Return the path of a file to write, whose folder exists and is writable; an argparse type."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{path} is a folder; name a file in it")
    folder = path.parent
    if not folder.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {folder}; create it first")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise argparse.ArgumentTypeError(f"nothing can be written to the folder {folder}")
    return path


def utc_offset(text: str) -> timedelta:
    """Return a difference from UTC such as +02:00, up to 14 hours; an argparse type.

    ISO 8601 also knows +02 and +0200; +2 is what people write.
    """
    found = re.fullmatch(r"([+-])(\d{1,2}(?=$|:)|\d\d)(?::?([0-5]\d))?", text)
    size = timedelta(hours=int(found[2]), minutes=int(found[3] or 0)) if found else timedelta.max
    if found is None or size > MOST_AHEAD:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no difference from UTC such as +02:00 or -05:30, at most 14 hours"
        )
    return -size if found[1] == "-" else size
