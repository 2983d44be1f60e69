"""Reports what happened to the subs, in records and in words; shared by the engines."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from crowdsky.base.errors import NoUsableFramesError
from crowdsky.frames.dates import iso_time
from crowdsky.frames.fits_header import FrameHeader
from crowdsky.frames.frames import sha256_of
from crowdsky.stacking.engine import FrameRecord
from crowdsky.stacking.records import FrameReport
from crowdsky.stacking.registration.quick_look import FrameLook

Affine = tuple[float, float, float, float, float, float]

UNSEEN = FrameLook(n_stars=0, fwhm_px=math.nan, ellipticity=math.nan, sky_adu=math.nan)
UNKNOWN_SHA256 = "unknown"
MAX_REASONS = 4
NOTABLE_LOSS = 0.005
"""Share of the light of stars from which their magnitudes are off by as much as they scatter."""


def frame_record(
    path: Path,
    header: FrameHeader | None,
    look: FrameLook = UNSEEN,
    *,
    transform: Affine | None = None,
    weight: float = 0.0,
    used: bool = False,
    reason: str = "",
    hint: str = "",
) -> FrameRecord:
    """Build the record of one sub.

    If it is not ``used``, ``reason`` says why, and ``hint`` what to try.
    """
    try:
        sha256 = sha256_of(path)
    except OSError:
        # A missing file is one of the reasons why a sub is left out.
        sha256 = UNKNOWN_SHA256
    report = FrameReport(
        filename=path.name,
        sha256=sha256,
        date_obs=None if header is None else iso_time(header.date_obs),
        exptime=math.nan if header is None else header.exptime_s,
        n_stars=look.n_stars,
        fwhm_px=look.fwhm_px,
        ellipticity=look.ellipticity,
        sky_adu=look.sky_adu,
        transform=transform,
        weight=weight,
        used=used,
        reason=reason,
    )
    return FrameRecord(report, header, hint)


def notes_on(records: Sequence[FrameRecord]) -> tuple[str, ...]:
    """Return what people who look at the stack should know about its subs."""
    used = sum(record.report.used for record in records)
    notes = []
    if used < len(records):
        left_out = f"{len(records) - used} of {len(records)} subs left out"
        advice = _own_hint(records)
        why = f"{_why(records)}; {advice}" if advice else _why(records)
        notes.append(f"{left_out}{_for_one_reason(records)}: {why}")
    notes += _mixed_instruments(records)
    notes += _remarks(records)
    notes += note_on_times(records)
    if used == 1:
        notes.append("made of a single sub: nothing could be averaged or rejected")
    return tuple(notes)


def note_on_times(records: Sequence[FrameRecord]) -> list[str]:
    """Say why a stack has no times although some of its subs have one."""
    headers = [record.header for record in records if record.report.used and record.header]
    untimed = sum(header.date_obs is None for header in headers)
    if not 0 < untimed < len(headers):
        return []
    return [
        f"{untimed} of {len(headers)} subs have no time that can be read: the stack has no times "
        "at all, because those of the others would be wrong for it"
    ]


def _remarks(records: Sequence[FrameRecord]) -> list[str]:
    """Return the remarks on the headers of the used subs, the most frequent first."""
    headers = [record.header for record in records if record.report.used and record.header]
    remarks = Counter(remark for header in headers for remark in header.remarks)
    return [f"{count} of {len(headers)} subs: {said}" for said, count in remarks.most_common()]


def note_on_loss(share: float | None) -> tuple[str, ...]:
    """Return a remark if rejection took a share of their light from the stars that matters."""
    if share is None or share <= NOTABLE_LOSS:
        return ()
    return (
        f"rejection took {share:.1%} of their light from the brighter stars: "
        "their magnitudes are too faint by that; a higher --sigma-clip keeps it",
    )


def no_usable_frames(records: Sequence[FrameRecord]) -> NoUsableFramesError:
    """Build the error for a chunk of which no sub is left; its text says what was wrong."""
    what = (
        f"none of the {len(records)} subs could be used{_for_one_reason(records)}"
        if len(records) > 1
        else "the sub cannot be used"
    )
    return NoUsableFramesError(what, why=_why(records), hint=_hint(records))


def _reasons(records: Sequence[FrameRecord]) -> Counter[str]:
    return Counter(record.report.reason for record in records if not record.report.used)


def _for_one_reason(records: Sequence[FrameRecord]) -> str:
    reasons = _reasons(records)
    return ", each for the same reason" if len(reasons) == 1 < reasons.total() else ""


def _why(records: Sequence[FrameRecord]) -> str:
    """List the reasons of the unused subs, the most frequent first."""
    reasons = _reasons(records)
    if len(reasons) == 1:
        return next(iter(reasons))
    named = reasons.most_common(MAX_REASONS)
    parts = [f"{reason} ({count} of them)" for reason, count in named]
    rest = reasons.total() - sum(count for _, count in named)
    return "; ".join(parts) + (f"; and other reasons ({rest} of them)" if rest else "")


def _hint(records: Sequence[FrameRecord]) -> str:
    """Return the advice that all subs share, else what to check by how far they came: their
    headers, pixels or stars.
    """
    own = _own_hint(records)
    if own:
        return own
    if all(record.header is None for record in records):
        return "send the raw frames again, as the telescope saved them"
    if all(_is_unseen(record) for record in records):
        return "look at the subs: a covered telescope, daylight, or files that broke on their way"
    if any(_is_unseen(record) for record in records):
        return (
            "look at the subs: clouds, dew, a covered telescope, or files that broke on their way"
        )
    return "look at the subs: clouds, dew, or a telescope that was moved"


def _own_hint(records: Sequence[FrameRecord]) -> str:
    """Return what to try with the unused subs if it is the same for all; empty otherwise."""
    hints = {record.hint for record in records if not record.report.used}
    return next(iter(hints)) if len(hints) == 1 else ""


def _mixed_instruments(records: Sequence[FrameRecord]) -> list[str]:
    """Return a remark if the light comes from several telescopes or cameras, as ``merge`` gives."""
    headers = [record.header for record in records if record.report.used and record.header]
    kinds = {
        "telescopes": [header.telescope for header in headers],
        "cameras": [header.instrument for header in headers],
    }
    names = {what: list(dict.fromkeys(filter(None, values))) for what, values in kinds.items()}
    return [
        f"stacked from {len(values)} {what}: {', '.join(values)}"
        for what, values in names.items()
        if len(values) > 1
    ]


def _is_unseen(record: FrameRecord) -> bool:
    """Whether no stars were searched for in it."""
    return record.report.n_stars == 0 and math.isnan(record.report.sky_adu)
