"""Keeps a copy of the export of light curves on a disk.

The manifest of the site names every file with its SHA-256. Files that are there are compared by
size, and by hash unless the copy's own manifest, which is written last, has named them before.
Files that the copy's manifest names and the site's does not are removed; others are left alone.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import quote

from crowdsky.base.errors import CorruptTransferError, CrowdSkyError, TransientError
from crowdsky.base.json_fields import Fields
from crowdsky.client.download import KnownFile, alone, fetch_known
from crowdsky.client.errors import ExportMissingError
from crowdsky.client.site import Site, SiteRefusedError
from crowdsky.net.answers import sha256_of_file

Result = TypeVar("Result")

log = logging.getLogger(__name__)

MANIFEST = "MANIFEST.json"
MAX_MANIFEST_BYTES = 256 * 2**20
WHAT = "could not fetch the export"
TRIES = 3
"""How often a fetch begins again because the export has changed."""

_NAME = re.compile(r"[a-z_]+(/[A-Za-z_][A-Za-z0-9_=]*){0,5}(\.[a-z]+)?|[A-Za-z]+\.[a-z]+", re.ASCII)


class Retry(Protocol):
    """Repeats a call that may work a little later."""

    def __call__(self, operation: Callable[[], Result], /) -> Result:
        """Return what the call returns."""


class ExportChangedError(CrowdSkyError):
    """The site has written the export anew meanwhile; fetching again goes on with the new one."""


@dataclass(frozen=True, slots=True)
class ExportFile:
    """A file of the export: its name below it, and its catalogue (empty for none)."""

    name: str
    catalogue: str
    size: int
    sha256: str

    @classmethod
    def from_json(cls, data: object) -> ExportFile:
        """Read a file in the manifest; raises UnexpectedAnswerError naming the field."""
        fields = Fields("file of the export", data)
        name = fields.text("name")
        if _NAME.fullmatch(name) is None:
            raise fields.problem("name", f"{name[:80]!r} is no name of a file of an export")
        return cls(
            name,
            fields.optional_text("catalogue") or "",
            fields.integer("size", minimum=0),
            fields.text("sha256", pattern=r"[0-9a-f]{64}"),
        )


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of a fetch: numbers of files, bytes that came, and rows by catalogue."""

    files: int
    new: int
    removed: int
    bytes: int
    rows: dict[str, int]


def fetch_export(
    site: Site,
    folder: Path,
    catalogues: Sequence[str],
    retry: Retry,
    *,
    verify: bool = False,
) -> Fetched:
    """Bring a folder to the state of the export.

    Args:
        folder: made where it is missing.
        catalogues: which; none for all.
        retry: for each file.
        verify: whether files are compared by hash though the copy's manifest has named them.

    Raises:
        ExportMissingError: nothing has been exported yet, or not such a catalogue.
        ExportChangedError: the export has been written anew meanwhile.
        CorruptTransferError: a file arrives damaged every time.
        OSError: a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder / MANIFEST):
        for left in reversed(range(TRIES)):
            text = retry(partial(_manifest, site))
            try:
                return _renew(site, folder, text, catalogues, retry, verify)
            except ExportChangedError:
                if not left:
                    raise
                log.info("the export has been written anew meanwhile; going on with the new one")
    raise AssertionError("unreachable")


def _renew(
    site: Site, folder: Path, text: bytes, catalogues: Sequence[str], retry: Retry, verify: bool
) -> Fetched:
    listed = Fields("manifest of the export", json.loads(text))
    rows = _rows(listed, catalogues)
    files = map(ExportFile.from_json, listed.array("files"))
    wanted = {file.name: file for file in files if _is_wanted(file, catalogues)}
    had = _had(folder)
    proven = {} if verify else had
    new = [file for file in wanted.values() if not _is_there(folder, file, proven)]
    for file in sorted(new, key=lambda file: file.name):
        log.info("%s, %.1f MB", file.name, file.size / 1e6)
        retry(partial(_fetch, site, folder, file))
    gone = [name for name in had if name not in wanted and (folder / name).is_file()]
    for name in gone:
        (folder / name).unlink()
    _write(folder / MANIFEST, text)
    return Fetched(len(wanted), len(new), len(gone), sum(file.size for file in new), rows)


def _manifest(site: Site) -> bytes:
    try:
        answer = site.call("GET", f"hats.php/{MANIFEST}", WHAT, longest=MAX_MANIFEST_BYTES)
    except SiteRefusedError as error:
        if error.status == 404:
            raise ExportMissingError(WHAT, why=error.why) from error
        raise
    return answer.body


def _fetch(site: Site, folder: Path, file: ExportFile) -> None:
    target = folder / file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        fetch_known(
            site,
            f"hats.php/{quote(file.name)}",
            {},
            target,
            KnownFile(file.sha256, file.size),
            f"could not fetch {file.name}",
        )
    except SiteRefusedError as error:
        if error.status not in (404, 412):
            raise
        raise _changed() from error
    except CorruptTransferError as error:
        if "has changed" in str(error):
            raise _changed() from error
        raise


def _changed() -> ExportChangedError:
    return ExportChangedError(WHAT, why="it was written anew meanwhile", hint="fetch it again")


def _had(folder: Path) -> dict[str, str]:
    """Return the hashes by name of the copy's own manifest; none without a usable one."""
    try:
        listed = Fields("manifest of the copy", json.loads((folder / MANIFEST).read_bytes()))
        return {file.name: file.sha256 for file in map(ExportFile.from_json, listed.array("files"))}
    except (OSError, ValueError, TransientError):
        return {}


def _is_there(folder: Path, file: ExportFile, proven: dict[str, str]) -> bool:
    path = folder / file.name
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    return proven.get(file.name) == file.sha256 or sha256_of_file(path) == file.sha256


def _is_wanted(file: ExportFile, catalogues: Sequence[str]) -> bool:
    return not catalogues or file.catalogue in ("", *catalogues)


def _rows(listed: Fields, catalogues: Sequence[str]) -> dict[str, int]:
    """Return the rows of the catalogues that are wanted; raises ExportMissingError."""
    totals = listed.optional_object("catalogues") or {}
    rows = {
        name: Fields(f"catalogue {name}", facts).integer("rows", minimum=0)
        for name, facts in totals.items()
    }
    missing = set(catalogues) - set(rows)
    if missing:
        there = ", ".join(sorted(rows))
        raise ExportMissingError(
            WHAT, why=f"it has no catalogue {sorted(missing)[0]}", hint=f"there are {there}"
        )
    return {name: count for name, count in rows.items() if not catalogues or name in catalogues}


def _write(path: Path, text: bytes) -> None:
    part = path.with_name(f".{path.name}.new")
    part.write_bytes(text)
    part.replace(path)
