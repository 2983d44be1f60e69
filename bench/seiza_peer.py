"""seiza's batch stacking, in a Python that has it: ``MODE OUT.fits FRAME...``.

Runs as a file of its own in seiza's environment, so that it imports nothing of this repository. The
last line on standard output has the seconds of the work alone, and the frames that were rejected.
"""

from __future__ import annotations

import json
import sys
import time

import seiza


def stack_with_seiza(mode: str, output: str, frames: list[str]) -> dict[str, object]:
    """Stack in one of the ways that the wheel's documentation describes: "fast" or "best"."""
    began = time.perf_counter()
    found = _fast(output, frames) if mode == "fast" else _best(output, frames)
    left_out = {str(frame.source): str(frame.reason) for frame in found if not frame.accepted}
    return {"seconds": time.perf_counter() - began, "left_out": left_out}


def _fast(output: str, frames: list[str]) -> list[seiza.FrameDisposition]:
    """One pass with the fastest debayering."""
    options = seiza.StackOptions(demosaic="bilinear")
    return list(seiza.stack_fits(frames, output, options=options).frames)


def _best(output: str, frames: list[str]) -> list[seiza.FrameDisposition]:
    """Best reference and debayering, weights by noise, and a second pass for rejection."""
    options = seiza.StackOptions(
        demosaic="vng", weighting="inverse-noise-variance", defects=seiza.detect_defects(frames)
    )
    reference = str(seiza.choose_reference(frames).reference_path)
    stacker = seiza.LiveStacker(reference, options=options)
    found, _ = stacker.push_fits_pipelined([path for path in frames if path != reference])
    stacker.reintegrate().write_fits(output)
    return list(found)


if __name__ == "__main__":
    print(json.dumps(stack_with_seiza(sys.argv[1], sys.argv[2], sys.argv[3:])))
