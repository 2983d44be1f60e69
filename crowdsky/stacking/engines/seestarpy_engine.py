"""The seestarpy engine: FrameCollection of seestarpy does the work, and its faults are fixed here.

From seestarpy 0.1.3 come source detection, star matching, debayering, warping, and the combination
with a single pass of clipping. Fixed here:

* Frames that it could not align are left out; it would average them as they are.
* The reference is the sharpest frame with many stars, or another one if that does not match the
  others; seestarpy takes the one in the middle of the list.
* Every transform is checked against the stars of both frames and fitted again to all of them: the
  search behind it is random and may find a false match.
* Smeared subs are left out.
* Pixels outside a frame do not count; it fills them with the median of the frame and averages that.
* It gets one frame at a time, and strips are combined: about 15 MB a frame instead of 200 MB.
* Header, exposure and counts are made from the frames that were really used.

Unchanged: there are no weights and no normalisation, and clipping has an effect only from about 11
frames.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from astropy.io import fits

from crowdsky.frames.chunk import (
    check_same_chunk,
    pixel_problem,
    read_light_frames,
    wrapped_problem,
)
from crowdsky.frames.copies import Exposures, fingerprint
from crowdsky.frames.fits_header import MONO
from crowdsky.frames.light_frame import LightFrame
from crowdsky.stacking.engine import FrameRecord, Progress, StackedPicture, StackOptions
from crowdsky.stacking.engines.seestarpy_align import covered_pixels, refine
from crowdsky.stacking.engines.seestarpy_import import engine_name, load_stacking_module
from crowdsky.stacking.product.frame_reports import Affine, frame_record, no_usable_frames, notes_on
from crowdsky.stacking.registration.quick_look import FrameLook, hot_pixels, look_at

MIN_STARS = 3
"""Number of stars that a sub needs: astroalign matches triangles."""
REFERENCE_TRIALS = 3
MAX_FWHM_RATIO = 1.8
"""Ratio of the FWHM to the median of the chunk above which wind or a bump has smeared the stars."""
EDGE_MARGIN_PX = 1.0
"""Distance in pixels from the edge of a sub within which the cubic warp mixes in the filler."""
STRIP_BYTES = 16_000_000
"""Number of bytes of aligned pixels per call of ``stack``, which needs a few times as much
inside."""


@dataclass(slots=True)
class _Sub:
    """A sub on its way into the stack."""

    frame: LightFrame
    raw: Any
    """RawFrame of seestarpy."""
    look: FrameLook
    matrix: np.ndarray | None = None
    """Transform (3, 3) from its pixels to those of the reference; None if not aligned."""


def stack(paths: Sequence[Path], options: StackOptions, progress: Progress) -> StackedPicture:
    """Stack subs with seestarpy; raises NoUsableFramesError when none can be used.

    ``progress`` is called with the stages "detect", "align", "warp" and "combine".
    """
    module = load_stacking_module()
    frames, unreadable = read_light_frames(paths, options.clocks)
    check = check_same_chunk(frames)
    rejected = {
        item.path: frame_record(item.path, item.header, reason=item.reason, hint=item.hint)
        for item in (*unreadable, *check.rejected)
    }
    subs = []
    exposures = Exposures()
    for index, frame in enumerate(check.frames):
        progress("detect", index, len(check.frames))
        sub, record = _examine(module, frame, exposures)
        if sub is not None:
            subs.append(sub)
        else:
            rejected[frame.path] = record
    subs, smeared = _without_smeared(subs)
    rejected |= smeared
    if not subs:
        raise no_usable_frames([rejected[path] for path in paths])
    reference, failures = _align(subs, progress)
    used = [sub for sub in subs if sub.matrix is not None]
    planes, footprint = _combine(module, used, options, progress)
    records = rejected | {sub.frame.path: _record(sub, reference, failures) for sub in subs}
    ordered = tuple(records[path] for path in paths)
    return StackedPicture(
        planes=planes,
        footprint=footprint,
        frames=ordered,
        engine=engine_name(),
        options=options,
        notes=notes_on(ordered),
    )


def _examine(
    module: ModuleType, frame: LightFrame, exposures: Exposures
) -> tuple[_Sub | None, FrameRecord]:
    """Detect the stars of a frame; if there is no sub, the record says why it cannot be used.

    ``exposures`` are those of the frames before.
    """
    mosaic = frame.rows()
    problem = pixel_problem(mosaic)
    if problem is None and frame.holds_signed16:
        problem = wrapped_problem(mosaic)
    if frame.header.pattern == MONO:
        problem = "it has no Bayer pattern, and seestarpy stacks colour frames only"
    if problem is None and (mosaic.shape[0] % 2 or mosaic.shape[1] % 2):
        problem = "its width or height is odd, which seestarpy cannot bin"
    if problem is None:
        problem = exposures.add(frame, fingerprint(mosaic[::16])) or None
    if problem is not None:
        return None, frame_record(frame.path, frame.header, reason=problem)
    look = look_at(mosaic, frame.scale_end)
    raw = module.RawFrame(frame.path, lazy_load=True)
    raw.hdu = _hdu(frame, mosaic)
    # It doubles the binned coordinates, which puts a source half a pixel too low.
    raw.sources = raw.detect_sources(binning=2).reshape(-1, 2) + 0.5
    raw.sources = raw.sources[~hot_pixels(mosaic, raw.sources)]
    raw.hdu = None
    if len(raw.sources) < MIN_STARS:
        reason = f"only {len(raw.sources)} stars were found, too few to align it"
        return None, frame_record(frame.path, frame.header, look, reason=reason)
    return _Sub(frame, raw, look), frame_record(frame.path, frame.header, look)


def _without_smeared(subs: list[_Sub]) -> tuple[list[_Sub], dict[Path, FrameRecord]]:
    """Part the sharp subs from those whose stars are much wider than usual in the chunk."""
    widths = [sub.look.fwhm_px for sub in subs if not math.isnan(sub.look.fwhm_px)]
    limit = MAX_FWHM_RATIO * float(np.median(widths)) if widths else math.inf
    rejected = {
        sub.frame.path: frame_record(
            sub.frame.path,
            sub.frame.header,
            sub.look,
            reason=f"its stars are smeared: {sub.look.fwhm_px:.1f} px wide, usual here are "
            f"{limit / MAX_FWHM_RATIO:.1f} px",
        )
        for sub in subs
        if sub.look.fwhm_px > limit
    }
    return [sub for sub in subs if sub.frame.path not in rejected], rejected


def _hdu(frame: LightFrame, mosaic: np.ndarray) -> fits.ImageHDU:
    """Build what seestarpy expects to have read: 16-bit pixels and the pattern."""
    if mosaic.dtype != np.uint16:
        mosaic = np.clip(np.rint(mosaic), 0, 65535).astype(np.uint16)
    header = fits.Header([("BAYERPAT", frame.header.pattern)])
    return fits.ImageHDU(mosaic, header)


def _align(subs: list[_Sub], progress: Progress) -> tuple[_Sub, dict[Path, str]]:
    """Give each sub its matrix; returns the reference, and why others have none.

    When fewer than half of the subs match the most promising one, it may be the odd one out: the
    next ones are tried, too, and the reference that most subs match is taken.
    """
    ranked = sorted(subs, key=_promise, reverse=True)
    best: tuple[_Sub, dict[Path, np.ndarray], dict[Path, str]] | None = None
    for reference in ranked[:REFERENCE_TRIALS]:
        matrices, failures = _align_to(reference, subs, progress)
        if best is None or len(matrices) > len(best[1]):
            best = (reference, matrices, failures)
        if 2 * len(matrices) >= len(subs):
            break
    if best is None:
        raise ValueError("there is nothing to align")
    reference, matrices, failures = best
    for sub in subs:
        sub.matrix = matrices.get(sub.frame.path)
    return reference, failures


def _promise(sub: _Sub) -> float:
    """Estimate how good a reference a sub is: many stars, and sharp ones."""
    if math.isnan(sub.look.fwhm_px):
        return 0.0
    return sub.look.n_stars / sub.look.fwhm_px**2


def _align_to(
    reference: _Sub, subs: list[_Sub], progress: Progress
) -> tuple[dict[Path, np.ndarray], dict[Path, str]]:
    """Return the matrix of every sub that matches ``reference``, and the reason of every other."""
    matrices, failures = {reference.frame.path: np.eye(3)}, {}
    target = reference.raw.sources
    for index, sub in enumerate(subs):
        progress("align", index, len(subs))
        if sub is reference:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = sub.raw.find_transform(target)
        if not found:
            failures[sub.frame.path] = "its stars do not match those of the reference"
            continue
        matrix, reason = refine(sub.raw.transforms.params, sub.raw.sources, target)
        if matrix is None:
            failures[sub.frame.path] = reason
        else:
            matrices[sub.frame.path] = matrix
    return matrices, failures


def _combine(
    module: ModuleType, used: list[_Sub], options: StackOptions, progress: Progress
) -> tuple[np.ndarray, np.ndarray]:
    """Warp the aligned subs and combine them; planes (3, height, width) and footprint."""
    images, covers = [], []
    for index, sub in enumerate(used):
        progress("warp", index, len(used))
        image, covered = _warped(sub)
        images.append(image)
        covers.append(covered)
    collection = module.FrameCollection([sub.frame.path for sub in used], lazy_load=True)
    height, width = covers[0].shape
    planes = np.empty((3, height, width), dtype=np.float32)
    footprint = np.empty((height, width), dtype=np.uint16)
    step = max(1, STRIP_BYTES // (len(used) * width * 3 * 4))
    for top in range(0, height, step):
        progress("combine", top, height)
        strip = slice(top, min(top + step, height))
        for raw, image, covered in zip(collection.frames, images, covers, strict=True):
            raw.footprint = ~covered[strip]
            raw.aligned_rgb_image = image[strip].astype(np.float32)
            raw.aligned_rgb_image[raw.footprint] = np.nan
        with warnings.catch_warnings():
            # Pixels that no sub covers are NaN in all of them; they become 0 below.
            warnings.simplefilter("ignore", RuntimeWarning)
            stacked = collection.stack(options.method, options.sigma_clip)
        planes[:, strip] = np.moveaxis(stacked, 2, 0)
        footprint[strip] = collection.stacked_footprint
    planes[:, footprint == 0] = 0.0
    return planes, footprint


def _warped(sub: _Sub) -> tuple[np.ndarray, np.ndarray]:
    """Warp a sub to the reference's pixels, (height, width, 3) uint16; and say which it covers.

    Whole ADU are accurate enough: the noise of one sub is eighty times as large.
    """
    if sub.matrix is None:
        raise ValueError(f"{sub.frame.filename} was not aligned")
    mosaic = sub.frame.rows()
    sub.raw.hdu = _hdu(sub.frame, mosaic)
    is_reference = sub.raw.transforms is None
    if not is_reference:
        sub.raw.transforms = type(sub.raw.transforms)(matrix=sub.matrix)
    warped, _ = sub.raw.apply_transform(mosaic)
    margin = 0.0 if is_reference else EDGE_MARGIN_PX
    covered = covered_pixels(sub.matrix, mosaic.shape, margin)
    image = np.rint(warped).astype(np.uint16)
    sub.raw.hdu = sub.raw.aligned_rgb_image = sub.raw.footprint = None
    return image, covered


def _record(sub: _Sub, reference: _Sub, failures: dict[Path, str]) -> FrameRecord:
    frame = sub.frame
    if sub.matrix is None:
        return frame_record(frame.path, frame.header, sub.look, reason=failures[frame.path])
    a, b, c, d, e, f = (float(value) for value in sub.matrix[:2].ravel())
    transform: Affine = (a, b, c, d, e, f)
    return frame_record(
        frame.path,
        frame.header,
        sub.look,
        transform=transform,
        weight=1.0,
        used=True,
        reason="reference of the alignment" if sub is reference else "",
    )
