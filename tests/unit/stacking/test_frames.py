"""Light frames of every legal kind are read; everything else is refused with a reason."""

from __future__ import annotations

import gzip
import hashlib
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from worker.errors import UnreadableFrameError
from worker.stacking import frames
from worker.stacking.chunk import check_same_chunk, pixel_problem, read_light_frames
from worker.stacking.frames import read_light_frame, sha256_of

HEIGHT, WIDTH = 96, 128
KEYS = {
    "EXPTIME": 10.0,
    "BAYERPAT": "GRBG",
    "DATE-OBS": "2025-03-27T01:20:32.955368",
    "RA": 193.04166,
    "DEC": 40.970556,
    "IMAGETYP": "Light",
}


def pixels(dtype: str = "u2") -> np.ndarray:
    """A picture in which every pixel differs from its neighbours."""
    values = np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH) % 251
    return values.astype(dtype)


def write(path: Path, data: np.ndarray | None = None, **keys: object) -> Path:
    """Write a frame; underscores in the keys become hyphens, None removes one."""
    data = pixels() if data is None else data
    named = KEYS | {key.replace("_", "-"): value for key, value in keys.items()}
    header = fits.Header([(key, value) for key, value in named.items() if value is not None])
    fits.PrimaryHDU(data, header).writeto(path, output_verify="ignore")
    return path


def refusal(path: Path) -> str:
    """The whole sentence with which a file is refused."""
    with pytest.raises(UnreadableFrameError) as caught:
        read_light_frame(path)
    assert path.name in str(caught.value)
    assert caught.value.why
    assert caught.value.hint
    return str(caught.value)


@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "f4", "f8"])
def test_every_number_type_gives_its_values(tmp_path: Path, dtype: str) -> None:
    frame = read_light_frame(write(tmp_path / "a.fit", pixels(dtype)))
    np.testing.assert_array_equal(frame.rows(), pixels(dtype))
    np.testing.assert_array_equal(frame.rows(10, 20), pixels(dtype)[10:20])
    assert frame.rows().dtype == (np.uint16 if dtype in ("u1", "u2") else np.float32)


def test_full_range_of_16_bits(tmp_path: Path) -> None:
    data = np.linspace(0, 65535, HEIGHT * WIDTH).astype(np.uint16).reshape(HEIGHT, WIDTH)
    frame = read_light_frame(write(tmp_path / "a.fit", data))
    assert frame.holds_uint16
    np.testing.assert_array_equal(frame.rows(), data)


def test_scaled_integers(tmp_path: Path) -> None:
    path = tmp_path / "a.fit"
    hdu = fits.PrimaryHDU(pixels("f4") * 0.5 + 100, fits.Header(list(KEYS.items())))
    hdu.scale("int16", bscale=0.5, bzero=100)
    hdu.writeto(path)
    frame = read_light_frame(path)
    assert not frame.holds_uint16
    np.testing.assert_allclose(frame.rows(), pixels("f4") * 0.5 + 100)


def test_pixels_without_a_value_become_zero(tmp_path: Path) -> None:
    data = pixels("f4") + 1
    data[3, 4], data[5, 6] = np.nan, np.inf
    rows = read_light_frame(write(tmp_path / "a.fit", data)).rows()
    assert rows[3, 4] == rows[5, 6] == 0
    assert np.isfinite(rows).all()


@pytest.mark.parametrize("pattern", ["RGGB", "GRBG", "GBRG", "BGGR"])
def test_patterns(tmp_path: Path, pattern: str) -> None:
    path = write(tmp_path / "a.fit", BAYERPAT=pattern.lower())
    assert read_light_frame(path).header.pattern == pattern


def test_no_pattern_is_mono(tmp_path: Path) -> None:
    assert read_light_frame(write(tmp_path / "a.fit", BAYERPAT=None)).header.pattern == "MONO"


def test_pattern_offsets_move_the_pattern(tmp_path: Path) -> None:
    shifted_x = write(tmp_path / "x.fit", BAYERPAT="RGGB", XBAYROFF=1)
    shifted_y = write(tmp_path / "y.fit", BAYERPAT="RGGB", YBAYROFF=1)
    assert read_light_frame(shifted_x).header.pattern == "GRBG"
    assert read_light_frame(shifted_y).header.pattern == "GBRG"


def test_bottom_up_files_are_turned_over(tmp_path: Path) -> None:
    upright = read_light_frame(write(tmp_path / "a.fit", ROWORDER="TOP-DOWN"))
    turned = read_light_frame(write(tmp_path / "b.fit", pixels()[::-1], ROWORDER="BOTTOM-UP"))
    np.testing.assert_array_equal(turned.rows(), upright.rows())
    np.testing.assert_array_equal(turned.rows(7, 30), upright.rows(7, 30))


