"""Watches folders that fill during a night: sends frames as they appear, and each chunk once.

Folders are looked through again and again, because shares of telescopes report no changes. A file
counts once it has not changed between two looks. A block of time is submitted when no frame of it
has come for a while: a chunk that is submitted in parts becomes several stacks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crowdsky.base.errors import TransientError
from crowdsky.client.errors import NoRoomError, PathMissingError
from crowdsky.client.ingest.journal import Journal
from crowdsky.client.ingest.look import Sorter, look_through, sorter
from crowdsky.client.ingest.progress import Progress
from crowdsky.client.ingest.records import Found, Report
from crowdsky.client.ingest.run import count, plan_blocks, submitted_line
from crowdsky.client.ingest.sender import Sender
from crowdsky.client.ingest.sort_out import LeftOut
from crowdsky.client.site import Site
from crowdsky.net.retry import Waits

LOOK_SECONDS = 15.0
"""Seconds between two looks."""
QUIET_SECONDS = 300.0
"""Seconds without a new frame after which a block is submitted; or three exposures, if longer."""
FULL_SECONDS = 300.0
"""Seconds until frames for which the site had no room are tried again."""
PATIENCE_SECONDS = 900.0
"""Seconds that an incomplete file may go without a change until it counts as damaged."""


@dataclass(slots=True)
class _Block:
    """What was sent of a block and is not submitted yet."""

    frames: dict[str, Found] = field(default_factory=dict)
    last_change: float = 0.0

    def quiet_seconds(self) -> float:
        longest = max((f.frame.header.exptime_s for f in self.frames.values()), default=0.0)
        return max(QUIET_SECONDS, 3.0 * longest)


class _StableFiles:
    """Sorts out each version of a file once, and only when it has not changed between two looks."""

    def __init__(self, sort: Sorter, waits: Waits) -> None:
        self._sort = sort
        self._waits = waits
        self._since: dict[Path, tuple[tuple[int, int], float]] = {}
        self._results: dict[Path, Found | LeftOut] = {}

    def sort(self, path: Path) -> Found | LeftOut | None:
        """Return what is in a file; None while it may still be written. Raises OSError."""
        found = path.stat()
        stamp, now = (found.st_size, found.st_mtime_ns), self._waits.monotonic()
        before, since = self._since.get(path, (None, now))
        if stamp != before:
            self._since[path] = (stamp, now)
            self._results.pop(path, None)
            return None
        if path not in self._results:
            result = self._sort(path)
            is_short = isinstance(result, LeftOut) and result.is_short
            if result is None or (is_short and now - since < PATIENCE_SECONDS):
                return None
            self._results[path] = result
        return self._results[path]


class Watch:
    """The state of a watch between two looks; ``look`` makes one."""

    def __init__(
        self,
        site: Site,
        journal: Journal,
        paths: Sequence[Path],
        progress: Progress,
        waits: Waits,
    ) -> None:
        self.report = Report(dry_run=False)
        self._sender = Sender(site, journal, self.report, progress, waits)
        self._journal = journal
        self._paths = paths
        self._progress = progress
        self._waits = waits
        self._files = _StableFiles(sorter(journal), waits)
        self._done: set[str] = set()
        self._noted: set[str] = set()
        self._full_until = -math.inf
        self._blocks = {block: _Block(last_change=waits.monotonic()) for block in journal.uploads()}

    def run(self) -> None:
        """Look and send until the process is told to stop, which raises KeyboardInterrupt."""
        self._progress.note(
            f"watching {', '.join(map(str, self._paths))}, every {LOOK_SECONDS:.0f} s; "
            "stop with Ctrl+C or SIGTERM"
        )
        self.look()
        while True:
            self._waits.sleep(LOOK_SECONDS)
            try:
                self.look()
            except (TransientError, PathMissingError) as error:
                # The share of a telescope that is switched off comes back at night.
                self._note_once(str(error))

    def look(self) -> None:
        """Look once: send what is new and submit what is whole.

        Raises:
            TransientError: the site cannot be reached; nothing is lost, and the next look goes on.
            PathMissingError: a path does not exist.
            AccessDeniedError: the password is not accepted any more.
        """
        seen = Report(dry_run=False)
        quiet = Progress(lambda _, __: None, lambda _: None, self._note_once)
        found = look_through(self._paths, self._files.sort, seen, quiet)
        self.report.frames, self.report.left_out = seen.frames, seen.left_out
        now = self._waits.monotonic()
        new = [f for f in found if f.sha256 not in self._done]
        if new and now >= self._full_until:
            self._send(new)
        for block, state in sorted(self._blocks.items()):
            if self._waits.monotonic() - state.last_change >= state.quiet_seconds():
                self._submit(block, state)

    def _send(self, new: Sequence[Found]) -> None:
        asked = Report(dry_run=False)
        plan = plan_blocks(self._sender, new, asked)
        self.report.known.update(asked.known)
        if asked.known:
            self._progress.note(f"{count(asked.known.total(), 'frame')} on the site already")
        to_send = {frame.sha256 for frames in plan.values() for frame in frames}
        self._done |= {frame.sha256 for frame in new} - to_send
        for block, frames in plan.items():
            state = self._blocks.setdefault(block, _Block())
            before = self.report.sent
            try:
                self._sender.send_block(block, frames)
            except NoRoomError as error:
                self._note_once(str(error))
                self._full_until = self._waits.monotonic() + FULL_SECONDS
                continue
            finally:
                self._note_sent(block, self.report.sent - before)
            state.frames.update({frame.sha256: frame for frame in frames})
            state.last_change = self._waits.monotonic()
            self._done |= {frame.sha256 for frame in frames}
        self.report.unsent = len({f.sha256 for f in new} - self._done)

    def _note_sent(self, block: str, n_sent: int) -> None:
        if n_sent:
            self._progress.note(f"{block}: {count(n_sent, 'frame')} sent")

    def _note_once(self, sentence: str) -> None:
        if sentence not in self._noted:
            self._noted.add(sentence)
            self._progress.note(sentence)

    def _submit(self, block: str, state: _Block) -> None:
        kept = [f for f in state.frames.values() if f.path.exists()]
        submitted = self._sender.submit(block, kept)
        del self._blocks[block]
        self._progress.note(submitted_line(block, len(state.frames), submitted.job_ids))
