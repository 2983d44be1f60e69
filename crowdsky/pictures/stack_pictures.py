"""Makes all pictures of a stack that a site shows, reading and developing it once.

The thumbnail is developed by itself: fewer, larger pixels have less noise, and show fainter things.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from crowdsky.pictures.develop import USUAL_SIZE, develop_image, flattened
from crowdsky.pictures.negative import read_negative
from crowdsky.pictures.picture_files import reduced_to, save_picture
from crowdsky.pictures.preview import write_preview

THUMBNAIL, PICTURE, FULL, PREVIEW = "thumbnail", "picture", "full", "preview"
NAMES = {
    THUMBNAIL: "thumbnail.png",
    PICTURE: "picture.jpg",
    FULL: "full.png",
    PREVIEW: "preview.png",
}
PAGE_SIZE = 1600
"""Longer side of the picture for a page, pixels."""


@dataclass(frozen=True, slots=True)
class StackPictures:
    """The pictures of a stack: the full one, RGB, to draw on, and the files by kind."""

    full: Image.Image
    files: dict[str, Path]


def draw_pictures(stack: Path, folder: Path) -> StackPictures:
    """Draw thumbnail, picture, full picture and preview of a stack into a folder.

    Each file appears whole or not at all. The white is that of the zero points in the header, if
    the stack has been measured.

    Raises:
        NoPictureError: the file holds no picture.
        OSError: it cannot be read, or a picture cannot be written.
    """
    negative = flattened(read_negative(stack))
    files = {kind: folder / name for kind, name in NAMES.items()}
    save_picture(develop_image(negative.reduced(USUAL_SIZE)), files[THUMBNAIL])
    full = develop_image(negative)
    save_picture(full, files[FULL])
    save_picture(reduced_to(full, PAGE_SIZE), files[PICTURE])
    write_preview(negative, files[PREVIEW])
    return StackPictures(full, files)
