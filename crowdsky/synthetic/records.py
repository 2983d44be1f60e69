"""Records of a synthetic night: camera, night, and the truth about its subs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from crowdsky.synthetic.geometry import Affine, SkyGrid, matrix
from crowdsky.synthetic.scenes import Scene


@dataclass(frozen=True, slots=True)
class Camera:
    """A smart telescope: sensor, scale and electronics. ADU are on the scale of a sub, 0..65535."""

    width: int = 1080
    height: int = 1920
    pattern: str = "GRBG"
    pixel_scale_arcsec: float = 2.374
    pixel_size_um: float = 2.9
    focal_length_mm: float = 250.0
    instrument: str = "Seestar S50"
    telescope: str = "S50_c0ffee01"
    gain_setting: int = 80
    adu_per_electron: float = 14.0
    read_noise_electrons: float = 1.5
    bias_adu: float = 460.0
    adc_step_adu: float = 16.0 / 3.0
    zero_point_mag: float = 23.2
    """Green magnitude of a star with 1 ADU in an exposure of 10 s."""

    def resized(self, width: int, height: int) -> Camera:
        """Return the same camera with a sensor of another size, pixels; small ones are fast."""
        return replace(self, width=width, height=height)


SEESTAR_S50 = Camera()
SEESTAR_S30_PRO = Camera(
    width=2160,
    height=3840,
    pixel_scale_arcsec=3.739,
    focal_length_mm=160.0,
    instrument="Seestar S30 Pro",
    telescope="S30 Pro_c0ffee02",
)


@dataclass(frozen=True, slots=True)
class Night:
    """How a scene is observed: a series of subs with everything that happens to it."""

    scene: Scene
    camera: Camera = SEESTAR_S50
    n_subs: int = 15
    start: datetime = datetime(2025, 3, 27, 1, 20, 30, 955368, tzinfo=UTC)
    """Start of the first exposure, UTC."""
    exposure_s: float = 10.0
    cadence_s: float = 11.287
    filter_name: str = "IRCUT"
    eq_mode: int | None = None
    """Value of EQMODE: 0 alt-az, 1 equatorial, None to leave it out like older firmware."""
    utc_offset_h: float = -4.0
    """Local time of the file names minus UTC, hours."""
    site_lat_deg: float | None = 45.0
    site_long_deg: float | None = 10.0
    position_angle_deg: float = 20.0
    rotation_deg_per_hour: float = 12.0
    dither_px: float = 12.0
    """Standard deviation of the pointing of each sub along x and y, pixels."""
    jump_at: int | None = None
    """First sub after the mount has re-centred."""
    jump_px: tuple[float, float] = (42.0, -31.0)
    fwhm_px: tuple[float, float, float] = (3.05, 2.8, 2.95)
    """Full width at half maximum of a star in red, green and blue, pixels."""
    sky_adu: tuple[float, float, float] = (385.0, 530.0, 330.0)
    """Sky above the bias in red, green and blue, in the middle of the first sub, ADU."""
    sky_drift: float = 0.02
    """Relative growth of the sky from the first to the last sub."""
    gradient_adu: float = 14.0
    """Increase of the green sky from one edge of the frame to the other, ADU."""
    cloudy: tuple[int, ...] = ()
    cloud_transparency: float = 0.2
    trailed: tuple[int, ...] = ()
    """Subs smeared by wind or tracking."""
    smear_px: float = 14.0
    soft: tuple[int, ...] = ()
    """Subs taken in worse seeing."""
    soft_factor: float = 1.4
    """Width of their stars, relative to ``fwhm_px``."""
    satellites: tuple[int, ...] = ()
    """Subs crossed by a satellite."""
    satellite_adu: float = 900.0
    """Peak of the trail of a satellite in green, ADU."""
    n_hot_pixels: int = 12
    n_warm_pixels: int = 150
    cosmic_rays_per_sub: float = 2.0

    @property
    def grid(self) -> SkyGrid:
        """The reference frame on the sky."""
        return SkyGrid(
            self.scene.ra_deg,
            self.scene.dec_deg,
            self.camera.width,
            self.camera.height,
            self.camera.pixel_scale_arcsec,
            self.position_angle_deg,
        )


@dataclass(frozen=True, slots=True)
class Defects:
    """Pixels that are too bright: x and y (int, 0-based), and the excess in ADU, (n,) each."""

    x: np.ndarray
    y: np.ndarray
    adu: np.ndarray


@dataclass(frozen=True, slots=True)
class Trail:
    """A straight line of light, from and to pixels of the sub, with its peak in ADU (R, G, B)."""

    x0: float
    y0: float
    x1: float
    y1: float
    peak_adu: tuple[float, float, float]
    sigma_px: float = 1.6


@dataclass(frozen=True, slots=True)
class SubTruth:
    """The truth about one sub."""

    filename: str
    start: datetime
    to_reference: Affine
    """Transform from pixels of the sub to reference pixels: a rotation and a shift."""
    ra_deg: float
    dec_deg: float
    """True position of the middle of the sub, degrees."""
    header_ra_deg: float
    header_dec_deg: float
    """Position in the header, degrees of date: what the mount believes, which changes only when it
    re-centres."""
    transparency: float
    sky_factor: float
    smear_px: tuple[float, float]
    """Motion of the stars during the exposure, pixels; (0, 0) for a sharp sub."""
    trails: tuple[Trail, ...]
    cosmic_rays: Defects
    ccd_temp_c: float


@dataclass(frozen=True, slots=True)
class Truth:
    """A planned night: exactly what the subs will show."""

    night: Night
    star_x: np.ndarray
    star_y: np.ndarray
    """Positions of stars in the reference frame, (n,) pixels, including stars just outside it."""
    star_flux: np.ndarray
    """Total light of each star in one clear sub, (n, 3) ADU: red, green, blue."""
    hot_pixels: Defects
    warm_pixels: Defects
    subs: tuple[SubTruth, ...]
    folder: Path | None = field(default=None)

    @property
    def paths(self) -> list[Path]:
        """Files to which ``write_night`` wrote the subs, in order of time."""
        if self.folder is None:
            raise ValueError("this night was planned but not written: call write_night")
        return [self.folder / sub.filename for sub in self.subs]

    def transform(self, index: int, to: int | None = None) -> Affine:
        """Return the true transform of a sub's pixels to those of ``to``, or of the reference."""
        to_ref = matrix(self.subs[index].to_reference)
        if to is not None:
            to_ref = np.linalg.inv(matrix(self.subs[to].to_reference)) @ to_ref
        a, b, c, d, e, f = (float(value) for value in to_ref[:2].ravel())
        return (a, b, c, d, e, f)

    def stars_in(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return true x and y of all stars in pixels of sub ``index``."""
        inverse = np.linalg.inv(matrix(self.subs[index].to_reference))
        x, y, _ = inverse @ np.vstack([self.star_x, self.star_y, np.ones_like(self.star_x)])
        return x, y
