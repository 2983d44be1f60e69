"""Light frames of every legal kind are read."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from crowdsky.frames.chunk import read_light_frames
from crowdsky.frames.frames import read_light_frame, sha256_of
from tests.unit.stacking.light_files import HEIGHT, KEYS, WIDTH, pixels, write


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


def test_nothing_is_kept_open(tmp_path: Path) -> None:
    frames, _ = read_light_frames([write(tmp_path / f"{i}.fit") for i in range(20)])
    rows = [frame.rows(0, 4) for frame in frames]
    open_files = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.exists()]
    assert not [name for name in open_files if str(tmp_path) in name]
    assert len(rows) == 20


def test_sha256_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.fit")
    assert sha256_of(path) == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("dtype", ["u1", "i2", "u2", "i4", "f4"])
@pytest.mark.parametrize("order", ["TOP-DOWN", "BOTTOM-UP"])
def test_strips_are_rows(tmp_path: Path, dtype: str, order: str) -> None:
    header = fits.Header([*KEYS.items(), ("ROWORDER", order)])
    fits.PrimaryHDU(pixels(dtype), header).writeto(tmp_path / "sub.fit")
    frame = read_light_frame(tmp_path / "sub.fit")
    firsts = [0, 10, 31, frame.header.height - 2]
    expected = np.concatenate([frame.rows(first, first + 2) for first in firsts])
    strips = frame.strips(firsts, 2)
    np.testing.assert_array_equal(strips, expected)
    assert strips.dtype == expected.dtype
