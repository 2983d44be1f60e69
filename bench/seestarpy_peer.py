"""seestarpy's FrameCollection as it is, in a process of its own: ``OUT.fits FRAME...``.

Only its stacking module is loaded: the package's own start looks for a telescope on the network,
which would count against it. The last line on standard output tells the time of the work alone.
"""

from __future__ import annotations

import json
import sys
import time
import warnings

from astropy.io import fits

from crowdsky.stacking.engines.seestarpy_import import load_stacking_module


def stack_with_seestarpy(output: str, frames: list[str]) -> float:
    """Detect, align, warp, stack and write; returns the seconds that took."""
    module = load_stacking_module()
    began = time.perf_counter()
    collection = module.FrameCollection(frames)
    collection.detect_all_sources()
    collection.align_frames()
    collection.apply_transforms()
    fits.writeto(output, collection.stack(), overwrite=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps({"seconds": stack_with_seestarpy(sys.argv[1], sys.argv[2:])}))
