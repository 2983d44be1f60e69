"""One ingest from beginning to end: look, ask what the site has, send the rest, submit it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from crowdsky.client.errors import NoRoomError
from crowdsky.client.ingest.group import block_of, chunks_of
from crowdsky.client.ingest.journal import Journal
from crowdsky.client.ingest.look import look_through, sorter
from crowdsky.client.ingest.progress import Progress
from crowdsky.client.ingest.records import Found, Report
from crowdsky.client.ingest.sender import Sender
from crowdsky.client.ingest.sort_out import Reason
from crowdsky.client.site import Site
from crowdsky.client.upload_calls import Known
from crowdsky.net.retry import Waits


def ingest(
    site: Site,
    journal: Journal,
    paths: Sequence[Path],
    progress: Progress,
    *,
    dry_run: bool = False,
    waits: Waits | None = None,
) -> Report:
    """Send the light frames below ``paths`` that the site does not have.

    With ``dry_run`` nothing is sent, and the report has what would be.

    Raises:
        ConfigurationError: a path does not exist, or name or password are wrong.
        TransientError: the site cannot be reached; another ingest continues.
    """
    report = Report(dry_run, tuple(paths))
    sender = Sender(site, journal, report, progress, waits or Waits())
    frames = look_through(paths, sorter(journal), report, progress)
    plan = plan_blocks(sender, frames, report)
    for line in planned_lines(report):
        progress.note(line)
    if not dry_run:
        send_plan(sender, journal, plan, report, progress)
    return report


def plan_blocks(sender: Sender, frames: Sequence[Found], report: Report) -> dict[str, list[Found]]:
    """Ask the site about frames; returns those that it lacks by block of time, in order."""
    answer = sender.known([frame.sha256 for frame in frames])
    missing = _not_too_large(
        [frame for frame in frames if frame.sha256 not in answer.states], answer, report
    )
    report.known.update(answer.states.values())
    report.remaining_bytes = answer.remaining_bytes
    report.to_send = len(missing)
    report.bytes_to_send = sum(frame.size for frame in missing)
    chunks = chunks_of(
        (found.frame for found in missing), answer.chunk_minutes, answer.pointing_tolerance_deg
    )
    report.chunks = len(chunks)
    blocks: dict[str, list[Found]] = {}
    for found in missing:
        blocks.setdefault(block_of(found.frame, answer.chunk_minutes), []).append(found)
    return dict(sorted(blocks.items()))


def send_plan(
    sender: Sender,
    journal: Journal,
    plan: dict[str, list[Found]],
    report: Report,
    progress: Progress,
) -> None:
    """Send and submit block after block, those first of which an interrupted ingest sent a part."""
    progress.begin("sending", report.bytes_to_send)
    begun = journal.uploads()
    for block in sorted({*begun, *plan}, key=lambda block: (block not in begun, block)):
        frames = plan.get(block, [])
        before = report.sent
        try:
            sender.send_block(block, frames)
            submitted = sender.submit(block, frames)
        except NoRoomError as error:
            report.unsent += len(sender.unsent(block, frames))
            progress.note(str(error))
            continue
        progress.note(submitted_line(block, report.sent - before, submitted.job_ids))


def _not_too_large(frames: list[Found], answer: Known, report: Report) -> list[Found]:
    kept = [frame for frame in frames if frame.size <= answer.max_file_bytes]
    if len(kept) < len(frames):
        report.left_out[Reason.TOO_LARGE] = len(frames) - len(kept)
    return kept


def submitted_line(block: str, n_sent: int, job_ids: Sequence[int]) -> str:
    """Return a sentence for people about a block that was sent and submitted."""
    jobs = ", ".join(map(str, job_ids))
    became = f"{'job' if len(job_ids) == 1 else 'jobs'} {jobs}" if jobs else "no new job"
    return f"{block}: {count(n_sent, 'frame')} sent, {became}"


def planned_lines(report: Report) -> list[str]:
    """Return sentences for people about what was found and what is to be done."""
    lines = [f"{count(report.frames, 'light frame')} found"]
    if report.left_out:
        parts = [f"{n:,} {reason.value}" for reason, n in report.left_out.most_common()]
        lines.append(f"left out: {', '.join(parts)}")
    if report.known:
        parts = [f"{n:,} {state.replace('_', ' ')}" for state, n in report.known.most_common()]
        lines.append(f"on the site already: {', '.join(parts)}")
    size = report.bytes_to_send / 1e6
    lines.append(
        f"to send: {count(report.to_send, 'frame')}, {size:,.1f} MB, "
        f"in {count(report.chunks, 'chunk')}"
    )
    if report.remaining_bytes is not None and report.remaining_bytes < report.bytes_to_send:
        left = report.remaining_bytes / 1e6
        lines.append(f"the account has room for {left:,.1f} MB now; more as jobs are stacked")
    return lines


def done_lines(report: Report) -> list[str]:
    """Return sentences for people about how an ingest ended."""
    empty = []
    if report.is_empty:
        empty = [f"no light frames found in {', '.join(map(str, report.paths))}"]
    if report.dry_run:
        return [*empty, "nothing was sent (--dry-run)"]
    if report.is_empty and not report.job_ids and not report.problems:
        return empty
    lines = [f"{count(report.sent, 'frame')} sent, {report.bytes_sent / 1e6:,.1f} MB"]
    if report.job_ids:
        lines[0] += f", {count(len(set(report.job_ids)), 'job')}"
    if report.unsent:
        lines.append(f"no room for {count(report.unsent, 'frame')}: run this again later")
    if report.problems:
        lines.append(f"{count(len(report.problems), 'file')} could not be taken")
        lines += [f"  {problem.path}: {problem.why}" for problem in report.problems]
    return [*empty, *lines]


def count(number: int, what: str) -> str:
    """Return a number with what is counted, in the plural where it has to be."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
