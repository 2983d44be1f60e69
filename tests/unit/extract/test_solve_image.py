"""One picture in, one JSON object out: FITS, JPEG, PNG, and files that are none of these."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from PIL import ExifTags, Image

from crowdsky.extract import picture
from crowdsky.extract.photo import capture_of_photo
from crowdsky.extract.picture import read_picture
from crowdsky.extract.solve_image import SolveOptions, solve_image
from crowdsky.extract.unreadable import UnreadablePictureError
from crowdsky.solving.astrometry_net import AstrometrySolver
from crowdsky.solving.catalogue import StarCatalogue
from crowdsky.solving.chain import TimedSolver
from crowdsky.solving.tan import TanWcs
from tests.support.star_fields import INDEX_DIR, plate
from tests.support.synthetic_stack import Light, star_image, write_stack

SHAPE = (1300, 1100)
PLACE = (192.75, 41.12)


@pytest.fixture(scope="module")
def solvers() -> list[TimedSolver]:
    return [TimedSolver(AstrometrySolver(INDEX_DIR))]


def sky_view(tycho: StarCatalogue, parity: int) -> tuple[TanWcs, Light]:
    """A plate of the field around M 94 and the light of its Tycho-2 stars."""
    wcs = plate(*PLACE, 30.0, parity=parity, width=SHAPE[1], height=SHAPE[0], scale=2.4)
    near = tycho.cone(*PLACE, 0.6)
    x, y = wcs.pixel(near.ra, near.dec)
    seen = (x > 5) & (x < SHAPE[1] - 5) & (y > 5) & (y < SHAPE[0] - 5)
    return wcs, Light(x[seen], y[seen], 10 ** (0.4 * (23.2 - near.mag[seen])))


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory, tycho: StarCatalogue) -> Path:
    """A JPEG with EXIF and GPS; its first row is on top, so the sky is not mirrored in it."""
    rng = np.random.default_rng(6)
    _, light = sky_view(tycho, parity=1)
    picture = 20.0 + star_image(light, SHAPE, 3.5) / 30.0 + rng.normal(0, 2.0, SHAPE)
    image = Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).convert("RGB")
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "Acme", "Star\x00"
    shot = exif.get_ifd(ExifTags.IFD.Exif)
    shot[ExifTags.Base.DateTimeOriginal] = "2025:03:27 01:20:00"
    shot[ExifTags.Base.ExposureTime] = 12.5
    shot[ExifTags.Base.ISOSpeedRatings] = 800
    shot[ExifTags.Base.FocalLength] = 250.0
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitude], place[ExifTags.GPS.GPSLatitudeRef] = (33.0, 30.0, 0.0), "S"
    place[ExifTags.GPS.GPSLongitude], place[ExifTags.GPS.GPSLongitudeRef] = (16.0, 0.0, 36.0), "E"
    place[ExifTags.GPS.GPSAltitude], place[ExifTags.GPS.GPSAltitudeRef] = 200.0, b"\x00"
    path = tmp_path_factory.mktemp("photo") / "night.jpg"
    image.save(path, quality=92, exif=exif)
    return path


def test_a_jpeg_with_its_capture_data(
    photo: Path, solvers: list[TimedSolver], tycho: StarCatalogue
) -> None:
    answer = solve_image(photo, solvers, tycho)
    assert answer.exit_code == 0, answer.json
    data = json.loads(json.dumps(answer.json, allow_nan=False))
    assert data["ok"] is True
    assert data["filename"] == "night.jpg"
    assert data["capture"] == {
        "datetime": "2025:03:27 01:20:00",
        "datetime_zone": "local",
        "exposure": 12.5,
        "iso": 800,
        "focal_length_mm": 250.0,
        "camera_make": "Acme",
        "camera_model": "Star",
        "gps": {"lat": -33.5, "lon": 16.01, "alt": 200.0},
        "image_width": 1100,
        "image_height": 1300,
    }
    solved = data["astrometry"]
    assert (solved["ra_center"], solved["dec_center"]) == pytest.approx(PLACE, abs=2e-4)
    assert solved["fov_deg"] == pytest.approx([1100 * 2.4 / 3600, 1300 * 2.4 / 3600], rel=1e-3)
    assert solved["pixscale_arcsec"] == pytest.approx(2.4, rel=1e-3)
    assert solved["orientation_deg"] == pytest.approx(210.0, abs=0.1)  # the first row is up
    assert solved["objects"][0]["name"] == "M 94"
    assert set(solved["objects"][0]) == {
        "name", "catalog", "id", "ra_deg", "dec_deg", "sep_arcmin",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["png", "png16"])
@pytest.mark.parametrize("bin_size", [None, 2])
def test_a_png_with_a_known_width(
    photo: Path, tmp_path: Path, kind: str, bin_size: int | None,
    solvers: list[TimedSolver], tycho: StarCatalogue,
) -> None:  # fmt: skip
    path = tmp_path / "night.png"
    with Image.open(photo) as picture:
        grey = np.asarray(picture.convert("L"))
    if kind == "png16":
        Image.fromarray(grey.astype(np.uint16) * 200).save(path)
    else:
        Image.fromarray(grey).save(path)
    answer = solve_image(path, solvers, tycho, SolveOptions(0.5, 1.0, bin_size))
    assert answer.exit_code == 0, answer.json
    assert answer.json["astrometry"]["ra_center"] == pytest.approx(PLACE[0], abs=2e-4)
    assert answer.json["capture"] == {"image_width": 1100, "image_height": 1300}


def test_a_wrong_width_costs_time_only(
    photo: Path, solvers: list[TimedSolver], tycho: StarCatalogue
) -> None:
    answer = solve_image(photo, solvers, tycho, SolveOptions(3.0, 6.0))
    assert answer.exit_code == 0
    assert answer.json["astrometry"]["pixscale_arcsec"] == pytest.approx(2.4, rel=1e-3)


def test_a_stack_and_a_raw_mosaic(
    tmp_path: Path, solvers: list[TimedSolver], tycho: StarCatalogue
) -> None:
    rng = np.random.default_rng(8)
    wcs, light = sky_view(tycho, parity=1)
    write_stack(tmp_path / "stack.fits", light, wcs, rng, shape=SHAPE)
    mosaic = 1000.0 + star_image(light, SHAPE, 3.2) + rng.normal(0, 20, SHAPE)
    mosaic[::2, 1::2] *= 0.85
    header = fits.Header({"BAYERPAT": "GRBG", "EXPTIME": 10.0, "SITELAT": 48.0, "SITELONG": 16.0})
    raw = fits.PrimaryHDU(np.clip(mosaic, 0, 65535).astype(np.uint16), header)
    raw.writeto(tmp_path / "raw.fit")
    for name in ("stack.fits", "raw.fit"):
        answer = solve_image(tmp_path / name, solvers, tycho)
        assert answer.exit_code == 0, answer.json
        assert answer.solution is not None
        ra, dec = answer.solution.wcs.sky(200.0, 900.0)
        x, y = wcs.pixel(ra, dec)
        assert (float(x), float(y)) == pytest.approx((200.0, 900.0), abs=0.3)
        assert answer.json["astrometry"]["orientation_deg"] == pytest.approx(30.0, abs=0.1)
        assert answer.json["capture"]["gps"] == {"lat": 48.0, "lon": 16.0}


def daylight(rng: np.random.Generator) -> np.ndarray:
    """A bright picture with texture everywhere and a horizon."""
    coarse = rng.uniform(0, 255, (40, 60, 3))
    picture = np.asarray(Image.fromarray(coarse.astype(np.uint8)).resize((1500, 1000)))
    leaves = rng.normal(0, 40, picture.shape) * (np.arange(1000)[:, None, None] > 500)
    return np.clip(picture + leaves, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("kind", "code", "words"),
    [
        ("daylight", 2, "daylight?"),
        ("black", 2, "no stars in the picture"),
        ("grey", 2, "no stars in the picture"),
        ("tiny", 3, "picture"),
        ("text", 3, "FITS, JPEG, PNG and TIFF can be read"),
        ("cut", 3, "could not read the picture"),
        ("cloud", 2, "not solved"),
    ],
)
def test_what_is_no_night_sky_is_not_solved_and_says_why(
    tmp_path: Path,
    photo: Path,
    kind: str,
    code: int,
    words: str,
    solvers: list[TimedSolver],
    tycho: StarCatalogue,
) -> None:
    rng = np.random.default_rng(4)
    path = tmp_path / f"{kind}.jpg"
    if kind == "daylight":
        Image.fromarray(daylight(rng)).save(path)
    elif kind == "black":
        Image.new("RGB", (640, 480)).save(path)
    elif kind == "grey":
        Image.new("RGB", (640, 480), (10, 10, 12)).save(path)
    elif kind == "tiny":
        Image.new("RGB", (3, 3)).save(path)
    elif kind == "text":
        path.write_text("this is not a picture")
    elif kind == "cloud":
        grey = 120 + 30 * np.sin(np.arange(900) / 150)[:, None] + rng.normal(0, 3, (900, 700))
        Image.fromarray(grey.astype(np.uint8)).save(path)
    else:
        path.write_bytes(photo.read_bytes()[:20_000])
    answer = solve_image(path, solvers, tycho, SolveOptions(timeout=10.0))
    assert answer.exit_code == code
    assert answer.json["ok"] is False
    assert answer.json["code"] == ("not_solved" if code == 2 else "unreadable_picture")
    assert words in answer.json["error"]
    assert answer.json["image"] == str(path)
    assert set(answer.json) == {"ok", "code", "error", "image", "capture"}


def test_no_such_image(tmp_path: Path, tycho: StarCatalogue) -> None:
    answer = solve_image(tmp_path / "absent.jpg", [], tycho)
    assert answer.exit_code == 1
    assert answer.json["code"] == "no_such_image"
    assert "no such image" in answer.json["error"]
    assert solve_image(tmp_path, [], tycho).exit_code == 1


def test_damaged_exif_is_left_out(tmp_path: Path) -> None:
    exif = Image.Exif()
    shot = exif.get_ifd(ExifTags.IFD.Exif)
    shot[ExifTags.Base.ExposureTime] = (1, 0)
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitude] = (1.0, 2.0)
    Image.new("RGB", (20, 20)).save(tmp_path / "odd.jpg", exif=exif)
    capture = capture_of_photo(tmp_path / "odd.jpg")
    assert "gps" not in capture
    assert capture["image_width"] == 20


def test_bins_and_cubes(tmp_path: Path) -> None:
    cube = np.arange(3 * 40 * 60, dtype=np.float32).reshape(3, 40, 60)
    fits.PrimaryHDU(cube).writeto(tmp_path / "cube.fits")
    fits.PrimaryHDU(np.moveaxis(cube, 0, 2)).writeto(tmp_path / "last.fits")
    first = read_picture(tmp_path / "cube.fits", 2)
    assert first.plane.shape == (20, 30)
    assert (first.width, first.height) == (60, 40)
    np.testing.assert_allclose(first.plane, read_picture(tmp_path / "last.fits", 2).plane)
    np.testing.assert_allclose(first.plane[0, 0], cube[:, :2, :2].mean())
    with pytest.raises(UnreadablePictureError, match="leaves nothing"):
        read_picture(tmp_path / "cube.fits", 4)


def test_the_command_prints_one_object_only(photo: Path, tmp_path: Path) -> None:
    import os

    environment = {**os.environ, "INDEX_DIR": str(INDEX_DIR), "CACHE_DIR": str(tmp_path)}

    def run(*arguments: str, **settings: str) -> tuple[int, dict[str, object]]:
        done = subprocess.run(
            [sys.executable, "-m", "crowdsky.extract", *arguments],
            env={**environment, **settings}, capture_output=True, check=False, timeout=500,
        )  # fmt: skip
        return done.returncode, json.loads(done.stdout)

    code, answer = run("--image", str(photo), "--scale-low", "0.5", "--scale-high", "1")
    assert (code, answer["ok"]) == (0, True)
    code, answer = run("--image", str(tmp_path / "absent.png"))
    assert (code, answer["ok"]) == (1, False)
    code, answer = run("--image", str(photo), "--scale-low", "2")
    assert code == 2
    assert "go together" in str(answer["error"])
    code, answer = run("--image", str(photo), INDEX_DIR=str(tmp_path))
    assert code == 2
    assert "astrometry-data-tycho2" in str(answer["error"])


def test_the_largest_picture_is_counted_in_pixels_not_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "float.fits"
    fits.PrimaryHDU(np.ones((100, 120), np.float64)).writeto(path)
    monkeypatch.setattr(picture, "MAX_PIXELS", 12_000)
    assert (read_picture(path).height, read_picture(path).width) == (100, 120)
    monkeypatch.setattr(picture, "MAX_PIXELS", 11_999)
    with pytest.raises(UnreadablePictureError):
        read_picture(path)
