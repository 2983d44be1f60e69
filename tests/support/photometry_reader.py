"""Runs in the environment of seestar-photometry: prints as JSON what it reads from a stack."""

import json
import sys

from seestar_photometry import frames  # type: ignore[import-not-found]

frame = frames.load_frame(sys.argv[1])
print(
    json.dumps(
        {
            "layout": frame.layout,
            "model": frame.model,
            "shape": frame.shape,
            "sums": [float(plane.sum(dtype="float64")) for plane in frame.data],
            "stars": None if frame.star_tab is None else len(frame.star_tab),
            "columns": [] if frame.star_tab is None else list(frame.star_tab.columns),
            **frames.frame_metadata(frame),
        },
        default=float,
    )
)
