"""Files that are not light frames, or not of the chunk, are left out with a reason."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.base.errors import UnreadableFrameError
from crowdsky.frames import frames
from crowdsky.frames.chunk import check_same_chunk, pixel_problem, read_light_frames
from crowdsky.frames.frames import read_light_frame
from tests.unit.stacking.light_files import HEIGHT, KEYS, WIDTH, pixels, write


def refusal(path: Path) -> str:
    """Return the whole sentence with which a file is refused."""
    with pytest.raises(UnreadableFrameError) as caught:
        read_light_frame(path)
    assert path.name in str(caught.value)
    assert caught.value.why
    assert caught.value.hint
    return str(caught.value)


def test_not_fits_at_all(tmp_path: Path) -> None:
    good = write(tmp_path / "good.fit").read_bytes()
    contents = {
        "a gzip file": gzip.compress(good),
        "a zip file": b"PK\x03\x04" + bytes(4000),
        "a web page": b"\n<!DOCTYPE html><html></html>" + bytes(4000),
        "not a FITS file": b"hello" * 1000,
        "ends inside its header": good[:2000],
    }
    for reason, content in contents.items():
        path = tmp_path / "bad.fit"
        path.write_bytes(content)
        assert reason in refusal(path)
    path.write_bytes(b"")
    assert "it is empty, not FITS" in refusal(path)
    assert "No such file" in refusal(tmp_path / "missing.fit")


def test_truncated_pixels(tmp_path: Path) -> None:
    path = write(tmp_path / "a.fit")
    path.write_bytes(path.read_bytes()[: 2880 * 2])
    assert "truncated" in refusal(path)


def test_a_header_without_end(tmp_path: Path) -> None:
    path = tmp_path / "a.fit"
    path.write_bytes(b"SIMPLE  =                    T".ljust(80) * 36 * 100)
    assert "no END" in refusal(path)


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"EXPTIME": None}, "EXPTIME"),
        ({"EXPTIME": 0.0}, "EXPTIME"),
        ({"EXPTIME": "long"}, "EXPTIME"),
        ({"BAYERPAT": "XXXX"}, "Bayer pattern"),
        ({"IMAGETYP": "Dark"}, "no light frame"),
        ({"STACKCNT": 41}, "finished stack"),
        ({"NIMAGES": 41}, "finished stack"),
    ],
)
def test_headers_that_are_no_light_frame(
    tmp_path: Path, keys: dict[str, object], reason: str
) -> None:
    assert reason in refusal(write(tmp_path / "a.fit", **keys))


def test_shapes_that_are_no_raw_frame(tmp_path: Path) -> None:
    assert "3 axes" in refusal(write(tmp_path / "cube.fit", np.zeros((3, 96, 128), "u2")))
    assert "16x16" in refusal(write(tmp_path / "tiny.fit", np.zeros((16, 16), "u2")))
    fits.PrimaryHDU().writeto(tmp_path / "empty.fit")
    assert "no picture" in refusal(tmp_path / "empty.fit")
    fits.HDUList([fits.PrimaryHDU(), fits.ImageHDU(pixels())]).writeto(tmp_path / "second.fit")
    assert "primary" in refusal(tmp_path / "second.fit")


def patched(path: Path, **numbers: int) -> Path:
    """Change numbers in a header without touching the rest of the file."""
    content = path.read_bytes()
    for key, value in numbers.items():
        start = content.index(f"{key:<8}= ".encode())
        content = content[: start + 10] + f"{value:>20}".encode() + content[start + 30 :]
    path.write_bytes(content)
    return path


def test_bombs_are_refused_before_memory_is_spent(tmp_path: Path) -> None:
    plain = patched(write(tmp_path / "a.fit"), NAXIS1=200000, NAXIS2=200000)
    compressed = tmp_path / "b.fit.fz"
    image = fits.CompImageHDU(np.zeros((HEIGHT, WIDTH), "u2"), fits.Header(list(KEYS.items())))
    fits.HDUList([fits.PrimaryHDU(), image]).writeto(compressed)
    patched(compressed, ZNAXIS1=8000, ZNAXIS2=7999)
    tracemalloc.start()
    assert "200000x200000" in refusal(plain)
    assert "would grow" in refusal(compressed)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000


def packed(path: Path, method: str = "RICE_1", tile: tuple[int, int] | None = None) -> Path:
    """A tile-compressed frame; ``tile`` is (rows, columns)."""
    header = fits.Header(list(KEYS.items()))
    image = fits.CompImageHDU(pixels(), header, compression_type=method, tile_shape=tile)
    fits.HDUList([fits.PrimaryHDU(), image]).writeto(path)
    return path


def test_compressions_that_cannot_be_unpacked_safely_are_refused(tmp_path: Path) -> None:
    assert "compressed by HCOMPRESS_1; only RICE" in refusal(
        packed(tmp_path / "h.fit.fz", "HCOMPRESS_1", (16, WIDTH))
    )
    for number, method in enumerate(("RICE_1", "GZIP_1", "GZIP_2")):
        frame = read_light_frame(packed(tmp_path / f"{number}.fit.fz", method, (HEIGHT, WIDTH)))
        np.testing.assert_array_equal(frame.rows(), pixels())


def test_tiles_are_bounded(tmp_path: Path) -> None:
    large = patched(packed(tmp_path / "a.fit.fz"), ZTILE1=7000, ZTILE2=7000)
    assert "tiles of 7000x7000 pixels" in refusal(large)
    assert "no valid tiles" in refusal(patched(packed(tmp_path / "b.fit.fz"), ZTILE2=0))
    missing = patched(packed(tmp_path / "c.fit.fz"), ZTILE1=1)
    assert f"holds {HEIGHT} of its {HEIGHT * WIDTH} compressed tiles" in refusal(missing)


def test_a_picture_in_crumbs_is_refused_for_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "MAX_TILES", HEIGHT - 1)
    assert f"compressed in {HEIGHT} tiles" in refusal(packed(tmp_path / "a.fit.fz"))


def test_damaged_compressed_pixels_are_a_named_error(tmp_path: Path) -> None:
    path = tmp_path / "a.fit.fz"
    noise = np.random.default_rng(1).integers(0, 65535, (HEIGHT, WIDTH)).astype("u2")
    image = fits.CompImageHDU(noise, fits.Header(list(KEYS.items())), compression_type="GZIP_1")
    fits.HDUList([fits.PrimaryHDU(), image]).writeto(path)
    content = bytearray(path.read_bytes())
    content[-12000:-3000] = bytes(9000)
    path.write_bytes(content)
    with pytest.raises(UnreadableFrameError, match="damaged"):
        read_light_frame(path).rows()


def test_unreadable_files_do_not_hide_the_good_ones(tmp_path: Path) -> None:
    good = write(tmp_path / "good.fit")
    bad = tmp_path / "bad.fit"
    bad.write_bytes(b"<html>")
    frames, rejected = read_light_frames([bad, good])
    assert [frame.path for frame in frames] == [good]
    assert [item.path for item in rejected] == [bad]
    assert "web page" in rejected[0].reason


def test_the_majority_of_a_chunk_wins(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{index}.fit") for index in range(3)]
    longer = write(tmp_path / "long.fit", EXPTIME=20.0)
    turned = write(tmp_path / "turned.fit", np.zeros((WIDTH, HEIGHT), "u2"))
    other = write(tmp_path / "other.fit", BAYERPAT="RGGB")
    frames, _ = read_light_frames([longer, *paths, turned, other])
    check = check_same_chunk(frames)
    assert [frame.path for frame in check.frames] == paths
    assert {item.path for item in check.rejected} == {longer, turned, other}
    assert [item.reason for item in check.rejected] == [
        "it has 20 s of exposure, while 3 of the 6 frames have 10 s of exposure",
        "it has 96x128 pixels, while 3 of the 6 frames have 128x96 pixels",
        "it has the Bayer pattern RGGB, while 3 of the 6 frames have the Bayer pattern GRBG",
    ]


def test_an_empty_chunk_is_empty() -> None:
    assert check_same_chunk([]).frames == ()


def test_pixels_that_show_nothing() -> None:
    assert pixel_problem(np.zeros((8, 8))) == "it is empty (every pixel has the value 0)"
    white = np.full((8, 8), 65535, "u2")
    assert pixel_problem(white) == "it is saturated (every pixel has the value 65535)"
    saturated = np.full((8, 8), 65535, "u2")
    saturated[0, 0] = 100
    assert "saturated" in str(pixel_problem(saturated))
    half = np.zeros((8, 8))
    half[:3] = 900
    assert "are 0" in str(pixel_problem(half))
    assert pixel_problem(pixels()) is None
