"""Detection of the stars of a stack leaves no trace in the process."""

from __future__ import annotations

import numpy as np
import sep

from crowdsky.sources.sep_extract import PIXEL_BUFFER, detect_stars


def test_later_stacks_of_the_process_keep_small_buffers() -> None:
    rng = np.random.default_rng(1)
    planes = rng.normal(900.0, 10.0, (3, 128, 128)).astype(np.float32)
    planes[:, 60:63, 70:73] += 500.0
    pixels, sub_objects = sep.get_extract_pixstack(), sep.get_sub_object_limit()
    stars = detect_stars(planes, np.full((128, 128), 3))
    assert len(stars) >= 1
    # The buffer is cleared for every sub that is measured, which took as long as all else on it.
    assert (sep.get_extract_pixstack(), sep.get_sub_object_limit()) == (pixels, sub_objects)


def test_a_field_that_overflows_the_first_buffer_is_searched_with_the_large_one() -> None:
    rng = np.random.default_rng(1)
    planes = rng.normal(900.0, 10.0, (3, 1200, 1200)).astype(np.float32)
    for y in range(8, 1200, 16):
        for x in range(8, 1200, 16):
            planes[:, y : y + 5, x : x + 5] += 2000.0
    stars = detect_stars(planes, np.full((1200, 1200), 3))
    assert stars["npix"].sum() > PIXEL_BUFFER
