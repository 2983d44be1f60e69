"""Pictures with damage: what is unknown is left out, and nothing ends in a traceback."""

from __future__ import annotations

import json
import random
import struct
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from crowdsky.extract import astro_extract
from crowdsky.extract.picture import Picture
from crowdsky.extract.solve_image import SolveOptions, solve_image
from crowdsky.solving.catalogue import StarCatalogue
from tests.support.star_fields import INDEX_DIR
from tests.unit.extract.asking import answer_about


def with_card(path: Path, key: str, card: str) -> None:
    """Put the text `card` in place of the card of that keyword."""
    data = bytearray(path.read_bytes())
    at = next(at for at in range(0, 28_800, 80) if data[at : at + 8].rstrip() == key.encode())
    data[at : at + 80] = card.ljust(80).encode("ascii")
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    "card",
    [
        "GAIN    =                  nan / gain",
        "OBJECT  = M 81 / not quoted",
        "FOCALLEN= 250,00 / decimal comma",
        "SITELAT = +45:00:00 / not quoted",
    ],
)
def test_a_broken_card_is_unknown_and_the_picture_is_solved(
    tmp_path: Path, sky: np.ndarray, tycho: StarCatalogue, card: str
) -> None:
    path = tmp_path / "sub.fit"
    cards = {"GAIN": 80, "OBJECT": "M 94", "FOCALLEN": 166.2, "SITELAT": 45.0, "SITELONG": 10.0,
             "XPIXSZ": 2.9, "EXPTIME": 10.0}  # fmt: skip
    pixels = (sky[::-1] * 65_535).astype(np.uint16)
    fits.PrimaryHDU(pixels, fits.Header(cards)).writeto(path)
    with_card(path, card[:8].strip(), card)
    answer = answer_about(path, tycho)
    assert answer.exit_code == 0, answer.json
    assert answer.json["astrometry"]["orientation_deg"] == pytest.approx(210.0, abs=0.1)
    assert answer.json["capture"]["exposure"] == 10.0
    lost = {"GAIN": "gain", "OBJECT": "object", "FOCALLEN": "focal_length_mm", "SITELAT": "gps"}
    assert lost[card[:8].strip()] not in answer.json["capture"]


def whole_files(folder: Path) -> list[Path]:
    """Small files of every kind that can be read."""
    noise = np.random.default_rng(2).integers(0, 255, (40, 50, 3)).astype(np.uint8)
    photo = Image.fromarray(noise)
    exif = Image.Exif()
    exif[274], exif[271] = 6, "Acme"
    paths = [folder / name for name in ("a.jpg", "a.png", "a.tif", "a.fits", "a.fits.fz")]
    for path in paths[:3]:
        photo.save(path, exif=exif)
    fits.PrimaryHDU(noise[..., 0].astype(np.uint16)).writeto(paths[3])
    packed = fits.CompImageHDU(noise[..., 0].astype(np.int16), compression_type="RICE_1")
    fits.HDUList([fits.PrimaryHDU(), packed]).writeto(paths[4])
    return paths


def test_no_damage_of_a_file_is_a_traceback(tmp_path: Path, tycho: StarCatalogue) -> None:
    rng = random.Random(11)
    for whole in whole_files(tmp_path):
        data = whole.read_bytes()
        for turn in range(60):
            broken = bytearray(data)
            for _ in range(rng.choice((1, 8, 40))):
                # Damage of the header, which is at the start, leads to most kinds of errors.
                broken[rng.randrange(min(len(broken), 6000))] = rng.randrange(256)
            if turn % 3 == 0:
                del broken[rng.randrange(len(broken)) :]
            path = tmp_path / f"broken{whole.suffix}"
            path.write_bytes(bytes(broken))
            answer = solve_image(path, [], tycho, SolveOptions(timeout=1.0))
            assert answer.json["ok"] is False
            assert answer.exit_code in (2, 3), answer.json
            assert answer.json["error"]


def test_an_error_of_any_class_is_an_unreadable_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tycho: StarCatalogue
) -> None:
    fits.PrimaryHDU(np.ones((40, 40))).writeto(tmp_path / "a.fits")
    Image.new("L", (40, 40)).save(tmp_path / "a.png")

    def fail(*_: object, **__: object) -> Picture:
        raise struct.error("unpack requires a buffer of 4 bytes")

    monkeypatch.setattr(Image, "open", fail)
    monkeypatch.setattr(fits, "open", fail)
    for name in ("a.fits", "a.png"):
        answer = solve_image(tmp_path / name, [], tycho)
        assert (answer.exit_code, answer.json["code"]) == (3, "unreadable_picture")
        assert "unpack requires a buffer" in answer.json["error"]


def test_too_little_memory_is_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    fits.PrimaryHDU(np.ones((40, 40))).writeto(tmp_path / "a.fits")

    def fail(*_: object, **__: object) -> Picture:
        raise MemoryError

    monkeypatch.setattr(fits, "open", fail)
    environment = {"INDEX_DIR": str(INDEX_DIR), "CACHE_DIR": str(tmp_path)}
    assert astro_extract.main(["--image", str(tmp_path / "a.fits")], environment) == 2
    answer = json.loads(capfdbinary.readouterr().out)
    assert (answer["ok"], answer["code"]) == (False, "no_memory")
    assert "not enough memory" in answer["error"]