@pytest.mark.parametrize("dtype", ["u2", "f4"])
def test_tile_compressed_frames(tmp_path: Path, dtype: str) -> None:
    path = tmp_path / "a.fit.fz"
    image = fits.CompImageHDU(
        pixels(dtype), fits.Header(list(KEYS.items())), compression_type="GZIP_1", quantize_level=0
    )
    fits.HDUList([fits.PrimaryHDU(), image]).writeto(path)
    frame = read_light_frame(path)
    assert (frame.header.width, frame.header.height) == (WIDTH, HEIGHT)
    np.testing.assert_array_equal(frame.rows(), pixels(dtype))
    np.testing.assert_array_equal(frame.rows(10, 20), pixels(dtype)[10:20])


@pytest.mark.parametrize("order", ["TOP-DOWN", "BOTTOM-UP"])
def test_columns_are_those_of_the_rows(tmp_path: Path, order: str) -> None:
    path = write(tmp_path / "a.fit", ROWORDER=order)
    packed = tmp_path / "a.fit.fz"
    with fits.open(path) as hdus:
        compressed = fits.CompImageHDU(hdus[0].data, hdus[0].header)
        fits.HDUList([fits.PrimaryHDU(), compressed]).writeto(packed)
    for frame in (read_light_frame(path), read_light_frame(packed)):
        np.testing.assert_array_equal(frame.columns(10, 25), frame.rows()[:, 10:25])


def test_facts_of_the_header(tmp_path: Path) -> None:
    header = read_light_frame(write(tmp_path / "a.fit", GAIN=80, EQMODE=1)).header
    assert header.date_obs == datetime(2025, 3, 27, 1, 20, 32, 955368, tzinfo=UTC)
    assert (header.ra_deg, header.dec_deg) == (193.04166, 40.970556)
    assert (header.exptime_s, header.gain, header.eq_mode) == (10.0, 80.0, 1)
    assert (header.telescope, header.site_lat_deg) == (None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-03-27 01:20:32", datetime(2025, 3, 27, 1, 20, 32, tzinfo=UTC)),
        ("2025-03-27T01:20:32.5Z", datetime(2025, 3, 27, 1, 20, 32, 500000, tzinfo=UTC)),
        ("2025-03-27T01:20:32.9553681", datetime(2025, 3, 27, 1, 20, 32, 955368, tzinfo=UTC)),
        ("now", None),
        ("2025-02-30T00:00:00", None),
    ],
)
def test_dates(tmp_path: Path, text: str, expected: datetime | None) -> None:
    path = write(tmp_path / "a.fit", DATE_OBS=text)
    assert read_light_frame(path).header.date_obs == expected


@pytest.mark.parametrize(
    ("ra", "dec", "expected"),
    [
        (360.0, -0.0, (0.0, 0.0)),
        (-10.0, 20.0, (350.0, 20.0)),
        ("12 52 10.0", "+40 58 14", (193.0416667, 40.9705556)),
        ("12:52:10", "-40:58:14", (193.0416667, -40.9705556)),
        ("193.5", "40.5", (193.5, 40.5)),
        (193.5, 90.5, (None, None)),
        ("east", 40.0, (None, None)),
        (None, 40.0, (None, None)),
    ],
)
def test_pointings(
    tmp_path: Path, ra: object, dec: object, expected: tuple[float | None, float | None]
) -> None:
    header = read_light_frame(write(tmp_path / "a.fit", RA=ra, DEC=dec)).header
    assert (header.ra_deg, header.dec_deg) == pytest.approx(expected, abs=1e-6)


def test_a_degree_sign_in_a_comment_does_no_harm(tmp_path: Path) -> None:
    path = write(tmp_path / "a.fit")
    content = path.read_bytes().replace(b"'Light   '", b"'Light\xb0  '")
    path.write_bytes(content)
    assert read_light_frame(path).header.width == WIDTH


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


def test_nothing_is_kept_open(tmp_path: Path) -> None:
    frames, _ = read_light_frames([write(tmp_path / f"{i}.fit") for i in range(20)])
    rows = [frame.rows(0, 4) for frame in frames]
    open_files = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.exists()]
    assert not [name for name in open_files if str(tmp_path) in name]
    assert len(rows) == 20


def test_sha256_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.fit")
    assert sha256_of(path) == hashlib.sha256(path.read_bytes()).hexdigest()


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
