"""A small picture of a stack for web pages."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from crowdsky.base.output_file import require_other_file
from crowdsky.pictures.develop import USUAL_SIZE, develop_image
from crowdsky.pictures.negative import read_negative
from crowdsky.pictures.picture_files import save_picture


def generate_thumbnail(fits_path: Path, output_path: Path, max_size: int = USUAL_SIZE) -> Path:
    """Write a PNG of a stack, at most ``max_size`` pixels on its longer side.

    The PNG appears whole or not at all. Its pixels are those of ``draw_picture``.

    Args:
        fits_path: a stack of ours, or another picture that ``draw_picture`` reads.
        output_path: where the PNG appears.
        max_size: longer side of the picture, pixels.

    Returns:
        ``output_path``.

    Raises:
        NoPictureError: the file holds no picture.
        WouldReplaceInputError: the picture would replace its stack.
        OSError: the stack cannot be read, or the PNG cannot be written.
    """
    output_path = Path(output_path)
    require_other_file(output_path, [Path(fits_path)])
    return save_picture(draw_picture(fits_path, max_size), output_path)


def draw_picture(fits_path: Path, max_size: int) -> Image.Image:
    """Draw a stack as an 8-bit RGB picture, at most ``max_size`` pixels on its longer side.

    Reads our own product (RED, GREEN and BLUE, with FOOTPRINT), a colour cube in the primary with
    the colours first or last, and a plain mono image. The aspect is kept, nothing is enlarged, and
    row 0 of the array is on top. Uncovered pixels are black. See ``develop``.

    Raises:
        NoPictureError: the file holds no such picture.
        OSError: it cannot be read.
    """
    return develop_image(read_negative(Path(fits_path)).reduced(max_size))
