"""Compares the tiles of a folder with their index."""

from __future__ import annotations

from crowdsky.catalogues.tile_folder import MANIFEST, Tile, TileFolder, describe_tile
from crowdsky.solving.catalogue import CatalogueUnavailableError


def check_tiles(folder: TileFolder, *, repair: bool = False) -> list[str]:
    """Read every tile; return what is wrong, a sentence each.

    Args:
        folder: the folder.
        repair: remove tiles that cannot be read, and write an index of the others. One that can be
            read but is not what the index says counts as added from a file: it may lack stars.

    Raises:
        OSError: the folder cannot be read, or not be written.
    """
    known, problems = _known(folder)
    if not repair:
        return problems + _compare(folder, known)[0]
    if problems:
        (folder.path / MANIFEST).unlink()
    with folder.writing() as index:
        found, tiles, damaged = _compare(folder, known)
        for pixel in damaged:
            folder.file(pixel).unlink()
        index.clear()
        index.update(tiles)
    return problems + found


def _known(folder: TileFolder) -> tuple[dict[int, Tile], list[str]]:
    try:
        return folder.index(), []
    except CatalogueUnavailableError as error:
        return {}, [str(error)]


def _compare(
    folder: TileFolder, known: dict[int, Tile]
) -> tuple[list[str], dict[int, Tile], list[int]]:
    """Return problems, the tiles as they are, and those that cannot be read."""
    problems, tiles, damaged = [], {}, []
    files = folder.files()
    for pixel in sorted(known.keys() - files.keys()):
        problems.append(f"tile {pixel:05d} is in the index, but its file is missing")
    for pixel, path in sorted(files.items()):
        try:
            rows = len(folder.read(pixel))
        except CatalogueUnavailableError as error:
            problems.append(str(error))
            damaged.append(pixel)
            continue
        tile = describe_tile(path, rows, None)
        before = known.get(pixel)
        if before is None:
            problems.append(f"tile {pixel:05d} is not in the index")
        elif before.sha256 != tile.sha256:
            problems.append(f"tile {pixel:05d} is not the file that the index names")
        tiles[pixel] = before if before is not None and before.sha256 == tile.sha256 else tile
    return problems, tiles, damaged
