"""Sends frames: one upload per block of time, continued after a cut and submitted when whole.

An upload is in the journal before its first file. Before a file is sent again, the site is asked
whether it has it, and before an upload is submitted, whether it has all of them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from crowdsky.base.errors import CorruptInputError
from crowdsky.client.errors import (
    FrameNotTakenError,
    NoRoomError,
    NothingSubmittedError,
    UploadEndedError,
)
from crowdsky.client.ingest.journal import Journal
from crowdsky.client.ingest.progress import Progress
from crowdsky.client.ingest.records import Found, Problem, Report
from crowdsky.client.site import Site
from crowdsky.client.upload_calls import (
    MOST_HASHES,
    UPLOADED,
    Known,
    Submitted,
    ask_known,
    send_file,
    start_upload,
    submit_upload,
)
from crowdsky.net.retry import Policy, Waits, call_with_retry

Result = TypeVar("Result")

INGEST = Policy(
    "ingest",
    tries=30,
    deadline_seconds=3600,
    base_seconds=2,
    cap_seconds=120,
    reason="nobody watches at night; every try first asks what has arrived",
    refetches=3,
)
PLAN = Policy(
    "plan an ingest",
    tries=5,
    deadline_seconds=60,
    base_seconds=1,
    cap_seconds=10,
    reason="a person waits for the numbers of a dry run, and can repeat it",
)
MOST_STARTS = 3
"""Number of times that an upload which ends before it is submitted is begun anew."""


class Sender:
    """Sends frames of one account to its site and counts them in ``report``."""

    def __init__(
        self, site: Site, journal: Journal, report: Report, progress: Progress, waits: Waits
    ) -> None:
        self._site = site
        self._journal = journal
        self._report = report
        self._progress = progress
        self._waits = waits
        self._is_signed_in = False
        self.given_up: set[str] = set()
        """SHA-256 of files that the site did not take, or that changed on the way."""

    def known(self, hashes: Sequence[str], token: str | None = None) -> Known:
        """Ask which of any number of files the site has; ``token`` as for ``ask_known``."""
        first, *rest = [self._ask(batch, token) for batch in _batches(hashes)]
        for answer in rest:
            first.states.update(answer.states)
        return first

    def unsent(self, block: str, frames: Sequence[Found]) -> list[Found]:
        """Return the frames of a block that neither its open upload nor the account has."""
        return self._missing(block, frames)[0]

    def send_block(self, block: str, frames: Sequence[Found]) -> None:
        """Send frames of a block, or some of them; those that the site has are passed over.

        Raises:
            NoRoomError: the site has no room for them now. Nothing of the block is sent when other
                frames of the account take up the room, which will become free.
            TransientError: the site could not be reached for as long as the policy allows.
        """
        for start in itertools.count(1):
            missing, known = self._missing(block, frames)
            _require_room(block, missing, _taken_by_others(frames, known), known)
            try:
                for frame in missing:
                    self._send(self._token(block), frame)
                return
            except NoRoomError:
                # Nothing else takes up the room: only a stack of what is there makes some.
                self._end(block, self._submit_open(block))
                raise
            except UploadEndedError:
                # It has expired, or somebody submitted it on the page: what it held is known or
                # has to be sent again.
                self._journal.forget_upload(block)
                if start == MOST_STARTS:
                    raise

    def submit(self, block: str, frames: Sequence[Found]) -> Submitted:
        """Submit the upload of a block once the site has ``frames``; those that it lacks are sent.

        Raises as ``send_block``.
        """
        for start in itertools.count(1):
            try:
                if self.unsent(block, frames):
                    self.send_block(block, frames)
                submitted = self._submit_open(block)
                break
            except UploadEndedError:
                self._journal.forget_upload(block)
                if start == MOST_STARTS:
                    raise
        self._end(block, submitted)
        return submitted

    def _end(self, block: str, submitted: Submitted) -> None:
        self._journal.forget_upload(block)
        self._report.job_ids += submitted.job_ids

    def _submit_open(self, block: str) -> Submitted:
        """Submit the open upload of a block, if there is one with a file in it."""
        token = self._journal.uploads().get(block)
        if token is None:
            return Submitted((), ())
        try:
            return self._retry(lambda: submit_upload(self._site, token))
        except NothingSubmittedError:
            return Submitted((), ())

    def _token(self, block: str) -> str:
        """Return the open upload of a block, which is started if there is none."""
        token = self._journal.uploads().get(block)
        if token is None:
            token = self._retry(lambda: start_upload(self._site))
            self._journal.note_upload(block, token)
        return token

    def _missing(self, block: str, frames: Sequence[Found]) -> tuple[list[Found], Known]:
        """Return the frames that are not there, and the answer by which that is known."""
        token = self._journal.uploads().get(block)
        known = self.known([frame.sha256 for frame in frames], token)
        there = known.states.keys() | self.given_up
        return [frame for frame in frames if frame.sha256 not in there], known

    def _send(self, token: str, frame: Found) -> None:
        """Send one frame, unless an earlier try whose answer was lost has brought it there."""
        tries = itertools.count()

        def attempt() -> None:
            if next(tries) and frame.sha256 in ask_known(self._site, [frame.sha256], token).states:
                return
            with frame.path.open("rb") as stream:
                send_file(
                    self._site,
                    token,
                    _fits_name(frame.path.name),
                    stream,
                    frame.size,
                    frame.sha256,
                    self._progress.advance,
                )

        try:
            self._retry(attempt)
        except FrameNotTakenError as error:
            self.given_up.add(frame.sha256)
            self._note_problem(frame, f"the site does not take it: {error.why}")
        except CorruptInputError:
            self.given_up.add(frame.sha256)
            self._journal.forget_hash(frame.path)
            self._note_problem(frame, "it has changed since it was read")
        except OSError as error:
            self._note_problem(frame, error.strerror or str(error))
        else:
            self._report.sent += 1
            self._report.bytes_sent += frame.size

    def _note_problem(self, frame: Found, why: str) -> None:
        self._report.problems.append(Problem(str(frame.path), why))
        self._progress.note(f"{frame.path}: {why}")

    def _ask(self, hashes: Sequence[str], token: str | None = None) -> Known:
        return self._retry(lambda: ask_known(self._site, hashes, token))

    def _retry(self, operation: Callable[[], Result]) -> Result:
        policy = PLAN if self._report.dry_run else INGEST
        result = call_with_retry(policy, operation, self._waits, is_signed_in=self._is_signed_in)
        self._is_signed_in = True
        return result


def _taken_by_others(frames: Sequence[Found], known: Known) -> int:
    """Return the bytes of the account that frames outside this upload take up."""
    if known.quota_bytes is None or known.remaining_bytes is None:
        return 0
    mine = sum(f.size for f in frames if known.states.get(f.sha256) == UPLOADED)
    return max(0, known.quota_bytes - known.remaining_bytes - mine)


def _require_room(block: str, missing: Sequence[Found], others: int, known: Known) -> None:
    """Raise NoRoomError if frames need more room than is left, and some of it will become free."""
    needed = sum(frame.size for frame in missing)
    if not others or known.remaining_bytes is None or needed <= known.remaining_bytes:
        return
    raise NoRoomError(
        f"could not send the {len(missing)} frames of {block}",
        why=f"they need {needed / 1e6:.1f} MB, and the account has "
        f"{known.remaining_bytes / 1e6:.1f} MB left",
        hint="run this again when its jobs are stacked",
    )


def _batches(hashes: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield the hashes in parts that fit into one question; one empty part if there are none."""
    for start in range(0, max(len(hashes), 1), MOST_HASHES):
        yield hashes[start : start + MOST_HASHES]


def _fits_name(name: str) -> str:
    """Return a name that ends as the site expects."""
    return name if name.lower().endswith((".fit", ".fits")) else f"{name.rpartition('.')[0]}.fits"
