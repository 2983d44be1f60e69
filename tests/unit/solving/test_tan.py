"""The plate against astropy's WCS, with which it must agree everywhere."""

from __future__ import annotations

import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.wcs import WCS

from crowdsky.solving.tan import TanWcs, deproject, project, separation
from tests.support.star_fields import plate


def astropy_wcs(tan: TanWcs) -> WCS:
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [tan.ra0, tan.dec0]
    wcs.wcs.crpix = [tan.x0 + 1, tan.y0 + 1]
    wcs.wcs.cd = np.reshape(tan.cd, (2, 2))
    return wcs


@pytest.mark.parametrize("parity", [1, -1])
@pytest.mark.parametrize("place", [(193.07, 40.98), (0.001, -0.5), (359.9, 89.7), (120.0, -89.99)])
def test_pixels_and_sky_agree_with_astropy(place: tuple[float, float], parity: int) -> None:
    tan = plate(*place, 37.0, parity=parity)
    x, y = np.meshgrid(np.linspace(0, 1079, 7), np.linspace(0, 1919, 7))
    ra, dec = tan.sky(x, y)
    expected_ra, expected_dec = astropy_wcs(tan).all_pix2world(x, y, 0)
    assert separation(ra, dec, expected_ra, expected_dec).max() * 3600 < 1e-6
    back_x, back_y = tan.pixel(ra, dec)
    np.testing.assert_allclose([back_x, back_y], [x, y], atol=1e-6)
    assert tan.parity == parity
    assert tan.scale_arcsec == pytest.approx(2.374)


def test_up_points_where_rotation_says() -> None:
    tan = plate(80.0, 20.0, 30.0)
    ra, dec = tan.sky([tan.x0, tan.x0], [tan.y0, tan.y0 + 100])
    ends = SkyCoord(ra, dec, unit="deg")
    assert ends[0].position_angle(ends[1]).deg == pytest.approx(30.0, abs=1e-3)
    assert tan.rotation_deg == pytest.approx(30.0)


def test_positions_on_the_far_side_have_no_pixel() -> None:
    x, y = plate(0.0, 0.0, 0.0).pixel([180.0, 91.0, 10.0], [0.0, 0.0, 0.0])
    assert np.isnan(x).tolist() == [True, True, False]
    assert np.isnan(y).tolist() == [True, True, False]


def test_projection_and_its_inverse() -> None:
    xi, eta = project([10.5, 9.0], [70.2, 69.0], 10.0, 70.0)
    ra, dec = deproject(xi, eta, 10.0, 70.0)
    np.testing.assert_allclose([ra, dec], [[10.5, 9.0], [70.2, 69.0]], atol=1e-12)


def test_separation_of_tiny_and_opposite_angles() -> None:
    assert separation(10.0, 20.0, 10.0, 20.0 + 1e-9) == pytest.approx(1e-9, rel=1e-3)
    assert separation(0.0, 0.0, 180.0, 0.0) == pytest.approx(180.0)


def test_moving_the_reference_keeps_the_sky() -> None:
    tan = plate(200.0, 60.0, 75.0)
    moved = tan.moved_to(0.0, 0.0)
    assert (moved.x0, moved.y0) == (0.0, 0.0)
    x, y = np.array([0.0, 10.0, 40.0]), np.array([0.0, 50.0, 5.0])
    before, after = tan.sky(x, y), moved.sky(x, y)
    assert separation(*before, *after).max() * 3600 < 0.01


@pytest.mark.parametrize("style", ["cd", "pc", "crota"])
def test_reading_a_header(style: str) -> None:
    tan = plate(33.0, -12.0, 20.0)
    header = fits.Header()
    header["CRVAL1"], header["CRVAL2"] = 33.0, -12.0
    header["CRPIX1"], header["CRPIX2"] = tan.x0 + 1, tan.y0 + 1
    scale = tan.scale_arcsec / 3600
    if style == "cd":
        header.update({f"CD{i}_{j}": tan.cd[2 * i + j - 3] for i in (1, 2) for j in (1, 2)})
    elif style == "pc":
        header["CDELT1"], header["CDELT2"] = scale, scale
        header.update({f"PC{i}_{j}": tan.cd[2 * i + j - 3] / scale for i in (1, 2) for j in (1, 2)})
    else:
        header["CDELT1"], header["CDELT2"], header["CROTA2"] = scale, scale, 20.0
        tan = TanWcs.from_header(header)  # CROTA2 turns the other way for this handedness
        header["CTYPE1"], header["CTYPE2"] = "RA---TAN", "DEC--TAN"
        expected = WCS(header).pixel_scale_matrix
        np.testing.assert_allclose(np.reshape(tan.cd, (2, 2)), expected, atol=1e-12)
        return
    np.testing.assert_allclose(TanWcs.from_header(header).cd, tan.cd, atol=1e-12)


def test_a_header_without_wcs_is_refused() -> None:
    with pytest.raises(KeyError):
        TanWcs.from_header(fits.Header({"CRVAL1": 1.0}))
