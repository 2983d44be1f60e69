"""Checks the files named on a command line before any work is done."""

from __future__ import annotations

import argparse
import os
from pathlib import Path


def existing_file(text: str) -> Path:
    """Return the path of a file to read; an argparse type."""
    path = Path(text)
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
